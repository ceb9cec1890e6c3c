package condition

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"handoff/shared/account"
)

// questions lists which questions are asked; a good condition asks one.
func (b *builder) questions() []string {
	q := b.q
	var asked []string
	add := func(name string, is bool) {
		if is {
			asked = append(asked, name)
		}
	}
	add("all", q.All != nil)
	add("any", q.Any != nil)
	add("not", q.Not != nil)
	add("touch", q.Counted())
	add("reached", q.Reached != "")
	add("field", q.Field != "")
	add("no_touch_for", q.NoTouchFor != 0)
	add("usage_fell_by", q.UsageFellBy != 0)
	add("active_days", q.ActiveDays != 0)
	add("deal", q.Deal != nil)
	add("committee", q.Committee != nil)
	add("committee_at_least", q.CommitteeAtLeast != nil)
	add("checklist", q.Checklist != "")
	add("customer", q.Customer != nil)
	add("signal", q.Signal != nil)
	add("band", q.Band != nil)
	add("quadrant", q.Quadrant != nil)
	add("score_at_least", q.ScoreAtLeast != nil)
	add("fit_at_least", q.FitAtLeast != nil)
	add("interest_at_least", q.InterestAtLeast != nil)
	add("pql", q.PQL != nil)
	add("motion", q.Motion != nil)
	add("stage", q.Stage != nil)
	add("stage_overdue", q.StageOverdue != nil)
	return asked
}

// modifiers refuses those that do not narrow this question: they would be silently without effect.
func (b *builder) modifiers(question string) {
	q := b.q
	for _, m := range []struct {
		name string
		set  bool
		with string
	}{
		{"later_than", q.LaterThan != nil, "reached"},
		{"within", q.Within != 0, "touch reached"},
		{"older_than", q.OlderThan != 0, "touch reached"},
		{"is", q.Is != nil, "field"},
		{"is_not", q.IsNot != nil, "field"},
		{"has_any_of", q.HasAnyOf != nil, "field"},
		{"known", q.Known != nil, "field"},
		{"more_than", q.MoreThan != nil, "field"},
		{"less_than", q.LessThan != nil, "field"},
		{"at_least", q.AtLeast != nil, "field touch usage_fell_by checklist any"},
		{"at_most", q.AtMost != nil, "field"},
		{"due_within", q.DueWithin != 0, "field"},
		{"but_not_within", q.ButNotWithin != 0, "field"},
		{"over", q.Over != 0, "usage_fell_by active_days"},
		{"confirmed", q.Confirmed != nil, "committee committee_at_least"},
		{"deal_type", q.DealType != nil, "deal"},
		{"funnel", q.Funnel != "", "stage stage_overdue"},
	} {
		if m.set && !slices.Contains(strings.Fields(m.with), question) {
			b.bad(m.name, "%s says nothing about %s; it goes with %s", m.name, question, strings.ReplaceAll(m.with, " ", " or "))
		}
	}
}

// field compiles a question about a field: one operator, or a pair of number bounds.
func (b *builder) field() Test {
	q := b.q
	f, ok := b.where()
	if !ok {
		return Test{}
	}
	var ops []string
	for _, o := range []struct {
		name string
		set  bool
	}{
		{"is", q.Is != nil}, {"is_not", q.IsNot != nil}, {"has_any_of", q.HasAnyOf != nil}, {"known", q.Known != nil},
		{"number", q.MoreThan != nil || q.LessThan != nil || q.AtLeast != nil || q.AtMost != nil},
		{"due_within", q.DueWithin != 0},
	} {
		if o.set {
			ops = append(ops, o.name)
		}
	}
	if len(ops) != 1 {
		b.bad("", "say one thing about %s: is, is_not, has_any_of, known, more_than, less_than, at_least, at_most or due_within", q.Field)
		return Test{}
	}
	if q.ButNotWithin != 0 && ops[0] != "due_within" {
		b.bad("but_not_within", "but_not_within goes with due_within")
	}
	t := Test{field: f, static: b.remember()}
	switch ops[0] {
	case "is":
		t.op, t.values = opIs, q.Is
	case "is_not":
		t.op, t.values = opIsNot, q.IsNot
	case "known":
		t.op, t.want = opKnown, *q.Known
	case "has_any_of":
		t.op = opWords
		t.phrases = phrases(q.HasAnyOf, b.path+".has_any_of", b.out)
		if len(t.phrases) > MaxText {
			b.bad("has_any_of", "has_any_of holds %d texts; %d are the limit", len(t.phrases), MaxText)
		}
	case "number":
		t.op, t.lo, t.hi = opNumber, math.MinInt64, math.MaxInt64
		b.bounds(&t)
	case "due_within":
		t.op, t.hi, t.lo = opDate, ms(q.DueWithin), ms(q.ButNotWithin)
		if q.ButNotWithin == 0 {
			t.lo = -24 * HourMS // through the day itself
		}
		if t.lo >= t.hi {
			b.bad("but_not_within", "but_not_within must be less than due_within")
		}
	}
	if t.op == opIs && len(q.Is) == 0 || t.op == opIsNot && len(q.IsNot) == 0 || t.op == opWords && len(q.HasAnyOf) == 0 {
		b.bad(ops[0], "%s lists nothing", ops[0])
	}
	return t
}

func (b *builder) bounds(t *Test) {
	q := b.q
	if q.AtLeast != nil {
		t.lo = *q.AtLeast
	}
	if q.MoreThan != nil && *q.MoreThan < math.MaxInt64 {
		t.lo = max(t.lo, *q.MoreThan+1)
	}
	if q.AtMost != nil {
		t.hi = *q.AtMost
	}
	if q.LessThan != nil && *q.LessThan > math.MinInt64 {
		t.hi = min(t.hi, *q.LessThan-1)
	}
	var says []string
	for _, w := range []struct {
		word  string
		bound *int64
	}{{"more than", q.MoreThan}, {"at least", q.AtLeast}, {"less than", q.LessThan}, {"at most", q.AtMost}} {
		if w.bound != nil {
			says = append(says, fmt.Sprintf("%s %d", w.word, *w.bound))
		}
	}
	t.label = strings.Join(says, " and ")
	if t.lo > t.hi {
		b.bad("field", "no number is in these bounds")
	}
}

// where resolves a field's name.
func (b *builder) where() (field, bool) {
	name := b.q.Field
	bare, person, company := name, true, true
	if rest, ok := strings.CutPrefix(name, "person."); ok {
		bare, company = rest, false
	} else if rest, ok := strings.CutPrefix(name, "company."); ok {
		bare, person = rest, false
	}
	ofPerson := person && slices.Contains(account.PersonFields, bare)
	ofCompany := company && slices.Contains(account.CompanyFields, bare)
	f := field{name: bare, person: ofPerson, label: strings.ReplaceAll(bare, "_", " ")}
	switch {
	case ofPerson && ofCompany:
		b.bad("field", "both a company and a person have %q; write company.%s or person.%s", bare, bare, bare)
		return f, false
	case !ofPerson && !ofCompany:
		var known []string
		for _, k := range account.CompanyFields {
			known = append(known, k, "company."+k)
		}
		for _, k := range account.PersonFields {
			known = append(known, k, "person."+k)
		}
		near := DidYouMean(name, known)
		if near == "" {
			near = fmt.Sprintf("; a company has %s; a person has %s", strings.Join(account.CompanyFields, ", "), strings.Join(account.PersonFields, ", "))
		}
		b.bad("field", "there is no field %q%s", name, near)
		return f, false
	}
	return f, true
}
