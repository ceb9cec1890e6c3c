// Package sam holds the template and the build to the SAM CLI: what sam build builds is what make build does.
package sam

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"handoff/shared/dynamo/dynamotest"
)

// cli is the SAM CLI: the pinned one of tests/sam/install.sh, or the machine's.
func cli(t *testing.T) string {
	t.Helper()
	own := filepath.Join(dynamotest.Root(t), ".tools", "sam", "bin", "sam")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	path, err := exec.LookPath("sam")
	if err != nil {
		dynamotest.Skip(t, "the SAM CLI is not installed: run tests/sam/install.sh")
	}
	return path
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dynamotest.Root(t)
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0", "AWS_DEFAULT_REGION="+dynamotest.Region)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// Whoever deploys what sam build made deploys what was tested, byte for byte.
func TestSamBuildIsMakeBuild(t *testing.T) {
	sam := cli(t)
	if _, err := exec.LookPath("make"); err != nil {
		dynamotest.Skip(t, "the build recipe needs make")
	}
	dir := t.TempDir()
	run(t, sam, "build", "--build-dir", filepath.Join(dir, "sam"))
	run(t, "make", "build", "BIN="+dir)
	built, err := filepath.Glob(filepath.Join(dir, "sam", "*Function", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(built) < 5 {
		t.Fatalf("sam build made %v, want a bootstrap for each function", built)
	}
	for _, path := range built {
		id := filepath.Base(filepath.Dir(path))
		if filepath.Base(path) != "bootstrap" {
			t.Errorf("%s holds %s besides its executable", id, filepath.Base(path))
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, strings.ToLower(strings.TrimSuffix(id, "Function")), "bootstrap"))
		if err != nil {
			t.Errorf("make build does not build %s: %v", id, err)
			continue
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s: sam build made %d bytes, make build %d, and they differ", id, len(got), len(want))
		}
	}
}

func TestSamValidates(t *testing.T) {
	run(t, cli(t), "validate", "--lint")
}
