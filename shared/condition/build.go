package condition

import (
	"fmt"
	"slices"
	"strings"

	"handoff/shared/problem"
	"handoff/shared/span"
)

type builder struct {
	c     *Compiler
	q     *Condition
	path  string
	scope Scope
	out   *problem.List
}

func (b *builder) bad(key, format string, args ...any) {
	path := b.path
	if key != "" {
		path += "." + key
	}
	b.out.Add(path, format, args...)
}

// build finds the one question, has it compiled, and refuses modifiers that belong to another.
func (b *builder) build() Test {
	asked := b.questions()
	if len(asked) == 0 {
		b.bad("", "the condition asks nothing; write one of touch, reached, field, band, all, any, …")
		return Test{}
	}
	if len(asked) > 1 {
		b.bad("", "the condition asks %d things at once (%s); put them under all: or any:", len(asked), strings.Join(asked, ", "))
		return Test{}
	}
	b.modifiers(asked[0])
	switch asked[0] {
	case "all":
		return Test{op: opAll, kids: b.list("all", b.q.All)}
	case "any":
		return Test{op: opAny, kids: b.list("any", b.q.Any), n: b.some()}
	case "not":
		return Test{op: opNot, kids: []Test{b.c.Compile(b.q.Not, b.path+".not", b.scope, b.out)}}
	case "touch":
		return b.touch()
	case "reached":
		return b.reached()
	case "field":
		return b.field()
	case "no_touch_for":
		return Test{op: opSilence, within: ms(b.q.NoTouchFor), index: b.c.plan.Activity}
	case "usage_fell_by":
		return b.usage()
	case "active_days":
		return b.active()
	case "deal":
		return b.deal()
	case "committee", "committee_at_least":
		return b.committee()
	case "checklist":
		return b.checklist()
	default:
		return b.made(asked[0])
	}
}

func (b *builder) list(key string, qs []Condition) []Test {
	kids := make([]Test, len(qs))
	for i := range qs {
		kids[i] = b.c.Compile(&qs[i], fmt.Sprintf("%s.%s[%d]", b.path, key, i), b.scope, b.out)
	}
	return kids
}

// some is how many of any: must hold.
func (b *builder) some() int {
	switch n := b.q.AtLeast; {
	case n == nil:
		return 1
	case *n < 1 || *n > int64(len(b.q.Any)):
		b.bad("at_least", "any: lists %d conditions, so at_least is a number from 1 to %d, not %d", len(b.q.Any), len(b.q.Any), *n)
		return 1
	default:
		return int(*n)
	}
}

func ms(d span.Span) int64 { return d.Duration().Milliseconds() }

func (b *builder) touch() Test {
	n := 1
	if b.q.AtLeast != nil {
		n = int(min(max(*b.q.AtLeast, 1), MaxKept))
		switch {
		case *b.q.AtLeast < 1:
			b.bad("at_least", "at_least must be 1 or more; for none, put the condition under not:")
		case *b.q.AtLeast > MaxKept:
			b.bad("at_least", "%d touches are too many: facts keep at most %d of one question", *b.q.AtLeast, MaxKept)
		}
	}
	slot, s := b.c.Select(b.q.Touch, b.q.Pattern, n, b.path, b.out)
	return Test{op: opTouch, slot: slot, n: n, within: ms(b.q.Within), older: ms(b.q.OlderThan), label: s.Label, kinds: s.Kinds, signal: s.ofCompany()}
}

func (b *builder) milestone(key, name string) int {
	var known []string
	for i := range b.c.plan.Milestones {
		known = append(known, b.c.plan.Milestones[i].Name)
	}
	i := slices.Index(known, name)
	if i < 0 {
		b.bad(key, "there is no milestone %q%s", name, OrList(name, known))
		return 0
	}
	return i
}

func (b *builder) reached() Test {
	if len(b.c.plan.Milestones) == 0 {
		b.bad("reached", "funnels.yaml declares no milestones")
		return Test{}
	}
	t := Test{op: opReached, index: b.milestone("reached", b.q.Reached), within: ms(b.q.Within), older: ms(b.q.OlderThan)}
	for i, name := range b.q.LaterThan {
		t.later = append(t.later, b.milestone(fmt.Sprintf("later_than[%d]", i), name))
	}
	t.label = strings.ReplaceAll(b.q.Reached, "_", " ")
	t.signal = b.c.plan.Milestones[t.index].ofCompany()
	t.kinds, t.says = b.c.plan.Milestones[t.index].Kinds, b.c.plan.Milestones[t.index].Says
	return t
}

func (b *builder) usage() Test {
	days := b.over()
	if b.q.UsageFellBy < 1 || b.q.UsageFellBy > 100 {
		b.bad("usage_fell_by", "usage_fell_by is a percentage from 1 to 100, not %d", b.q.UsageFellBy)
	}
	least := int64(1)
	if b.q.AtLeast != nil {
		least = *b.q.AtLeast
	}
	return Test{op: opUsage, percent: int64(b.q.UsageFellBy), over: days, lo: least, static: b.remember()}
}

