package embedded_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"handoff/shared/embedded"
	"handoff/shared/store"
)

// BenchmarkTouch is what a touch costs the store: a conditional append of 400 bytes to the ledger and a conditional
// update of an account item of 600 bytes, each synced. A batch shares its calls; writers run at once.
func BenchmarkTouch(b *testing.B) {
	for _, c := range []struct{ batch, writers int }{{1, 1}, {1, 8}, {16, 1}, {16, 4}, {256, 1}, {256, 4}} {
		b.Run(fmt.Sprintf("batch=%d/writers=%d", c.batch, c.writers), func(b *testing.B) { benchmarkTouch(b, c.batch, c.writers) })
	}
}

func benchmarkTouch(b *testing.B, batch, writers int) {
	db, err := embedded.Open(b.TempDir(), embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	ledger, accounts := db.Table("ledger"), db.Table("accounts")
	row, item := make([]byte, 400), make([]byte, 600)
	rand.Read(row)
	rand.Read(item)
	const perWriter = 2048 // accounts
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range writers {
		wg.Go(func() {
			ctx := context.Background()
			rows, items, keys := make([]store.Record, batch), make([]store.Record, batch), make([]store.Key, batch)
			for n := 0; left.Add(int64(-batch)) > int64(-batch); n += batch {
				for i := range batch {
					account := fmt.Sprintf("account:company%d-%d.example", w, (n+i)%perWriter)
					rows[i] = store.Record{Key: store.Key{Partition: account, Sort: fmt.Sprintf("t#20260101T000000.000#touch#%016d#000", n+i)}, Body: row}
					keys[i] = store.Key{Partition: account, Sort: "item"}
				}
				err := errors.Join(ledger.PutMany(ctx, rows)...)
				standing, gerr := accounts.GetMany(ctx, keys)
				if err = errors.Join(err, gerr); err != nil {
					b.Error(err)
					return
				}
				for i := range items {
					items[i] = store.Record{Key: keys[i], Version: standing[i].Version, Due: int64(1_800_000_000 + n%7), Body: item}
				}
				if err := errors.Join(accounts.PutMany(ctx, items)...); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "touches/s")
}
