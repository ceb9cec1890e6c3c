package ingest

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
)

// BenchmarkHandle ingests new page views in batches of 100, over a store in memory.
func BenchmarkHandle(b *testing.B) {
	db, err := embedded.OpenMemory()
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	set, err := contracts()
	if err != nil {
		b.Fatal(err)
	}
	h, err := New(Config{Ledger: &ledger.Ledger{Table: db.Table("ledger")}, Bus: &world{}, Contracts: set, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	page := sample(b, "segment/valid/page-pricing.json")
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		batch := make([]event.Envelope, 100)
		for i := range batch {
			n++
			batch[i] = page
			batch[i].Detail = json.RawMessage(strings.Replace(string(page.Detail), "ajs-page-pricing", "ajs-"+strconv.Itoa(n), 1))
		}
		for _, err := range h.Handle(ctx, batch) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
