// Command prepare writes contracts.json from sources/*.yaml: the form in which functions load the source contracts. It
// runs in the folder events, by go generate ./events.
package main

import (
	"fmt"
	"os"

	"handoff/shared/contract"
)

func main() {
	text, err := contract.Prepare(os.DirFS("."), "sources", "schemas")
	if err == nil {
		err = os.WriteFile("contracts.json", text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
