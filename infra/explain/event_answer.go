package explain

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/prose"
	"handoff/infra/stack"
	"handoff/infra/whose"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/touch"
)

// Answered is what route made of an event that answers a handoff.
type Answered struct {
	Outcome string     `json:"outcome"` // see routing.Record; "" where no row says it
	Handoff string     `json:"handoff,omitempty"`
	Play    string     `json:"play,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	Open    []OpenThen `json:"open,omitempty"` // the account's handoffs at the time of an answer that fits none
}

// OpenThen is a handoff that was open at a time.
type OpenThen struct {
	Handoff string `json:"handoff"`
	Play    string `json:"play"`
}

// answered finds what became of a touch as an answer to a handoff of the account, nil where it is of no such kind. An
// answer that names a handoff was taken where that is, whoever it is about.
func answered(ctx context.Context, s *stack.Stack, x *touch.Touch, root string) (*Answered, error) {
	if !slices.Contains(touch.FeedbackKinds, x.Kind) {
		return nil, nil
	}
	roots := []string{root}
	if f := x.Feedback; f != nil && routing.IsHandoff(f.Handoff) {
		var found Found
		switch err := found.handoff(ctx, s, f.Handoff, x.Time); {
		case err == nil && found.Account != root:
			roots = append(roots, found.Account)
		case err != nil && !errors.Is(err, ErrUnknown):
			return nil, err
		}
	}
	r := answerRows{touch: x.ID.String(), at: x.Time, since: map[string]OpenThen{}, until: map[string]bool{}}
	for _, root := range roots {
		if _, err := whose.Read(ctx, s.Graph, s.Graph.Reader(), root, r.take); err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
	}
	out := &Answered{}
	if rec := r.last; rec != nil {
		out = &Answered{Outcome: rec.Outcome, Handoff: rec.Handoff, Play: rec.Play, Reason: rec.Reason}
	}
	if !out.fits() {
		for id, o := range r.since {
			if !r.until[id] {
				out.Open = append(out.Open, o)
			}
		}
		slices.SortFunc(out.Open, func(a, b OpenThen) int {
			return cmp.Or(strings.Compare(a.Play, b.Play), strings.Compare(a.Handoff, b.Handoff))
		})
	}
	return out, nil
}

// answerRows are the rows of an account that tell of one answer, and of what was open when it was given.
type answerRows struct {
	touch string
	at    time.Time
	last  *routing.Record
	since map[string]OpenThen // handoffs that were offered by then
	until map[string]bool     // those that were closed by then
}

func (r *answerRows) take(row *ledger.Row) error {
	if row.Type != ledger.Handoff && row.Type != ledger.Receipt {
		return nil
	}
	var rec routing.Record
	if err := json.Unmarshal(row.Body, &rec); err != nil {
		return fmt.Errorf("handoff row %s of %s: %w", row.ID, row.Owner, err)
	}
	if rec.Touch == r.touch && (r.last == nil || rec.At.After(r.last.At) || rec.At.Equal(r.last.At) && row.Revision > 0) {
		r.last = &rec // one that came before its handoff was taken by a later row
	}
	switch rec.Outcome {
	case routing.Offered:
		if !rec.At.After(r.at) {
			r.since[rec.Handoff] = OpenThen{rec.Handoff, rec.Play}
		}
	case string(routing.Rejected), string(routing.Recycled), string(routing.Completed):
		if !row.Time.After(r.at) {
			r.until[rec.Handoff] = true
		}
	}
	return nil
}

// fits reports whether the answer meant a handoff that is known.
func (a *Answered) fits() bool { return a.Outcome != routing.Unmatched && a.Outcome != routing.Early }

// sentence tells it. An operator's word to reassign is told by whether anything moved.
func (a *Answered) sentence(kind string) string {
	of := a.Handoff
	if a.Play != "" {
		of += " (" + a.Play + ")"
	}
	reason := strings.TrimSuffix(lower(a.Reason), ".")
	switch {
	case a.Outcome == "":
		return "No row says what became of it as an answer: route has not heard it, or it failed there"
	case a.Outcome == routing.Reassigned:
		return "It moved " + of + ": " + reason
	case kind == touch.HandoffReassign:
		return "It moved nothing: " + reason
	case a.Outcome == routing.Early:
		return fmt.Sprintf("It fits no handoff: no %s was open then%s", a.Play, a.others())
	case a.Outcome == routing.Unmatched:
		return "It fits no handoff: " + reason + a.others()
	case a.Outcome == routing.TooLate:
		return "It came too late for " + of + ": " + reason
	case a.Outcome == routing.Repeated:
		return "It says again what was said of " + of + " before"
	case a.Outcome == touch.FirstOutreach:
		return "It stopped the clock of " + of
	case a.Outcome == string(routing.Accepted):
		return "By it " + of + " is accepted; the clock runs until the first outreach"
	case kind == touch.HandoffReceived:
		return "It confirms that " + of + " was received"
	}
	return "It closed " + of + " as " + a.Outcome
}

// others names what was open instead.
func (a *Answered) others() string {
	switch {
	case len(a.Open) == 0 && a.Outcome == routing.Early:
		return ", nor any other"
	case len(a.Open) == 0:
		return ""
	}
	var names []string
	for _, o := range a.Open {
		names = append(names, o.Handoff+" ("+o.Play+")")
	}
	return "; it does not name what was open: " + prose.List(names)
}
