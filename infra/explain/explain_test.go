package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"handoff/infra/explain"
	policyfiles "handoff/infra/policy"
	"handoff/infra/prose"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

const (
	ann     = "email:ann@initech.example"
	initech = "account:initech.example"
)

func story(t *testing.T, r *rig.Rig, who, at string) (*explain.Answer, string) {
	t.Helper()
	a, err := explain.Story(context.Background(), r.Stack, who, at)
	if err != nil {
		t.Fatalf("explain %s at %q: %v", who, at, err)
	}
	var b strings.Builder
	if err := a.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(b.String(), "\n") {
		if w := text.StringWidth(l); w > prose.Width {
			t.Errorf("%d columns: %s", w, l)
		}
	}
	if _, err := json.Marshal(a); err != nil {
		t.Error(err)
	}
	return a, b.String()
}

// has checks that a text says something, wherever its lines break.
func has(t *testing.T, got string, want ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(got), " ")
	for _, w := range want {
		if !strings.Contains(flat, w) {
			t.Errorf("it does not say %q:\n%s", w, got)
		}
	}
}

// asked is an account whose CTO asks for a demo at noon; a view of pricing from an hour before is heard three hours later.
func asked(t *testing.T) *rig.Rig {
	r := rig.Open(t, rig.Config{})
	at := rig.Noon
	r.At(rig.Say("w-1", touch.WebinarAttended, ann, at.Add(-24*time.Hour), rig.Person("name", "Ann 李", "title", "CTO")))
	r.At(rig.Say("d-1", touch.DemoRequested, ann, at))
	r.At(rig.Say("a-1", touch.HandoffAccepted, ann, at.Add(10*time.Minute), rig.Answers("hand_raise", "005Hn00000AnnIto1A", "")))
	r.At(rig.Say("o-1", touch.FirstOutreach, ann, at.Add(25*time.Minute), rig.Answers("hand_raise", "005Hn00000AnnIto1A", "")))
	r.At(rig.Late(rig.Say("p-1", touch.PricingViewed, ann, at.Add(-time.Hour)), at.Add(3*time.Hour)))
	return r
}

func TestWhyOnThatDay(t *testing.T) {
	r := asked(t)
	a, said := story(t, r, "initech.example", "2026-03-04")
	if len(a.Decisions) == 0 || a.Decisions[0].Decision.Play != "hand_raise" {
		t.Fatalf("decisions %+v, want the hand-raise first", a.Decisions)
	}
	d := a.Decisions[0]
	// By the reference rules: CTO 20 and demo 50 and webinar 15; with the view that came late, 30 more.
	if d.Decision.Evaluation.Score != 85 || !d.Known.Same || d.Known.Then == nil || d.Known.Then.Score != 85 {
		t.Errorf("then %d, again %+v, the same %v; want 85 both times", d.Decision.Evaluation.Score, d.Known.Then, d.Known.Same)
	}
	if len(d.Known.Late) != 1 || d.Known.Late[0].ID != rig.TouchID("p-1", touch.PricingViewed) || d.Known.Now == nil || d.Known.Now.Score != 115 || d.Known.Reversed {
		t.Errorf("late %+v, now %+v, reversed %v; want the view, 115, not reversed", d.Known.Late, d.Known.Now, d.Known.Reversed)
	}
	if d.Cause == nil || d.Cause.ID != rig.TouchID("d-1", touch.DemoRequested) || d.Cause.Who != "Ann 李 (CTO)" {
		t.Errorf("cause %+v, want the request by Ann", d.Cause)
	}
	var points []int
	evidence := map[string][]touch.ID{}
	for _, rule := range d.Rules {
		points = append(points, rule.Points)
		for _, x := range rule.Touches {
			evidence[rule.Rule] = append(evidence[rule.Rule], x.ID)
		}
	}
	if want := []int{20, 50, 15}; !cmp.Equal(points, want) {
		t.Errorf("points %v, want %v", points, want)
	}
	if got := evidence["Demo requested"]; len(got) != 1 || got[0] != rig.TouchID("d-1", touch.DemoRequested) {
		t.Errorf("the demo's evidence is %v", got)
	}
	var steps []string
	for _, s := range d.Steps {
		steps = append(steps, s.Outcome)
	}
	if want := []string{"accepted", "first_outreach"}; !cmp.Equal(steps, want) {
		t.Errorf("steps %v, want %v", steps, want)
	}
	if !d.Policy.Same || !strings.Contains(d.Play.Text, "demo_requested") {
		t.Errorf("play %+v, want its text under the same policy", d.Play)
	}
	has(t, said, "Why did we contact initech.example on Wednesday, 4 March 2026?",
		"Because Ann 李 (CTO) requested a demo at 17:00, the play hand_raise gave it to Ann Ito of sales",
		"Ann Ito accepted after 10 minutes; the first outreach came after 25 minutes, in time.",
		"Score 85 = fit 20 + interest 65", "unconfirmed: no tool has named that id as received",
		"it comes to the same evaluation. Known now: 1 event of before it came in later. With them the score would have been 115 rather than 85",
		"recorded 4 hours later", "Did not count: ", "Pricing page viewed", "in force to this day")
	if strings.Contains(said, "Now,") {
		t.Errorf("a day that has its answer needs no standing:\n%s", said)
	}
}

