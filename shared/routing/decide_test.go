package routing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/span"
	"handoff/shared/touch"
)

func call() Play {
	return Play{
		Name: "call", Funnel: "sales", Mode: Live, Outcome: Handoff, Bands: []string{"sales"}, Team: "sales", ActWithin: span.Week,
		CoolDown: 30 * span.Day, SLA: SLA{Span: span.Hour, Working: true}, RemindBefore: 15 * span.Minute, EscalateTo: []string{"boss@x.example"},
		PerPerson: &Limit{Max: 2, Per: span.Day},
	}
}

func care() Play {
	return Play{Name: "care", Funnel: "sales", Mode: Live, Outcome: Nurture, Asset: "case-study", ActWithin: span.Week, CoolDown: 30 * span.Day}
}

// ready is a case that acts: a decision of this hour for an account that nothing is known against. It is noon in New
// York, so the deadline is 18:00 UTC.
func ready(t testing.TB, p Play) Case {
	return Case{
		Decision: &event.Decision{
			Meta: event.Meta{Correlation: "c1"}, ID: "d1", Account: "account:a.example", Play: p.Name, Funnel: p.Funnel, Person: "email:p@a.example",
			AsOf: noon, Newest: noon.Add(-time.Hour), Reason: "They viewed pricing twice.", Evaluation: event.Evaluation{Band: "sales"},
		},
		Account: "account:a.example",
		Roster:  roster(t, Team{Members: people(1, 1)}, p), Item: &Item{Account: "account:a.example"}, Switch: &PlayState{}, Team: &TeamState{}, Now: noon,
	}
}

func TestDecideActs(t *testing.T) {
	c := ready(t, call())
	v := Decide(c)
	if !v.Act {
		t.Fatalf("stopped: %s", v.Record.Reason)
	}
	want := Slot{
		ID: HandoffID("d1"), Decision: "d1", Correlation: "c1", Account: "account:a.example", Person: "email:p@a.example", Funnel: "sales",
		Play: "call", Mode: Live, Team: "sales", Owner: "rep0@x.example", Reason: "They viewed pricing twice.",
		OpenedAt: noon, DueAt: noon.Add(time.Hour), RecycleAfter: 30 * span.Day, CoolDown: 30 * span.Day,
		Steps: []Step{{noon.Add(45 * time.Minute), "rep0@x.example", false}, {noon.Add(time.Hour), "boss@x.example", true}},
	}
	if d := cmp.Diff(want, *v.Slot); d != "" {
		t.Errorf("slot (-want +got):\n%s", d)
	}
	r := v.Record
	if r.Outcome != Offered || r.Handoff != want.ID || r.Policy.Epoch != 7 || !r.DueAt.Equal(want.DueAt) ||
		r.Reason != "Offered to rep0@x.example of sales (their turn in the rotation), due 4 Mar 2026 18:00 UTC: They viewed pricing twice." {
		t.Errorf("record %+v", r)
	}
	v.Open(c.Item, c.Team, c.Now)
	if !c.Item.Knows("d1") || c.Item.Slot(want.ID) == nil || c.Team.Open["rep0@x.example"] != 1 || c.Item.contacts([]string{"email:p@a.example"}, noon.Add(-time.Second)) != 1 {
		t.Errorf("after opening: item %+v, team %+v", c.Item, c.Team)
	}
}

func TestDecideNurture(t *testing.T) {
	c := ready(t, care())
	v := Decide(c)
	if v.Slot.Asset != "case-study" || v.Record.Reason != "Enrolled for case-study: They viewed pricing twice." {
		t.Errorf("asset %s: %s", v.Slot.Asset, v.Record.Reason)
	}
	if !v.Act || v.Record.Outcome != EnrolledIn || v.Slot.Owner != "" || v.Slot.State() != Enrolled || v.Record.Choice != nil {
		t.Fatalf("%+v", v)
	}
	v.Open(c.Item, c.Team, c.Now)
	if c.Item.Due() != 0 || len(c.Team.Open) != 0 {
		t.Errorf("a nurture waits for nobody: due %d, team %v", c.Item.Due(), c.Team.Open)
	}
	c.Now = noon.AddDate(0, 0, 29)
	c.Decision.Newest = c.Now
	if v := Decide(c); v.Record.Outcome != Cooling {
		t.Errorf("29 days later: %s", v.Record.Outcome)
	}
	c.Now = noon.AddDate(0, 0, 30)
	c.Decision.Newest = c.Now
	if v := Decide(c); !v.Act {
		t.Errorf("30 days later: %s", v.Record.Outcome)
	}
}

