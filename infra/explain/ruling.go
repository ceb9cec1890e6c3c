package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/policy"
)

// ruling is a policy of the past, as the ledger keeps it.
type ruling struct {
	policy *policy.Policy // nil where its text is not at hand, or this build cannot read it
	active *policy.Active // with who activated it; nil where its text is not at hand
	files  map[string]string
}

// kept is one policy of the ledger.
type kept struct {
	policy.Active
	recorded time.Time
}

// policyTexts are the policies that were ever activated, and the defaults that builds brought.
func policyTexts(ctx context.Context, l *ledger.Ledger) ([]kept, error) {
	var out []kept
	for row, err := range l.Timeline(ctx, policy.ActiveKey.Partition, time.Time{}, time.Time{}) {
		if err != nil {
			return nil, fmt.Errorf("explain: read the policies of the past: %w", err)
		}
		x := kept{recorded: row.RecordedAt}
		if row.Type != ledger.Policy && row.Type != ledger.Default {
			continue
		}
		if err := json.Unmarshal(row.Body, &x.Active); err != nil {
			return nil, fmt.Errorf("explain: read the policies of the past: row %s: %w", row.ID, err)
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b kept) int { return a.recorded.Compare(b.recorded) })
	return out, nil
}

// ruledBy is the policy by which something was done at a time: the one of that number and those hashes. Of the defaults
// of several builds whose rules are the same it is the latest that was known by then.
func (t *teller) ruledBy(ctx context.Context, ref event.PolicyRef, at time.Time) (*ruling, error) {
	if t.texts == nil {
		texts, err := policyTexts(ctx, t.Ledger)
		if err != nil {
			return nil, err
		}
		t.texts = &texts
	}
	best := -1
	for i, x := range *t.texts {
		if x.Eval != ref.Eval || x.Fold != ref.Fold { // the hashes of then: a newer build may make others of the same text
			continue
		}
		exact := x.Epoch == ref.Epoch
		was := best >= 0 && (*t.texts)[best].Epoch == ref.Epoch
		if best < 0 || exact && (!was || !x.recorded.After(at)) {
			best = i
		}
	}
	if best < 0 {
		if ref.Eval == t.policy.EvalHash && ref.Fold == t.policy.FoldHash {
			return &ruling{policy: t.policy, files: t.policy.Text}, nil
		}
		return &ruling{}, nil
	}
	if t.rulings[best] == nil {
		a := &(*t.texts)[best].Active
		r := &ruling{active: a, files: a.Files}
		if p, err := a.Compile(); err == nil {
			r.policy = p
		}
		if t.rulings == nil {
			t.rulings = map[int]*ruling{}
		}
		t.rulings[best] = r
	}
	return t.rulings[best], nil
}

// PolicyThen is the policy under which a decision was made.
type PolicyThen struct {
	event.PolicyRef
	// By, At and Why are those of its activation; empty of the default, which nobody activated.
	By  string    `json:"by,omitempty"`
	At  time.Time `json:"at,omitzero"`
	Why string    `json:"why,omitempty"`
	// Same says that its rules are those in force now; SameTeams that the teams are, too. AtHand says that its text could
	// be found.
	Same      bool `json:"same"`
	SameTeams bool `json:"same_teams"`
	AtHand    bool `json:"at_hand"`
	// Text is everything that the decision rests on, as it was written then.
	Text []Passage `json:"text"`
}

// policyThen describes a policy, without passages.
func (t *teller) policyThen(ref event.PolicyRef, r *ruling) PolicyThen {
	out := PolicyThen{PolicyRef: ref, AtHand: r.files != nil, Text: []Passage{}}
	out.Same = ref.Eval == t.policy.EvalHash && ref.Fold == t.policy.FoldHash
	out.SameTeams = r.files[teamsFile] == t.policy.Text[teamsFile]
	if a := r.active; a != nil && a.Epoch > 0 && a.Epoch == ref.Epoch {
		out.By, out.At, out.Why = a.By, a.At, a.Why
	}
	return out
}

// passages are what a decision rests on: its play, its evaluation, and by the policy under which it was routed, which
// may be a later one, the team that takes it.
func (t *teller) passages(ctx context.Context, d *made, r *ruling) ([]Passage, error) {
	e := &d.decision.Evaluation
	g := newPages(e.Policy.Epoch, r.files)
	g.play(d.decision.Play)
	g.evaluation(e)
	team := ""
	if o := d.outcome; o != nil && o.Choice != nil {
		team = o.Choice.Team
	} else if r.policy != nil {
		if p := r.policy.Play(d.decision.Play); p != nil {
			team = p.Team
		}
	}
	if team == "" {
		return g.out, nil
	}
	by := g
	if o := d.outcome; o != nil && o.Policy != (event.PolicyRef{}) && o.Policy != e.Policy {
		then, err := t.ruledBy(ctx, o.Policy, o.At)
		if err != nil {
			return nil, err
		}
		by = newPages(o.Policy.Epoch, then.files)
	}
	by.team(team)
	if by != g {
		return append(g.out, by.out...), nil
	}
	return g.out, nil
}