func TestReceiptConfirms(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.At(rig.Say("d-1", touch.DemoRequested, ann, rig.Noon))
	for id := range r.Offered() {
		r.At(rig.Say("r-1", touch.HandoffReceived, ann, rig.Noon.Add(time.Minute), rig.With{"feedback": map[string]any{"handoff": id}}))
		a, said := story(t, r, id, "")
		if len(a.Decisions) != 1 || !a.Decisions[0].Confirmed.Equal(rig.Noon.Add(time.Minute)) {
			t.Errorf("confirmed %+v, want a minute after noon", a.Decisions)
		}
		has(t, said, "the destination confirmed it at")
	}
}

func TestWhyNobody(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	at := rig.Noon
	r.At(rig.Say("v-1", touch.PricingViewed, ann, at))
	r.At(rig.Say("c-1", touch.ConsentWithdrawn, "email:bo@hooli.example", at))
	r.At(rig.Say("d-1", touch.DemoRequested, "email:bo@hooli.example", at.Add(time.Minute)))
	for _, c := range []struct {
		name, who, at string
		want          []string
	}{
		{"below the band", "initech.example", "2026-03-04", []string{"Why did we not contact", "the score was 30, 10 points below the band nurture", "Seen in that time: pricing viewed."}},
		{"before anything", "initech.example", "2026-03-01", []string{"nothing was known of it yet"}},
		{"at a moment", "initech.example", "2026-03-04T17:01:00Z", []string{"At that moment: score 30"}},
		{"a gate", "bo@hooli.example", "2026-03-04", []string{"Stopped (gate consent withdrawn): consent was withdrawn.", "nobody was contacted", "It would have gone to"}},
		{"nothing at all", "initech.example", "", []string{"No decision was ever made about it."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, said := story(t, r, c.who, c.at)
			has(t, said, c.want...)
		})
	}
}

func TestLateEvidenceThatTurnsIt(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	at := rig.Noon
	// 30 + 15 of interest make the band nurture. The subscription of two days before is heard a day later: a customer
	// is enrolled in nothing.
	r.At(rig.Say("w-1", touch.WebinarAttended, ann, at.Add(-time.Hour)))
	r.At(rig.Say("p-1", touch.PricingViewed, ann, at))
	r.At(rig.Late(rig.Say("s-1", touch.SubscriptionStarted, ann, at.Add(-48*time.Hour)), at.Add(24*time.Hour)))
	a, said := story(t, r, "ann@initech.example", "2026-03-04")
	if len(a.Decisions) != 1 || a.Decisions[0].Decision.Play != "nurture" || !a.Decisions[0].Known.Reversed {
		t.Fatalf("decisions %+v, want one of nurture that late evidence turns", a.Decisions)
	}
	has(t, said, "and nurture would not have been due.")
	q := explain.Question{Who: "initech.example", At: "2026-03-04", AsKnown: at.Add(time.Hour)}
	b, err := explain.Ask(context.Background(), r.Stack, q)
	if err != nil || len(b.Decisions[0].Known.Late) != 0 {
		t.Errorf("as known an hour later: %+v, %v; want nothing late", b.Decisions[0].Known, err)
	}
}

