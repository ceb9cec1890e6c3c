package event

import (
	"fmt"
	"time"

	"handoff/shared/touch"
)

// Signal is an inference from touches that holds: which, from what, by the rule of that name in scoring.yaml.
type Signal struct {
	Name     string     `json:"name"`
	Text     string     `json:"text"` // "Invite sent 3 times, last on 12 May"
	Evidence []touch.ID `json:"evidence,omitempty"`
}

// Playbook is the score of a playbook that gives points. It holds from From points on, if what it requires holds too.
type Playbook struct {
	Name     string         `json:"name"`
	Holds    bool           `json:"holds"`
	Score    int            `json:"score"`
	From     int            `json:"from"`
	Fit      int            `json:"fit"`
	Usage    int            `json:"usage"`
	Intent   int            `json:"intent"`
	Rules    []Contribution `json:"rules,omitempty"` // that fired; their group is fit, usage, intent, or playbook for its cap
	NotFired []string       `json:"not_fired,omitempty"`
}

// String says it in a line: "65 points of 60 (fit 20, usage 30, intent 15)".
func (p *Playbook) String() string {
	return fmt.Sprintf("%d points of %d (fit %d, usage %d, intent %d)", p.Score, p.From, p.Fit, p.Usage, p.Intent)
}

// Standing is more than the name of the stage at which an account stands in a funnel: its deadline, or the gate that
// holds it back.
type Standing struct {
	Funnel string `json:"funnel"`
	Stage  string `json:"stage"`
	Owner  string `json:"owner"` // of the stage
	// Since is the newest evidence by which it stands there, Due the first hour at which that is older than the stage's
	// sla. Zero where the stage has none, or nothing says since when.
	Since   time.Time `json:"since,omitzero"`
	Due     time.Time `json:"due,omitzero"`
	Overdue bool      `json:"overdue,omitempty"`
	// HeldBy is the stage whose gate holds it back, Gate what that asks for, and Else the stage at which it would stand.
	HeldBy string `json:"held_by,omitempty"`
	Gate   string `json:"gate,omitempty"`
	Else   string `json:"else,omitempty"`
}

// Held says what holds it back, "" for nothing: "held back at KNOWN_LEAD by the gate of QUALIFIED: {deal: open}".
func (s *Standing) Held() string {
	if s.HeldBy == "" {
		return ""
	}
	return fmt.Sprintf("held back at %s by the gate of %s: %s", s.Stage, s.HeldBy, s.Gate)
}
