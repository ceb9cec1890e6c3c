package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/pattern"
	"handoff/shared/touch"
)

// Fold is what facts keep of touches: the latest K per rule, milestones, days of usage. It implements account.Memory.
type Fold struct {
	byKind map[string]*entries
	rest   entries // for kinds that byKind does not have: patterns that name no kind
	k      map[string]int
	labels map[string]string
	hash   string
}

// entries are what may be kept of one kind of touch.
type entries struct {
	always []account.Keep // the kind alone decides
	asked  []asked        // a pattern decides
}

type asked struct {
	keep    account.Keep
	pattern *pattern.Pattern
}

// newFold indexes a plan by kind of touch.
func newFold(plan *condition.Plan, usage []string) (*Fold, error) {
	f := &Fold{byKind: map[string]*entries{}, k: map[string]int{}, labels: map[string]string{}}
	type kept struct {
		Name, Pattern string
		K             int
	}
	var all []kept
	var loose []asked
	add := func(s *condition.Selector, keep account.Keep) {
		all = append(all, kept{s.Name, s.Canonical, keep.K})
		f.labels[s.Name] = s.Label
		if len(s.Kinds) == 0 {
			loose = append(loose, asked{keep, s.Pattern})
		}
		for _, kind := range s.Kinds {
			e := f.of(kind)
			if s.Pattern == nil {
				e.always = append(e.always, keep)
			} else {
				e.asked = append(e.asked, asked{keep, s.Pattern})
			}
		}
	}
	for i := range plan.Rules {
		s := &plan.Rules[i]
		f.k[s.Name] = s.K
		add(s, account.Keep{Name: s.Name, K: s.K})
	}
	for i := range plan.Milestones {
		add(&plan.Milestones[i], account.Keep{Name: plan.Milestones[i].Name, Milestone: true})
	}
	usage = slices.Compact(slices.Sorted(slices.Values(usage)))
	for _, kind := range usage {
		e := f.of(kind)
		e.always = append(e.always, account.Keep{Usage: true})
	}
	f.rest.asked = loose
	for _, e := range f.byKind {
		e.asked = append(e.asked, loose...)
	}
	slices.SortFunc(all, func(a, b kept) int { return strings.Compare(a.Name+"\x00"+a.Pattern, b.Name+"\x00"+b.Pattern) })
	var err error
	f.hash, err = hash(struct {
		Kept  []kept
		Usage []string
	}{all, usage})
	return f, err
}

func (f *Fold) of(kind string) *entries {
	e := f.byKind[kind]
	if e == nil {
		e = &entries{}
		f.byKind[kind] = e
	}
	return e
}

// Hash changes with anything that would make facts differ.
func (f *Fold) Hash() string { return f.hash }

// Keep is a rule's K, 0 for an unknown rule.
func (f *Fold) Keep(rule string) int { return f.k[rule] }

// Label says for people what facts keep under a name.
func (f *Fold) Label(name string) string { return f.labels[name] }

// Match appends what to keep of t: rules, milestones, and a Keep with Usage alone where t makes its day one of usage.
// It depends on nothing but what the payload made of t. A withdrawn revision is kept for nothing.
func (f *Fold) Match(t *touch.Touch, dst []account.Keep) []account.Keep {
	if t.Withdrawn {
		return dst
	}
	e := f.byKind[t.Kind]
	if e == nil {
		e = &f.rest
	}
	dst = append(dst, e.always...)
	if len(e.asked) > 0 {
		dst = e.ask(t, dst)
	}
	return dst
}

var parsed = sync.Pool{New: func() any { return new(pattern.Event) }}

func (e *entries) ask(t *touch.Touch, dst []account.Keep) []account.Keep {
	b, err := json.Marshal(t)
	if err != nil {
		return dst // cannot be: a touch came from JSON
	}
	ev := parsed.Get().(*pattern.Event)
	defer parsed.Put(ev)
	if err := pattern.Parse(b, ev); err != nil {
		return dst // cannot be, for the same reason
	}
	for i := range e.asked {
		if e.asked[i].pattern.Match(ev) {
			dst = append(dst, e.asked[i].keep)
		}
	}
	return dst
}