func TestReplacedPolicy(t *testing.T) {
	r := asked(t)
	files := map[string]string{}
	for _, name := range policy.Files {
		b, err := policyfiles.Default.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	}
	next := maps.Clone(files)
	next["scoring.yaml"] = strings.Replace(files["scoring.yaml"], "points: 50", "points: 55", 1)
	if _, err := r.Policies.Activate(context.Background(), next, "t", "t"); err != nil {
		t.Fatal(err)
	}
	r.Advance(2 * time.Minute) // functions cache the policy for a minute
	a, said := story(t, r, "initech.example", "2026-03-04")
	d := a.Decisions[0]
	if d.Policy.Same || !d.Policy.AtHand || d.Decision.Evaluation.Score != 85 {
		t.Errorf("play %+v, score %d; want another policy now, and the text and the score of then", d.Play, d.Decision.Evaluation.Score)
	}
	has(t, said, "replaced since")
}

// A build that ships another default still shows the text by which was decided under the one before.
func TestDefaultOfAnEarlierBuild(t *testing.T) {
	r := asked(t)
	files := map[string]string{}
	for _, name := range policy.Files {
		b, err := policyfiles.Default.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = strings.Replace(string(b), "points: 50", "points: 55", 1)
	}
	next, err := policy.Compile(files)
	if err != nil {
		t.Fatal(err)
	}
	r.Stack.Policy, r.Stack.Policies.Default = policy.Static(next), next
	a, _ := story(t, r, "initech.example", "2026-03-04")
	d := a.Decisions[0]
	if d.Policy.Same || !d.Policy.AtHand || !strings.Contains(d.Play.Text, "demo_requested") || !d.Known.Same || d.Decision.Evaluation.Score != 85 {
		t.Errorf("play %+v, known %+v; want the text of then at hand, and the same evaluation by it", d.Play, d.Known)
	}
	for _, rule := range d.Rules {
		if rule.Rule == "Demo requested" && !strings.Contains(rule.Policy, "points: 50") {
			t.Errorf("the rule of then is %q, want the one with 50 points", rule.Policy)
		}
	}
}

// A day on which nothing was done is judged by the policy of that day, and once more with what was heard of it later.
func TestNothingDoneIsJudgedByThePolicyOfThen(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	noon := rig.Noon
	r.At(rig.Say("w-1", touch.WebinarAttended, ann, noon, rig.Person("name", "Ann", "title", "CTO")))
	r.At(rig.Late(rig.Say("p-1", touch.PricingViewed, ann, noon.Add(time.Hour)), noon.Add(72*time.Hour)))
	next := map[string]string{}
	for _, name := range policy.Files {
		b, err := policyfiles.Default.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		next[name] = string(b)
	}
	next["scoring.yaml"] = strings.Replace(next["scoring.yaml"], "{name: nurture, from: 40}", "{name: nurture, from: 30}", 1)
	if _, err := r.Policies.Activate(context.Background(), next, "t", "t"); err != nil {
		t.Fatal(err)
	}
	r.Advance(2 * time.Minute) // functions cache the policy for a minute
	// CTO 20 and webinar 15 are 35: below 40, the bound of then, and above 30, the one of now.
	a, said := story(t, r, "initech.example", noon.Format("2006-01-02"))
	s := a.Standing
	if s == nil || s.Evaluation.Score != 35 || s.Evaluation.Band != "none" || s.NextBand != "nurture" || s.Missing != 5 || !s.Replaced || s.Evaluation.Policy.Epoch != 0 {
		t.Fatalf("standing %+v, want 35, band none, 5 points below nurture, by epoch 0", s)
	}
	// The view of pricing gives 30 more: 65, which is nurture by either policy.
	if len(s.Late) != 1 || s.Late[0].ID != rig.TouchID("p-1", touch.PricingViewed) || s.Now == nil || s.Now.Score != 65 || s.Now.Band != "nurture" {
		t.Errorf("late %+v, known now %+v; want the view, 65, nurture", s.Late, s.Now)
	}
	has(t, said, "score 35 = fit 20 + interest 15, band none", "5 points below the band nurture", "by the policy of then (epoch 0), which has been replaced since",
		"Known now: 1 event of before came in later. With them the score would have been 65 rather than 35, band nurture")
	a, _ = story(t, r, "initech.example", "")
	if a.Standing.Replaced || a.Standing.Evaluation.Policy.Epoch != 1 || a.Standing.Now != nil {
		t.Errorf("now %+v, want the policy of epoch 1 and nothing late", a.Standing)
	}
}

