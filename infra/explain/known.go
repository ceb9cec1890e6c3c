package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/prose"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// known evaluates again what was known when a decision was made, and what is known now of the same moment.
func (t *teller) known(ctx context.Context, d *made, out *Decision, p *policy.Policy) error {
	certain, moment, v, e, err := t.then(ctx, p, d)
	if err != nil {
		return err
	}
	k := &out.Known
	k.Then, k.Same = e, same(e, &d.decision.Evaluation)
	if _, maybe := t.past.before(d); !k.Same && len(maybe) > 1 {
		k.AtOnce = len(maybe)
	}
	if c, ok := p.Why(v, d.decision.Play); ok {
		t.grounds(ctx, out, c.Evidence)
	}
	at := d.at
	if c := t.past.byID[cause(d)]; c != nil {
		at = c.RecordedAt
	}
	late, setRight, err := t.past.late(ctx, at, at)
	if err != nil {
		return err
	}
	if !t.asKnown.IsZero() {
		after := func(x *touch.Touch) bool { return x.RecordedAt.After(t.asKnown) }
		late, setRight = slices.DeleteFunc(late, after), slices.DeleteFunc(setRight, after)
	}
	if len(late)+len(setRight) == 0 {
		k.Verdict = "Nothing that happened before it has been heard of since."
		if !t.asKnown.IsZero() {
			k.Verdict = "Nothing more of before it had been heard of."
		}
		return nil
	}
	for _, x := range late {
		k.Late = append(k.Late, t.touchLine(ctx, x))
	}
	if k.Now = k.Then; len(late) > 0 {
		if _, k.Now, err = t.evaluate(ctx, p, d, certain, slices.Concat(moment, late)); err != nil {
			return err
		}
	}
	if len(setRight) > 0 {
		_, now, err := t.evaluate(ctx, p, d, certain, slices.Concat(moment, late, setRight))
		if err != nil {
			return err
		}
		if same(k.Now, now) {
			setRight = nil // it is not about this
		}
		k.Now = now
	}
	holds := slices.Contains(k.Now.Plays, d.decision.Play)
	k.Reversed = !holds
	if len(late)+len(setRight) == 0 {
		k.Now, k.Reversed = nil, false
		k.Verdict = "Nothing that happened before it has been heard of since."
		return nil
	}
	k.SetRight = len(setRight)
	k.Verdict = verdict(len(late), len(setRight), k.Then, k.Now, d.decision.Play, holds)
	return nil
}

// grounds are the touches that the play's condition rests on, the newest first.
func (t *teller) grounds(ctx context.Context, out *Decision, ids []touch.ID) {
	seen := map[touch.ID]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out.Grounds = append(out.Grounds, t.byID(ctx, id))
		}
	}
	slices.SortStableFunc(out.Grounds, func(a, b TouchLine) int { return b.Time.Compare(a.Time) })
}

// maxTried bounds how many touches of one moment are tried one by one.
const maxTried = 64

// then folds again what was recorded by a decision: what certainly was, and what of the very moment. Of the touches recorded at that very moment the shortest beginning
// is taken that gives the evaluation which the decision recorded, company answers being tried after the rest and before
// it, and the touch that caused the decision before all others; all of them where none does.
func (t *teller) then(ctx context.Context, p *policy.Policy, d *made) (certain, moment []*touch.Touch, v *account.View, e *event.Evaluation, err error) {
	certain, maybe := t.past.before(d)
	answersLast, answersFirst := slices.Clone(maybe), slices.Clone(maybe)
	slices.SortStableFunc(answersLast, func(a, b *touch.Touch) int {
		return is(a.Kind == touch.AccountEnriched) - is(b.Kind == touch.AccountEnriched)
	})
	slices.SortStableFunc(answersFirst, func(a, b *touch.Touch) int {
		return is(b.Kind == touch.AccountEnriched) - is(a.Kind == touch.AccountEnriched)
	})
	by := cause(d)
	causeFirst := slices.Clone(maybe)
	slices.SortStableFunc(causeFirst, func(a, b *touch.Touch) int { return is(b.ID == by) - is(a.ID == by) })
	for _, order := range [][]*touch.Touch{answersLast, answersFirst, causeFirst} {
		if len(order) > maxTried {
			break
		}
		n, v, e, err := t.shortest(ctx, p, d, certain, order)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		if n >= 0 {
			return certain, order[:n], v, e, nil
		}
	}
	v, e, err = t.evaluate(ctx, p, d, certain, maybe)
	return certain, maybe, v, e, err
}

