package route

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

func (w *world) at(after time.Duration) *world { w.clock = noon.Add(after); return w }

// said is an operator's word at the world's time.
func (w *world) said(drop bool) routing.Word {
	return routing.Word{Switch: routing.Switch{At: w.clock, By: "lea", Why: "looked at it"}, Drop: drop}
}

func (w *world) release(account, decision string, drop bool) {
	w.t.Helper()
	if err := Release(context.Background(), w.accounts, account, decision, w.said(drop)); err != nil {
		w.t.Fatal(err)
	}
}

// outcomes are a decision's, by the revisions of its row.
func (w *world) outcomes(account string) []string {
	w.t.Helper()
	var out []string
	for _, r := range w.rows(account) {
		out = append(out, r[len("handoff "):])
	}
	return out
}

func held(t *testing.T, w *world) (out []string) {
	t.Helper()
	for h, err := range Held(context.Background(), w.accounts) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, h.Account+" "+h.Decision.ID)
	}
	return out
}

const acct = "account:a.example"

func TestWhatIsHeldWaitsForAWord(t *testing.T) {
	for _, tc := range []struct {
		name     string
		then     func(w *world)
		outcomes []string
		told     int
	}{
		{"released", func(w *world) {
			w.at(time.Hour).release(acct, "d1", false)
			w.do(tick())
		}, []string{"held", "offered"}, 1},
		{"released twice, swept twice, and delivered again", func(w *world) {
			w.at(time.Hour).release(acct, "d1", false)
			w.at(2 * time.Hour) // the first word counts, and who says another is told
			var said *routing.SaidError
			if err := Release(context.Background(), w.accounts, acct, "d1", w.said(true)); !errors.As(err, &said) || said.Word.Drop {
				t.Errorf("the second word: %v, want it refused, naming the first", err)
			}
			w.do(tick())
			w.do(tick())
			w.at(0).do(w.decided("d1", acct, "wait"))
		}, []string{"held", "offered"}, 1},
		{"dropped", func(w *world) {
			w.at(time.Hour).release(acct, "d1", true)
			w.do(tick())
			w.at(0).do(w.decided("d1", acct, "wait"))
		}, []string{"held", "declined"}, 0},
		{"nobody says a word", func(w *world) {
			w.at(7*24*time.Hour + time.Minute).do(tick())
		}, []string{"held", "stale"}, 0},
		{"released, and swept when its evidence is too old", func(w *world) {
			w.at(6*24*time.Hour).release(acct, "d1", false)
			w.at(7*24*time.Hour + time.Minute).do(tick())
		}, []string{"held", "stale"}, 0},
		{"released, and the person said no meanwhile", func(w *world) {
			w.gates.persons["email:p@"+acct] = routing.GateState{ConsentWithdrawn: true}
			w.at(time.Hour).release(acct, "d1", false)
			w.do(tick())
		}, []string{"held", "gated:consent_withdrawn"}, 0},
		{"released while the play is paused, and again after", func(w *world) {
			ctx, s := context.Background(), routing.Switch{At: noon, By: "lea", Why: "a look"}
			if err := Pause(ctx, w.accounts, "wait", s); err != nil {
				t.Fatal(err)
			}
			w.at(time.Hour).release(acct, "d1", false)
			w.do(tick())
			want(t, "still held", []string{acct + " d1"}, held(t, w))
			if err := Resume(ctx, w.accounts, "wait", s); err != nil {
				t.Fatal(err)
			}
			w.do(tick()) // nobody has said a word since
			want(t, "outcomes meanwhile", []string{"held"}, w.outcomes(acct))
			w.at(2*time.Hour).release(acct, "d1", false)
			w.do(tick())
		}, []string{"held", "offered"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := plain(t)
			w.do(w.decided("d1", acct, "wait"))
			want(t, "held", []string{acct + " d1"}, held(t, w))
			tc.then(w)
			want(t, "outcomes", tc.outcomes, w.outcomes(acct))
			want(t, "told", tc.told, len(w.bus.events))
			want(t, "held in the end", nil, held(t, w))
			if err := Release(context.Background(), w.accounts, acct, "d1", w.said(false)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("released what is not held any more: %v", err)
			}
		})
	}
}

