//go:build race

package phase

const watched = true
