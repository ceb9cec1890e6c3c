package intake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/events/journeys"
	"handoff/infra/intake"
	"handoff/shared/event"
)

// What people have on disk comes in many layouts; a good event is read from each, and a bad one is named and costs no other.
func TestLayouts(t *testing.T) {
	const a, b = `{"source":"x","detail-type":"A","detail":{}}`, `{"source":"x","detail-type":"B","detail":{}}`
	spread := "{\n  \"source\": \"x\",\n  \"detail-type\": \"A\",\n  \"detail\": {}\n}"
	for _, c := range []struct {
		name, file, text string
		want             []string // detail types
		bad              []string // places
	}{
		{"lines", "f.jsonl", a + "\n" + b + "\n", []string{"A", "B"}, nil},
		{"lines, the last without its end", "f.jsonl", a + "\n" + b, []string{"A", "B"}, nil},
		{"lines with blank ones", "f.jsonl", "\n" + a + "\n\n" + b + "\n", []string{"A", "B"}, nil},
		{"lines ended as on Windows", "f.jsonl", a + "\r\n" + b + "\r\n", []string{"A", "B"}, nil},
		{"a broken line", "f.jsonl", a + "\n{\"source\":\n" + b + "\n", []string{"A", "B"}, []string{"f.jsonl:2"}},
		{"a line cut off", "f.jsonl", a + "\n" + b[:20], []string{"A"}, []string{"f.jsonl:2"}},
		{"an array", "f.json", "[" + a + "," + b + "]", []string{"A", "B"}, nil},
		{"an array without its end", "f.json", "[" + a + "," + b, []string{"A", "B"}, []string{"f.json"}},
		{"one object over lines", "f.json", spread, []string{"A"}, nil},
		{"objects over lines", "f.json", spread + "\n" + spread + "\n", []string{"A", "A"}, nil},
		{"objects over lines, as on Windows", "f.json", strings.ReplaceAll(spread, "\n", "\r\n"), []string{"A"}, nil},
		{"objects over lines, the second no event", "f.json", spread + "\n{\n}\n" + spread, []string{"A", "A"}, []string{"f.json:2"}},
		{"objects over lines, cut off", "f.json", spread + "\n" + spread[:30], []string{"A"}, []string{"f.json:2"}},
		{"an object that begins beside its brace", "f.json", `{"source":"x",` + "\n" + `"detail-type":"A","detail":{}}` + "\n" + a, []string{"A", "A"}, nil},
		{"a broken first line", "f.jsonl", `{"source":"x","detail-type":"A"` + "\n" + a + "\n" + b, []string{"A", "B"}, []string{"f.jsonl:1"}},
		{"the first line cut off", "f.jsonl", b[:20] + "\n", nil, []string{"f.jsonl:1"}},
		{"a first line longer than the buffer of a pipe", "f.jsonl", `{"source":"x","detail-type":"A","detail":{"x":"` + strings.Repeat("y", 300_000) + `"}}` + "\n" + b, []string{"A", "B"}, nil},
		{"a first line longer than an event", "f.jsonl", `{"source":"x","detail-type":"A","detail":{"x":"` + strings.Repeat("y", 1<<20) + `"}}` + "\n" + b, []string{"B"}, []string{"f.jsonl:1"}},
		{"nothing", "f.jsonl", "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got, bad []string
			err := intake.Read(c.file, strings.NewReader(c.text), intake.Options{Now: time.Unix(1e9, 0)}, func(e event.Envelope) error {
				got = append(got, e.DetailType)
				return nil
			}, func(e *journeys.LineError) { bad = append(bad, e.Error()) })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("events read (-want +got):\n%s", diff)
			}
			if len(bad) != len(c.bad) || slices.ContainsFunc(c.bad, func(place string) bool {
				return !slices.ContainsFunc(bad, func(b string) bool { return strings.HasPrefix(b, place) })
			}) {
				t.Errorf("bad places %q, want %q", bad, c.bad)
			}
		})
	}
}

// Whoever takes the events may end the reading.
func TestYieldEndsReading(t *testing.T) {
	stop := errors.New("enough")
	for _, text := range []string{"{\"source\":\"x\",\"detail-type\":\"A\",\"detail\":{}}\n", "[{\"source\":\"x\",\"detail-type\":\"A\",\"detail\":{}}]", "{\n\"source\":\"x\",\"detail-type\":\"A\",\"detail\":{}}"} {
		err := intake.Read("f.json", strings.NewReader(text), intake.Options{}, func(event.Envelope) error { return stop }, func(*journeys.LineError) {})
		if !errors.Is(err, stop) {
			t.Errorf("Read(%.20q) = %v, want %v", text, err, stop)
		}
	}
}
