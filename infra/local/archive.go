package local

import (
	"bytes"
	"fmt"
	"time"

	"handoff/shared/event"
)

// Archived yields the raw events that the archive keeps, by the time of their envelopes, from inclusive, until
// exclusive; zero times are no bound. An error ends it.
func (rt *Runtime) Archived(from, until time.Time) func(yield func(event.Envelope, error) bool) {
	return func(yield func(event.Envelope, error) bool) {
		lower, upper := []byte{keyArchive}, []byte{keyArchive + 1}
		if !from.IsZero() {
			lower = archiveKey(from, 0)
		}
		if !until.IsZero() {
			upper = archiveKey(until, 0)
		}
		stopped := false
		err := rt.space.Iterate(lower, upper, func(_, v []byte) bool {
			env, err := parseEnvelope(bytes.Clone(v))
			if err != nil {
				stopped = !yield(event.Envelope{}, err) || true
				return false
			}
			stopped = !yield(*env, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(event.Envelope{}, fmt.Errorf("local: read archive: %w", err))
		}
	}
}