func TestAssetByIndustry(t *testing.T) {
	p := care()
	p.ByIndustry = map[string]string{"SaaS": "case-saas", "Retail": "case-retail"}
	for industry, want := range map[string]string{"saas": "case-saas", " Retail ": "case-retail", "Mining": "case-study", "": "case-study"} {
		c := ready(t, p)
		c.Decision.Context.Industry = industry
		if got := Decide(c).Slot.Asset; got != want {
			t.Errorf("industry %q: %s, want %s", industry, got, want)
		}
	}
}

func TestDecideStops(t *testing.T) {
	openSlot := func(play string) Slot {
		s := slotAt("h0", play)
		s.OpenedAt = noon.AddDate(0, 0, -1)
		return s
	}
	closedSlot := func(days int) Slot {
		s := openSlot("call")
		s.OpenedAt = noon.AddDate(0, 0, -days-1)
		s.RejectedM = &Mark{At: noon.AddDate(0, 0, -days)}
		return s
	}
	paused := &Switch{At: noon, By: "kim", Why: "wrong list"}
	for _, c := range []struct {
		name  string
		play  func() Play
		given func(*Case, *Play)
		want  []string // outcomes of the stops; none: it acts
	}{
		{"a test lead", call, func(c *Case, _ *Play) { c.Decision.Test = true }, []string{"gated:test"}},
		{"a test person", call, func(c *Case, _ *Play) { c.Gates.Test = true }, []string{"gated:test"}},
		{"consent withdrawn", call, func(c *Case, _ *Play) { c.Gates.ConsentWithdrawn = true }, []string{"gated:consent_withdrawn"}},
		{"unsubscribed", call, func(c *Case, _ *Play) { c.Gates.Unsubscribed = true }, []string{"gated:unsubscribed"}},
		{"bounced", call, func(c *Case, _ *Play) { c.Gates.Bounced = true }, []string{"gated:bounced"}},
		{"a competitor", call, func(c *Case, _ *Play) { c.Gates.Competitor = true }, []string{"gated:competitor"}},
		{"an open opportunity", call, func(c *Case, _ *Play) { c.Gates.OpenOpportunity = true }, []string{"gated:open_opportunity"}},
		{"a customer", call, func(c *Case, _ *Play) { c.Gates.Customer = true }, []string{"gated:customer"}},
		{"a customer, and the play is for them", call, func(c *Case, p *Play) { c.Gates.Customer = true; p.Despite = []string{GateCustomer} }, nil},
		{"a hand-raise of one who unsubscribed", call, func(c *Case, _ *Play) { c.Decision.HandRaise, c.Gates.Unsubscribed = true, true }, []string{"gated:unsubscribed"}},
		{"evidence of just act_within", call, func(c *Case, _ *Play) { c.Decision.Newest = noon.AddDate(0, 0, -7) }, nil},
		{"evidence a second older", call, func(c *Case, _ *Play) { c.Decision.Newest = noon.AddDate(0, 0, -7).Add(-time.Second) }, []string{Stale}},
		{"no evidence's time: the evaluation's", call, func(c *Case, _ *Play) {
			c.Decision.Newest, c.Decision.AsOf = time.Time{}, noon.AddDate(0, 0, -8)
		}, []string{Stale}},
		{"another band", call, func(c *Case, _ *Play) { c.Decision.Evaluation.Band = "nurture" }, []string{OffBand}},
		{"a hand-raise in another band", call, func(c *Case, _ *Play) { c.Decision.Evaluation.Band, c.Decision.HandRaise = "nurture", true }, nil},
		{"a hand-raise play in another band", call, func(c *Case, p *Play) { c.Decision.Evaluation.Band, p.HandRaise = "nurture", true }, nil},
		{"observe", call, func(_ *Case, p *Play) { p.Mode = Observe }, []string{Observed}},
		{"observe, stale and a customer", call, func(c *Case, p *Play) {
			p.Mode, c.Gates.Customer, c.Decision.Newest = Observe, true, noon.AddDate(-1, 0, 0)
		}, []string{Observed, Stale, "gated:customer"}},
		{"hold", call, func(_ *Case, p *Play) { p.Mode = Hold }, []string{Held}},
		{"hold, and the operator set it live", call, func(c *Case, p *Play) { p.Mode, c.Switch.Mode = Hold, Live }, nil},
		{"live, and the operator set it to observe", call, func(c *Case, _ *Play) { c.Switch.Mode = Observe }, []string{Observed}},
		{"paused", call, func(c *Case, _ *Play) { c.Switch.Paused = paused }, []string{Paused}},
		{"tripped", call, func(c *Case, _ *Play) { c.Switch.Tripped = paused }, []string{Broken}},
		{"open already", call, func(c *Case, _ *Play) { c.Item.Slots = []Slot{openSlot("call")} }, []string{AlreadyOpen}},
		{"another play is open", call, func(c *Case, _ *Play) { c.Item.Slots = []Slot{openSlot("demo")} }, nil},
		{"a nurture while sales is in touch", care, func(c *Case, _ *Play) { c.Item.Slots = []Slot{openSlot("call")} }, []string{AlreadyOpen}},
		{"closed 29 days ago", call, func(c *Case, _ *Play) { c.Item.Slots = []Slot{closedSlot(29)} }, []string{Cooling}},
		{"closed 30 days ago", call, func(c *Case, _ *Play) { c.Item.Slots = []Slot{closedSlot(30)} }, nil},
		{"contacted twice today", call, func(c *Case, _ *Play) {
			c.Item.Contacts = []Contacts{{"email:p@a.example", []int64{noon.Unix() - 7200, noon.Unix() - 3600}}}
		}, []string{Capped}},
		{"contacted twice, once a day ago", call, func(c *Case, _ *Play) {
			c.Item.Contacts = []Contacts{{"email:p@a.example", []int64{noon.Unix() - 86400, noon.Unix() - 3600}}}
		}, nil},
		{"another person contacted twice", call, func(c *Case, _ *Play) {
			c.Item.Contacts = []Contacts{{"email:q@a.example", []int64{noon.Unix() - 7200, noon.Unix() - 3600}}}
		}, nil},
		{"a play that the policy lacks", call, func(c *Case, _ *Play) { c.Decision.Play = "gone" }, []string{UnknownPlay}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.play()
			cs := ready(t, p)
			c.given(&cs, &p)
			cs.Roster = roster(t, Team{Members: people(1, 1)}, p)
			v := Decide(cs)
			var got []string
			for _, s := range v.Record.Stops {
				got = append(got, s.Outcome)
			}
			if !cmp.Equal(got, c.want) || v.Act != (c.want == nil) || v.Act != (v.Slot != nil) {
				t.Fatalf("acts %v, stops %v; want %v", v.Act, got, c.want)
			}
			if c.want != nil && (v.Record.Outcome != c.want[0] || v.Record.Handoff != "" || v.Record.Reason == "") {
				t.Errorf("record %+v", v.Record)
			}
		})
	}
}

