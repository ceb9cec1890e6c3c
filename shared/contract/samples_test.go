package contract_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"handoff/events"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/money"
	"handoff/shared/touch"
)

// load compiles the contracts of the tree.
func load(t testing.TB) *contract.Set {
	t.Helper()
	set, err := contract.Load(events.Sources, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func envelope(t testing.TB, file string) *event.Envelope {
	t.Helper()
	body, err := fs.ReadFile(events.Samples, path.Join("samples", file))
	if err != nil {
		t.Fatal(err)
	}
	var e event.Envelope
	if err := json.Unmarshal(body, &e); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return &e
}

func TestSamplesOfSources(t *testing.T) {
	set := load(t)
	body, err := fs.ReadFile(events.Samples, "samples/expect.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]map[string]any
	if err := yaml.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	for file, records := range want {
		t.Run(file, func(t *testing.T) {
			got := set.Read(envelope(t, file))
			// A record that makes two touches has two entries.
			var flat []map[string]any
			for i := range got {
				flat = append(flat, flatten(&got[i])...)
			}
			if len(flat) != len(records) {
				t.Fatalf("%d outcomes, want %d: %s", len(flat), len(records), describe(got))
			}
			for i, w := range records {
				for field, value := range w {
					if field == "ignored" {
						if s, _ := flat[i][field].(string); !strings.Contains(s, value.(string)) {
							t.Errorf("record %d: ignored %q, want a reason with %q; have %v", i, s, value, flat[i])
						}
						continue
					}
					if diff := cmp.Diff(plain(value), plain(flat[i][field])); diff != "" {
						t.Errorf("record %d: %s (-want +got):\n%s\nin %v", i, field, diff, flat[i])
					}
				}
			}
		})
	}
}

// flatten says an outcome in the words of expect.yaml.
func flatten(o *contract.Outcome) []map[string]any {
	switch {
	case o.Failure != nil:
		return []map[string]any{{"failure": o.Failure.Code, "field": o.Failure.Field, "reason": o.Failure.Reason}}
	case o.Ignored != "":
		return []map[string]any{{"ignored": o.Ignored}}
	}
	var out []map[string]any
	for _, t := range o.Touches {
		m := map[string]any{
			"touch": t.Kind, "source": t.Source, "source_type": t.SourceType, "producer_id": t.ProducerID, "subject": t.Subject,
			"time": t.Time.Format(time.RFC3339Nano), "links": slices.Clone(t.Links), "ordinal": t.Ordinal, "channel": t.Channel,
			"campaign": t.Campaign, "url": t.URL, "money": amount(t.Money), "test": t.Test, "person": t.Person, "company": t.Company, "props": t.Props,
		}
		if d := t.Opportunity; d != nil {
			deal := map[string]any{}
			for k, v := range map[string]string{"id": d.ID, "name": d.Name, "stage": d.Stage, "status": d.Status, "type": d.Type,
				"amount": amount(d.Amount), "close_date": d.CloseDate, "owner": d.Owner, "invoice": d.Invoice} {
				if v != "" {
					deal[k] = v
				}
			}
			if d.Sequence != 0 {
				deal["sequence"] = d.Sequence
			}
			if len(d.Answers) > 0 {
				deal["answers"] = d.Answers
			}
			m["opportunity"] = deal
		}
		if f := t.Feedback; f != nil {
			answer := map[string]any{}
			for k, v := range map[string]string{"handoff": f.Handoff, "play": f.Play, "rep": f.Rep, "reason": f.Reason} {
				if v != "" {
					answer[k] = v
				}
			}
			m["feedback"] = answer
		}
		out = append(out, m)
	}
	return out
}

func amount(a *money.Amount) string {
	if a == nil {
		return ""
	}
	return a.String()
}

// plain makes values of YAML and of touches comparable.
func plain(v any) any {
	text, _ := json.Marshal(v)
	if string(text) == "null" || string(text) == "[]" {
		return nil
	}
	var out any
	_ = json.Unmarshal(text, &out)
	return out
}

func describe(outs []contract.Outcome) string {
	var b strings.Builder
	for i := range outs {
		fmt.Fprintf(&b, "\n  %v", flatten(&outs[i]))
	}
	return b.String()
}

func TestEverySampleOfASourceIsExpected(t *testing.T) {
	body, err := fs.ReadFile(events.Samples, "samples/expect.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := yaml.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	sources := []string{"Touch", "ListMember", "CrmAccount", "CrmContact", "CrmOpportunity", "Spend",
		event.SubjectsLinked, event.SubjectsUnlinked, event.TouchesRevised, event.ReassignmentWanted}
	for _, c := range load(t).Contracts() {
		sources = append(sources, c.Name)
	}
	for _, s := range sources {
		for _, kind := range []string{"valid", "invalid"} {
			files, err := fs.Glob(events.Samples, path.Join("samples", s, kind, "*.json"))
			if err != nil {
				t.Fatal(err)
			}
			if len(files) == 0 && s != "canonical" && s != "import" && s != "operator" { // whose samples stand under their detail-types
				t.Errorf("samples/%s/%s: no sample", s, kind)
			}
			for _, f := range files {
				if _, ok := want[strings.TrimPrefix(f, "samples/")]; !ok {
					t.Errorf("%s: samples/expect.yaml does not say what it makes", f)
				}
			}
		}
	}
}

func TestOneTouchByEitherRoadFromSalesforce(t *testing.T) {
	set := load(t)
	relay := set.Read(envelope(t, "salesforce/valid/opportunity-won.json"))[0].Touches[0]
	appflow := set.Read(envelope(t, "salesforce/valid/opportunity-won-appflow.json"))[0].Touches[0]
	relay.EventID, appflow.EventID = "", ""
	if diff := cmp.Diff(relay, appflow); diff != "" {
		t.Errorf("Event Relay and AppFlow differ (-relay +appflow):\n%s", diff)
	}
}

func TestRecordOfAListReadsTheSameByItself(t *testing.T) {
	set := load(t)
	for i, o := range set.Read(envelope(t, "hubspot/valid/three-records.json")) {
		alone := set.Read(o.Event)
		if len(alone) != 1 {
			t.Fatalf("record %d makes %d records by itself", i, len(alone))
		}
		if diff := cmp.Diff(flatten(&o), flatten(&alone[0])); diff != "" {
			t.Errorf("record %d differs by itself (-in the list +alone):\n%s", i, diff)
		}
		if len(o.Touches) > 0 && (o.Touches[0].ID != alone[0].Touches[0].ID || o.Touches[0].Digest != alone[0].Touches[0].Digest) {
			t.Errorf("record %d has another id or digest by itself", i)
		}
	}
}

func TestIdentityComesFromThePayloadAlone(t *testing.T) {
	set := load(t)
	a := envelope(t, "segment/valid/page-pricing.json")
	b := *a
	b.ID, b.Time, b.Region, b.Account = "another-delivery", a.Time.Add(36*time.Hour), "us-east-1", "210987654321"
	// What Segment writes anew at each delivery, fields in another order, a number written another way.
	b.Detail = json.RawMessage(strings.NewReplacer(`"sentAt": "2026-03-03T14:05:11.900Z"`, `"sentAt": "2026-03-05T00:00:00.000Z"`,
		`"timestamp": "2026-03-03T14:05:12.007Z"`, `"timestamp": "2026-03-05T00:00:01.000Z"`).Replace(string(a.Detail)))
	one, two := set.Read(a)[0].Touches[0], set.Read(&b)[0].Touches[0]
	two.EventID = one.EventID
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("a redelivery reads as another touch (-first +second):\n%s", diff)
	}
	if want := touch.NewID("segment", "page", "ajs-page-pricing", 0); one.ID != want {
		t.Errorf("id %s, want that of (segment, page, ajs-page-pricing, 0): %s", one.ID, want)
	}
	b.Detail = json.RawMessage(strings.Replace(string(a.Detail), `"variant": "b"`, `"variant": "c"`, 1))
	if three := set.Read(&b)[0].Touches[0]; three.ID != one.ID || three.Digest == one.Digest {
		t.Errorf("another content under one id: id %s and digest %s, want the same id and another digest than %s", three.ID, three.Digest, one.Digest)
	}
}

// The prepared contracts are those of the YAML, and read alike.
func TestPreparedContractsAreUpToDate(t *testing.T) {
	text, err := contract.Prepare(events.Sources, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != string(events.Contracts) {
		t.Fatal("events/contracts.json is not what events/sources say: run go generate ./events")
	}
	prepared, err := contract.LoadPrepared(events.Contracts, events.Schemas, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	set := load(t)
	for _, file := range sampleFiles(t) {
		e := envelope(t, file)
		if diff := cmp.Diff(set.Read(e), prepared.Read(e)); diff != "" {
			t.Errorf("%s (-YAML +prepared):\n%s", file, diff)
		}
	}
}
