//go:build !race

package phase

const watched = false
