package bench

import (
	"context"
	"io/fs"
	"slices"
	"testing"

	"handoff/events/journeys"
	"handoff/functions/enrich"
	"handoff/infra/generate"
	"handoff/infra/local"
	"handoff/infra/replay"
	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// BenchmarkHalfYear is what `make run` does before it prints: one operation replays the bundled journey in virtual time,
// with its deadlines, decay and sweeps. It reports how large the companies' items are at the end, too.
func BenchmarkHalfYear(b *testing.B) {
	work := newMeter(b)
	fed := 0
	var sizes []int
	resetPeak()
	for b.Loop() {
		b.StopTimer()
		fsys := journeys.HalfYear()
		source, err := journeys.Open(fsys)
		if err != nil {
			b.Fatal(err)
		}
		start := generate.Bundled().Start
		s, err := stack.Open(context.Background(), stack.Config{
			Dir: b.TempDir(), Clock: local.NewVirtual(start), Dataset: companies(b, fsys), Log: troubles, NoSync: true,
		})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		work.start()
		res, err := replay.Run(context.Background(), s, source, replay.Options{Until: generate.Bundled().End()})
		work.stop()
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		fed = res.Events
		sizes = itemSizes(b, s.Accounts)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		source.Close()
		b.StartTimer()
	}
	work.report(fed, "event", "events")
	b.ReportMetric(peak(), "peak-MB")
	b.ReportMetric(float64(len(sizes)), "companies")
	for _, p := range []struct {
		name string
		n    int
	}{{"item-p50-B", 50}, {"item-p90-B", 90}, {"item-p99-B", 99}} {
		b.ReportMetric(float64(sizes[(len(sizes)-1)*p.n/100]), p.name)
	}
}

func companies(b *testing.B, fsys fs.FS) enrich.Provider {
	b.Helper()
	f, err := fsys.Open(generate.CompaniesFile)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	d, err := enrich.ReadDataset(f)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// itemSizes are the bytes of every company's item, key and all, in rising order.
func itemSizes(b *testing.B, t store.Table) []int {
	b.Helper()
	var sizes []int
	for cursor := ""; ; {
		page, err := t.(store.Scanner).Scan(context.Background(), 0, cursor)
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range page.Records {
			if r.Sort != account.Key("").Sort || subject.KindOf(r.Partition) != subject.Account {
				continue
			}
			it, err := account.FromRecord(r)
			if err != nil {
				b.Fatal(err)
			}
			if !it.Facts.Empty() {
				sizes = append(sizes, len(r.Partition)+len(r.Sort)+len(r.Body))
			}
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	slices.Sort(sizes)
	return sizes
}
