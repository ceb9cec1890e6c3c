package script

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// elsewhere are the README's commands that no script runs, and who does: a file that holds the text.
var elsewhere = map[string]struct{ file, text string }{
	"make test":                              {".ci/run", "exec make test"},
	"make build":                             {"tests/integration/build_test.go", `exec.Command("make", "build"`},
	"go generate ./events":                   {"shared/contract/samples_test.go", "run go generate ./events"},
	"go test ./events/... ./shared/contract": {"tests/phase/run/main.go", `"./..."`},
}

// command is one line of the README that a person types.
type command struct {
	line int
	text string
	exit int // expected, from a comment "# exit status N"
}

// block is what is fenced under a heading.
type block struct {
	heading, lang string
	line          int // of the first line inside
	lines         []string
}

func blocks(text string) []block {
	var out []block
	var open *block
	heading := ""
	for i, line := range strings.Split(text, "\n") {
		switch {
		case open != nil && line == "```":
			out = append(out, *open)
			open = nil
		case open != nil:
			open.lines = append(open.lines, line)
		case strings.HasPrefix(line, "```"):
			open = &block{heading: heading, lang: line[3:], line: i + 2}
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimLeft(line, "# ")
		}
	}
	return out
}

var exitStatus = regexp.MustCompile(`\s+# exit status (\d)$`)

