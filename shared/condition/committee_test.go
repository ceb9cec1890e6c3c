package condition

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/problem"
)

// buyers are the roles of these tests.
var buyers = []Role{
	{Name: "champion", HasAnyOf: []string{"Head of"}, ConfirmedAs: []string{"Coach"}},
	{Name: "economic_buyer", HasAnyOf: []string{"CFO", "VP"}, ConfirmedAs: []string{"Budget Holder"}},
	{Name: "technical", HasAnyOf: []string{"CTO", "Engineer"}},
	{Name: "finance", HasAnyOf: []string{"CFO"}},
}

func member(id string, fields ...string) account.Person {
	p := account.Person{ID: "email:" + id, Fields: map[string]string{}}
	for i := 0; i < len(fields); i += 2 {
		p.Fields[fields[i]] = fields[i+1]
	}
	return p
}

func TestWhoTakesARole(t *testing.T) {
	openDeal := account.Deal{ID: "opportunity:crm/1", Status: "open"}
	for _, c := range []struct {
		name      string
		person    account.Person
		deals     []account.Deal
		potential string // roles
		confirmed string
	}{
		{"nothing known", member("a"), nil, "", ""},
		{"cto is not in director", member("a", "title", "Director"), nil, "", ""},
		{"a title", member("a", "title", "CTO & co-founder"), nil, "technical", ""},
		{"a title for two roles", member("a", "title", "cfo"), nil, "economic_buyer finance", ""},
		{"a persona that names a title", member("a", "persona", "Software engineers"), nil, "technical", ""},
		{"a persona that names a role", member("a", "persona", "Economic buyer"), nil, "economic_buyer", ""},
		{"the CRM's role is no title", member("a", "role", "CTO"), nil, "", ""},
		{"confirmed by the role's own name", member("a", "role", "Economic Buyer"), nil, "", "economic_buyer"},
		{"confirmed in the CRM's words, two at once", member("a", "role", "CHAMPION;BUDGET_HOLDER"), nil, "", "champion economic_buyer"},
		{"confirmed on an open deal", member("a", "role", "Coach", "role_deal", "opportunity:crm/1"), []account.Deal{openDeal}, "", "champion"},
		{"not on a lost deal", member("a", "role", "Coach", "role_deal", "opportunity:crm/1"), []account.Deal{{ID: "opportunity:crm/1", Status: "lost"}}, "", ""},
		{"not on a deal that is no longer kept", member("a", "role", "Coach", "role_deal", "opportunity:crm/2"), []account.Deal{openDeal}, "", ""},
		{"on a lost deal the title still counts", member("a", "title", "Head of Data", "role", "Coach", "role_deal", "opportunity:crm/2"), nil, "champion", ""},
		{"taken back", member("a", "role", "none"), nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var bad problem.List
			committee := CompileCommittee(buyers, "$", &bad)
			if len(bad) > 0 {
				t.Fatal(bad)
			}
			v := &account.View{People: []account.Person{c.person}, Deals: c.deals}
			var potential, confirmed []string
			if got := committee.Seats(v); got != nil {
				for _, s := range got.Seats {
					if len(s.Potential) > 0 {
						potential = append(potential, s.Role)
					}
					if len(s.Confirmed) > 0 {
						confirmed = append(confirmed, s.Role)
					}
				}
			}
			if p, k := strings.Join(potential, " "), strings.Join(confirmed, " "); p != c.potential || k != c.confirmed {
				t.Errorf("potential %q, confirmed %q; want %q, %q", p, k, c.potential, c.confirmed)
			}
		})
	}
}

