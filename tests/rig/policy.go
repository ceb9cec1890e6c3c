package rig

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	policyfiles "handoff/infra/policy"
)

// Edited is the default policy with some texts replaced in a file, in pairs of old and new, as RevOps would edit it.
// An old text must stand there once.
func Edited(t testing.TB, file string, pairs ...string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(policyfiles.Default, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(policyfiles.Default, path)
		out[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if out[file] == nil {
		t.Fatalf("the default policy has no file %s", file)
	}
	text := string(out[file].Data)
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			t.Fatalf("%s has %q %d times, want once", file, pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	out[file].Data = []byte(text)
	return out
}
