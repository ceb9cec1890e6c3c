package explain_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"handoff/infra/explain"
	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// long is an account of n touches by ten people over half a year, one of whom asks for a demo in the end.
func long(t testing.TB, n int) *rig.Rig {
	r := rig.Open(t, rig.Config{})
	start := rig.Noon.Add(-180 * 24 * time.Hour)
	step := 179 * 24 * time.Hour / time.Duration(n)
	kinds := []string{touch.PageViewed, touch.DocsViewed, touch.FeatureUsed, touch.SignedIn}
	var batch []event.Envelope
	for i := range n {
		who := fmt.Sprintf("email:p%d@initech.example", i%10)
		batch = append(batch, rig.Late(rig.Say(fmt.Sprint("v-", i), kinds[i%len(kinds)], who, start.Add(step*time.Duration(i))), r.Now()))
		if len(batch) == 5000 || i == n-1 {
			r.Send(batch...)
			r.Advance(time.Minute)
			batch = nil
		}
	}
	at := r.Now()
	r.At(rig.Say("w-1", touch.WebinarAttended, ann, at.Add(time.Minute), rig.Person("name", "Ann", "title", "CTO")))
	r.At(rig.Say("d-1", touch.DemoRequested, ann, at.Add(time.Hour)))
	r.At(rig.Late(rig.Say("p-1", touch.PricingViewed, ann, at), at.Add(24*time.Hour)))
	return r
}

// What an answer costs by the length of the account's history.
func BenchmarkAsk(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(n, "_touches"), func(b *testing.B) {
			r := long(b, n)
			day := r.Now().Add(-24 * time.Hour).Format(time.DateOnly)
			b.ReportAllocs()
			for b.Loop() {
				a, err := explain.Ask(context.Background(), r.Stack, explain.Question{Who: "initech.example", At: day})
				if err != nil {
					b.Fatal(err)
				}
				if err := a.Print(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
