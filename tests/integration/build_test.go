// Package integration runs what is deployed as it is deployed: the built executables over Lambda's Runtime API, tables in
// DynamoDB Local, the bus over PutEvents. What a missing tool makes it skip says so, and fails in CI.
package integration

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"handoff/shared/dynamo/dynamotest"
)

// Cold starts grow with the executable, and Lambda unpacks it each time.
const maxBootstrap = 12_000_000

func TestMakeBuild(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		dynamotest.Skip(t, "the build recipe needs make")
	}
	dir := t.TempDir()
	cmd := exec.Command("make", "build", "BIN="+dir)
	cmd.Dir = dynamotest.Root(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make build: %v\n%s", err, out)
	}
	for _, stage := range append(slices.Clone(stages), "webhook") {
		path := filepath.Join(dir, stage, "bootstrap")
		info, err := os.Stat(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Size() > maxBootstrap || info.Mode()&0o111 == 0 {
			t.Errorf("%s: %d bytes of at most %d, mode %v", stage, info.Size(), maxBootstrap, info.Mode())
		}
		f, err := elf.Open(path)
		if err != nil {
			t.Errorf("%s: %v", stage, err)
			continue
		}
		if f.Machine != elf.EM_AARCH64 {
			t.Errorf("%s: built for %v, want arm64", stage, f.Machine)
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP {
				t.Errorf("%s: linked dynamically; provided.al2023 may lack what it wants", stage)
			}
		}
		if f.Section(".debug_info") != nil || f.Section(".symtab") != nil {
			t.Errorf("%s: carries symbols", stage)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Run("imports", imports)
}

// imports keeps the embedded store, the command and its charts, and the SDK's ways to sign in out of the functions.
func imports(t *testing.T) {
	for _, stage := range append(slices.Clone(stages), "webhook") {
		cmd := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", "./functions/"+stage+"/lambda")
		cmd.Dir = dynamotest.Root(t)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: go list: %v", stage, err)
		}
		deps := strings.Fields(string(out))
		if len(deps) < 100 {
			t.Errorf("%s: %d packages only: is the list whole?", stage, len(deps))
		}
		for _, dep := range deps {
			for _, no := range []string{
				"cockroachdb/pebble", "alecthomas/kong", "jedib0t/go-pretty", "schollz/progressbar", "aws-sdk-go-v2/config", "net/rpc",
				"handoff/shared/embedded", "handoff/infra/",
			} {
				if strings.Contains(dep, no) && dep != "handoff/infra/policy" { // the default policy's YAML
					t.Errorf("%s depends on %s", stage, dep)
				}
			}
		}
	}
}
