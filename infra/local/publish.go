package local

import (
	"context"
	"errors"
	"fmt"

	"handoff/shared/event"
)

// Publisher puts handlers' events on the bus of the template. It does not wait for the disk: see the package comment.
func (rt *Runtime) Publisher() event.Publisher { return publisher{rt} }

type publisher struct{ rt *Runtime }

func (p publisher) Publish(ctx context.Context, events []event.Envelope) error {
	if len(events) == 0 {
		return nil
	}
	take, refused := p.rt.faults.publish(events)
	if len(take) > 0 {
		if _, err := p.rt.put(ctx, p.rt.own, take, true); err != nil {
			return err
		}
	}
	if len(refused) > 0 {
		return &event.Leftover{Events: refused, Cause: errThrottled}
	}
	if p.rt.faults.hit(p.rt.faults.LosePublish) {
		return fmt.Errorf("local: publish: the answer was lost, as the runtime's faults told it to")
	}
	return nil
}

var errThrottled = errors.New("throttled, as the runtime's faults told it to")
