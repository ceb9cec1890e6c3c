// Package script runs the operator's command as people do: the built program, its words, what it prints, its exit
// status. Each testdata/*.txtar is one session. The README's commands are among them, see readme_test.go.
package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/rogpeppe/go-internal/testscript"
)

// root is the repository, bin the folder with the built command.
var root, bin string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, "tests/script:", err)
		return 1
	}
	var err error
	if root, err = filepath.Abs("../.."); err != nil {
		return fail(err)
	}
	if bin, err = os.MkdirTemp("", "handoff-script"); err != nil {
		return fail(err)
	}
	defer os.RemoveAll(bin)
	// The flags are those of all executables of this repository, so that they share the build cache.
	build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(bin, "handoff"), "./infra/handoff")
	build.Dir, build.Stderr, build.Env = root, os.Stderr, append(os.Environ(), "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		return fail(fmt.Errorf("build the command: %w", err))
	}
	return m.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("ROOT", root)
			e.Setenv("HANDOFF_TEMPLATE", filepath.Join(root, "template.yaml"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "serving": serving, "settled": settled, "put": put, "fill": fill,
			"json": jsonParses, "narrow": narrow, "helps": helps, "readme": readme, "picture": picture,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// exits STATUS PROGRAM ARGS… runs a program that must end with this status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// serving DIR waits until a `handoff local` serves this data folder, and keeps its address in $ENDPOINT.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serving DIR")
	}
	var last error
	for range 300 {
		var a struct{ URL string }
		b, err := os.ReadFile(filepath.Join(ts.MkAbs(args[0]), "local.json"))
		if err == nil {
			err = json.Unmarshal(b, &a)
		}
		if err == nil {
			var resp *http.Response
			if resp, err = http.Get(a.URL); err == nil {
				resp.Body.Close()
				ts.Setenv("ENDPOINT", a.URL)
				return
			}
		}
		last = err
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("nothing serves %s after 30 s: %v", args[0], last)
}

// settled DIR waits until no event stands in a function's queue any more.
func settled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: settled DIR")
	}
	var out []byte
	for range 300 {
		cmd := exec.Command(filepath.Join(bin, "handoff"), "--data", ts.MkAbs(args[0]), "--format", "json", "status")
		cmd.Env = append(os.Environ(), "HANDOFF_TEMPLATE="+ts.Getenv("HANDOFF_TEMPLATE"))
		out, _ = cmd.Output() // an exit status other than 0 may say only that a person must act
		var st struct {
			Queues []struct {
				Dead     bool
				Messages int
			}
		}
		if json.Unmarshal(out, &st) == nil && len(st.Queues) > 0 {
			left := 0
			for _, q := range st.Queues {
				if !q.Dead {
					left += q.Messages
				}
			}
			if left == 0 {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("events still stand in queues after 30 s: %s", out)
}

// put FILE posts a PutEvents request to $ENDPOINT, as an AWS SDK does, and prints the status and the answer.
func put(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: put FILE")
	}
	req, err := http.NewRequest(http.MethodPost, ts.Getenv("ENDPOINT")+"/", strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s\n", resp.StatusCode, body)
}

// json FILE checks that a file, or stdout, is one JSON value.
func jsonParses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: json FILE")
	}
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	var v any
	if err := dec.Decode(&v); err != nil {
		ts.Fatalf("%s is no JSON: %v", args[0], err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		ts.Fatalf("%s holds more than one JSON value", args[0])
	}
}

// width is what a terminal shows in a line.
const width = 80

// narrow FILE checks that no line of a file, stdout or stderr is wider than a terminal. Commands ("$ …") are as long as
// what they are about.
func narrow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: narrow FILE")
	}
	// The folder of the script's run is longer than those of people.
	for i, line := range strings.Split(strings.ReplaceAll(ts.ReadFile(args[0]), ts.Getenv("WORK"), "."), "\n") {
		if w := text.StringWidthWithoutEscSequences(line); w > width && !strings.HasPrefix(line, "$ ") {
			ts.Fatalf("%s:%d is %d columns wide, want at most %d:\n%s", args[0], i+1, w, width, line)
		}
	}
}

// helps checks the help of the command and of every command below it: an answer, an example where something is done,
// no line too wide.
func helps(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: helps")
	}
	var failed bytes.Buffer
	seen := 0
	for todo := [][]string{{}}; len(todo) > 0; todo = todo[1:] {
		words := todo[0]
		name := strings.Join(append([]string{"handoff"}, words...), " ")
		// Not by ts.Exec, which would print all texts where one is off.
		b, err := exec.Command(filepath.Join(bin, "handoff"), append(words, "--help")...).Output()
		if err != nil {
			ts.Fatalf("%s --help: %v", name, err)
		}
		out := string(b)
		seen++
		for _, line := range strings.Split(out, "\n") {
			if w := text.StringWidthWithoutEscSequences(line); w > width {
				fmt.Fprintf(&failed, "%s --help is %d columns wide, want at most %d: %s\n", name, w, width, line)
			}
		}
		below := commandsBelow(out)
		for _, c := range below {
			// Below a command they are listed with its name: "dlq list".
			todo = append(todo, append(append([]string(nil), words...), strings.Fields(c)[len(words):]...))
		}
		if len(words) > 0 && len(below) == 0 && !strings.Contains(out, "\n  handoff ") && !strings.Contains(out, "\n    handoff ") {
			fmt.Fprintf(&failed, "%s --help shows no example\n", name)
		}
	}
	if seen < 15 {
		fmt.Fprintf(&failed, "only %d help texts were found\n", seen)
	}
	if failed.Len() > 0 {
		ts.Fatalf("%s", failed.String())
	}
}

// commandsBelow reads the commands that a help text lists: under a heading, two spaces, the name and its flags.
func commandsBelow(help string) []string {
	var out []string
	inList := false
	for _, line := range strings.Split(help, "\n") {
		switch word := strings.Fields(line); {
		case line != "" && line[0] != ' ':
			inList = line == "Commands:" || line == "Run and feed:" || line == "See:" || line == "Do:" || line == "Prove:"
		case inList && strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   ") && len(word) > 0 && word[0][0] >= 'a' && word[0][0] <= 'z':
			name := word[0]
			for _, w := range word[1:] {
				// The text behind the name begins with a capital letter or a flag.
				if w[0] < 'a' || w[0] > 'z' {
					break
				}
				name += " " + w
			}
			out = append(out, name)
		}
	}
	return out
}

// fill FILE SIZE makes a file of that many letters: what no event may hold.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: fill FILE BEFORE SIZE AFTER")
	}
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(args[1]+strings.Repeat("x", n)+args[3]+"\n"), 0o644))
}
