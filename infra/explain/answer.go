package explain

import (
	"time"

	"handoff/shared/event"
	"handoff/shared/money"
	"handoff/shared/routing"
	"handoff/shared/touch"
)

// Answer is everything there is to say.
type Answer struct {
	Asked   string    `json:"asked"`
	Subject string    `json:"subject"`          // who was named
	Person  string    `json:"person,omitempty"` // by name, where a person was named
	Account string    `json:"account"`
	Name    string    `json:"name"`
	When    *When     `json:"when,omitempty"` // the day or moment asked about, nil for all time
	Now     time.Time `json:"now"`
	// AsKnown is the time by what was known at which this is told, where that was asked for. After counts the decisions
	// that were made only later and are left out.
	AsKnown time.Time `json:"as_known,omitzero"`
	After   int       `json:"made_after,omitempty"`
	// Decisions are those of the time asked about, each in full; without a time the ones of the latest day on which
	// anything was decided. Others is how many more there are, Line each of them in one line.
	Decisions []Decision `json:"decisions"`
	Others    []Line     `json:"others"`
	// Apart are decisions of the time asked about that were made about somebody of it under another account.
	Apart []Apart `json:"apart,omitempty"`
	// Standing is how the account stood at the end of the time asked about, by what was known then. It says why nothing
	// was done where nothing was.
	Standing *Standing `json:"standing"`
	Members  []string  `json:"members"`             // subjects ever counted in it
	SetRight []string  `json:"set_right,omitempty"` // what operators said of who is whom, a sentence each
	Touches  int       `json:"touches"`             // recorded by the end of the time asked about
	// Whose says how subjects come to be of it where that is no matter of course, or that they match none for sure.
	Whose   []string    `json:"whose,omitempty"`
	InTime  []TouchLine `json:"touches_in_time,omitempty"`
	Revenue []Revenue   `json:"revenue"` // from the time asked about on
	One     bool        `json:"one"`     // a decision or a handoff was named: Decisions is that one
}

// Revenue is a conversion of the account, in the last revision told.
type Revenue struct {
	ID     string       `json:"id"`
	Type   string       `json:"type"`
	Time   time.Time    `json:"time"`
	Amount money.Amount `json:"amount"`
	First  money.Amount `json:"first_told"` // before it was edited or refunded

	told []event.Conversion
}

// TouchLine is one touch as people would tell it.
type TouchLine struct {
	ID         touch.ID  `json:"id"`
	Time       time.Time `json:"time"`
	RecordedAt time.Time `json:"recorded_at"`
	Kind       string    `json:"kind"`
	Who        string    `json:"who"` // a name where one is known
	Subject    string    `json:"subject"`
	Source     string    `json:"source"` // the tool that saw it
	EventID    string    `json:"event_id"`
	Contract   string    `json:"contract"`
	Missing    bool      `json:"missing,omitempty"` // its row is no longer to be found under this account
}

// Decision is one decision and everything around it.
type Decision struct {
	MadeAt   time.Time       `json:"made_at"`
	Decision event.Decision  `json:"decision"`
	Outcome  *routing.Record `json:"outcome"`                  // nil while route has not acted
	Person   string          `json:"person"`                   // named, as far as known
	Concerns bool            `json:"concerns_asked,omitempty"` // it is about the very person who was asked about
	Owner    string          `json:"owner,omitempty"`
	Cause    *TouchLine      `json:"cause,omitempty"` // the touch at which it was made; none for a sweep
	Rules    []Rule          `json:"rules"`
	Signals  []Inferred      `json:"signals,omitempty"` // that held
	Play     PlayText        `json:"play"`
	Policy   PolicyThen      `json:"policy"`
	Grounds  []TouchLine     `json:"grounds"` // the touches that the play's own condition rests on
	Steps    []Step          `json:"steps"`
	// Word is what somebody said of it while it is held, and that nothing came of yet.
	Word *routing.Word `json:"word,omitempty"`
	// Confirmed is the destination's receipt; zero: sent, unconfirmed.
	Confirmed time.Time `json:"confirmed,omitzero"`
	Known     Known     `json:"known"`

	people map[string]string // ids of the team's members in these rows, by name
}

// Rule is one part of the score, with the touches that it counts and its text in the policy of then.
type Rule struct {
	event.Contribution
	Touches []TouchLine `json:"touches,omitempty"`
	Policy  string      `json:"policy,omitempty"`
}

// Inferred is a signal that held, with the touches that it was inferred from and its text in the policy of then.
type Inferred struct {
	event.Signal
	Touches []TouchLine `json:"touches,omitempty"`
	Policy  string      `json:"policy,omitempty"`
}

// PlayText is the play as the policy of then has it.
type PlayText struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Text        string `json:"text,omitempty"`
}

// Step is what followed: an answer, a reminder, an escalation, the end.
type Step struct {
	Time    time.Time `json:"time"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	By      string    `json:"by,omitempty"`
	Touch   string    `json:"touch,omitempty"`
	State   string    `json:"state,omitempty"`
	// End is why it was recycled on our side, "" where it was not.
	End routing.End `json:"end,omitempty"`
}

// Known compares what was known when the decision was made with what is known now about the same moment.
type Known struct {
	Then *event.Evaluation `json:"then,omitempty"` // evaluated again today, from the touches recorded by then
	// Same says that this gives the very evaluation that the decision recorded.
	Same bool `json:"same"`
	// AtOnce is how many touches carry the very time of recording at which the decision was made, where they matter: which
	// of them came before it is not recorded, so Then has all of them.
	AtOnce int `json:"at_once,omitempty"`
	// Late are touches of before the decision that were recorded after it, and Now the evaluation with them; none and
	// nil where nothing came late.
	Late     []TouchLine       `json:"late,omitempty"`
	Now      *event.Evaluation `json:"now,omitempty"`
	SetRight int               `json:"set_right,omitempty"` // how often operators have set right since who is whom; Now has that
	Verdict  string            `json:"verdict"`             // a sentence
	Reversed bool              `json:"reversed,omitempty"`
}

// Line is a decision in one line.
type Line struct {
	ID      string    `json:"id"`
	MadeAt  time.Time `json:"made_at"`
	Play    string    `json:"play"`
	Outcome string    `json:"outcome"`
	Handoff string    `json:"handoff,omitempty"`
	Reason  string    `json:"reason"`
	Account string    `json:"account,omitempty"` // where it is another's than the answer's
}

// Standing is an account at a moment, by what was known then.
type Standing struct {
	At         time.Time        `json:"at"`
	KnownAt    time.Time        `json:"known_at"`
	Evaluation event.Evaluation `json:"evaluation"`
	Fired      []string         `json:"held_before,omitempty"` // plays whose condition held, and had been decided on earlier
	NextBand   string           `json:"next_band,omitempty"`   // above the score
	Missing    int              `json:"points_to_next_band,omitempty"`
	Why        []string         `json:"why"`               // sentences: why nothing was done
	Signals    []Inferred       `json:"signals,omitempty"` // that held, with their touches
	Nothing    bool             `json:"nothing_known,omitempty"`
	// Replaced says that the policy of then, by which this is judged, is no longer in force.
	Replaced bool `json:"policy_replaced,omitempty"`
	// Text is what this rests on in the policy of then.
	Text []Passage `json:"policy_text"`
	// Late is what had happened by then and was heard of only afterwards; Now is the same moment judged with it.
	Late     []TouchLine       `json:"late,omitempty"`
	Now      *event.Evaluation `json:"known_now,omitempty"`
	SetRight int               `json:"set_right,omitempty"` // as of Known
}
