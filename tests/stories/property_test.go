package stories

import (
	"testing"

	"pgregory.net/rapid"
)

// checks is how often a property is checked here, as each plays whole pipelines.
const checks = 40

// within lets a rig run inside a property: what fails there fails the property, so that it is made smaller.
type within struct {
	testing.TB
	property *rapid.T
}

func (w within) Helper()                      {}
func (w within) Cleanup(func())               {} // the property closes what it opens
func (w within) Fatal(args ...any)            { w.property.Fatal(args...) }
func (w within) Fatalf(f string, args ...any) { w.property.Fatalf(f, args...) }
func (w within) Error(args ...any)            { w.property.Error(args...) }
func (w within) Errorf(f string, args ...any) { w.property.Errorf(f, args...) }
