package contract_test

import (
	"testing"

	"handoff/events"
	"handoff/shared/contract"
)

func BenchmarkRead(b *testing.B) {
	set := load(b)
	for _, file := range []string{"segment/valid/track-demo-requested.json", "segment/valid/page-pricing.json", "stripe/valid/invoice-paid.json", "salesforce/valid/opportunity-created.json", "Touch/valid/smallest.json"} {
		e := envelope(b, file)
		b.Run(file, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if out := set.Read(e); out[0].Failure != nil {
					b.Fatal(out[0].Failure)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := contract.Load(events.Sources, "sources", "schemas"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadPrepared(b *testing.B) {
	for b.Loop() {
		if _, err := contract.LoadPrepared(events.Contracts, events.Schemas, "schemas"); err != nil {
			b.Fatal(err)
		}
	}
}
