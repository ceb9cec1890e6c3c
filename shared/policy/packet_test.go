package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/money"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// sold is an account that was won this morning, three weeks after its first visit.
func sold(t failer) *account.View {
	visit := happened(touch.PageViewed, at(0, 9))
	v := view(shipped(t), at(21, 10), visit, happened(touch.DemoRequested, at(2, 9)), happened(touch.MeetingBooked, at(4, 9)),
		happened(touch.OpportunityCreated, at(4, 10)), happened(touch.Activated, at(10, 9)), happened(touch.FeatureUsed, at(20, 9)),
		happened(touch.SupportRequested, at(12, 9)), happened(touch.SupportRequested, at(19, 9)), happened(touch.OpportunityWon, at(21, 9)),
		company(at(0, 0), "name", "Initech", "crm_id", "001A", "use_case", "Onboarding"))
	v.People = []account.Person{
		{ID: "email:ann@initech.com", Fields: map[string]string{"name": "Ann Lee", "title": "CTO", "role": "Champion", "role_deal": "opportunity:salesforce/006B"}},
		{ID: "email:bob@initech.com", Fields: map[string]string{"email": "bob@initech.com", "title": "Legal counsel", "unsubscribed": "true"}},
	}
	v.Deals = []account.Deal{
		{ID: "opportunity:salesforce/006A", Name: "Pilot", Status: "won", Closed: at(-90, 0), Created: at(-100, 0)},
		{ID: "opportunity:salesforce/006C", Name: "More seats", Status: "open", Type: "expansion", Created: at(20, 0)},
		{ID: "opportunity:salesforce/006B", Name: "50 seats", Status: "won", Type: "new", Amount: money.Amount{Minor: 900000, Currency: "USD"},
			Created: at(4, 10), Closed: at(21, 9), Answers: map[string]string{"metrics": "Ten days to two", "competition": "Hooli", "budget": "tbd"}},
	}
	return v
}

