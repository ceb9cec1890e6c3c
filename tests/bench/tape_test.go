package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"handoff/events/journeys"
	"handoff/functions/enrich"
	"handoff/infra/generate"
	"handoff/shared/event"
)

// A tape is a generated journey in a file, in order of delivery: four parts an event, length-prefixed. Reading it costs
// next to nothing and holds one batch, so neither the time nor the memory measured is the producer's.
type tape struct {
	path    string
	events  int
	end     time.Time // of the journey
	dataset enrich.Provider
}

// generated is as many events as HANDOFF_BENCH_EVENTS says, 100,000 unless told, of a sixtieth as many accounts: the
// proportion of the bundled journey.
func generated(b *testing.B) *tape {
	b.Helper()
	c := generate.Bundled()
	c.Events = 100_000
	if s := os.Getenv("HANDOFF_BENCH_EVENTS"); s != "" {
		var err error
		if c.Events, err = strconv.Atoi(s); err != nil {
			b.Fatalf("HANDOFF_BENCH_EVENTS: %v", err)
		}
	}
	c.Accounts = max(c.Events/60, 10)
	dir := b.TempDir()
	t := &tape{path: filepath.Join(dir, "tape"), end: c.End()}
	companies, err := os.Create(filepath.Join(dir, generate.CompaniesFile))
	if err != nil {
		b.Fatal(err)
	}
	defer companies.Close()
	if _, err := generate.WriteTo(context.Background(), c, companies, func(string) io.Writer { return io.Discard }); err != nil {
		b.Fatal(err)
	}
	if t.dataset, err = enrich.OpenDataset(companies.Name()); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(t.path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = generate.Generate(context.Background(), c, func(_ string, line []byte, at time.Time) error {
		e, err := journeys.Decode(line)
		if err != nil {
			return err
		}
		t.events++
		for _, part := range [][]byte{[]byte(e.Source), []byte(e.DetailType), binary.AppendVarint(nil, at.UnixMilli()), e.Detail} {
			w.Write(binary.AppendUvarint(nil, uint64(len(part))))
			w.Write(part)
		}
		return nil
	})
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// batches hands over the tape's events, n at a time; the last batch may be shorter.
func (t *tape) batches(n int, put func([]event.Envelope) error) error {
	f, err := os.Open(t.path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	part := func() []byte {
		size, err1 := binary.ReadUvarint(r)
		if err1 != nil {
			err = err1
			return nil
		}
		p := make([]byte, size)
		if _, err1 := io.ReadFull(r, p); err1 != nil {
			err = err1
		}
		return p
	}
	for left := t.events; left > 0; {
		batch := make([]event.Envelope, min(n, left))
		for i := range batch {
			e := &batch[i]
			e.Source, e.DetailType = string(part()), string(part())
			ms, _ := binary.Varint(part())
			e.Time, e.Detail = time.UnixMilli(ms).UTC(), part()
			if err != nil {
				return err
			}
		}
		left -= len(batch)
		if err := put(batch); err != nil {
			return err
		}
	}
	return nil
}
