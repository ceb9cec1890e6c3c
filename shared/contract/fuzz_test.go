package contract_test

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handoff/events"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/touch"
)

// sampleFiles lists the samples of the sources.
func sampleFiles(t testing.TB) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(events.Samples, "samples", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(p) == ".json" {
			out = append(out, strings.TrimPrefix(p, "samples/"))
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d samples, %v", len(out), err)
	}
	return out
}

// Whatever is sent, Read answers with exactly one outcome per record, and a touch is well-formed.
func FuzzRead(f *testing.F) {
	set := load(f)
	for _, file := range sampleFiles(f) {
		e := envelope(f, file)
		f.Add(e.Source, e.DetailType, []byte(e.Detail))
	}
	f.Add("aws.partner/segment.com/x", "track", []byte(`{"type":"track","event":7,"messageId":{},"timestamp":[]}`))
	f.Add("aws.partner/salesforce.com/x", "x", []byte(`{"payload":{"ChangeEventHeader":{"entityName":"Opportunity","recordIds":[null,{},"006"],"changeType":"UPDATE"}}}`))
	f.Add("hubspot", "Webhook", []byte(`{"events":[[],null,1,{"subscriptionType":"deal.creation"}]}`))
	f.Add("x", "Touch", []byte(`{"a":"\ud800","b":1e999999999}`))
	delivered := time.Date(2026, 3, 3, 14, 5, 20, 0, time.UTC)
	f.Fuzz(func(t *testing.T, source, detailType string, detail []byte) {
		e := event.Envelope{ID: "e", Source: source, DetailType: detailType, Time: delivered, Detail: detail}
		outs := set.Read(&e)
		if len(outs) == 0 {
			t.Fatal("no outcome")
		}
		for _, o := range outs {
			check(t, &o, delivered)
			if contract.RowID(o.Event) == "" {
				t.Error("no row id")
			}
		}
	})
}

func check(t *testing.T, o *contract.Outcome, delivered time.Time) {
	t.Helper()
	n := 0
	for _, has := range []bool{len(o.Touches) > 0, o.Ignored != "", o.Failure != nil} {
		if has {
			n++
		}
	}
	if n != 1 || o.Event == nil {
		t.Fatalf("%d outcomes of one record: %+v", n, o)
	}
	if f := o.Failure; f != nil && (!slices.Contains(contract.Codes, f.Code) || f.Reason == "") {
		t.Errorf("a failure without code or reason: %+v", f)
	}
	seen := map[touch.ID]bool{}
	for _, one := range o.Touches {
		_, key, ok := strings.Cut(one.Subject, ":")
		switch {
		case !slices.Contains(touch.Kinds, one.Kind), !ok, key == "", !utf8.ValidString(one.Subject), len(one.Subject) > 1024:
			t.Errorf("kind %q of subject %q", one.Kind, one.Subject)
		case one.Time.Location() != time.UTC, one.Time != one.Time.Truncate(time.Millisecond), one.Time.After(delivered.Add(24 * time.Hour)), one.Time.Year() < 1990:
			t.Errorf("time %v", one.Time)
		case one.ProducerID == "", one.Source == "", one.Contract == "", len(one.Digest) != 32:
			t.Errorf("no identity: %+v", one)
		case seen[one.ID], slices.Contains(one.Links, one.Subject), slices.Contains(one.Links, ""):
			t.Errorf("id %s, links %q", one.ID, one.Links)
		}
		seen[one.ID] = true
		if _, err := json.Marshal(one); err != nil {
			t.Errorf("the touch cannot be written: %v", err)
		}
	}
}
