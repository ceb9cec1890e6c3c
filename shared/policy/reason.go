package policy

import (
	"fmt"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/scoring"
)

// explainer tells conditions what signals, score, playbooks and stages rest on.
type explainer Policy

// BecauseSignal gathers what signals are inferred from.
func (x *explainer) BecauseSignal(f *condition.Frame, mask uint64, c *condition.Cause) {
	x.score.BecauseSignal(f, mask, c)
}

// BecauseScore names the rules that weigh most.
func (x *explainer) BecauseScore(f *condition.Frame, c *condition.Cause) {
	x.score.BecauseScore(f, c)
	if c.Brief {
		return
	}
	fired, _, _ := x.score.Explain(f)
	c.Texts = append(c.Texts, fmt.Sprintf("score %d (fit %d, interest %d)%s", f.Score, f.Fit, f.Interest, scoring.Weightiest(fired)))
}

// BecausePQL gathers why playbooks hold.
func (x *explainer) BecausePQL(f *condition.Frame, mask uint64, c *condition.Cause) {
	x.score.BecausePQL(f, mask, c)
}

// BecauseStage gathers why the account stands where it does.
func (x *explainer) BecauseStage(f *condition.Frame, funnel int, c *condition.Cause) {
	x.funnel.BecauseStage(f, funnel, x, c)
}

// Why says why a play holds: in words, by which touches, since when. ok is false where it does not hold.
func (p *Policy) Why(v *account.View, play string) (c condition.Cause, ok bool) {
	f := p.frame(v)
	defer p.done(f)
	for i := range p.Plays {
		if p.Plays[i].Name == play && p.holds(f, i) {
			p.plays[i].Because(f, (*explainer)(p), &c)
			c.Newest = p.dated(f, c.Newest)
			return c, true
		}
	}
	return c, false
}