func TestFind(t *testing.T) {
	r := asked(t)
	ctx := context.Background()
	r.Send(rig.Say("l-1", touch.LeadCreated, "contact:salesforce/003A", r.Now(), rig.Links(ann, "crm:salesforce/001B", initech), rig.Company("name", "Initech Ltd")))
	decision, handoff := "", ""
	for id, d := range r.Decisions() {
		if d.Play == "hand_raise" {
			decision, handoff = id, routing.HandoffID(id)
		}
	}
	for _, who := range []string{"initech.example", "https://www.initech.example/pricing", "ann@initech.example", " Ann@Initech.example", initech, ann,
		"contact:salesforce/003A", "003A", "001B", "initech ltd", decision, handoff} {
		f, err := explain.Find(ctx, r.Stack, who)
		if err != nil || f.Account != initech {
			t.Errorf("%q: %+v, %v; want %s", who, f, err, initech)
		}
	}
	for _, who := range []string{"nobody.example", "eve@initech.example.org", "", "hof_zzz", "d-zzz", "\x00"} {
		if f, err := explain.Find(ctx, r.Stack, who); !errors.Is(err, explain.ErrUnknown) {
			t.Errorf("%q: %+v, %v; want ErrUnknown", who, f, err)
		}
	}
}

func TestOneEvent(t *testing.T) {
	r := asked(t)
	ctx := context.Background()
	d := rig.Say("d-1", touch.DemoRequested, ann, rig.Noon)
	r.Send(d) // a duplicate
	r.Send(rig.Say("d-1", touch.DemoRequested, ann, rig.Noon, rig.With{"url": "https://x.example"}))
	r.Send(rig.Say("x-1", "no_such_kind", ann, rig.Noon))
	a, err := explain.Event(ctx, r.Stack, "d-1")
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []string
	for _, x := range a.Deliveries {
		outcomes = append(outcomes, x.Parts[0].Outcome)
	}
	if want := []string{"recorded", "duplicate", "quarantined"}; !cmp.Equal(outcomes, want) {
		t.Errorf("outcomes %v, want %v", outcomes, want)
	}
	first := a.Deliveries[0].Parts[0]
	if first.Account != initech || len(first.Decisions) == 0 || len(first.Kept) == 0 {
		t.Errorf("%+v, want the account, the decision and what facts keep", first)
	}
	var b strings.Builder
	if err := a.Print(&b); err != nil {
		t.Fatal(err)
	}
	has(t, b.String(), "d-1 came 3 times.", "Recorded on", "A duplicate.", "Quarantined, id_reused")
	byTouch, err := explain.Event(ctx, r.Stack, rig.TouchID("d-1", touch.DemoRequested).String())
	if err != nil || len(byTouch.Deliveries) != 3 {
		t.Errorf("by the touch: %+v, %v", byTouch, err)
	}
	byEnvelope, err := explain.Event(ctx, r.Stack, a.Deliveries[1].EventID)
	if err != nil || len(byEnvelope.Deliveries) != 1 {
		t.Errorf("by the envelope: %+v, %v", byEnvelope, err)
	}
	// No contract reads it, so its id is known by its field's name alone.
	refused, err := explain.Event(ctx, r.Stack, "x-1")
	if err != nil || len(refused.Deliveries) != 1 || refused.Deliveries[0].Parts[0].Outcome != "quarantined" {
		t.Errorf("of an unknown kind: %+v, %v; want it quarantined", refused, err)
	}
	if _, err := explain.Event(ctx, r.Stack, "nothing"); err == nil {
		t.Error("an event that never came was explained")
	}
}

// A year loaded in one moment leaves it open what came before a decision, and that is said rather than guessed.
func TestBulkLoadIsToldAsSuch(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	var load []event.Envelope
	for i := range 100 {
		load = append(load, rig.Say(fmt.Sprint("v-", i), touch.DocsViewed, ann, rig.Noon.Add(-time.Duration(200-i)*time.Hour)))
	}
	load = append(load, rig.Say("w-1", touch.WebinarAttended, ann, rig.Noon.Add(-90*time.Hour)), rig.Say("d-1", touch.DemoRequested, ann, rig.Noon.Add(-time.Hour)),
		rig.Say("p-1", touch.PricingViewed, ann, rig.Noon.Add(-2*time.Hour)))
	r.Send(load...)
	for id := range r.Decisions() {
		a, said := story(t, r, id, "")
		if k := a.Decisions[0].Known; !k.Same && k.AtOnce < 100 {
			t.Errorf("%s: %+v, want the same, or how many came at once", id, k)
		} else if !k.Same {
			has(t, said, "as by a bulk load, and which came first is not known")
		}
	}
}

