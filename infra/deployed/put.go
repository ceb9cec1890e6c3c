package deployed

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"handoff/infra/transit"
	"handoff/shared/event"
	"handoff/shared/queue"
	"handoff/shared/retry"
)

// ingestQueue is where events from outside are handled first.
const ingestQueue = "IngestQueue"

// patience is how often a throttled put is begun again without any progress, each time after a longer pause. The publisher
// has tried for some seconds before.
const (
	patience   = 4
	firstPause = time.Second
)

// Put puts events on the bus, slower where it is throttled, as a load of history may be; what it refuses for good comes back
// at once. Events whose source begins with aws. only AWS's partners may put there: they go to ingest's own queue, past the
// archive, as the bus would have brought them.
func (f *flow) Put(ctx context.Context, batch []event.Envelope) (transit.Taken, error) {
	var out transit.Taken
	var direct, rest []event.Envelope
	for _, e := range batch {
		if strings.HasPrefix(e.Source, "aws.") {
			direct = append(direct, e)
		} else {
			rest = append(rest, e)
		}
	}
	took, err := f.publish(ctx, rest)
	if out.Accepted = took; err != nil {
		return out, err
	}
	if len(direct) == 0 {
		return out, nil
	}
	to := f.line(ingestQueue)
	if to == nil {
		return out, fmt.Errorf("the stack %s has no %s, so events of sources that begin with aws. cannot be put: deploy template.yaml again", f.stack, ingestQueue)
	}
	messages := make([]queue.Message, len(direct))
	for i := range direct {
		body, err := json.Marshal(f.delivered(direct[i]))
		if err != nil {
			return out, fmt.Errorf("event %d of source %s: %w", i+1, direct[i].Source, err)
		}
		messages[i].Body = string(body)
	}
	if err := to.Send(ctx, messages...); err != nil {
		return out, err
	}
	out.Accepted += len(direct)
	out.Past = len(direct)
	return out, nil
}

// publish puts events on the bus until it has taken all, or will not. What it refuses for good is not sent twice; the others
// are, and stand in the error only if they are still left.
func (f *flow) publish(ctx context.Context, rest []event.Envelope) (accepted int, err error) {
	refused := &event.Leftover{}
	for idle := 0; len(rest) > 0; {
		err := f.bus.Publish(ctx, rest)
		if err == nil {
			accepted += len(rest)
			break
		}
		left, ok := errors.AsType[*event.Leftover](err)
		if !ok {
			return accepted, errors.Join(err, refusal(refused))
		}
		again := left.Again()
		for i, why := range left.Final {
			if why != nil {
				refused.Events = append(refused.Events, left.Events[i])
				refused.Cause = told(refused.Cause, why)
			}
		}
		accepted += len(rest) - len(left.Events)
		if len(left.Events) < len(rest) {
			idle = 0
		}
		if rest = again; len(rest) == 0 {
			break
		}
		if idle++; idle > patience {
			return accepted, &event.Leftover{Events: append(refused.Events, rest...), Cause: told(left.Cause, refused.Cause)}
		}
		if err := retry.Sleep(ctx, firstPause<<(idle-1)); err != nil {
			return accepted, errors.Join(err, refusal(refused))
		}
	}
	return accepted, refusal(refused)
}

// refusal is an error where something was refused for good.
func refusal(left *event.Leftover) error {
	if left.Events == nil {
		return nil
	}
	return left
}

// told adds a reason that was not given yet.
func told(all, why error) error {
	if why == nil || all != nil && strings.Contains(all.Error(), why.Error()) {
		return all
	}
	return errors.Join(all, why)
}

// delivered is an event as the bus brings it to a queue.
func (f *flow) delivered(e event.Envelope) event.Envelope {
	e.Version, e.Account, e.Region = "0", f.account, f.region
	if e.ID == "" {
		b := make([]byte, 16)
		_, _ = rand.Read(b) // never fails
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		e.ID = fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Time = e.Time.UTC().Truncate(time.Second) // the bus keeps no more of it
	if e.Resources == nil {
		e.Resources = []string{}
	}
	return e
}
