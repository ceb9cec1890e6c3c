package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"handoff/functions/ingest"
	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/contract"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/scoring"
)

// Aside is what made no touch, summed up by why.
type Aside struct {
	Contract string    `json:"contract,omitempty"` // name@version; empty where none recognised the event
	Source   string    `json:"source"`             // the envelope's, of the first
	Code     string    `json:"code,omitempty"`     // of a quarantined event: see contract.Codes
	Field    string    `json:"field,omitempty"`
	Reason   string    `json:"reason"`
	Owner    string    `json:"owner,omitempty"` // the team that is to mend it
	Count    int       `json:"count"`
	First    time.Time `json:"first"` // by the envelope's time
	Last     time.Time `json:"last"`
	Example  string    `json:"example"` // event id of the last
	// Rules and Plays read what these events would have brought, where that can be told: a field of the same name, or the
	// few kinds of touch that this contract makes of such events. Empty means that it cannot be told, not that none does.
	Rules []string `json:"rules,omitempty"`
	Plays []string `json:"plays,omitempty"`

	types map[string]bool
}

// asideKey is what is summed up together.
type asideKey struct {
	typ                                    ledger.Type
	contract, source, code, field, subject string
}

// Rejects is all that ingest set aside.
type Rejects struct {
	At          time.Time `json:"at"`
	Quarantined int       `json:"quarantined"`
	Ignored     int       `json:"ignored"`
	Quarantine  []Aside   `json:"quarantine"` // most first
	Ignore      []Aside   `json:"ignore"`
}

// general says in general what the reasons of some codes say of one event.
var general = map[string]string{
	contract.FutureTime: "The event's time is more than 24 hours ahead of its delivery.",
	contract.IDReused:   "The id stands in the ledger with another content.",
}

func (p *past) turnedAway(row *ledger.Row, a *ingest.Aside) {
	k := asideKey{typ: row.Type, contract: a.Contract, subject: a.Reason}
	var code, field, owner string
	if a.Failure != nil {
		code, field, owner = a.Failure.Code, a.Failure.Field, a.Failure.Owner
		k.code, k.field = code, field
		if general[code] != "" {
			k.subject = general[code]
		}
	}
	if a.Contract == "" {
		k.source = a.Source
	}
	x := p.aside[k]
	if x == nil {
		x = &Aside{Contract: a.Contract, Source: a.Source, Code: code, Field: field, Reason: k.subject, Owner: owner, First: row.Time, types: map[string]bool{}}
		p.aside[k] = x
	}
	x.Count++
	x.types[a.DetailType] = true
	if row.Time.Before(x.First) {
		x.First = row.Time
	}
	if !row.Time.Before(x.Last) {
		x.Last, x.Example = row.Time, a.EventID
	}
	if a.Contract != "" && a.Failure != nil {
		p.hear(contractName(a.Contract), row.RecordedAt)
	}
}

// maxKinds is of how many kinds of touch it is still worth saying who reads them.
const maxKinds = 6

// Rejects sums up quarantine and what was ignored.
func (s *Snapshot) Rejects(ctx context.Context) (*Rejects, error) {
	p, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	out := &Rejects{At: s.At, Quarantine: []Aside{}, Ignore: []Aside{}}
	for k, a := range p.aside {
		if k.typ == ledger.Ignored {
			out.Ignored += a.Count
			out.Ignore = append(out.Ignore, *a)
			continue
		}
		out.Quarantined += a.Count
		x := *a
		x.Rules, x.Plays = s.readers(p, a)
		out.Quarantine = append(out.Quarantine, x)
	}
	for _, l := range [][]Aside{out.Quarantine, out.Ignore} {
		slices.SortFunc(l, func(a, b Aside) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), compare(a.Contract, b.Contract), compare(a.Code, b.Code), compare(a.Field, b.Field), compare(a.Reason, b.Reason), compare(a.Source, b.Source))
		})
	}
	return out, nil
}

func (s *Snapshot) readers(p *past, a *Aside) (rules, plays []string) {
	var w wanted
	for _, path := range strings.Split(a.Field, " or ") {
		name := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
		if a.Code == contract.Schema && (slices.Contains(account.PersonFields, name) || slices.Contains(account.CompanyFields, name)) {
			w.fields = append(w.fields, name)
		}
	}
	w.kinds = map[string]bool{}
	for typ := range a.types {
		for kind := range p.kinds[a.Contract+" "+typ] {
			w.kinds[kind] = true
		}
	}
	if len(w.kinds) > maxKinds {
		w.kinds = nil
	}
	return w.readers(s.Policy)
}

// wanted is what conditions may have missed.
type wanted struct {
	fields []string
	kinds  map[string]bool
	rules  bool // a rule reads it, so does whatever asks for score or band
	signs  map[string]bool
	books  map[string]bool
	miles  map[string]bool
}

func (w *wanted) readers(p *policy.Policy) (rules, plays []string) {
	if len(w.fields)+len(w.kinds) == 0 {
		return nil, nil
	}
	w.signs, w.books, w.miles = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for name, m := range p.Funnels.Milestones {
		w.miles[name] = slices.ContainsFunc(m.Touch, func(k string) bool { return w.kinds[k] })
	}
	for i := range p.Scoring.Signals {
		if s := &p.Scoring.Signals[i]; w.by(&s.When) {
			w.signs[s.Name] = true
			rules = append(rules, s.Name)
		}
	}
	for _, r := range slices.Concat(p.Scoring.Fit.Rules, p.Scoring.Interest.Rules) {
		if w.by(&r.Condition) {
			w.rules = true
			rules = append(rules, r.Name)
		}
	}
	for i := range p.Scoring.Playbooks {
		if b := &p.Scoring.Playbooks[i]; w.playbook(b) {
			w.books[b.Name] = true
			rules = append(rules, b.Name)
		}
	}
	for i := range p.Plays {
		if pl := &p.Plays[i]; pl.When != nil && w.by(pl.When) {
			plays = append(plays, pl.Name)
		}
	}
	return rules, plays
}

func (w *wanted) playbook(b *scoring.Playbook) bool {
	return b.When != nil && w.by(b.When) || slices.ContainsFunc(slices.Concat(b.Fit.Rules, b.Usage.Rules, b.Intent.Rules), func(r scoring.Rule) bool {
		return w.by(&r.Condition)
	})
}

// by reports whether a condition reads it.
func (w *wanted) by(c *condition.Condition) bool {
	kid := func(k condition.Condition) bool { return w.by(&k) }
	switch {
	case slices.ContainsFunc(c.All, kid), slices.ContainsFunc(c.Any, kid), c.Not != nil && w.by(c.Not):
		return true
	case slices.ContainsFunc(c.Touch, func(k string) bool { return w.kinds[k] }), w.miles[c.Reached]:
		return true
	case len(c.Signal) > 0:
		return slices.ContainsFunc(c.Signal, func(s string) bool { return w.signs[s] || s == "any" && len(w.signs) > 0 })
	case len(c.PQL) > 0:
		return slices.ContainsFunc(c.PQL, func(b string) bool { return w.books[b] || b == "any" && len(w.books) > 0 })
	case len(c.Band) > 0, len(c.Quadrant) > 0, c.ScoreAtLeast != nil, c.FitAtLeast != nil, c.InterestAtLeast != nil:
		return w.rules
	}
	_, name, found := strings.Cut(c.Field, ".")
	if !found {
		name = c.Field
	}
	return name != "" && slices.Contains(w.fields, name)
}
