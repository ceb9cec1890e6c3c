package simulate_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/infra/simulate"
	"handoff/shared/event"
	"handoff/tests/rig"
)

// company is one of 24: each has or lacks 80 employees, a webinar, a look at prices; and an open deal, a won one, or none.
type company struct {
	name                   string
	large, webinar, prices bool
	deal                   string // open, won, or none
	amount                 int64
}

func companies() (out []company) {
	for i := range 24 {
		c := company{name: fmt.Sprintf("c%02d.example", i), large: i&1 != 0, webinar: i&2 != 0, prices: i&4 != 0, deal: "none"}
		switch i / 8 {
		case 1:
			c.deal, c.amount = "open", int64(i)*100_000
		case 2:
			c.deal, c.amount = "won", 5_000_000
		}
		out = append(out, c)
	}
	return out
}

// told is what they do, an hour between each step: a deal is opened first, and won last.
func told(all []company) (out []event.Envelope) {
	for step := range 5 {
		for i, c := range all {
			at := rig.Noon.Add(time.Duration(step)*time.Hour + time.Duration(i)*time.Minute)
			person, deal := "email:ann@"+c.name, "acme/"+c.name
			id := fmt.Sprintf("%s-%d", c.name, step)
			switch {
			case step == 0 && c.deal == "open":
				out = append(out, rig.Say(id, "opportunity_created", "opportunity:"+deal, at, rig.Deal(deal, "open", c.amount), rig.Links("account:"+c.name)))
			case step == 1 && c.large:
				out = append(out, rig.Say(id, "page_viewed", person, at, rig.Company("employees", "80")))
			case step == 1:
				out = append(out, rig.Say(id, "page_viewed", person, at, rig.Company("employees", "20")))
			case step == 2 && c.webinar:
				out = append(out, rig.Say(id, "webinar_attended", person, at))
			case step == 3 && c.prices:
				out = append(out, rig.Say(id, "pricing_viewed", person, at))
			case step == 4 && c.deal == "won":
				out = append(out, rig.Say(id, "opportunity_won", "opportunity:"+deal, at, rig.Deal(deal, "won", c.amount), rig.Links("account:"+c.name)))
			}
		}
	}
	return out
}

// rules are the points and bands of a policy, as this test knows them.
type rules struct{ large, webinar, prices, sales, nurture int }

func (r rules) band(score int) string {
	switch {
	case score >= r.sales:
		return "sales"
	case score >= r.nurture:
		return "nurture"
	}
	return "none"
}

// course lists the bands of a company, after each of its steps.
func (r rules) course(c company) []string {
	score, out := 0, []string{"none"}
	for _, step := range []struct {
		done   bool
		points int
	}{{c.large, r.large}, {c.webinar, r.webinar}, {c.prices, r.prices}} {
		if step.done {
			score += step.points
		}
		out = append(out, r.band(score))
	}
	return out
}

// The figures of a simulation are those that a few lines of arithmetic come to: bands, stages, rates of wins, plays, the
// pipeline affected.
func TestFiguresAreWhatArithmeticSays(t *testing.T) {
	all := companies()
	r := rig.Open(t, rig.Config{})
	for _, e := range told(all) {
		r.AdvanceTo(e.Time)
		r.Send(e)
	}
	r.AdvanceTo(rig.Noon.Add(6 * time.Hour))
	shipped, err := r.Stack.Policy.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sides := []rules{{large: 15, webinar: 15, prices: 30, sales: 60, nurture: 40}, {large: 15, webinar: 10, prices: 45, sales: 60, nurture: 40}}
	before := other(t, shipped, "scoring.yaml", "{name: sales, from: 75}", "{name: sales, from: 60}")
	after := other(t, before, "scoring.yaml", "points: 30 ", "points: 45 ", "scoring.yaml", "points: 15\n\n# A band", "points: 10\n\n# A band")
	got := run(t, r, before, after, simulate.Options{})

	rates, ofRule := map[string]*[2]simulate.Rate{}, map[string]*[2]simulate.Rate{}
	count := func(in map[string]*[2]simulate.Rate, name string, side int, won bool) {
		if in[name] == nil {
			in[name] = &[2]simulate.Rate{}
		}
		in[name][side].Accounts++
		if won {
			in[name][side].Won++
		}
	}
	bands, stages, open, deals := 0, 0, int64(0), 0
	acted := map[string]*[2]int{"mql": {}, "nurture": {}}
	for _, c := range all {
		var last [2]string
		for i, rule := range sides {
			course := rule.course(c)
			last[i] = course[len(course)-1] // points are only gained, so it is the highest, too
			count(rates, last[i], i, c.deal == "won")
			for name, has := range map[string]bool{"More than 50 employees": c.large, "Webinar attended": c.webinar, "Pricing page viewed": c.prices} {
				if has {
					count(ofRule, name, i, c.deal == "won")
				}
			}
			// An open deal stops both plays; the deals that are won come last.
			for play, band := range map[string]string{"mql": "sales", "nurture": "nurture"} {
				if c.deal != "open" && slices.Contains(course, band) {
					acted[play][i]++
				}
			}
		}
		if last[0] == last[1] {
			continue
		}
		bands++
		if c.deal == "none" && (last[0] == "sales") != (last[1] == "sales") {
			stages++ // into, or out of, MARKETING_QUALIFIED_LEAD; the others stand further on by their deals
		}
		if c.deal == "open" {
			open, deals = open+c.amount, deals+1
		}
	}
	if bands < 6 || stages == 0 || deals < 2 {
		t.Fatalf("%d bands, %d stages and %d deals change: too few to show anything", bands, stages, deals)
	}

	if got.Counts["band"] != bands || got.Counts["stage"] != stages {
		t.Errorf("%d change band and %d stage, want %d and %d", got.Counts["band"], got.Counts["stage"], bands, stages)
	}
	if len(got.Affected) != 1 || got.Affected[0].Amount.Minor != open || got.Affected[0].Deals != deals {
		t.Errorf("pipeline affected: %v, want %d in %d deals", got.Affected, open, deals)
	}
	for _, want := range []struct {
		what string
		by   map[string]*[2]simulate.Rate
		got  []simulate.Pair[simulate.Rate]
	}{{"bands", rates, got.Bands}, {"rules", ofRule, got.Rules}} {
		for _, pair := range want.got {
			w := want.by[pair.Name]
			if w == nil {
				w = &[2]simulate.Rate{}
			}
			if d := cmp.Diff(*w, [2]simulate.Rate{*pair.Before, *pair.After}); d != "" {
				t.Errorf("%s, %s: -want +got\n%s", want.what, pair.Name, d)
			}
		}
	}
	if *got.Won.Before != (simulate.Rate{Accounts: 24, Won: 8}) || *got.Won.After != *got.Won.Before {
		t.Errorf("of all: %+v %+v", got.Won.Before, got.Won.After)
	}
	for _, p := range got.Plays {
		if want := acted[p.Name]; want != nil && (p.Before.Acted != want[0] || p.After.Acted != want[1]) {
			t.Errorf("%s acts %d and %d times, want %v: %+v %+v", p.Name, p.Before.Acted, p.After.Acted, *want, p.Before, p.After)
		}
	}

	// Played once for both, or once for each: the same.
	apart, err := simulate.Apart(t.Context(), r.Stack, before, after, t.TempDir(), simulate.Options{Until: r.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(plain(t, apart), plain(t, got)); d != "" {
		t.Errorf("one fold for both policies: -apart +together\n%s", d)
	}
}
