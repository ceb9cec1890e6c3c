package pattern

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestFilter(t *testing.T) {
	const match, other = `{"match":true}`, `{"match":false}`
	for _, c := range []struct{ name, line, want string }{
		{"match", `{"pattern":{"a":[1]},"event":{"a":1}}`, match},
		{"no match", `{"pattern":{"a":[1]},"event":{"a":"1"}}`, other},
		{"event first", `{"event":{"a":1},"pattern":{"a":[1]}}`, match},
		{"further members", `{"id":7,"pattern":{"a":[1]},"event":{"a":1}}`, match},
		{"carriage return", `{"pattern":{"a":[1]},"event":{"a":1}}` + "\r", match},
		{"invalid pattern", `{"pattern":{"a":[]},"event":{"a":1}}`, `{"error":"a: an empty list [] is not allowed; give at least one value, or leave the field out"}`},
		{"event is a list", `{"pattern":{"a":[1]},"event":[1]}`, `{"error":"malformed event: at byte 1: an event must be a JSON object"}`},
		{"no event", `{"pattern":{"a":[1]}}`, `{"error":"the line has no \"event\"; write {\"pattern\":…,\"event\":…}"}`},
		{"no pattern", `{"event":{"a":1}}`, `{"error":"the line has no \"pattern\"; write {\"pattern\":…,\"event\":…}"}`},
		{"null pattern", `{"pattern":null,"event":{}}`, `{"error":"pattern: a pattern is a JSON object, like {\"source\":[\"handoff\"]}; this is null"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			if err := Filter(strings.NewReader(c.line), &out); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != c.want+"\n" {
				t.Errorf("got %swant %s", got, c.want)
			}
		})
	}
}

// A line in error is answered in its place and does not disturb the next ones; blank lines get no answer.
func TestFilterGoesOn(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	in := strings.Join([]string{
		`{"pattern":{"a":["` + "x" + `"]},"event":{"a":"x"}}`,
		`not JSON`,
		``,
		`   `,
		`{"pattern":{"a":["x"]},"event":{"a":"` + long + `"}}`,
		`{"pattern":{"a":[{"prefix":"xx"}]},"event":{"a":"` + long + `"}}`,
		`{"pattern":{"a":["x"]},"event":{"a":"x"`,
		`{"pattern":{"a":["` + strings.Repeat("y", MaxLine) + `"]},"event":{}}`,
		`[]`,
		`{"pattern":{"a":["x"]},"event":{"a":"x"}}`,
	}, "\n")
	var out bytes.Buffer
	if err := Filter(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	want := []string{"true", "error", "false", "true", "error", "error", "error", "true"}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d answers, want %d:\n%s", len(lines), len(want), out.String())
	}
	for i, line := range lines {
		var answer struct {
			Match *bool
			Error *string
		}
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			t.Errorf("answer %d is not JSON: %s", i, line)
			continue
		}
		got := "error"
		if answer.Match != nil {
			got = map[bool]string{true: "true", false: "false"}[*answer.Match]
		} else if answer.Error == nil || *answer.Error == "" {
			t.Errorf("answer %d says nothing: %s", i, line)
		}
		if got != want[i] {
			t.Errorf("answer %d: got %s, want %s", i, line, want[i])
		}
	}
}

// Filter answers a line before the next one comes, so that a program can talk to it.
func TestFilterAnswersAtOnce(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- Filter(inR, outW)
		outW.Close()
	}()
	answers := bufio.NewScanner(outR)
	for _, want := range []string{`{"match":true}`, `{"match":true}`} {
		if _, err := io.WriteString(inW, `{"pattern":{"a":[1]},"event":{"a":1}}`+"\n"); err != nil {
			t.Fatal(err)
		}
		if !answers.Scan() || answers.Text() != want {
			t.Fatalf("got %q, want %q", answers.Text(), want)
		}
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFilterReportsBrokenStreams(t *testing.T) {
	broken := errors.New("broken")
	if err := Filter(iotest.ErrReader(broken), io.Discard); !errors.Is(err, broken) {
		t.Errorf("reading: got %v, want %v", err, broken)
	}
	r, pw := io.Pipe()
	r.CloseWithError(broken)
	if err := Filter(strings.NewReader(`{}`+"\n"), pw); !errors.Is(err, broken) {
		t.Errorf("writing: got %v, want %v", err, broken)
	}
}