func TestObserveShowsWhom(t *testing.T) {
	p := call()
	p.Mode = Observe
	v := Decide(ready(t, p))
	const want = "It would go to rep0@x.example of sales (their turn in the rotation), but the play only observes."
	if v.Record.Reason != want || v.Record.Choice.Owner != "rep0@x.example" {
		t.Errorf("%q, choice %+v; want %q", v.Record.Reason, v.Record.Choice, want)
	}
}

func TestTheSameRepKeepsTheAccount(t *testing.T) {
	c := ready(t, call())
	other := slotAt("h0", "demo")
	other.Owner = "rep1@x.example"
	c.Item.Slots = []Slot{other}
	if v := Decide(c); v.Slot.Owner != "rep1@x.example" || v.Record.Choice.How != ByHandoff {
		t.Errorf("went to %s by %s", v.Slot.Owner, v.Record.Choice.How)
	}
}

func TestAnotherTakesThePlace(t *testing.T) {
	c := ready(t, call())
	old := slotAt("h0", "call")
	old.OpenedAt, old.CoolDown = noon.AddDate(0, 0, -3), span.Day
	old.CompletedM = &Mark{At: noon.AddDate(0, 0, -2)}
	c.Item.Slots = []Slot{old}
	v := Decide(c)
	v.Open(c.Item, c.Team, c.Now)
	if len(c.Item.Slots) != 1 || c.Item.Slots[0].ID != HandoffID("d1") || !c.Item.Has("h0") {
		t.Errorf("slots %v, past %v", c.Item.Slots, c.Item.Past)
	}
}

