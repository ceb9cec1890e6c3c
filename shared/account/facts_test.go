package account

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// memory keeps the three latest of each kind as a rule, and every kind as a milestone; sign-ins are usage.
type memory struct{}

func (memory) Hash() string { return "test" }

func (memory) Match(t *touch.Touch, dst []Keep) []Keep {
	dst = append(dst, Keep{Name: "r-" + t.Kind, K: 3}, Keep{Name: "m-" + t.Kind, Milestone: true})
	if t.Kind == touch.SignedIn {
		dst = append(dst, Keep{Usage: true})
	}
	return dst
}

func three(string) int { return 3 }

var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func genTouch(t *rapid.T) *touch.Touch {
	n := rapid.IntRange(0, 400).Draw(t, "n")
	kind := rapid.SampledFrom([]string{touch.PricingViewed, touch.SignedIn, touch.AccountUpdated}).Draw(t, "kind")
	// One id is one touch for ever: all of it follows from n and kind.
	out := &touch.Touch{
		ID: touch.NewID("test", kind, fmt.Sprint(n), 0), Kind: kind,
		Time:    start.Add(time.Duration(n*n%977) * 7 * time.Hour),
		Subject: fmt.Sprintf("user:%d", n%13),
	}
	if kind == touch.AccountUpdated {
		out.Subject = fmt.Sprintf("account:%d.example", n%3)
		out.Company = map[string]string{"industry": fmt.Sprint("i", n%5), "employees": fmt.Sprint(n)}
		out.Opportunity = &touch.Opportunity{ID: fmt.Sprintf("opportunity:crm/%d", n%11)}
	}
	return out
}

// fold is the facts of the account 0.example, for which the companies 1 and 2 count.
func fold(touches ...*touch.Touch) *Facts {
	var f Facts
	for _, t := range touches {
		f.Absorb(t, subject.Heard{Below: t.Company != nil && t.Subject != "account:0.example"}, memory{}, nil)
	}
	return &f
}

func same(t *rapid.T, what string, a, b *Facts) {
	if !bytes.Equal(a.Encode(), b.Encode()) {
		t.Fatalf("%s differ:\n%s", what, cmp.Diff(a, b))
	}
}

func TestFactsAreASemilattice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		touches := rapid.SliceOfN(rapid.Custom(genTouch), 0, 60).Draw(t, "touches")
		shuffled := rapid.Permutation(touches).Draw(t, "shuffled")
		whole := fold(touches...)
		same(t, "folds in two orders", whole, fold(shuffled...))
		same(t, "folds with duplicates", whole, fold(append(shuffled, touches...)...))

		i := rapid.IntRange(0, len(touches)).Draw(t, "cut")
		a, b := fold(touches[:i]...), fold(touches[i:]...)
		ab, ba := fold(touches[:i]...), fold(touches[i:]...)
		ab.Join(b, three)
		ba.Join(a, three)
		same(t, "a∪b and b∪a", ab, ba)
		same(t, "a∪b and the fold of both", ab, whole)
		if ab.Join(a, three) || ab.Join(ab, three) {
			t.Fatalf("joining what is inside already reported a change")
		}
	})
}

func TestAbsorbReportsChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := fold(rapid.SliceOfN(rapid.Custom(genTouch), 0, 30).Draw(t, "before")...)
		before := f.Encode()
		next := genTouch(t)
		changed, _ := f.Absorb(next, subject.Heard{}, memory{}, nil)
		if got := !bytes.Equal(before, f.Encode()); got != changed {
			t.Fatalf("Absorb reported %v, the facts changed: %v", changed, got)
		}
		if again, _ := f.Absorb(next, subject.Heard{}, memory{}, nil); again {
			t.Fatalf("the same touch changed the facts twice")
		}
	})
}

func TestItemSurvivesItsBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		it := &Item{ID: "account:initech.example", Fold: "test", Epoch: 7, Facts: *fold(rapid.SliceOfN(rapid.Custom(genTouch), 0, 40).Draw(t, "touches")...)}
		el := Element{Time: 5, ID: touch.NewID("a", "b", "c", 0)}
		it.Links.Add(it.ID, subject.Link{Target: "account:x.example", Time: 5, ID: el.ID})
		it.Links.Add(it.ID, subject.Link{Target: "account:y.example", ID: el.ID, Unlink: true, Act: 77})
		it.Links.Add(it.ID, subject.Link{Target: "account:y.example", Time: 6, ID: el.ID, Act: 78})
		it.Fields = map[string]Register{"title": {Value: "CTO", Element: el}}
		it.Marks = map[string]Element{"won": el}
		it.Roots, it.Refold = []string{"a", "b"}, []string{"c"}
		it.Next = &Generation{Cause: "x", Fold: "y", Member: "user:1", From: -4, Facts: *fold(genTouch(t))}
		it.Told = Told{AsOf: 3600, Eval: "e", Score: -7, Band: "sales", Quadrant: "high/low", Stages: map[string]string{"f": "lead"},
			Fired: map[string]Element{"pql": el}, Was: map[string]Element{"mql": el}, Revenue: map[string]Register{"o": {Value: "r", Element: el}},
			Former: []string{"user:9"}, Asked: 99, Pending: []Outgoing{{ID: "d", DetailType: "DecisionMade", Time: 12, Detail: []byte(`{"a":1}`)}}}
		rec := it.Record()
		rec.Version = 4
		back, err := FromRecord(rec)
		if err != nil {
			t.Fatal(err)
		}
		it.Version = 4
		if d := cmp.Diff(it, back); d != "" {
			t.Fatalf("-wrote +read\n%s", d)
		}
		cut := rapid.IntRange(0, len(rec.Body)-1).Draw(t, "cut")
		rec.Body = rec.Body[:cut]
		if _, err := FromRecord(rec); err == nil {
			t.Fatalf("an item cut to %d bytes was read without an error", cut)
		}
	})
}

// Items that were written before there was a section of companies below are read as what they were.
func TestItemOfTheOldestFormat(t *testing.T) {
	body, err := hex.DecodeString("02010ae9f09f16942d2a0f3543000000000000ca03000000000000000192019a0500010c04616e6e400e00000e00000000000000000000000000")
	if err != nil {
		t.Fatal(err)
	}
	it, err := FromRecord(store.Record{Key: Key("account:initech.example"), Version: 3, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	want := &Item{ID: "account:initech.example", Version: 3, Fold: "test", Facts: Facts{
		LastDay: 7, People: []Active{{ID: "email:ann@initech.example", Day: 7}},
		Company: map[string]Register{"industry": {Value: "SaaS", Element: Element{Time: 5, ID: touch.NewID("a", "b", "c", 0)}}},
	}}
	if d := cmp.Diff(want, it); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func FuzzItem(f *testing.F) {
	it := &Item{ID: "user:1", Fold: "test", Facts: *fold(&touch.Touch{Kind: touch.SignedIn, Time: start, Subject: "user:1"})}
	f.Add(it.Record().Body)
	f.Add([]byte{})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		rec := it.Record()
		rec.Body, rec.Version = b, 1
		got, err := FromRecord(rec)
		if err != nil {
			return
		}
		second := got.Record()
		again, err := FromRecord(second)
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if d := cmp.Diff(got, again); d != "" {
			t.Fatal(d)
		}
	})
}

func TestDays(t *testing.T) {
	var d Days
	for _, day := range []int32{100, 101, 101, 90, 250, 123, 122} {
		d.Add(day)
	}
	// 250 - 127 = 123: day 123 is the oldest that 128 days back from 250 still hold.
	for _, c := range []struct{ from, until int32 }{{0, 1000}, {123, 124}, {250, 251}} {
		want := map[[2]int32]int{{0, 1000}: 2, {123, 124}: 1, {250, 251}: 1}[[2]int32{c.from, c.until}]
		if got := d.Between(c.from, c.until); got != want {
			t.Errorf("Between(%d, %d) = %d, want %d", c.from, c.until, got, want)
		}
	}
	if got := Day(-1); got != -1 {
		t.Errorf("Day(-1 ms) = %d, want -1: the last moment of 1969", got)
	}
}
