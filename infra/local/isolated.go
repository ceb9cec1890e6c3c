package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"handoff/infra/lambda"
	"handoff/shared/event"
)

// Isolated is a handler that runs apart, in processes of its own, as a function on Lambda does: it takes messages as the
// queue holds them, with their ids, receives and times, and answers an error for each. It keeps the function's timeout
// itself, in virtual time too.
type Isolated interface {
	event.Handler
	Deliver(ctx context.Context, messages []lambda.Message) []error
}

// apart hands messages to an isolated handler.
func (q *queue) apart(ctx context.Context, h Isolated, batch []*message) []error {
	out := make([]lambda.Message, len(batch))
	for i, m := range batch {
		body, err := json.Marshal(m.env)
		if err != nil {
			return all(len(batch), fmt.Errorf("message %s: %w", letterID(q.ID, m.seq), err))
		}
		out[i] = lambda.Message{ID: letterID(q.ID, m.seq), Body: body, Receives: m.receives, Sent: time.UnixMilli(m.arrived).UTC()}
	}
	errs := h.Deliver(ctx, out)
	if len(errs) != len(batch) {
		return all(len(batch), fmt.Errorf("%d results for %d messages", len(errs), len(batch)))
	}
	return errs
}

// Function makes the isolated handler of one of the template's functions out of its executable. Its timeout, environment,
// batch answers and concurrency are the template's; env comes on top, for what AWS itself would set. At most workers
// environments run at once.
func (t *Topology) Function(id string, workers int, c lambda.Config) (*lambda.Function, error) {
	for _, f := range t.Functions {
		if f.ID != id {
			continue
		}
		env := map[string]string{}
		for _, from := range []map[string]string{f.Env, c.Env} {
			for k, v := range from {
				env[k] = v
			}
		}
		c.Name, c.Timeout, c.Partial, c.Env = stackName+"-"+f.ID, f.Timeout, f.Partial, env
		c.Concurrency = min(f.Concurrency, workers)
		for _, q := range t.Queues {
			if q.ID == f.Queue {
				c.QueueARN = q.ARN
			}
		}
		return lambda.New(c)
	}
	return nil, errors.New("local: the template has no function " + id)
}