func TestEarlyAnswersAreTakenAtTheOpening(t *testing.T) {
	c := ready(t, call())
	for _, a := range []Answer{
		{Touch: "t1", Kind: touch.FirstOutreach, At: noon.Add(10 * time.Minute), Play: "call", Rep: "rep0"},
		{Touch: "t2", Kind: touch.HandoffRejected, At: noon.Add(-time.Hour), Play: "call"}, // from before the decision
		{Touch: "t3", Kind: touch.HandoffAccepted, At: noon.Add(time.Minute), Play: "demo"},
	} {
		if e := c.Item.Apply(a, noon); e.Record.Outcome != Early || !e.Changed {
			t.Fatalf("%s: %s", a.Touch, e.Record.Outcome)
		}
	}
	v := Decide(c)
	effects := v.Open(c.Item, c.Team, c.Now.Add(time.Hour))
	if len(effects) != 1 || effects[0].Record.Touch != "t1" || effects[0].Record.Outcome != "first_outreach" || effects[0].Answer.Touch != "t1" {
		t.Fatalf("effects %+v", effects)
	}
	if v.Slot.State() != Contacted {
		t.Errorf("state %s", v.Slot.State())
	}
	var waiting []string
	for _, a := range c.Item.Early {
		waiting = append(waiting, a.Touch)
	}
	if want := []string{"t2", "t3"}; !cmp.Equal(waiting, want) {
		t.Errorf("still waiting %v, want %v", waiting, want)
	}
	// A rejection that came before its handoff closes it, and the team's counter with it.
	c = ready(t, call())
	c.Item.Apply(Answer{Touch: "t4", Kind: touch.HandoffRejected, At: noon.Add(time.Minute), Play: "call"}, noon)
	v = Decide(c)
	if effects := v.Open(c.Item, c.Team, noon); len(effects) != 1 || effects[0].Tell != TellClosed || len(c.Team.Open) != 0 {
		t.Errorf("effects %+v, team %v", effects, c.Team.Open)
	}
}

func TestBreaker(t *testing.T) {
	limit := Limit{Max: 2, Per: span.Hour}
	var s PlayState
	for _, c := range []struct {
		decision    string
		minute      int
		changed, ok bool
	}{
		{"a", 0, true, true},
		{"a", 1, false, true}, // delivered again
		{"b", 10, true, true},
		{"b", 11, false, true},
		{"c", 60, true, true}, // a fell out of the hour
		{"d", 61, true, false},
		{"b", 62, false, true}, // counted before it tripped
	} {
		changed, ok := s.Count(c.decision, limit, noon.Add(time.Duration(c.minute)*time.Minute))
		if changed != c.changed || ok != c.ok {
			t.Fatalf("%s at minute %d: changed %v, ok %v; want %v, %v", c.decision, c.minute, changed, ok, c.changed, c.ok)
		}
	}
	if s.Tripped == nil || s.Tripped.Why != "more than 2 per 1h" {
		t.Errorf("tripped: %+v", s.Tripped)
	}
	s.Resume(Switch{At: noon, By: "kim"})
	if _, ok := s.Count("e", limit, noon.Add(63*time.Minute)); !ok || s.Tripped != nil {
		t.Error("a resumed play does not count anew")
	}
}

