package rig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// SchemaSet is the JSON Schemas of detail types, compiled.
type SchemaSet map[string]*jsonschema.Schema

// Schemas compiles schemas/*.schema.json, with formats asserted.
func Schemas(t testing.TB, fsys fs.FS) SchemaSet {
	t.Helper()
	files, err := fs.Glob(fsys, "schemas/*.schema.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	url := func(f string) string { return "https://handoff.example/" + f }
	for _, f := range files {
		b, err := fs.ReadFile(fsys, f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if err := c.AddResource(url(f), doc); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
	}
	out := SchemaSet{}
	for _, f := range files {
		s, err := c.Compile(url(f))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out[strings.TrimSuffix(path.Base(f), ".schema.json")] = s
	}
	return out
}

// Check holds a detail to its type's schema.
func (s SchemaSet) Check(detailType string, detail json.RawMessage) error {
	schema := s[detailType]
	if schema == nil {
		return fmt.Errorf("there is no schema of %s", detailType)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(detail))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}
