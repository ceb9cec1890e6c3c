// Command prepare writes what is made of other files: contracts.json of sources/*.yaml, the form in which functions load
// the source contracts, and samples/<function>/*.json of the sample events. It runs in the folder events, by
// go generate ./events.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"handoff/shared/contract"
)

func main() {
	if err := errors.Join(contracts(), payloads()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func contracts() error {
	text, err := contract.Prepare(os.DirFS("."), "sources", "schemas")
	if err != nil {
		return err
	}
	return os.WriteFile("contracts.json", text, 0o644)
}

func payloads() error {
	files, err := makeInvocations(os.DirFS("samples"))
	if err != nil {
		return err
	}
	for file, text := range files {
		path := filepath.Join("samples", filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
