package rig

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"testing"
	"testing/fstest"
	"time"

	"handoff/events/journeys"
	"handoff/functions/enrich"
	"handoff/functions/ingest"
	"handoff/infra/generate"
	"handoff/shared/contract"
	"handoff/shared/event"
)

// Journey is a journey in the order of its delivery.
type Journey struct {
	Events  []event.Envelope
	Dataset enrich.Provider
	End     time.Time // the first whole hour after the last delivery
}

// HalfYear is the bundled journey.
func HalfYear(t testing.TB) *Journey { t.Helper(); return Read(t, journeys.HalfYear()) }

// Generated is a smaller journey of the same kinds.
func Generated(t testing.TB, seed uint64, months, events, accounts int) *Journey {
	t.Helper()
	c := generate.Bundled()
	c.Seed, c.Months, c.Events, c.Accounts = seed, months, events, accounts
	files := fstest.MapFS{}
	texts := map[string]*bytes.Buffer{generate.CompaniesFile: {}}
	_, err := generate.WriteTo(context.Background(), c, texts[generate.CompaniesFile], func(tool string) io.Writer {
		texts[tool+".jsonl"] = &bytes.Buffer{}
		return texts[tool+".jsonl"]
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range texts {
		files[name] = &fstest.MapFile{Data: text.Bytes()}
	}
	return Read(t, files)
}

// Read reads a journey's folder.
func Read(t testing.TB, fsys fs.FS) *Journey {
	t.Helper()
	companies, err := fsys.Open(generate.CompaniesFile)
	if err != nil {
		t.Fatal(err)
	}
	defer companies.Close()
	dataset, err := enrich.ReadDataset(companies)
	if err != nil {
		t.Fatal(err)
	}
	j := &Journey{Dataset: dataset}
	r, err := journeys.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		j.Events = append(j.Events, e.Event)
	}
	j.End = j.Events[len(j.Events)-1].Time.Truncate(time.Hour).Add(time.Hour)
	return j
}

// Start is the midnight before the first delivery.
func (j *Journey) Start() time.Time { return j.Events[0].Time.Truncate(24 * time.Hour) }

// Play delivers events one after the other, each at its own time, and waits for all that follows before the next: the
// order in which decisions are made, and with it who is next in turn, is then the events' own.
func (r *Rig) Play(events []event.Envelope) {
	r.t.Helper()
	for _, e := range events {
		r.At(e)
	}
}

// Batches delivers events at the moment at which the clock stands, so many in each call.
func (r *Rig) Batches(events []event.Envelope, n int) {
	r.t.Helper()
	for len(events) > 0 {
		k := min(n, len(events))
		r.Send(events[:k]...)
		events = events[k:]
	}
}

// EveryThirdTwice doubles every third event, one right after the other.
func EveryThirdTwice(events []event.Envelope) []event.Envelope {
	out := make([]event.Envelope, 0, len(events)*4/3+1)
	for i, e := range events {
		out = append(out, e)
		if i%3 == 2 {
			out = append(out, e)
		}
	}
	return out
}

// Shuffled is the events in an order drawn from a seed. Of events that contend for one key of the ledger with different
// contents the first come wins, which is the one stated exception to P2; these therefore keep their order among
// themselves. It answers how many they are.
func Shuffled(contracts *contract.Set, events []event.Envelope, seed uint64) (out []event.Envelope, contending int) {
	digests := map[string]map[string]bool{} // by row: the contents that claim it
	rows := make([][]string, len(events))   // by event
	for i := range events {
		for _, tr := range ingest.Trace(contracts, &events[i]) {
			if tr.Touch == nil {
				continue
			}
			key := tr.Row.Key().Partition + " " + tr.Row.Key().Sort
			if digests[key] == nil {
				digests[key] = map[string]bool{}
			}
			digests[key][tr.Touch.Digest] = true
			rows[i] = append(rows[i], key)
		}
	}
	order := rand.New(rand.NewPCG(seed, 7)).Perm(len(events))
	var places, kept []int // where contending events came to stand, and which they are, in their own order
	contends := make([]bool, len(events))
	for i := range events {
		for _, key := range rows[i] {
			contends[i] = contends[i] || len(digests[key]) > 1
		}
		if contends[i] {
			kept = append(kept, i)
		}
	}
	for place, i := range order {
		if contends[i] {
			places = append(places, place)
		}
	}
	for k, place := range places {
		order[place] = kept[k]
	}
	out = make([]event.Envelope, len(events))
	for place, i := range order {
		out[place] = events[i]
	}
	return out, len(kept)
}