// A pause is no way round the breaker: what it counted, it has counted.
func TestAPauseGivesNoSecondAllowance(t *testing.T) {
	limit := Limit{Max: 1, Per: span.Hour}
	var s PlayState
	s.Count("a", limit, noon)
	s.Pause(Switch{At: noon, By: "kim"})
	s.Resume(Switch{At: noon.Add(time.Minute), By: "kim"})
	if _, ok := s.Count("b", limit, noon.Add(2*time.Minute)); ok {
		t.Error("a second passes within the hour, as the play was paused and resumed")
	}
}

// Two contacts of one person in one second are two.
func TestTheCapCountsContactsOfOneSecond(t *testing.T) {
	p := call()
	c := ready(t, p)
	for i, want := range []bool{true, true, false} { // at most two a day
		d := *c.Decision
		d.ID = fmt.Sprint("d", i)
		c.Decision = &d
		v := Decide(c)
		if v.Act != want {
			t.Fatalf("contact %d: %s", i+1, v.Record.Reason)
		}
		if v.Act {
			v.Open(c.Item, c.Team, noon)
			c.Item.Slots = nil // by another play
		}
	}
}

// A tool whose clock is wrong closes a handoff years before it was opened: the cool-down counts from the opening.
func TestCoolDownOutlivesAWrongClock(t *testing.T) {
	c := ready(t, call())
	v := Decide(c)
	v.Open(c.Item, c.Team, noon)
	c.Item.Apply(Answer{Touch: "t", Kind: touch.HandoffRejected, At: time.Unix(0, 0), Handoff: v.Slot.ID}, noon)
	again := *c.Decision
	again.ID = "d2"
	c.Decision, c.Now = &again, noon.Add(time.Hour)
	if v := Decide(c); v.Act || v.Record.Outcome != Cooling {
		t.Errorf("an hour later: %s %s", v.Record.Outcome, v.Record.Reason)
	}
}

func TestSwitchesAreLogged(t *testing.T) {
	var s PlayState
	for i := range 25 {
		s.Pause(Switch{At: noon.Add(time.Duration(i) * time.Minute), By: "kim", Why: "test"})
	}
	s.SetMode(Hold, Switch{At: noon, By: "kim", Why: "look first."})
	if got, want := s.ModeWhy(), ", as kim set it on 4 Mar 2026 17:00 UTC: look first"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	s.SetMode("", Switch{By: "kim"})
	if got := s.ModeWhy(); got != "" || s.ModeBy != nil {
		t.Errorf("it still says %q", got)
	}
	s.Resume(Switch{By: "ann"})
	if len(s.Changes) != 20 || s.Mode != "" || s.Paused != nil {
		t.Fatalf("%d changes, mode %q, paused %v", len(s.Changes), s.Mode, s.Paused)
	}
	var did []string
	for _, c := range s.Changes[16:] {
		did = append(did, c.Did)
	}
	if want := []string{"pause", "mode hold", "mode as the policy says", "resume"}; !slices.Equal(did, want) {
		t.Errorf("last changes %q, want %q", did, want)
	}
}

// The item stays far below a store's limit however much has happened to an account.
func TestItemIsBounded(t *testing.T) {
	c := ready(t, call())
	c.Decision.Reason = strings.Repeat("x", 400)
	at := noon
	for i := range 500 {
		at = at.AddDate(0, 0, 40)
		c.Decision.ID, c.Decision.Person = "decision-"+strings.Repeat("0", 30)+at.String(), "email:person"+at.String()
		c.Decision.Newest, c.Now = at, at
		v := Decide(c)
		if !v.Act {
			t.Fatalf("decision %d: %s", i, v.Record.Reason)
		}
		v.Open(c.Item, c.Team, at)
		c.Item.Apply(Answer{Touch: "t" + at.String(), Kind: touch.HandoffCompleted, At: at, Handoff: v.Slot.ID}, at)
		c.Item.Apply(Answer{Touch: "u" + at.String(), Kind: touch.HandoffCompleted, At: at, Play: "other"}, at)
	}
	b, err := json.Marshal(c.Item)
	if err != nil || len(b) > 20_000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}