// The story of a win. The confirmed role was said of the deal that is won by now, and the checklists are those of it.
func TestPacket(t *testing.T) {
	p, v := shipped(t), sold(t)
	e := p.Evaluate(v)
	var asked []account.Element
	got := p.Packet(v, &e, "kick_off", func(el account.Element) *touch.Touch {
		asked = append(asked, el)
		x := happened(touch.PageViewed, at(0, 9))
		x.Channel, x.Campaign = "paid_search", "spring"
		return &x
	})
	want := &event.Packet{
		People: []event.PacketPerson{
			{ID: "email:ann@initech.com", Name: "Ann Lee", Title: "CTO", Confirmed: []string{"champion"}, Potential: []string{"technical"}},
			{ID: "email:bob@initech.com", Email: "bob@initech.com", Title: "Legal counsel", Potential: []string{"legal"}, Note: "unsubscribed"},
		},
		Deals: []event.PacketDeal{
			{ID: "opportunity:salesforce/006B", Name: "50 seats", Status: "won", Type: "new", Amount: money.Amount{Minor: 900000, Currency: "USD"}, Opened: at(4, 10), Closed: at(21, 9)},
			{ID: "opportunity:salesforce/006A", Name: "Pilot", Status: "won", Opened: at(-100, 0), Closed: at(-90, 0)},
			{ID: "opportunity:salesforce/006C", Name: "More seats", Status: "open", Type: "expansion", Opened: at(20, 0)},
		},
		Answers: []event.PacketAnswer{{Field: "metrics", Text: "Ten days to two"}, {Field: "competition", Text: "Hooli"}, {Field: "budget", Text: "tbd"}},
		Lists: []event.Checklist{
			{Name: "meddic", Deal: "opportunity:salesforce/006B", Answered: 1, Of: 6, Missing: []string{"economic_buyer", "decision_criteria", "decision_process", "identify_pain", "champion"}},
			{Name: "bant", Deal: "opportunity:salesforce/006B", Answered: 0, Of: 4, Missing: []string{"budget", "authority", "need", "timeline"}},
		},
		Account: map[string]string{"crm_id": "001A", "use_case": "Onboarding"},
		History: []event.PacketLine{
			{Time: at(0, 9), Text: "first seen: viewed a page, by paid search, campaign spring"},
			{Time: at(2, 9), Text: "asked to talk to us; became known; came into talks with sales, last on 5 May"},
			{Time: at(4, 9), Text: "was taken on by sales"},
			{Time: at(4, 10), Text: "entered into a deal"},
			{Time: at(10, 9), Text: "began to use the product"},
			{Time: at(19, 9), Text: "asked for support twice between 13 and 20 May"},
			{Time: at(20, 0), Text: "used the product last, on 2 of the 28 days until the handoff"},
			{Time: at(21, 9), Text: "became a customer"},
		},
		Open: []string{"who is the economic buyer contact", "who is the security contact", "who is the finance contact", "decision criteria",
			"decision process", "identify pain", "champion", "budget", "authority", "need", "timeline", "employees", "industry", "renewal date"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("packet (-want +got):\n%s", d)
	}
	if len(asked) != 1 || asked[0].Time != at(0, 9).UnixMilli() {
		t.Errorf("asked for %v, want the first visit alone", asked)
	}
	if other := p.Packet(v, &e, "expansion", nil); other != nil {
		t.Errorf("a play that asks for no packet has %v", other)
	}
}

// Who used the product long ago did not use it on none of some days: it says so in words.
func TestPacketOfLongAgoUse(t *testing.T) {
	p := shipped(t)
	for days, want := range map[int]string{27: "used the product last, on 1 of the 28 days until the handoff", 28: "used the product last, and not in the 28 days until the handoff"} {
		v := view(p, at(days, 12), happened(touch.FeatureUsed, at(0, 9)), happened(touch.OpportunityWon, at(days, 9)))
		e := p.Evaluate(v)
		var said []string
		for _, l := range p.Packet(v, &e, "kick_off", func(account.Element) *touch.Touch { return nil }).History {
			said = append(said, l.Text)
		}
		if !slices.ContainsFunc(said, func(s string) bool { return strings.HasSuffix(s, want) }) {
			t.Errorf("%d days after: %q, want %q", days, said, want)
		}
	}
}

// However much there is to say, a packet stays within its bound and remains what it is.
func TestPacketIsBounded(t *testing.T) {
	p, v := shipped(t), sold(t)
	long := strings.Repeat(`"<Großhandel> & 'Söhne'" \ `, 100)
	v.People = nil
	for i := range account.MaxPeople {
		v.People = append(v.People, account.Person{ID: fmt.Sprintf("email:%d@initech.com", i), Fields: map[string]string{"name": long, "title": "CTO " + long, "email": long, "phone": long}})
	}
	for i := range v.Deals {
		v.Deals[i].Name, v.Deals[i].Stage, v.Deals[i].Owner = long, long, long
		v.Deals[i].Answers = map[string]string{}
		for _, f := range account.DealFields {
			v.Deals[i].Answers[f] = long
		}
	}
	for i := range 8 {
		v.Deals = append(v.Deals, account.Deal{ID: fmt.Sprintf("opportunity:x/%d", i), Name: long, Status: "lost"})
	}
	v.Facts.Company["use_case"] = account.Register{Value: long}
	e := p.Evaluate(v)
	got := p.Packet(v, &e, "kick_off", func(account.Element) *touch.Touch {
		return &touch.Touch{Kind: touch.PageViewed, Campaign: long}
	})
	b, err := json.Marshal(got)
	if err != nil || len(b) > event.MaxPacket || len(b) < event.MaxPacket/4 {
		t.Errorf("%d bytes, want at most %d and not much less; %v", len(b), event.MaxPacket, err)
	}
	if len(got.Deals) != event.MaxDeals || len(got.People) != account.MaxPeople || !strings.HasPrefix(got.People[0].Title, "CTO ”‹Gro") {
		t.Errorf("%d deals, %d people, title %q", len(got.Deals), len(got.People), got.People[0].Title)
	}
}

// Of a long story the beginning and the latest stay.
func TestHistoryIsBounded(t *testing.T) {
	extra := "milestones:\n"
	kinds := []string{touch.DocsViewed, touch.PricingViewed, touch.WebinarAttended, touch.EventAttended, touch.EmailClicked, touch.FormSubmitted, touch.SignedUp,
		touch.InviteSent, touch.InviteAccepted, touch.TrialStarted}
	ts := []touch.Touch{happened(touch.PageViewed, at(0, 0)), happened(touch.OpportunityWon, at(21, 0))}
	for i, k := range kinds {
		extra += fmt.Sprintf("  m%d: {touch: %s, says: came to step %d}\n", i, k, i)
		ts = append(ts, happened(k, at(i+1, 0)))
	}
	p := with(t, "funnels.yaml", "milestones:\n", extra)
	v := view(p, at(21, 1), ts...)
	e := p.Evaluate(v)
	got := p.Packet(v, &e, "kick_off", func(account.Element) *touch.Touch { return nil }).History
	if len(got) != event.MaxHistory || got[0].Text != "first seen" || got[len(got)-1].Text != "became a customer" || !got[1].Time.After(at(2, 0).Add(time.Hour)) {
		t.Errorf("%d lines: %v", len(got), got)
	}
}

func TestAssetsByRule(t *testing.T) {
	rules := `    assets:
      - {when: {all: [{field: industry, is: SaaS}, {touch: docs_viewed, at_least: 2, within: 30d}]}, asset: api-guide}
      - {when: {field: industry, is: [SaaS, Fintech]}, asset: case-saas}
`
	shippedPlays := shipped(t).Text["plays.yaml"]
	from := strings.Index(shippedPlays, "    assets:")
	to := from + strings.Index(shippedPlays[from:], "    act_within")
	p := with(t, "plays.yaml", shippedPlays[from:to], rules)
	docs := []touch.Touch{happened(touch.DocsViewed, at(1, 0)), happened(touch.DocsViewed, at(2, 0))}
	saas := company(at(0, 0), "industry", "saas")
	for _, c := range []struct {
		name           string
		touches        []touch.Touch
		asset, because string
	}{
		{"the first that holds", append(docs, saas), "api-guide",
			"rule 1 of 2, {all: [{field: industry, is: SaaS}, {touch: docs_viewed, within: 30d, at_least: 2}]}, is the first that holds: industry is saas; docs viewed 2 times, last on 3 May"},
		{"the next", []touch.Touch{saas}, "case-saas", "rule 2 of 2, {field: industry, is: [SaaS, Fintech]}, is the first that holds: industry is saas"},
		{"none", docs, "case-study-general", "none of the 2 rules holds"},
	} {
		asset, because := p.Asset(view(p, at(9, 0), c.touches...), "nurture")
		if asset != c.asset || because != c.because {
			t.Errorf("%s: %s, as %s\nwant %s, as %s", c.name, asset, because, c.asset, c.because)
		}
	}
	byIndustry := shipped(t)
	for industry, want := range map[string][2]string{
		"saas":   {"case-study-saas", "the industry is saas"},
		"Mining": {"case-study-general", "there is none for the industry Mining"},
		"":       {"case-study-general", "the industry is unknown"},
	} {
		asset, because := byIndustry.Asset(view(byIndustry, at(9, 0), company(at(0, 0), "industry", industry)), "nurture")
		if asset != want[0] || because != want[1] {
			t.Errorf("%q: %s, as %s; want %v", industry, asset, because, want)
		}
	}
	if asset, because := byIndustry.Asset(view(byIndustry, at(9, 0)), "mql"); asset != "" || because != "" {
		t.Errorf("a play without content has %s, as %s", asset, because)
	}
}

// What is wrong with rules for content is found before it ships.
func TestAssetRulesAreChecked(t *testing.T) {
	base := shipped(t).Text
	from := strings.Index(base["plays.yaml"], "    assets:")
	to := from + strings.Index(base["plays.yaml"][from:], "    act_within")
	for rules, says := range map[string]string{
		"[{when: {field: industry, is: SaaS}, asset: a}, {when: {all: [{field: industry, is: SaaS}, {customer: false}]}, asset: b}]": "the asset b is never chosen: wherever its rule holds, that of a at line",
		"[{when: {all: [{customer: true}, {customer: false}]}, asset: a}]":                                                           "the rule for the asset a can never hold",
		"[{asset: a}]":                          "the rule never says when",
		"[{when: {customer: true}}]":            "the rule chooses no asset",
		"[{when: {feld: x}, asset: a}]":         `"feld" means nothing here, did you mean "field"?`,
		"[{when: {customer: true}, assets: a}]": `"assets" means nothing here, did you mean "asset"?`,
		"case-study":                            "names with values belong here",
	} {
		files := maps.Clone(base)
		files["plays.yaml"] = base["plays.yaml"][:from] + "    assets: " + rules + "\n" + base["plays.yaml"][to:]
		if _, err := policy.Valid(files); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "plays.yaml:") {
			t.Errorf("%s: %v, want %q", rules, err, says)
		}
	}
	for old, says := range map[string]string{
		"missing: has not finished onboarding ": "missing: has not finished. #",
		"packet: true ":                         "packet: perhaps #",
	} {
		files := maps.Clone(base)
		files["plays.yaml"] = strings.Replace(base["plays.yaml"], old, says, 1)
		if _, err := policy.Valid(files); err == nil {
			t.Errorf("%s is taken", says)
		}
	}
}