func TestSeatsOfAnAccount(t *testing.T) {
	committee := CompileCommittee(buyers, "$", &problem.List{})
	v := &account.View{People: []account.Person{
		member("ann", "title", "Head of Data", "role", "Champion"), member("bo", "title", "CFO"), member("cy", "title", "VP Sales"), member("di", "title", "Nurse"),
	}}
	want := &event.Committee{Covered: 3, Confirmed: 1, Of: 4, Seats: []event.Seat{
		{Role: "champion", Confirmed: []string{"email:ann"}},
		{Role: "economic_buyer", Potential: []string{"email:bo", "email:cy"}},
		{Role: "technical"},
		{Role: "finance", Potential: []string{"email:bo"}},
	}}
	if d := cmp.Diff(want, committee.Seats(v)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got, want := committee.Seats(v).String(), "3 of 4 roles, 1 confirmed: technical missing"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := committee.Seats(&account.View{People: []account.Person{member("di", "title", "Nurse")}}); got != nil {
		t.Errorf("nobody takes a role, and the committee is %+v", got)
	}
}

func n(i int64) *int64 { return &i }

// asked compiles one question and answers it.
func asked(t *testing.T, q Condition, v *account.View) (holds bool, why Cause, unknown []string) {
	t.Helper()
	c := Compiler{Vocabulary: Vocabulary{Committee: buyers, Checklists: []Checklist{{Name: "bant", Fields: []string{"budget", "authority", "need", "timeline"}}}}}
	c.plan.Milestones = []Selector{{Name: "activity"}}
	var bad problem.List
	test := c.Compile(&q, "$", OfFacts, &bad)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	var f Frame
	v.Facts = &account.Facts{}
	f.Load(c.Plan(), v)
	if holds = test.Holds(&f); holds {
		test.Because(&f, nil, &why)
	}
	return holds, why, test.Unknown(&f, nil)
}

func TestAskingForTheCommittee(t *testing.T) {
	yes := true
	people := []account.Person{member("bo", "title", "CFO"), member("ann", "title", "VP", "role", "Economic Buyer"), member("ed", "title", "Engineer")}
	for _, c := range []struct {
		name   string
		ask    Condition
		people []account.Person
		text   string // "": does not hold
		person string
	}{
		{"one role, confirmed before potential", Condition{Committee: []string{"economic_buyer"}}, people, "of the committee: economic buyer (confirmed)", "email:ann"},
		{"one that is missing", Condition{Committee: []string{"champion"}}, people, "", ""},
		{"one of two", Condition{Committee: []string{"champion", "technical"}}, people, "of the committee: technical (Engineer)", "email:ed"},
		{"confirmed alone", Condition{Committee: []string{"technical"}, Confirmed: &yes}, people, "", ""},
		{"confirmed", Condition{Committee: []string{"technical", "economic_buyer"}, Confirmed: &yes}, people, "of the committee: economic buyer (confirmed)", "email:ann"},
		{"three roles", Condition{CommitteeAtLeast: n(3)}, people, "3 of 4 roles of the committee: economic buyer (confirmed), technical (Engineer), finance (CFO)", "email:ann"},
		{"four roles", Condition{CommitteeAtLeast: n(4)}, people, "", ""},
		{"two confirmed", Condition{CommitteeAtLeast: n(2), Confirmed: &yes}, people, "", ""},
		{"nobody there", Condition{CommitteeAtLeast: n(1)}, nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			holds, why, _ := asked(t, c.ask, &account.View{People: c.people})
			if got := strings.Join(why.Texts, "; "); holds != (c.text != "") || got != c.text || why.Person != c.person {
				t.Errorf("holds %t by %q of %s, want %q of %s", holds, got, why.Person, c.text, c.person)
			}
			if why.Newest != (account.Element{}) {
				t.Error("a title is no news, yet the answer has a time")
			}
		})
	}
	if _, _, unknown := asked(t, Condition{Committee: []string{"champion"}}, &account.View{People: []account.Person{member("x")}}); !cmp.Equal(unknown, []string{"title"}) {
		t.Errorf("unknown %v, want the title", unknown)
	}
}

