// Package transit is what stands between a pipeline's bus and its functions, as those who operate it see it: queues,
// events that are under way, dead letters. A runtime on one machine knows all of it; AWS does not tell everything, and
// where it does not, a field says so or an error wraps ErrUntold. Nothing is made up.
package transit

import (
	"errors"
	"time"

	"handoff/shared/event"
)

// Queue is what a queue holds.
type Queue struct {
	Queue    string    `json:"queue"` // logical id in the template
	Function string    `json:"function,omitempty"`
	Dead     bool      `json:"dead,omitempty"` // a dead-letter queue
	Messages int       `json:"messages"`       // all that stand in it
	InFlight int       `json:"in_flight"`      // of these, being handled now
	Waiting  int       `json:"waiting"`        // of these, failed and not yet due again
	Oldest   time.Time `json:"oldest,omitzero"`
	// OldestUnknown is why nobody knows since when the oldest stands there.
	OldestUnknown string `json:"oldest_unknown,omitempty"`
	// Approximate marks counts of SQS: some moments old, and with Waiting inside InFlight, since it does not tell a message
	// that failed from one that is being handled.
	Approximate bool `json:"approximate,omitempty"`
}

// Message is an event that stands in a function's queue.
type Message struct {
	Queue   string         `json:"queue"`
	Rule    string         `json:"rule"`
	Arrived time.Time      `json:"arrived"`
	Event   event.Envelope `json:"event"`
}

// Letter is a dead letter: an event that its function could not handle, or that a destination outside did not take.
type Letter struct {
	ID       string `json:"id"`       // names it to Replay and Discard
	Queue    string `json:"queue"`    // the dead-letter queue
	Source   string `json:"source"`   // the function's queue, where a replay puts it; "" for a destination's, which stays
	Function string `json:"function"` // that failed
	// Destination is what a rule could not deliver it to, by the id of the rule's target, where that is no function.
	Destination string            `json:"destination,omitempty"`
	Event       event.Envelope    `json:"event"`
	Arrived     time.Time         `json:"arrived,omitzero"` // in the function's queue; zero: it never did
	DiedAt      time.Time         `json:"died_at,omitzero"` // zero: SQS does not tell
	Receives    int               `json:"receives"`         // on SQS with those of whoever looked at it since
	Attributes  map[string]string `json:"attributes"`       // ERROR_CODE, ERROR_MESSAGE, RULE_ARN, TARGET_ARN, RETRY_ATTEMPTS
	Body        string            `json:"body,omitempty"`   // of a message that is no event, as it is
}

// Error is the text of the last failure; "" where the queue does not keep it.
func (l *Letter) Error() string { return l.Attributes["ERROR_MESSAGE"] }

// Since is when it became a dead letter, or the latest moment known to be before that.
func (l *Letter) Since() time.Time {
	if l.DiedAt.IsZero() {
		return l.Arrived
	}
	return l.DiedAt
}

// Moved is what became of dead letters that were to be sent again without being read.
type Moved struct {
	Moving int    // about how many are under way
	Kept   []Kept // queues whose letters go nowhere
}

// Kept is a dead-letter queue whose letters cannot be sent again.
type Kept struct {
	Queue    string `json:"queue"`
	Messages int    `json:"messages"` // about how many it holds
	Why      string `json:"why"`      // and what to do instead
}

// Taken says what became of events that were put.
type Taken struct {
	Accepted int
	// Past counts those of Accepted that went to ingest's own queue, past the bus and its archive.
	Past int
}

// ErrUntold is wrapped by the error of a question that the services of a deployed stack do not answer.
var ErrUntold = errors.New("AWS does not tell")

// ErrPartly is wrapped by the error that ends a list which may lack some.
var ErrPartly = errors.New("the list may be incomplete")
