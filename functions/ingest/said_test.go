package ingest

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/storetest"
	"handoff/shared/watch"
)

// heard is what a watched handler writes.
type heard struct{ log, metrics bytes.Buffer }

func (h *heard) watch(next event.Handler) event.Handler {
	return &watch.Handler{Function: "ingest", Next: next, Log: slog.New(slog.NewJSONHandler(&h.log, nil)), Metrics: &h.metrics, Namespace: "Handoff",
		Now: func() time.Time { return now }}
}

// labelled counts a metric by its labels.
func (h *heard) labelled(t *testing.T) map[string]float64 {
	t.Helper()
	got := map[string]float64{}
	for text := range bytes.Lines(h.metrics.Bytes()) {
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for _, d := range doc["_aws"].(map[string]any)["CloudWatchMetrics"].([]any) {
			directive := d.(map[string]any)
			labels := ""
			for _, dim := range directive["Dimensions"].([]any)[0].([]any) {
				labels += doc[dim.(string)].(string) + " "
			}
			for _, m := range directive["Metrics"].([]any) {
				name := m.(map[string]any)["Name"].(string)
				if v, ok := doc[name].(float64); ok {
					got[labels+name] += v
				}
			}
		}
	}
	return got
}

func (h *heard) lines(t *testing.T) (out []map[string]any) {
	t.Helper()
	for text := range bytes.Lines(h.log.Bytes()) {
		var line map[string]any
		if err := json.Unmarshal(text, &line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	return out
}

func TestNothingPersonalIsLogged(t *testing.T) {
	w, h := newWorld(t), &heard{}
	batch := []event.Envelope{
		sample(t, "Touch/valid/smallest.json"), sample(t, "Touch/invalid/email-is-none.json"), sample(t, "Touch/invalid/unknown-kind.json"),
		sample(t, "segment/valid/identify.json"), sample(t, "ListMember/valid/webinar-attended.json"),
	}
	dead := storetest.NewFuse(1, storetest.NotStored)
	h.watch(w.process(dead.Table(w.table), w)).Handle(ctx, batch)
	h.watch(w.h).Handle(ctx, batch)
	for _, personal := range []string{"initech.com", "Ann", "ann.lee", "usr_204", "not an address"} {
		if strings.Contains(h.log.String()+h.metrics.String(), personal) {
			t.Errorf("the log has %q:\n%s%s", personal, h.log.String(), h.metrics.String())
		}
	}
	lines := h.lines(t)
	if len(lines) != 2*len(batch) {
		t.Fatalf("%d lines for %d events that came twice", len(lines), len(batch))
	}
	if err, _ := lines[0]["error"].(string); lines[0]["outcome"] != "failed" || !strings.Contains(err, "unavailable") {
		t.Errorf("the log does not say why the first event failed: %v", lines[0])
	}
}

// What becomes of events is said once for each, and counted by what it was.
func TestOutcomesAreSaidAndCounted(t *testing.T) {
	w, h := newWorld(t), &heard{}
	page, payout := sample(t, "segment/valid/page-pricing.json"), sample(t, "stripe/valid/ignored-payout.json")
	reused := page
	reused.Detail = json.RawMessage(strings.Replace(string(page.Detail), `"variant": "b"`, `"variant": "c"`, 1))
	unknown := page
	unknown.Source = "acme.unheard-of"
	three := sample(t, "hubspot/valid/three-records.json") // two touches and a record that is ignored
	handler := h.watch(w.h)
	handler.Handle(ctx, []event.Envelope{page, payout, sample(t, "segment/invalid/no-message-id.json"), unknown, sample(t, "stripe/valid/invoice-paid.json"), three})
	handler.Handle(ctx, []event.Envelope{page, payout, reused, unknown})

	var got []string
	for _, line := range h.lines(t) {
		text, _ := line["outcome"].(string)
		if reason, ok := line["reason"].(string); ok {
			text += " " + reason
		}
		if n, ok := line["touches"].(float64); ok && line["correlation_id"] == nil {
			t.Errorf("%v touches, and no correlation: %v", n, line)
		}
		got = append(got, text)
	}
	want := []string{"recorded", "ignored", "quarantined no_id", "quarantined unknown_source", "recorded", "recorded",
		"duplicate", "duplicate", "quarantined id_reused", "duplicate"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]float64{
		"ingest Events": 10, "ingest Touches": 4, "ingest Ignored": 2, "ingest Quarantined": 3, "ingest Duplicates": 3,
		"ingest FailedEvents": 0, "ingest StoreThrottles": 0, "ingest PublishThrottles": 0, // always there, for alarms
		"segment SourceEvents": 3, "stripe SourceEvents": 1, "hubspot SourceEvents": 1, "unrecognised SourceEvents": 1,
		"segment no_id Quarantined": 1, "segment id_reused Quarantined": 1, "unrecognised unknown_source Quarantined": 1,
	}, h.labelled(t)); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
}