func TestAskingForAChecklist(t *testing.T) {
	deal := func(id, status string, answers ...string) account.Deal {
		d := account.Deal{ID: "opportunity:" + id, Name: id, Status: status, Answers: map[string]string{}}
		for i := 0; i < len(answers); i += 2 {
			d.Answers[answers[i]] = answers[i+1]
		}
		return d
	}
	for _, c := range []struct {
		name    string
		least   *int64
		deals   []account.Deal
		text    string
		unknown []string
	}{
		{"no deal", nil, nil, "", nil},
		{"a deal of which nothing is known", n(1), []account.Deal{deal("a", "open")}, "", []string{"budget", "authority", "need", "timeline"}},
		{"two of four", n(2), []account.Deal{deal("a", "open", "budget", "50 k", "need", "yes")}, "bant 2 of 4 for the deal a", []string{"authority", "timeline"}},
		{"three are asked for", n(3), []account.Deal{deal("a", "open", "budget", "50 k", "need", "yes")}, "", []string{"authority", "timeline"}},
		{"what says that nobody knows", n(1), []account.Deal{deal("a", "open", "budget", "false", "authority", "None", "need", " TBD ", "timeline", "0")}, "", []string{"budget", "authority", "need", "timeline"}},
		{"a field of another list", n(1), []account.Deal{deal("a", "open", "metrics", "12 %")}, "", []string{"budget", "authority", "need", "timeline"}},
		{"all unless told", nil, []account.Deal{deal("a", "open", "budget", "1", "authority", "x", "need", "x")}, "", []string{"timeline"}},
		{"all", nil, []account.Deal{deal("a", "open", "budget", "1", "authority", "x", "need", "x", "timeline", "May")}, "bant 4 of 4 for the deal a", nil},
		{"a closed deal counts for nothing", n(1), []account.Deal{deal("a", "won", "budget", "1")}, "", nil},
		{"two deals are not added up", n(2), []account.Deal{deal("a", "open", "budget", "1"), deal("b", "open", "need", "x")}, "", []string{"authority", "timeline"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			holds, why, unknown := asked(t, Condition{Checklist: "bant", AtLeast: c.least}, &account.View{Deals: c.deals})
			if got := strings.Join(why.Texts, "; "); holds != (c.text != "") || got != c.text {
				t.Errorf("holds %t by %q, want %q", holds, got, c.text)
			}
			if d := cmp.Diff(c.unknown, unknown); d != "" {
				t.Errorf("unknown (-want +got):\n%s", d)
			}
		})
	}
	lists := []Checklist{{Name: "bant", Fields: []string{"budget", "authority", "need", "timeline"}}, {Name: "one", Fields: []string{"metrics"}}}
	got := Coverage(lists, &account.View{Deals: []account.Deal{deal("a", "open", "budget", "1", "need", "x"), deal("b", "lost", "budget", "1"), deal("c", "open", "metrics", "x")}})
	var says []string
	for i := range got {
		says = append(says, got[i].Deal+" "+got[i].String())
	}
	if d := cmp.Diff([]string{
		"opportunity:a bant 2 of 4: authority and timeline missing", "opportunity:a one 0 of 1: metrics missing",
		"opportunity:c bant 0 of 4: budget, authority, need and timeline missing", "opportunity:c one 1 of 1",
	}, says); d != "" {
		t.Errorf("coverage (-want +got):\n%s", d)
	}
}

func TestWhatIsWrongWithCommitteesAndChecklists(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name string
		q    Condition
		want string
	}{
		{"no such role", Condition{Committee: []string{"champoin"}}, `$.committee: there is no committee "champoin", did you mean "champion"?`},
		{"more roles than there are", Condition{CommitteeAtLeast: n(5)}, "$.committee_at_least: the committee has 4 roles, so committee_at_least is a number from 1 to 4, not 5"},
		{"confirmed of something else", Condition{Deal: []string{"open"}, Confirmed: &yes}, "$.confirmed: confirmed says nothing about deal; it goes with committee or committee_at_least"},
		{"confirmed: false", Condition{Committee: []string{"champion"}, Confirmed: &no}, "$.confirmed: a potential member counts anyway; leave confirmed: false out"},
		{"no such checklist", Condition{Checklist: "bnat"}, `$.checklist: scoring.yaml has no checklist "bnat", did you mean "bant"?`},
		{"more fields than there are", Condition{Checklist: "bant", AtLeast: n(2)}, "$.at_least: at_least is a number from 1 to 1, the fields of the checklist bant, not 2"},
	} {
		comp := Compiler{Vocabulary: Vocabulary{Committee: buyers, Checklists: []Checklist{{Name: "bant", Fields: []string{"budget"}}}}}
		var bad problem.List
		comp.Compile(&c.q, "$", OfFacts, &bad)
		if len(bad) != 1 || bad[0].Path+": "+bad[0].Text != c.want {
			t.Errorf("%s: got %v, want %s", c.name, bad, c.want)
		}
	}
	var bad problem.List
	CompileCommittee([]Role{{Name: "a", HasAnyOf: []string{"&"}}, {Name: "a"}, {Name: ""}}, "$.committee", &bad)
	CheckChecklists([]Checklist{{Name: "x", Fields: []string{"budgt", "need", "need"}}, {Name: "x"}}, "$.checklists", &bad)
	var got []string
	for _, p := range bad {
		got = append(got, p.Path+": "+p.Text)
	}
	if d := cmp.Diff([]string{
		`$.committee[0].has_any_of[0]: "&" holds no word`,
		`$.committee[1].role: a role needs a name of its own, it has "a"`,
		`$.committee[2].role: a role needs a name of its own, it has ""`,
		`$.checklists[0].fields[0]: a deal has no field "budgt" to be asked for, did you mean "budget"?`,
		`$.checklists[0].fields[2]: "need" is listed twice`,
		`$.checklists[1].name: a checklist needs a name of its own, it has "x"`,
		`$.checklists[1].fields: the checklist asks for no field of a deal`,
	}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	bare := Compiler{}
	bad = nil
	bare.Compile(&Condition{CommitteeAtLeast: n(1)}, "$", OfFacts, &bad)
	if len(bad) != 1 || !strings.Contains(bad[0].Text, "names no committee") {
		t.Errorf("without a committee: %v", bad)
	}
}
