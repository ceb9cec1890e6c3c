package bus

import "handoff/shared/event"

// billed is how much of an event EventBridge counts as one.
const billed = 64 << 10

// Billed is as how many events EventBridge bills one: each started 64 KB.
func Billed(e *event.Envelope) int64 { return max(1, (int64(size(e))+billed-1)/billed) }

// Requests is how many PutEvents requests Publish makes of events where the bus takes them all.
func Requests(events []event.Envelope) int64 {
	return int64(len(split(events, make([]error, len(events)))))
}