func (b *builder) active() Test {
	days := b.over()
	if b.q.ActiveDays < 1 || int64(b.q.ActiveDays) > max(days, 1) {
		b.bad("active_days", "active_days is at least 1 and at most the days of over, not %d", b.q.ActiveDays)
	}
	return Test{op: opActive, over: days, lo: int64(b.q.ActiveDays), static: b.remember()}
}

// over is a number of days that fits twice into the bitmap of active days.
func (b *builder) over() int64 {
	days := int64(b.q.Over / span.Day)
	if days < 1 || days > MaxOver || b.q.Over%span.Day != 0 {
		b.bad("over", "over is a number of whole days from 1d to %dd, not %s", MaxOver, b.q.Over)
	}
	return days
}

func (b *builder) deal() Test {
	for _, s := range b.q.Deal {
		if !slices.Contains([]string{"open", "won", "lost"}, s) {
			b.bad("deal", "a deal is open, won or lost, not %q", s)
		}
	}
	for _, s := range b.q.DealType {
		if !slices.Contains([]string{"new", "expansion", "renewal"}, s) {
			b.bad("deal_type", "a deal's type is new, expansion or renewal, not %q", s)
		}
	}
	return Test{op: opDeal, values: b.q.Deal, types: b.q.DealType, static: b.remember()}
}

func (b *builder) remember() int {
	b.c.plan.statics++
	return b.c.plan.statics - 1
}

// made compiles questions about what has been made of the account so far.
func (b *builder) made(key string) Test {
	need, why := OfScores, "the score is made of"
	switch key {
	case "customer":
		need, why = OfMembers, "being a customer is decided by"
	case "signal":
		need, why = OfSignals, "signals are made of, and customers are told by,"
	case "stage", "stage_overdue":
		need, why = OfStages, "the stage is decided by"
	}
	if b.scope < need {
		b.bad(key, "%s conditions like this one, so it cannot ask for %s", why, key)
		return Test{}
	}
	switch key {
	case "customer":
		return Test{op: opCustomer, want: *b.q.Customer}
	case "signal":
		if slices.Equal(b.q.Signal, []string{"any"}) {
			return Test{op: opSignal, mask: ^uint64(0)}
		}
		return Test{op: opSignal, mask: b.mask(key, b.q.Signal, b.c.Signals)}
	case "band":
		return Test{op: opBand, mask: b.mask(key, b.q.Band, b.c.Bands), values: b.q.Band}
	case "quadrant":
		return Test{op: opQuadrant, mask: b.mask(key, b.q.Quadrant, b.c.Quadrants), values: b.q.Quadrant}
	case "motion":
		return Test{op: opMotion, mask: b.mask(key, b.q.Motion, b.c.Motions), values: b.q.Motion}
	case "pql":
		if slices.Equal(b.q.PQL, []string{"any"}) {
			return Test{op: opPQL, mask: ^uint64(0)}
		}
		return Test{op: opPQL, mask: b.mask(key, b.q.PQL, b.c.Playbooks)}
	case "score_at_least":
		return Test{op: opScore, lo: *b.q.ScoreAtLeast, index: 0}
	case "fit_at_least":
		return Test{op: opScore, lo: *b.q.FitAtLeast, index: 1}
	case "interest_at_least":
		return Test{op: opScore, lo: *b.q.InterestAtLeast, index: 2}
	}
	return b.stage(key)
}

func (b *builder) stage(key string) Test {
	at := 0
	if b.q.Funnel != "" {
		if at = slices.Index(b.c.Funnels, b.q.Funnel); at < 0 {
			b.bad("funnel", "there is no active funnel %q%s", b.q.Funnel, OrList(b.q.Funnel, b.c.Funnels))
			return Test{}
		}
	}
	if at >= len(b.c.Stages) {
		b.bad(key, "no funnel is active, so there are no stages to ask for")
		return Test{}
	}
	if key == "stage_overdue" {
		return Test{op: opOverdue, index: at, want: *b.q.StageOverdue, values: b.c.Stages[at]}
	}
	return Test{op: opStage, index: at, mask: b.mask("stage", b.q.Stage, b.c.Stages[at]), values: b.q.Stage}
}

func (b *builder) mask(key string, names, known []string) uint64 {
	var m uint64
	for _, n := range names {
		i := slices.Index(known, n)
		if i < 0 {
			b.bad(key, "there is no %s %q%s", key, n, OrList(n, known))
			continue
		}
		m |= 1 << i
	}
	return m
}

// OrList suggests the nearest known word, or lists them all.
func OrList(word string, known []string) string {
	if s := DidYouMean(word, known); s != "" {
		return s
	}
	if len(known) == 0 {
		return ""
	}
	return "; known are " + strings.Join(known, ", ")
}