func is(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shortest finds how many of the touches of the moment give the decision's evaluation; -1 if no number does.
func (t *teller) shortest(ctx context.Context, p *policy.Policy, d *made, certain, order []*touch.Touch) (n int, v *account.View, e *event.Evaluation, err error) {
	a, err := t.folder.fold(ctx, p, certain, nil)
	if err != nil {
		return -1, nil, nil, err
	}
	for n = 0; ; n++ {
		if v, err = a.view(ctx, d.decision.Account, d.decision.AsOf); err != nil {
			return -1, nil, nil, err
		}
		made := p.Evaluate(v)
		if same(&made, &d.decision.Evaluation) {
			return n, v, &made, nil
		}
		if made, ok := a.decided[d.decision.ID]; ok && same(&made, &d.decision.Evaluation) {
			return n, v, &made, nil
		}
		if n == len(order) {
			return -1, nil, nil, nil
		}
		if err = a.add(ctx, order[n:n+1]); err != nil {
			return -1, nil, nil, err
		}
	}
}

// evaluate folds touches again and evaluates the decision's account at the decision's hour.
func (t *teller) evaluate(ctx context.Context, p *policy.Policy, d *made, known, more []*touch.Touch) (v *account.View, e *event.Evaluation, err error) {
	a, err := t.folder.fold(ctx, p, known, more)
	if err != nil {
		return nil, nil, err
	}
	if v, err = a.view(ctx, d.decision.Account, d.decision.AsOf); err != nil {
		return nil, nil, err
	}
	made := p.Evaluate(v)
	return v, &made, nil
}

// since says what has been heard after a moment that is about it, and a word for that.
func since(late, setRight int) (head, that string) {
	var parts []string
	that = "them"
	if late > 0 || setRight == 0 {
		parts = append(parts, prose.Of(late, "event")+" of before it came in later")
	}
	if setRight > 0 {
		parts = append(parts, "who is whom has been set right since")
		that = "that"
	}
	return strings.Join(parts, ", and "), that
}

// verdict says in a sentence whether what was heard since changed the picture.
func verdict(late, setRight int, then, now *event.Evaluation, play string, holds bool) string {
	head, that := since(late, setRight)
	head = capital(head)
	score := fmt.Sprintf("With %s the score would have been %d rather than %d", that, now.Score, then.Score)
	switch {
	case !holds:
		return fmt.Sprintf("%s. %s, and %s would not have been due.", head, score, play)
	case then.Band != now.Band:
		return fmt.Sprintf("%s. %s, band %s rather than %s; %s would have been due all the same.", head, score, now.Band, then.Band, play)
	case then.Score != now.Score:
		return fmt.Sprintf("%s. %s; %s would have been due all the same.", head, score, play)
	}
	if late+setRight == 1 {
		return head + ". It changes nothing: the same score, and the play is due."
	}
	return head + ". They change nothing: the same score, and the play is due."
}

// same compares two evaluations but for the number of the policy: a rollback gives the same rules another.
func same(a, b *event.Evaluation) bool {
	x, y := *a, *b
	x.Policy.Epoch, y.Policy.Epoch = 0, 0
	bx, err1 := json.Marshal(normal(&x))
	by, err2 := json.Marshal(normal(&y))
	return err1 == nil && err2 == nil && string(bx) == string(by)
}

// normal is an evaluation as a row gives it back.
func normal(e *event.Evaluation) *event.Evaluation {
	var out event.Evaluation
	if b, err := json.Marshal(e); err == nil && json.Unmarshal(b, &out) == nil {
		out.AsOf = out.AsOf.In(time.UTC)
		return &out
	}
	return e
}
