//go:build race

package rig

// Race tells that the race detector watches, under which everything takes five to ten times as long.
const Race = true
