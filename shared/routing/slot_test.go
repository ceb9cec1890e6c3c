package routing

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/shared/span"
	"handoff/shared/touch"
)

func clockAt(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-03-04 "+s)
	if err != nil {
		panic(err)
	}
	return t
}

// slotAt is a handoff opened at 10:00, due at 11:00, reminded at 10:45, escalated at 11:00 and 12:00.
func slotAt(id, play string) Slot {
	return Slot{
		ID: id, Decision: "d-" + id, Account: "account:a.example", Funnel: "sales", Play: play, Mode: Live, Team: "sales", Owner: "ann@x.example",
		OpenedAt: clockAt("10:00"), DueAt: clockAt("11:00"), RecycleAfter: 10 * span.Day, CoolDown: 30 * span.Day,
		Steps: []Step{{clockAt("10:45"), "ann@x.example", false}, {clockAt("11:00"), "boss@x.example", true}, {clockAt("12:00"), "chief@x.example", true}},
	}
}

func answers(kinds ...string) []Answer {
	var out []Answer
	for i, k := range kinds {
		// k is "kind@hh:mm"
		kind, at := k[:len(k)-6], k[len(k)-5:]
		out = append(out, Answer{Touch: string(rune('a' + i)), Kind: kind, At: clockAt(at), Handoff: "h1"})
	}
	return out
}

func TestStates(t *testing.T) {
	for _, c := range []struct {
		name   string
		said   []string
		want   State
		closed string // when, "" if held
		late   bool   // at 11:30
	}{
		{name: "nothing said", want: Open, late: true},
		{name: "accepted alone does not stop the clock", said: []string{"handoff_accepted@10:10"}, want: Accepted, late: true},
		{name: "the first outreach stops it", said: []string{"first_outreach@10:30"}, want: Contacted},
		{name: "accepted, then outreach", said: []string{"handoff_accepted@10:10", "first_outreach@10:30"}, want: Contacted},
		{name: "rejected", said: []string{"handoff_accepted@10:10", "handoff_rejected@10:20"}, want: Rejected, closed: "10:20"},
		{name: "completed", said: []string{"first_outreach@10:30", "handoff_completed@15:00"}, want: Completed, closed: "15:00"},
		{name: "the earlier closing counts", said: []string{"handoff_completed@15:00", "handoff_rejected@14:00"}, want: Rejected, closed: "14:00"},
		{name: "at one instant completed counts", said: []string{"handoff_rejected@14:00", "handoff_completed@14:00"}, want: Completed, closed: "14:00"},
		{name: "a receipt changes nothing", said: []string{"handoff_received@10:01"}, want: Open, late: true},
		{name: "closed stays closed", said: []string{"handoff_rejected@10:20", "handoff_accepted@10:40"}, want: Rejected, closed: "10:20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			it := &Item{Account: "account:a.example", Slots: []Slot{slotAt("h1", "p")}}
			released := 0
			for _, a := range answers(c.said...) {
				released += yes(it.Apply(a, a.At).Released)
			}
			s := it.Slot("h1")
			if s.State() != c.want {
				t.Errorf("state %s, want %s", s.State(), c.want)
			}
			if got := s.Late(clockAt("11:30")); got != c.late {
				t.Errorf("late at 11:30: %v, want %v", got, c.late)
			}
			if s.Holds() != (c.closed == "") || released != yes(c.closed != "") {
				t.Errorf("holds %v, released %d times; want closed at %q", s.Holds(), released, c.closed)
			}
			if c.closed != "" {
				if !s.ClosedAt().Equal(clockAt(c.closed)) || !s.CoolUntil().Equal(clockAt(c.closed).AddDate(0, 0, 30)) {
					t.Errorf("closed %s, quiet until %s", s.ClosedAt(), s.CoolUntil())
				}
				if it.Due() != 0 {
					t.Errorf("a closed handoff is due at %d", it.Due())
				}
			}
		})
	}
}

// Answers in any order, each any number of times, end in the same slot, and release its team once.
func TestAnswersCommute(t *testing.T) {
	kinds := []string{touch.HandoffAccepted, touch.HandoffRejected, touch.FirstOutreach, touch.HandoffCompleted, touch.HandoffReceived}
	rapid.Check(t, func(rt *rapid.T) {
		var all []Answer
		for i := range rapid.IntRange(1, 7).Draw(rt, "n") {
			all = append(all, Answer{
				Touch: string(rune('a' + i)), Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), Handoff: "h1",
				At: clockAt("10:00").Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "minute")) * time.Minute),
			})
		}
		apply := func(l []Answer) (string, int) {
			it := &Item{Slots: []Slot{slotAt("h1", "p")}}
			released := 0
			for _, a := range l {
				released += yes(it.Apply(a, clockAt("20:00")).Released)
			}
			b, _ := json.Marshal(it)
			return string(b), released
		}
		want, n := apply(all)
		shuffled := rapid.Permutation(append(slices.Clone(all), all...)).Draw(rt, "order")
		got, m := apply(shuffled)
		if d := cmp.Diff(want, got); d != "" || n != m {
			rt.Fatalf("released %d and %d times; slot (-in order +shuffled):\n%s", n, m, d)
		}
	})
}