// History that is loaded while a play is on hold is not even held: it is too old to be acted on, whoever releases it.
func TestHistoryIsNotHeld(t *testing.T) {
	w := plain(t)
	e := w.decided("d1", acct, "wait")
	w.at(8 * 24 * time.Hour).do(e)
	want(t, "held", nil, held(t, w))
	want(t, "outcomes", []string{"stale"}, w.outcomes(acct))
}

// An account that is joined with another takes along what is held.
func TestWhatIsHeldMovesWithItsAccount(t *testing.T) {
	w := plain(t)
	const person = "email:p@gmail.example"
	w.do(w.decided("d1", person, "wait"))
	w.gates.accounts[person] = routing.GateState{Forward: acct}
	w.gates.accounts[acct] = routing.GateState{Former: []string{person}}
	w.at(time.Hour).do(w.decided("d2", acct, "watch"))
	want(t, "held", []string{acct + " d1"}, held(t, w))
	w.release(acct, "d1", false)
	w.do(tick())
	want(t, "told", []string{"HandoffOffered " + acct + " wait open"}, w.told())
}

// Wherever the process dies while a decision is held, released, dropped or grows old, the end is the same.
func TestHoldingSurvivesCrashes(t *testing.T) {
	story := func(fuse *storetest.Fuse) *world {
		w := newWorld(t, fuse)
		alive := func(f func() error) {
			for range 4 {
				err := f()
				if err == nil {
					return
				}
				if !errors.Is(err, storetest.ErrDead) {
					t.Fatal(err)
				}
				fuse.Reset()
			}
			t.Fatal("it died four times of one step")
		}
		for _, id := range []string{"1", "2", "3"} {
			e := w.decided("d"+id, "account:"+id+".example", "wait")
			alive(func() error { return w.Handle(context.Background(), []event.Envelope{e})[0] })
		}
		sweep := func(after time.Duration) {
			w.at(after)
			alive(func() error { return w.Handle(context.Background(), []event.Envelope{tick()})[0] })
		}
		w.at(time.Hour)
		for account, drop := range map[string]bool{"1": false, "2": true} {
			alive(func() error {
				return Release(context.Background(), w.Accounts, "account:"+account+".example", "d"+account, w.said(drop))
			})
		}
		sweep(time.Hour)
		sweep(time.Hour + 3*time.Minute) // what a dead one left untold
		sweep(8 * 24 * time.Hour)
		sweep(8*24*time.Hour + 3*time.Minute)
		return w
	}
	counter := storetest.NewFuse(0, storetest.NotStored)
	plain := story(counter)
	want(t, "told", []string{"HandoffOffered account:1.example wait open"}, plain.told()[:1])
	for _, mode := range []storetest.Mode{storetest.NotStored, storetest.Stored} {
		for at := 1; at <= counter.Steps(); at++ {
			if d := cmp.Diff(outcomesOf(plain), outcomesOf(story(storetest.NewFuse(at, mode)))); d != "" {
				t.Errorf("died at write %d, mode %v (-want +got):\n%s", at, mode, d)
			}
		}
	}
}

// outcomesOf is what became of the story's decisions, and who was told.
func outcomesOf(w *world) map[string][]string {
	out := map[string][]string{}
	for _, id := range []string{"1", "2", "3"} {
		out[id] = w.outcomes("account:" + id + ".example")
	}
	distinct := map[string]bool{}
	for _, told := range w.told() {
		if !distinct[told] {
			distinct[told] = true
			out["told"] = append(out["told"], told)
		}
	}
	return out
}

// Of two that wait for one place the newer evidence stays, whichever comes first, and the record tells of both.
func TestOfTwoThatAreHeldTheNewerWaits(t *testing.T) {
	for _, order := range [][]string{{"old", "new"}, {"new", "old"}} {
		w := plain(t)
		for _, id := range order {
			w.clock = noon
			if id == "new" {
				w.clock = noon.Add(time.Hour)
			}
			e := w.decided(id, acct, "wait")
			w.clock = noon.Add(2 * time.Hour)
			w.do(e)
			w.do(e)
		}
		if d := cmp.Diff([]string{acct + " new"}, held(t, w)); d != "" {
			t.Errorf("%v: held (-want +got):\n%s", order, d)
		}
		want := []string{"held", "outdone", "held"} // the old one's revisions, then the new one's row
		if order[0] == "new" {
			want = []string{"outdone", "held"}
		}
		if d := cmp.Diff(want, w.outcomes(acct)); d != "" {
			t.Errorf("%v: recorded (-want +got):\n%s", order, d)
		}
	}
}
