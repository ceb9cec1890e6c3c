package dynamotest

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// shared is the DynamoDB Local of a package's tests.
var shared struct {
	sync.Once
	local *Local
	err   error
	end   func() // set by Main
}

// Main runs a package's tests and ends the DynamoDB Local that they share: what TestMain calls of a package that uses
// Shared.
func Main(m *testing.M) (code int) {
	shared.end = func() {}
	defer func() { shared.end() }()
	return m.Run()
}

// Shared is Start, but of one DynamoDB Local for all tests of the package: it takes seconds to start, and runs slowly at
// first. Tables must have names of their own.
func Shared(t testing.TB) *Local {
	t.Helper()
	if shared.end == nil {
		t.Fatal("no TestMain of this package calls dynamotest.Main, which ends what Shared starts")
	}
	shared.Do(func() {
		var stop func()
		if shared.local, stop, shared.err = Run(context.Background(), Root(t)); shared.err == nil {
			shared.end = stop
		}
	})
	switch {
	case errors.Is(shared.err, ErrAbsent):
		Skip(t, shared.err.Error())
	case shared.err != nil:
		t.Fatal(shared.err)
	}
	return shared.local
}