func TestApplyMatches(t *testing.T) {
	a, b := slotAt("h1", "p"), slotAt("h2", "q")
	closed := slotAt("h3", "q")
	closed.RejectedM = &Mark{At: clockAt("10:05")}
	nurture := Slot{ID: "n1", Funnel: "sales", Play: "care", Nurture: true, OpenedAt: clockAt("10:00")}
	for _, c := range []struct {
		name  string
		slots []Slot
		past  []Stamp
		a     Answer
		id    string // of the slot that took it
		want  string
	}{
		{"by id", []Slot{a, b}, nil, Answer{Handoff: "h2"}, "h2", "accepted"},
		{"by an id we never gave", []Slot{a}, nil, Answer{Handoff: "h9"}, "", Unmatched},
		{"by an id whose place was taken", []Slot{a}, []Stamp{{"h0", 1}}, Answer{Handoff: "h0"}, "", TooLate},
		{"by play", []Slot{a, b}, nil, Answer{Play: "q"}, "h2", "accepted"},
		{"by play, one closed and one held", []Slot{closed, b}, nil, Answer{Play: "q"}, "h2", "accepted"},
		{"by play, dated two minutes before the offer", []Slot{a}, nil, Answer{Play: "p", At: clockAt("09:58")}, "h1", "accepted"},
		{"by play, dated an hour before the offer", []Slot{a}, nil, Answer{Play: "p", At: clockAt("09:00")}, "", Unmatched},
		{"by a play without a handoff", []Slot{a}, nil, Answer{Play: "q"}, "", Early},
		{"by account alone, one open", []Slot{a, closed}, nil, Answer{}, "h1", "accepted"},
		{"by account alone, two open", []Slot{a, b}, nil, Answer{}, "", Unmatched},
		{"by account alone, none", nil, nil, Answer{}, "", Unmatched},
		{"a nurture is not accepted", []Slot{nurture}, nil, Answer{Play: "care"}, "", Early},
		{"a nurture is received", []Slot{nurture}, nil, Answer{Play: "care", Kind: touch.HandoffReceived}, "n1", "received"},
		{"after it was closed", []Slot{closed}, nil, Answer{Handoff: "h3"}, "h3", TooLate},
	} {
		t.Run(c.name, func(t *testing.T) {
			it := &Item{Account: "account:a.example", Slots: slices.Clone(c.slots), Past: c.past}
			c.a.Touch = "t1"
			if c.a.Kind == "" {
				c.a.Kind = touch.HandoffAccepted
			}
			if c.a.At.IsZero() {
				c.a.At = clockAt("10:30")
			}
			e := it.Apply(c.a, clockAt("10:31"))
			id := ""
			if e.Slot != nil {
				id = e.Slot.ID
			}
			if id != c.id || e.Record.Outcome != c.want || e.Record.Reason == "" {
				t.Errorf("taken by %q as %s (%s), want %q as %s", id, e.Record.Outcome, e.Record.Reason, c.id, c.want)
			}
			if again := it.Apply(c.a, clockAt("10:40")); again.Changed {
				t.Errorf("the same answer again changed the item: %s", again.Record.Outcome)
			}
		})
	}
}

