package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
)

var update = flag.Bool("update", false, "write the golden files anew; read the diff before you commit it")

// golden compares with testdata/<name>.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// fits reports lines that are wider than the terminal, or end in space.
func fits(t interface {
	Helper()
	Errorf(string, ...any)
}, got string) {
	t.Helper()
	for i, line := range strings.Split(got, "\n") {
		if n := text.StringWidth(line); n > lineWidth {
			t.Errorf("line %d is %d wide, want at most %d: %q", i+1, n, lineWidth, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("line %d ends in space: %q", i+1, line)
		}
	}
}