// commands reads a block as a shell does: a line goes on behind a backslash and inside quotes.
func (b *block) commands() []command {
	var out []command
	text, first := "", 0
	for i, line := range b.lines {
		if text == "" {
			first = b.line + i
		}
		text += line
		if strings.HasSuffix(text, `\`) || strings.Count(text, "'")%2 == 1 {
			text += "\n"
			continue
		}
		c := command{line: first, text: text}
		if m := exitStatus.FindStringSubmatch(text); m != nil {
			c.exit, _ = strconv.Atoi(m[1]) // a digit
			c.text = strings.TrimSuffix(text, m[0])
		}
		if c.text != "" {
			out = append(out, c)
		}
		text = ""
	}
	return out
}

func readReadme(t interface{ Fatal(...any) }) string {
	b, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every command of the README is run: by a script, which names the heading above it, or elsewhere.
func TestReadmeCommandsAreRun(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	run := map[string]bool{}
	for _, path := range scripts {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^readme '([^']+)'$`).FindAllSubmatch(b, -1) {
			run[string(m[1])] = true
		}
	}
	seen := 0
	for _, b := range blocks(readReadme(t)) {
		if b.lang != "sh" {
			continue
		}
		for _, c := range b.commands() {
			seen++
			where, known := elsewhere[c.text]
			if !known {
				if !run[b.heading] {
					t.Errorf("README.md:%d: no script runs %q: a testdata/*.txtar must say readme '%s'", c.line, c.text, b.heading)
				}
				continue
			}
			text, err := os.ReadFile(filepath.Join(root, where.file))
			if err != nil {
				t.Errorf("README.md:%d: %q is said to be run elsewhere: %v", c.line, c.text, err)
			} else if !strings.Contains(string(text), where.text) {
				t.Errorf("README.md:%d: %q is said to be run by %s, which does not hold %q", c.line, c.text, where.file, where.text)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands were found in README.md", seen)
	}
}

// Links between the pages lead somewhere.
func TestReadmeLinks(t *testing.T) {
	for _, page := range []string{"README.md", "infra/runbooks/README.md"} {
		b, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`).FindAllStringSubmatch(string(b), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}

// readme HEADING runs the commands that the README shows under a heading, as they stand there. What `make run` does is
// asked of make; `handoff local` runs on a free port until the next one, or the end. The output of all is stdout.
func readme(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: readme HEADING")
	}
	found := false
	for _, b := range blocks(readReadme(ts2{ts})) {
		if b.lang != "sh" || b.heading != args[0] {
			continue
		}
		found = true
		for _, c := range b.commands() {
			if _, known := elsewhere[c.text]; known {
				continue
			}
			if err := runLine(ts, c); err != nil {
				ts.Fatalf("README.md:%d: %s: %v", c.line, c.text, err)
			}
		}
	}
	if !found {
		ts.Fatalf("README.md has no commands under %q", args[0])
	}
}

// ts2 fails a script as a test is failed.
type ts2 struct{ *testscript.TestScript }

func (t ts2) Fatal(args ...any) { t.Fatalf("%s", fmt.Sprint(args...)) }

func runLine(ts *testscript.TestScript, c command) error {
	text := c.text
	switch words := strings.Fields(text); {
	case words[0] == "export":
		for _, w := range words[1:] {
			name, value, _ := strings.Cut(w, "=")
			ts.Setenv(name, value)
		}
		return nil
	case words[0] == "unset":
		for _, w := range words[1:] {
			ts.Setenv(w, "")
		}
		return nil
	case words[0] == "make":
		var err error
		if text, err = ofMake(text); err != nil {
			return err
		}
	case words[0] == "aws":
		if _, err := exec.LookPath("aws"); err != nil {
			return nil // infra/local's tests send by an SDK
		}
	case strings.HasPrefix(text, "bin/handoff local"):
		return startLocal(ts, text)
	}
	text = strings.ReplaceAll(text, "http://127.0.0.1:4010", ts.Getenv("ENDPOINT"))
	cmd := shell(ts, text)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	fmt.Fprintf(ts.Stdout(), "$ %s\n%s", c.text, out.Bytes())
	fmt.Fprintf(ts.Stderr(), "%s", errs.Bytes())
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		return err
	}
	if got != c.exit {
		return fmt.Errorf("exit status %d, want %d", got, c.exit)
	}
	if strings.HasPrefix(text, "curl") || strings.HasPrefix(text, "aws") {
		settled(ts, false, []string{".handoff"})
	}
	return nil
}

// shell is a command line in the script's folder and environment.
func shell(ts *testscript.TestScript, text string) *exec.Cmd {
	cmd := exec.Command("sh", "-ec", text)
	cmd.Dir = ts.Getenv("WORK")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "HANDOFF_TEMPLATE", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	if data := ts.Getenv("HANDOFF_DATA"); data != "" {
		cmd.Env = append(cmd.Env, "HANDOFF_DATA="+data)
	}
	return cmd
}

// ofMake is what a target runs last, without running it.
func ofMake(text string) (string, error) {
	cmd := exec.Command("sh", "-c", strings.Replace(text, "make ", "make -n --no-print-directory ", 1))
	// Under make test this is a make inside make; what the outer one hands down is not the newcomer's.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS=")
	})
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask make what it would run: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if !strings.HasPrefix(last, "bin/handoff ") {
		return "", fmt.Errorf("make would run %q last, which is not the command", last)
	}
	return last, nil
}

// local is the pipeline that a script runs.
type local struct{ cmd *exec.Cmd }

func (l *local) stop() {
	if l.cmd != nil {
		_ = l.cmd.Process.Signal(os.Interrupt) // it may have ended
		_ = l.cmd.Wait()
		l.cmd = nil
	}
}

// running holds the local pipeline of a script, by its folder.
var running = map[string]*local{}

func startLocal(ts *testscript.TestScript, text string) error {
	work := ts.Getenv("WORK")
	l := running[work]
	if l == nil {
		l = &local{}
		running[work] = l
		ts.Defer(l.stop)
	}
	l.stop()
	cmd := shell(ts, "exec "+text+" --listen 127.0.0.1:0 --log-level warn")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	l.cmd = cmd
	serving(ts, false, []string{".handoff"})
	return nil
}

// elision stands in a picture for lines that were left out.
const elision = "…"

var took = regexp.MustCompile(`in \d+ s\.`)

// picture FILE checks that the README shows a real run: each of its lines stands in the run's output, in order, but for the
// time that it took.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: picture FILE")
	}
	clean := func(line string) string { return took.ReplaceAllString(strings.TrimRight(line, " "), "in N s.") }
	var shown []string
	at := 0
	for _, b := range blocks(readReadme(ts2{ts})) {
		if b.lang == "text" {
			shown, at = b.lines, b.line
			break
		}
	}
	if len(shown) < 20 {
		ts.Fatalf("README.md shows no picture of a run")
	}
	out := strings.Split(ts.ReadFile(args[0]), "\n")
	free := true // the next line may stand anywhere behind the last
	for i, line := range shown {
		if strings.TrimSpace(line) == elision {
			free = true
			continue
		}
		n := 0
		for n < len(out) && clean(out[n]) != clean(line) {
			n++
		}
		if n == len(out) || n > 0 && !free {
			ts.Fatalf("README.md:%d is not what a run shows (any more): paste the output of make run there again:\n%s", at+i, line)
		}
		out, free = out[n+1:], false
	}
}