func TestTend(t *testing.T) {
	never := func(*Slot) string { return "" }
	outcomes := func(it *Item, at string) (out []string) {
		for {
			e, ok := it.Tend(clockAt(at), never)
			if !ok {
				return out
			}
			out = append(out, e.Record.Outcome+" "+e.To)
		}
	}
	item := func() *Item { return &Item{Slots: []Slot{slotAt("h1", "p")}} }

	t.Run("one step after the other", func(t *testing.T) {
		it := item()
		for _, c := range []struct {
			at   string
			due  string // of the item before
			want []string
		}{
			{"10:44", "10:45", nil},
			{"10:45", "10:45", []string{"reminded ann@x.example"}},
			{"10:46", "11:00", nil},
			{"11:00", "11:00", []string{"escalated boss@x.example"}},
			{"12:05", "12:00", []string{"escalated chief@x.example"}},
		} {
			if got := it.Due(); got != clockAt(c.due).Unix() {
				t.Errorf("before %s: due at %s, want %s", c.at, time.Unix(got, 0).UTC(), c.due)
			}
			if got := outcomes(it, c.at); !cmp.Equal(got, c.want) {
				t.Errorf("at %s: %q, want %q", c.at, got, c.want)
			}
		}
		// Then nothing but the recycling, ten days after the opening.
		if got, want := it.Due(), clockAt("10:00").AddDate(0, 0, 10).Unix(); got != want {
			t.Errorf("due at %d, want %d", got, want)
		}
	})
	t.Run("steps that were overtaken are left out", func(t *testing.T) {
		it := item()
		if got, want := outcomes(it, "11:30"), []string{"escalated boss@x.example"}; !cmp.Equal(got, want) {
			t.Errorf("at 11:30: %q, want %q", got, want)
		}
	})
	t.Run("nothing after the first outreach but the recycling, counted anew", func(t *testing.T) {
		it := item()
		it.Apply(Answer{Touch: "t", Kind: touch.FirstOutreach, At: clockAt("10:30"), Handoff: "h1"}, clockAt("10:30"))
		if got := outcomes(it, "23:00"); got != nil {
			t.Errorf("after the outreach: %q", got)
		}
		if got, want := it.Due(), clockAt("10:30").AddDate(0, 0, 10).Unix(); got != want {
			t.Errorf("due at %d, want %d", got, want)
		}
		e, ok := it.Tend(clockAt("10:30").AddDate(0, 0, 10), never)
		if !ok || !e.Released || e.Tell != TellClosed || it.Slots[0].State() != Recycled || e.Record.End != EndUnfinished {
			t.Errorf("ten days later: %v %+v", ok, e)
		}
	})
	t.Run("a handoff that may no longer be worked is closed instead", func(t *testing.T) {
		it := item()
		e, ok := it.Tend(clockAt("10:45"), func(*Slot) string { return "consent was withdrawn" })
		if !ok || e.Tell != TellClosed || e.Record.Outcome != "recycled" || e.Record.End != EndUnworkable || e.To != "" {
			t.Errorf("%v %+v", ok, e)
		}
	})
	t.Run("nobody reached out until it was recycled", func(t *testing.T) {
		it := item()
		it.Slots[0].Steps = nil // all were told
		e, ok := it.Tend(clockAt("10:00").AddDate(0, 0, 10), never)
		if !ok || e.Record.End != EndUnreached {
			t.Errorf("%v %+v, want the end %s", ok, e.Record, EndUnreached)
		}
	})
	t.Run("the end of a superseded handoff is no failure of anybody", func(t *testing.T) {
		it := item()
		it.Slots[0].Superseded = "h0"
		if e, ok := it.Tend(clockAt("10:00"), never); !ok || e.Record.End != EndJoined {
			t.Errorf("%v %+v, want the end %s", ok, e.Record, EndJoined)
		}
	})
	t.Run("a superseded handoff is closed at once", func(t *testing.T) {
		it := item()
		it.Slots[0].Superseded = "h0"
		if got, want := outcomes(it, "10:00"), []string{"recycled "}; !cmp.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("what is pending is due two minutes later", func(t *testing.T) {
		it := &Item{Pending: &Pending{Since: clockAt("10:00")}}
		if got, want := it.Due(), clockAt("10:02").Unix(); got != want {
			t.Errorf("due at %d, want %d", got, want)
		}
	})
}

func TestEncodeDecode(t *testing.T) {
	it := &Item{
		Account: "account:a.example", Slots: []Slot{slotAt("h1", "p")}, Seen: []Stamp{{"d", 5}}, Early: answers("handoff_accepted@10:00"),
		Contacts: []Contacts{{"email:a@b.c", []int64{1, 2}}}, Pending: &Pending{Since: clockAt("10:00"), Handoffs: []string{"h1"}},
	}
	b, err := it.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode("account:a.example", b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(it, got); d != "" {
		t.Errorf("decoded (-want +got):\n%s", d)
	}
	if _, err := Decode("account:a.example", []byte(`{"slots":7}`)); err == nil {
		t.Error("nonsense was decoded")
	}
}

func TestHandoffID(t *testing.T) {
	if HandoffID("d1") != HandoffID("d1") || HandoffID("d1") == HandoffID("d2") {
		t.Error("a handoff's id must be its decision's alone")
	}
}

func TestDetail(t *testing.T) {
	s := slotAt("h1", "p")
	s.Correlation, s.Reason, s.Context = "c1", "why now", event.Context{Name: "A"}
	want := event.HandoffDetail{
		Meta: event.Meta{Correlation: "c1", Causation: "d-h1"}, ID: "h1", Decision: "d-h1", Account: "account:b.example",
		Funnel: "sales", Play: "p", Mode: "live", Team: "sales", Owner: "ann@x.example", State: "open", Reason: "why now",
		OpenedAt: clockAt("10:00"), DueAt: clockAt("11:00"), Context: event.Context{Name: "A"},
	}
	if d := cmp.Diff(want, s.Detail("account:b.example")); d != "" {
		t.Errorf("detail (-want +got):\n%s", d)
	}
}
