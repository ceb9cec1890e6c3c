package journeys

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func entry(source, at string) string {
	return fmt.Sprintf(`{"source":%q,"detail-type":"page","time":%q,"detail":{"n":1}}`, source, at)
}

func zip(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read drains a reader: what it yields as "file:line source", errors by their text.
func read(t *testing.T, r *Reader) (got []string) {
	t.Helper()
	defer r.Close()
	for range 1000 {
		e, err := r.Next()
		if err == io.EOF {
			return got
		}
		if bad := (*LineError)(nil); errors.As(err, &bad) {
			got = append(got, "bad "+err.Error())
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s:%d %s", e.File, e.Line, e.Event.Source))
	}
	t.Fatal("the reader does not end")
	return nil
}

func TestMergesByDelivery(t *testing.T) {
	fsys := fstest.MapFS{
		"a.jsonl":     {Data: []byte(entry("a1", "2026-01-05T10:00:00Z") + "\n\n" + entry("a2", "2026-01-05T12:00:00Z"))}, // no line end
		"b.jsonl.gz":  {Data: zip(t, entry("b1", "2026-01-05T09:00:00+00:00")+"\n"+entry("b2", "2026-01-05T12:00:00Z")+"\r\n")},
		"notes.txt":   {Data: []byte("not read")},
		"empty.jsonl": {},
	}
	r, err := Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"b.jsonl.gz:1 b1", "a.jsonl:1 a1", "a.jsonl:3 a2", "b.jsonl.gz:2 b2"}
	if d := cmp.Diff(want, read(t, r)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if done, total := r.Progress(); done != total || total == 0 {
		t.Errorf("read %d of %d bytes at the end", done, total)
	}
}

func TestBadLinesAreNamedAndPassed(t *testing.T) {
	good := entry("ok", "2026-01-05T10:00:00Z")
	for _, tc := range []struct{ name, line, says string }{
		{"no JSON", `hello`, "not an event: invalid character"},
		{"cut off", good[:40], "ends too early"},
		{"two on a line", good + good, "text after the end"},
		{"an array", `[1]`, "not an event"},
		{"nothing in it", `{}`, "source, detail-type, time, detail missing"},
		{"bad time", `{"source":"s","detail-type":"t","time":"today","detail":{}}`, "not an event"},
		{"detail no object", `{"source":"s","detail-type":"t","time":"2026-01-05T10:00:00Z","detail":"{}"}`, "detail is not an object"},
		{"too long", `{"source":"` + strings.Repeat("x", maxLine) + `"}`, "token too long"},
	} {
		r, err := Open(fstest.MapFS{"a.jsonl": {Data: []byte(good + "\n" + tc.line + "\n" + good + "\n")}})
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, r)
		if len(got) != 3 || got[0] != "a.jsonl:1 ok" || got[2] != "a.jsonl:3 ok" || !strings.HasPrefix(got[1], "bad a.jsonl:2: ") || !strings.Contains(got[1], tc.says) {
			t.Errorf("%s: got %.200q, want two good lines and between them a line 2 that says %q", tc.name, got, tc.says)
		}
	}
}

func TestFileCutInTheMiddle(t *testing.T) {
	lines := make([]string, 200)
	for i := range lines {
		lines[i] = entry(fmt.Sprintf("s%d", i*7919), "2026-01-05T10:00:00Z")
	}
	whole := zip(t, strings.Join(lines, "\n"))
	r, err := Open(fstest.MapFS{"a.jsonl.gz": {Data: whole[:len(whole)/2]}, "b.jsonl": {Data: []byte(entry("b", "2026-01-06T10:00:00Z"))}})
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, r)
	bad := 0
	for _, g := range got {
		if strings.HasPrefix(g, "bad a.jsonl.gz:") && strings.Contains(g, "cut in the middle") {
			bad++
		}
	}
	if bad != 1 || got[len(got)-1] != "b.jsonl:1 b" {
		t.Errorf("the break is told %d times, want once, and the other file read on: ends with %q", bad, got[len(got)-1])
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(fstest.MapFS{"a.csv": {}}); !errors.Is(err, ErrEmpty) {
		t.Errorf("a folder without a journey: %v", err)
	}
	if _, err := Open(fstest.MapFS{"a.jsonl.gz": {Data: []byte("no gzip")}}); err == nil || !strings.Contains(err.Error(), "a.jsonl.gz") {
		t.Errorf("a file that is no gzip: %v", err)
	}
}
