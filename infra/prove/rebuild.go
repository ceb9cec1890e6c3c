package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// Rebuilt is the proof that the ledger alone makes the accounts that stand.
type Rebuilt struct {
	Accounts  int             `json:"accounts"`  // that were folded again
	Touches   int             `json:"touches"`   // that went into them
	Equal     int             `json:"equal"`     // byte for byte, with the same evaluation
	Waiting   int             `json:"waiting"`   // their own refold under the policy in force is still to come
	Different []Different     `json:"different"` // the rest
	Policy    event.PolicyRef `json:"policy"`
}

// Different is an account that the ledger makes otherwise.
type Different struct {
	Account string   `json:"account"`
	AsOf    string   `json:"as_of,omitempty"` // of the evaluation that was compared
	Facts   []string `json:"facts,omitempty"` // sentences: what of the facts differs
	Outcome []string `json:"outcome,omitempty"`
}

// Rebuild folds the accounts named, or all where none is, again from the ledger under the active policy, and compares
// facts byte for byte, and the evaluation as of the hour of the one that stands. It changes nothing: score's own refold
// is what repairs an account, and it follows any link that moves the account's touches or a policy that folds otherwise.
func Rebuild(ctx context.Context, s *stack.Stack, accounts ...string) (*Rebuilt, error) {
	p, err := s.Policy.Active(ctx)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	out := &Rebuilt{Different: []Different{}, Policy: p.Ref()}
	if len(accounts) > 0 {
		for _, id := range accounts {
			rec, err := s.Accounts.Get(ctx, account.Key(id))
			if err != nil {
				return nil, fmt.Errorf("prove: read %s: %w", id, err)
			}
			if err := out.account(ctx, s, p, rec); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	err = scan(ctx, s.Accounts, func(rec store.Record) error {
		if rec.Sort != account.Key("").Sort || !subject.Valid(rec.Partition) {
			return nil
		}
		return out.account(ctx, s, p, rec)
	})
	return out, err
}

// account folds one account again. Subjects that lead elsewhere are no accounts; their touches are counted where they
// belong.
func (out *Rebuilt) account(ctx context.Context, s *stack.Stack, p *policy.Policy, rec store.Record) error {
	it, err := account.FromRecord(rec)
	if err != nil {
		return fmt.Errorf("prove: read %s: %w", rec.Partition, err)
	}
	var facts account.Facts
	var scratch []account.Keep
	n, r := 0, s.Graph.Reader()
	for t, err := range s.Graph.Touches(ctx, it.ID, time.Time{}, time.Time{}) {
		if err != nil {
			return fmt.Errorf("prove: fold %s again: %w", it.ID, err)
		}
		_, as, err := r.Whose(ctx, t)
		if err != nil {
			return fmt.Errorf("prove: whose is touch %s: %w", t.ID, err)
		}
		_, scratch = facts.Absorb(t, as, p.Memory(), scratch)
		n++
	}
	if n == 0 && it.Facts.Empty() {
		return nil
	}
	out.Accounts++
	out.Touches += n
	if it.Fold != p.FoldHash && it.Fold != "" || it.Next != nil || len(it.Refold) > 0 {
		out.Waiting++
		return nil
	}
	d := Different{Account: it.ID}
	if !bytes.Equal(facts.Encode(), it.Facts.Encode()) {
		d.Facts = differ(&it.Facts, &facts)
	}
	if it.Told.AsOf != 0 && it.Told.Eval == p.EvalHash {
		at := time.Unix(it.Told.AsOf, 0).UTC()
		v, err := s.Graph.Reader().View(ctx, it.ID, &facts, at)
		if err != nil {
			return fmt.Errorf("prove: evaluate %s: %w", it.ID, err)
		}
		d.AsOf, d.Outcome = at.Format(time.RFC3339), outcome(&it.Told, p.Outcome(v))
	}
	if len(d.Facts)+len(d.Outcome) > 0 {
		out.Different = append(out.Different, d)
	} else {
		out.Equal++
	}
	return nil
}

// outcome says where an evaluation differs from the one that stands.
func outcome(told *account.Told, o policy.Outcome) []string {
	var out []string
	say := func(what string, stands, folded any) {
		if fmt.Sprint(stands) != fmt.Sprint(folded) {
			out = append(out, fmt.Sprintf("%s is %v, and by the ledger %v", what, stands, folded))
		}
	}
	say("the score", told.Score, o.Score)
	say("the band", told.Band, o.Band)
	say("the quadrant", told.Quadrant, o.Quadrant)
	for _, funnel := range slices.Sorted(maps.Keys(o.Stages)) {
		say("the stage in "+funnel, told.Stages[funnel], o.Stages[funnel])
	}
	return out
}

// differ says what of the facts differs, part by part. JSON is only how the parts are shown and compared here.
func differ(stands, folded *account.Facts) []string {
	parts := func(f *account.Facts) map[string]string {
		out := map[string]string{}
		show := func(name string, v any) {
			if b, err := json.Marshal(v); err == nil {
				out[name] = string(b)
			}
		}
		for name, els := range f.Rules {
			show("touches kept for "+name, shown(els...))
		}
		for name, el := range f.First {
			show("the first of "+name, shown(el))
		}
		for name, el := range f.Last {
			show("the last of "+name, shown(el))
		}
		for name, r := range f.Company {
			show("the company's "+name, r.Value+" "+shown(r.Element)[0])
		}
		for name, r := range f.Below {
			show("of companies below, the "+name, r.Value+" "+shown(r.Element)[0])
		}
		show("the days of use", f.Days)
		show("the people", f.People)
		show("the deals", f.Opportunities)
		show("the invoices", f.Invoices)
		show("the latest day", f.LastDay)
		return out
	}
	a, b := parts(stands), parts(folded)
	names := slices.Sorted(maps.Keys(a))
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []string
	for _, name := range names {
		if a[name] != b[name] {
			out = append(out, fmt.Sprintf("%s: stands %s, by the ledger %s", name, strings.TrimSpace(none(a[name])), strings.TrimSpace(none(b[name]))))
		}
	}
	if len(out) == 0 {
		out = append(out, "the bytes differ, though every part looks the same")
	}
	return out
}

func none(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// shown is a touch as facts keep it, for people: its id and its time.
func shown(els ...account.Element) []string {
	out := make([]string, len(els))
	for i, el := range els {
		out[i] = el.ID.String() + " of " + time.UnixMilli(el.Time).UTC().Format(time.RFC3339)
	}
	return out
}
