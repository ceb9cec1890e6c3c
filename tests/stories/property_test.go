package stories

import (
	"flag"
	"testing"

	"pgregory.net/rapid"

	"handoff/tests/rig"
)

// checks is how often a property is checked that plays a whole pipeline each time, unless -rapid.checks says otherwise.
var checks = map[bool]string{false: "40", true: "8"}[rig.Race]

func check(t *testing.T, property func(*rapid.T)) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(checks); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := f.Value.Set(f.DefValue); err != nil {
				t.Error(err)
			}
		}()
	}
	rapid.Check(t, property)
}

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