// Whatever the journey, what was recorded by a decision makes that decision again.
func TestWhatWasKnownMakesTheDecision(t *testing.T) {
	j := rig.Generated(t, 7, 1, 400, 14)
	r := rig.Open(t, rig.Config{Start: j.Start()})
	r.Play(j.Events)
	n := 0
	for id := range r.Decisions() {
		a, err := explain.Story(context.Background(), r.Stack, id, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range a.Decisions {
			n++
			if !d.Known.Same {
				t.Errorf("%s of %s: decided %+v, again %+v", id, a.Account, d.Decision.Evaluation, d.Known.Then)
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d decisions: the journey proves nothing", n)
	}
}

// Who asks "why did we write to them?" hears of the tool's own e-mails too, and of the days on which it was us.
func TestWhyDidWeWriteToThem(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	noon := rig.Noon
	r.At(rig.Say("m-1", touch.EmailSent, ann, noon))
	r.At(rig.Say("w-1", touch.WebinarAttended, ann, noon.Add(24*time.Hour), rig.Person("name", "Ann", "title", "CTO")))
	r.At(rig.Say("p-1", touch.PricingViewed, ann, noon.Add(25*time.Hour))) // 15 and 30 and, for the title, 20: nurture
	r.At(rig.Say("m-2", touch.EmailSent, ann, noon.Add(49*time.Hour)))
	r.Advance(24 * time.Hour)
	_, said := story(t, r, "ann@initech.example", "2026-03-04")
	has(t, said, "Why did we not contact initech.example on Wednesday, 4 March 2026?", "Ann (CTO) was sent an e-mail at 17:00 (acme.app).",
		"No play had enrolled anybody of the account by then: it was the tool's own doing.", "Nobody was contacted in that time; the next after nurture on Thu 5 Mar")
	_, said = story(t, r, "ann@initech.example", "2026-03-05")
	has(t, said, "the play nurture enrolled them in a sequence by e-mail with case-study-general:")
	_, said = story(t, r, "ann@initech.example", "2026-03-06")
	has(t, said, "Ann (CTO) was sent an e-mail at 18:00 (acme.app). It is of the sequence in which nurture enrolled somebody on Thu 5 Mar",
		"or the tool's own", "the last before was nurture on Thu 5 Mar")
	a, said := story(t, r, "initech.example", "last 5 days")
	if a.When.Zone != "UTC" || len(a.Decisions) != 1 {
		t.Errorf("%+v and %d decisions, want UTC, and the one of nurture", a.When, len(a.Decisions))
	}
	has(t, said, "Why did we contact initech.example from Monday, 2 March 2026 to now?")
}

// Asked before its deadline, a handoff is not one that nobody answered.
func TestNobodyHasAnsweredYet(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.At(rig.Say("d-1", touch.DemoRequested, ann, rig.Noon))
	_, said := story(t, r, "initech.example", "")
	has(t, said, "Nobody has answered yet; the first outreach is due by")
	if strings.Contains(said, "Nobody answered.") {
		t.Error(said)
	}
}

// Days and hours are those of the zone that was asked in: noon in New York is another day in Tokyo.
func TestToldInAZone(t *testing.T) {
	r := asked(t)
	tokyo, err := explain.Zone("asia/tokyo")
	if err != nil {
		t.Fatal(err)
	}
	a, err := explain.Ask(context.Background(), r.Stack, explain.Question{Who: "initech.example", At: "5 March", Zone: tokyo})
	if err != nil || len(a.Decisions) == 0 || a.When.Zone != "Asia/Tokyo" {
		t.Fatalf("%+v, %v; want the hand-raise of 17:00 UTC", a, err)
	}
	var b strings.Builder
	if err := a.Print(&b); err != nil {
		t.Fatal(err)
	}
	has(t, b.String(), "on Thursday, 5 March 2026?", "Times are by the clocks of Asia/Tokyo", "requested a demo at 02:00")
	for _, bad := range []string{"PST", "Mars/Olympus", "", "+25:00"} {
		if z, err := explain.Zone(bad); err == nil {
			t.Errorf("%q: %v, want an error", bad, z)
		}
	}
}

// What was known at a time leaves out all that was done and heard after it.
func TestAsKnownAtATime(t *testing.T) {
	r := asked(t)
	known := func(d time.Duration) (*explain.Answer, string) {
		a, err := explain.Ask(context.Background(), r.Stack, explain.Question{Who: "initech.example", At: "2026-03-04", AsKnown: rig.Noon.Add(d)})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := a.Print(&b); err != nil {
			t.Fatal(err)
		}
		return a, b.String()
	}
	a, said := known(5 * time.Minute)
	if len(a.Decisions) == 0 || len(a.Decisions[0].Steps) != 0 || len(a.Decisions[0].Known.Late) != 0 {
		t.Errorf("%+v; want the hand-raise without its answers and without the view", a.Decisions)
	}
	has(t, said, "This is told by what was known on Wed 4 Mar 17:05.", "Nobody has answered yet", "Known by Wed 4 Mar 17:05: nothing more of before it had been heard of.")
	a, said = known(-time.Hour)
	if len(a.Decisions) != 0 || a.After == 0 {
		t.Errorf("%d decisions and %d after, want none and some", len(a.Decisions), a.After)
	}
	has(t, said, "made after that and left out", "Why did we not contact")
}

// Who is asked about in words that name nobody is told what to ask instead.
func TestNobodyOfThatName(t *testing.T) {
	r := asked(t)
	r.Send(rig.Say("c-1", touch.AccountUpdated, "crm:salesforce/001B", r.Now(), rig.Links(initech), rig.Company("name", "Initech Ltd")))
	for who, want := range map[string]string{
		"initech.exmaple":     `did you mean "initech.example"?`,
		"Initech":             "Ask by a domain: Initech Ltd (initech.example)",
		"an@nitech.example":   `did you mean "ann@initech.example"?`,
		"gmail.com":           "It is a mail provider",
		"someone@gmail.com":   "says nothing about a company",
		"undefined":           "what tools write where they have no id",
		"zzz-no-such-thing-9": "Try a domain",
	} {
		if f, err := explain.Find(context.Background(), r.Stack, who); !errors.Is(err, explain.ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", who, f, err, want)
		}
	}
	_, said := story(t, r, "anna@initech.example", "")
	has(t, said, "Nothing was ever heard of anna@initech.example itself; by its domain it would belong to initech.example, and this is about that. Did you mean \"ann@initech.example\"?")
}

// A roster that changed changes no rule; the team is shown as it was when the handoff was routed, and who left by name.
func TestTheTeamOfThen(t *testing.T) {
	r := asked(t)
	files := map[string]string{}
	for _, name := range policy.Files {
		b, err := policyfiles.Default.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	}
	was := files["teams.yaml"]
	files["teams.yaml"] = strings.Replace(was, "name: Ann Ito, email: ann@handoff.example, crm: 005Hn00000AnnIto1A", "name: Eve New, email: eve@handoff.example", 1)
	if files["teams.yaml"] == was {
		t.Fatal("the roster has no such member")
	}
	if _, err := r.Policies.Activate(context.Background(), files, "ops", "Ann left"); err != nil {
		t.Fatal(err)
	}
	r.Advance(2 * time.Minute) // functions cache the policy for a minute
	a, said := story(t, r, "initech.example", "2026-03-04")
	d := a.Decisions[0]
	if !d.Policy.Same || d.Policy.SameTeams || d.Owner != "Ann Ito" {
		t.Errorf("policy %+v, owner %q; want the same rules, other teams, Ann Ito", d.Policy, d.Owner)
	}
	has(t, said, "in force to this day but for the teams, which have changed")
	var b strings.Builder
	if err := a.PrintPolicy(&b); err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(b.String(), "\n") {
		if w := text.StringWidth(l); w > prose.Width {
			t.Errorf("%d columns: %s", w, l)
		}
	}
	has(t, b.String(), "The policy of epoch 0, as it was written", "plays.yaml:8 play hand_raise", "rule Demo requested", "stage MARKETING_QUALIFIED_LEAD of marketing_automation", "team sales", "name: Ann Ito, email: ann@handoff.example", "calendar us")
	if strings.Contains(b.String(), "Eve New") {
		t.Errorf("the team is that of now:\n%s", b.String())
	}
}
