package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/event"
)

// explainer tells conditions what score, playbooks and stages rest on.
type explainer struct {
	p *Policy
	f *condition.Frame
}

// inReason is how many rules a sentence for a rep names.
const inReason = 4

// BecauseScore names the rules that weigh most.
func (x explainer) BecauseScore(c *condition.Cause) {
	x.p.score.BecauseScore(x.f, c)
	if c.Brief {
		return
	}
	fired, _, _ := x.p.score.Explain(x.f)
	fired = slices.DeleteFunc(fired, func(r event.Contribution) bool { return r.Points <= 0 })
	slices.SortStableFunc(fired, func(a, b event.Contribution) int { return cmp.Compare(b.Points, a.Points) })
	text := fmt.Sprintf("score %d (fit %d, interest %d)", x.f.Score, x.f.Fit, x.f.Interest)
	for i, r := range fired[:min(len(fired), inReason)] {
		text += [...]string{": ", "; "}[min(i, 1)] + r.Text
	}
	c.Texts = append(c.Texts, text)
}

// BecausePQL gathers why playbooks hold.
func (x explainer) BecausePQL(mask uint64, c *condition.Cause) {
	x.p.score.BecausePlaybooks(x.f, mask, c)
}

// BecauseStage gathers why the account stands where it does.
func (x explainer) BecauseStage(funnel int, c *condition.Cause) {
	x.p.funnel.BecauseStage(x.f, funnel, x, c)
}

// Why says why a play holds: in words, by which touches, since when. ok is false where it does not hold.
func (p *Policy) Why(v *account.View, play string) (c condition.Cause, ok bool) {
	f := p.frame(v)
	defer p.done(f)
	for i := range p.Plays {
		if p.Plays[i].Name == play && p.plays[i].Holds(f) {
			p.plays[i].Because(f, explainer{p, f}, &c)
			c.Newest = p.dated(f, c.Newest)
			return c, true
		}
	}
	return c, false
}

// Reason is the one sentence a rep reads: why this play, now. e is the view's evaluation.
func (p *Policy) Reason(v *account.View, e *event.Evaluation, play string) string {
	c, ok := p.Why(v, play)
	if !ok {
		return fmt.Sprintf("The play %s no longer holds; the score is %d.", play, e.Score)
	}
	texts := slices.Clone(c.Texts)
	seen := map[string]bool{}
	texts = slices.DeleteFunc(texts, func(s string) bool {
		twice := seen[s] || s == ""
		seen[s] = true
		return twice
	})
	if len(texts) == 0 {
		return fmt.Sprintf("The condition of the play %s holds.", play)
	}
	return condition.Sentence(strings.Join(texts, "; ")) + "."
}
