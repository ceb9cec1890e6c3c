package contract

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"handoff/functions/ingest"
	"handoff/infra/prove"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/tests/rig"
)

// shape is one line of testdata/shapes.jsonl: a payload as a tool's documentation or its webhook fixtures have them, with
// fields left out that documentation leaves out, and what must become of it.
type shape struct {
	Name    string          `json:"name"`
	Tool    string          `json:"tool"`
	Type    string          `json:"type"`    // the detail-type
	Want    string          `json:"want"`    // recorded, ignored, or a code of quarantine
	Kind    string          `json:"kind"`    // of the touch that is recorded
	Says    string          `json:"says"`    // part of the reason, or of the field that is named
	Test    bool            `json:"test"`    // recorded as a test
	Payload json.RawMessage `json:"payload"` // the detail
}

// envelopes are how the tools' partner sources wrap a payload.
var envelopes = map[string]string{
	"segment": "aws.partner/segment.com/handoff", "stripe": "aws.partner/stripe.com/ed_test", "rudderstack": "rudderstack",
	"salesforce": "aws.partner/salesforce.com/00D000000000001/0YL000000000001", "hubspot": "hubspot",
}

// Payloads of the shapes that tools really send, each in its tool's envelope, are recorded, ignored or quarantined for
// the right reason by the whole pipeline; nothing fails otherwise and nothing is lost.
func TestShapesOfRealPayloads(t *testing.T) {
	f, err := os.Open("testdata/shapes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := rig.Open(t, rig.Config{})
	outcomes := map[string]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		var s shape
		d := json.NewDecoder(strings.NewReader(lines.Text()))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		n++
		if envelopes[s.Tool] == "" || s.Want != "recorded" && s.Want != "ignored" && !slices.Contains(contract.Codes, s.Want) {
			t.Fatalf("%s: tool %q, want %q", s.Name, s.Tool, s.Want)
		}
		before := rows(r)
		r.Send(event.Envelope{Source: envelopes[s.Tool], DetailType: s.Type, Time: rig.Noon, Detail: s.Payload})
		var left []*ledger.Row
		for key, row := range rows(r) {
			if before[key] == nil {
				left = append(left, row)
			}
		}
		outcomes[s.Want]++
		if len(left) != 1 {
			t.Errorf("%s leaves %d rows, want one", s.Name, len(left))
			continue
		}
		check(t, &s, left[0])
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	r.Quiet()
	c, err := prove.Conserve(context.Background(), r.Stack)
	if err != nil {
		t.Fatal(err)
	}
	if c.Events.Total != n || c.Unexplained() > 0 || c.Events.Of(prove.Dead) > 0 {
		t.Errorf("%d events were sent: %+v", n, c.Events)
	}
	if n < 25 || outcomes["recorded"] < 5 || outcomes["ignored"] < 5 {
		t.Errorf("%d shapes, %v: too few", n, outcomes)
	}
}

// rows are the rows that ingest leaves, by key.
func rows(r *rig.Rig) map[string]*ledger.Row {
	out := map[string]*ledger.Row{}
	for row := range r.Rows() {
		if row.Type == ledger.Touch || row.Type == ledger.Ignored || row.Type == ledger.Quarantine {
			out[row.Key().Partition+" "+row.Key().Sort] = row
		}
	}
	return out
}

func check(t *testing.T, s *shape, row *ledger.Row) {
	t.Helper()
	if row.Type == ledger.Touch {
		var got struct {
			Kind string
			Test bool
		}
		if err := json.Unmarshal(row.Body, &got); err != nil {
			t.Fatal(err)
		}
		if s.Want != "recorded" || got.Kind != s.Kind || got.Test != s.Test {
			t.Errorf("%s: recorded as %s, test %v; want %s %s, test %v", s.Name, got.Kind, got.Test, s.Want, s.Kind, s.Test)
		}
		return
	}
	var got ingest.Aside
	if err := json.Unmarshal(row.Body, &got); err != nil {
		t.Fatal(err)
	}
	is, where := "ignored", got.Reason
	if got.Failure != nil {
		is, where = got.Failure.Code, got.Failure.Field+" "+got.Reason
	}
	if is != s.Want || !strings.Contains(where, s.Says) || s.Says == "" {
		t.Errorf("%s: %s, %q; want %s, saying %q", s.Name, is, where, s.Want, s.Says)
	}
}
