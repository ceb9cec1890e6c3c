package routing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// PlayState is a play's own item: the operator's switch and the breaker. Route reads it at the moment of acting and
// counts in it before it opens anything, so a pause that was acknowledged stops whatever has not been counted yet.
type PlayState struct {
	Mode   Mode    `json:"mode,omitempty"` // overrides the policy's; "" does not
	ModeBy *Switch `json:"mode_by,omitempty"`
	Paused *Switch `json:"paused,omitempty"`
	// Tripped is set when the breaker tripped; only a person resumes the play.
	Tripped *Switch `json:"tripped,omitempty"`
	// Counted are the decisions acted on inside the breaker's window. They are kept by id, so that one which is
	// delivered again, after a crash between count and opening, is not counted twice.
	Counted []Stamp `json:"counted,omitempty"`
	// Changes are the operators' last actions, the latest last.
	Changes []Switch `json:"changes,omitempty"`
}

// Switch is who did what to a play, when and why.
type Switch struct {
	At  time.Time `json:"at"`
	By  string    `json:"by"`
	Why string    `json:"why"`
	Did string    `json:"did,omitempty"`
}

// reason is why, without the full stop that a sentence around it brings.
func (w *Switch) reason() string { return strings.TrimRight(w.Why, ". ") }

const maxChanges = 20

// DecodePlay reads a play's item; an empty body is a play that nobody has touched.
func DecodePlay(play string, body []byte) (PlayState, error) {
	var s PlayState
	if len(body) > 0 {
		if err := json.Unmarshal(body, &s); err != nil {
			return s, fmt.Errorf("play item of %s: %w", play, err)
		}
	}
	return s, nil
}

// DecodeTeam reads a team's item; an empty body is a team that has had nothing yet.
func DecodeTeam(team string, body []byte) (TeamState, error) {
	var s TeamState
	if len(body) > 0 {
		if err := json.Unmarshal(body, &s); err != nil {
			return s, fmt.Errorf("team item of %s: %w", team, err)
		}
	}
	return s, nil
}

// Count enters a decision into the breaker before it is acted on. ok is false when that would exceed the limit: the
// breaker trips and stays so until somebody resumes the play. changed says that the item must be written. A decision
// that was counted already passes.
func (s *PlayState) Count(decision string, l Limit, now time.Time) (changed, ok bool) {
	if slices.ContainsFunc(s.Counted, func(c Stamp) bool { return c.ID == decision }) {
		return false, true
	}
	since := now.Add(-l.Per.Duration()).Unix()
	s.Counted = slices.DeleteFunc(slices.Clone(s.Counted), func(c Stamp) bool { return c.At <= since })
	if len(s.Counted) >= l.Max {
		s.Tripped = &Switch{At: now, By: "breaker", Why: fmt.Sprintf("more than %s", l)}
		return true, false
	}
	s.Counted = append(s.Counted, Stamp{decision, now.Unix()})
	return true, true
}

// Pause stops the play.
func (s *PlayState) Pause(w Switch) {
	s.Paused = &w
	s.log(w, "pause")
}

// Stopped reports whether an operator or the breaker stops the play.
func (s *PlayState) Stopped() bool { return s.Paused != nil || s.Tripped != nil }

// Resume ends a pause and resets a breaker that tripped.
func (s *PlayState) Resume(w Switch) {
	if s.Tripped != nil {
		s.Counted = nil // it begins anew; a pause alone gives a play no second allowance
	}
	s.Paused, s.Tripped = nil, nil
	s.log(w, "resume")
}

// SetMode overrides the policy's mode; "" ends that.
func (s *PlayState) SetMode(m Mode, w Switch) {
	s.Mode, s.ModeBy = m, nil
	if m == "" {
		s.log(w, "mode as the policy says")
		return
	}
	s.log(w, "mode "+string(m))
	s.ModeBy = &w
}

// ModeWhy says who overrode the policy's mode, as the end of a sentence: "" where nobody did.
func (s *PlayState) ModeWhy() string {
	if s.ModeBy == nil {
		return ""
	}
	return fmt.Sprintf(", as %s set it on %s: %s", s.ModeBy.By, stampText(s.ModeBy.At), s.ModeBy.reason())
}

func (s *PlayState) log(w Switch, did string) {
	w.Did = did
	s.Changes = append(slices.Clone(s.Changes), w)
	s.Changes = s.Changes[max(0, len(s.Changes)-maxChanges):]
}
