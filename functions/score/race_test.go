package score

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/shared/touch"
)

// Several processes fold the same touches at once, in different orders, each link as likely as not to be written between
// another's reading of the way and its writing of the account. The facts are still those of the ledger.
func TestConcurrentFoldsAgree(t *testing.T) {
	gen := rapid.Custom(genJourney)
	rounds := 300
	if testing.Short() {
		rounds = 10
	}
	for round := range rounds {
		journey := gen.Example(round)
		b, done := newBench(t)
		b.record(t, journey...)
		var wg sync.WaitGroup
		for worker := range 3 {
			order := slices.Clone(journey)
			rnd := rand.New(rand.NewPCG(uint64(round), uint64(worker)))
			rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			h := *b
			h.use(t, b.accounts, b.history, &h, plain{})
			wg.Add(1)
			go func() {
				defer wg.Done()
				for batch := range slices.Chunk(order, 2) {
					deliver(t, h.handler, batch)
				}
			}()
		}
		wg.Wait()
		// A process that lost a race may leave a refold to the sweep.
		for range 3 {
			b.now = b.now.Add(2 * time.Minute)
			tick := event.Envelope{Source: "aws.events", DetailType: event.Sweep, Time: b.now}
			if err := b.handler.Handle(context.Background(), []event.Envelope{tick})[0]; err != nil {
				t.Fatal(err)
			}
		}
		if d := names(b.rebuilt(t, journey), b.facts(t)); d != "" {
			t.Errorf("round %d: %s", round, d)
		}
		done()
	}
}

// deliver hands a batch over until it is taken, as a queue does.
func deliver(t *testing.T, h *Handler, batch []*touch.Touch) {
	for try := 0; try < 20; try++ {
		failed := false
		for _, err := range h.Handle(context.Background(), envelopes(batch)) {
			failed = failed || err != nil
		}
		if !failed {
			return
		}
	}
	t.Error("a batch is still refused after 20 tries")
}
