// Package metric counts what the functions do, one Tally per invocation, and writes it in CloudWatch's embedded metric
// format: a log line that CloudWatch reads as metrics, so a function asks nobody and waits for nobody.
//
// Names and labels are fixed here. A label is a function, a source contract or a class of reasons: never an account or a
// person, since every distinct label is a metric that is paid for, and nobody's address belongs there.
package metric

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Namespace is where CloudWatch files the metrics unless the environment says otherwise.
const Namespace = "Handoff"

// ID names a metric that has the function as its only dimension.
type ID uint8

// What is counted, by who counts it.
const (
	// every function
	Events           ID = iota // handed to the handler, ticks left out
	FailedEvents               // answered with an error: they come again
	HopLatency                 // from the envelope's time to handled
	PublishedEvents            // that the bus took
	PublishFailures            // that it did not take after all tries
	PublishRetries             // entries sent again
	PublishThrottles           // entries turned away as throttled
	StoreRetries               // requests sent again
	StoreThrottles             // requests turned away as throttled
	Conflicts                  // work done again because another writer was faster
	Duplicates                 // what was recorded, decided or answered before
	Unchanged                  // what changed nothing: computed again, or outside what facts keep
	PolicyUnusable             // gauge, functions with a policy: 1 while they go on with the one before the one in force

	// ingest
	Touches     // recorded
	Ignored     // by a contract's own rule
	Quarantined // see QuarantinedBy

	// enrich
	Enriched    // a provider knew the company
	NotEnriched // nobody knew it, or nobody is asked about such a domain

	// score
	Folded            // touches joined into their account
	TouchLatency      // from a touch's recorded_at to folded
	Decisions         // published
	Conversions       // published
	EnrichmentsWanted // published
	CreditsWanted     // published
	AccountsDue       // gauge: what a sweep found
	SweepLag          // gauge, score and route: how late the latest of it is

	// route
	Offered
	Enrolled
	Suppressed       // decisions that nothing came of: see SuppressedBy
	Answers          // that were taken
	UnmatchedAnswers // that fit no handoff, or came too late
	Reminders
	Escalations
	SLABreaches     // handoffs whose deadline passed without an outreach, once each
	Recycled        // taken back by the clock
	BreakersTripped // plays stopped by their volume
	HandoffsOpen    // gauge: of all teams
	HandoffsDue     // gauge: accounts whose handoffs a sweep found due

	// attribution
	Credited // credit rows

	// webhook
	WebhookRejected // requests that nobody signed

	ids
)

// By names a metric with labels of its own.
type By uint8

// What is counted by labels.
const (
	SourceEvents  By = iota // {Source}: that made a touch or were quarantined; a source without any is silent
	QuarantinedBy           // {Source, Reason}
	SuppressedBy            // {Reason}
)

type unit string

const (
	count   unit = "Count"
	millis  unit = "Milliseconds"
	seconds unit = "Seconds"
)

type definition struct {
	name string
	unit unit
}

var definitions = [ids]definition{
	Events: {"Events", count}, FailedEvents: {"FailedEvents", count}, HopLatency: {"HopLatency", millis},
	PublishedEvents: {"PublishedEvents", count}, PublishFailures: {"PublishFailures", count}, PublishRetries: {"PublishRetries", count},
	PublishThrottles: {"PublishThrottles", count}, StoreRetries: {"StoreRetries", count}, StoreThrottles: {"StoreThrottles", count},
	Conflicts: {"Conflicts", count}, Duplicates: {"Duplicates", count}, Unchanged: {"Unchanged", count},
	PolicyUnusable: {"PolicyUnusable", count},
	Touches:        {"Touches", count}, Ignored: {"Ignored", count}, Quarantined: {"Quarantined", count},
	Enriched: {"Enriched", count}, NotEnriched: {"NotEnriched", count},
	Folded: {"Folded", count}, TouchLatency: {"TouchLatency", millis}, Decisions: {"Decisions", count}, Conversions: {"Conversions", count},
	EnrichmentsWanted: {"EnrichmentsWanted", count}, CreditsWanted: {"CreditsWanted", count}, AccountsDue: {"AccountsDue", count},
	SweepLag: {"SweepLag", seconds},
	Offered:  {"Offered", count}, Enrolled: {"Enrolled", count}, Suppressed: {"Suppressed", count}, Answers: {"Answers", count},
	UnmatchedAnswers: {"UnmatchedAnswers", count}, Reminders: {"Reminders", count}, Escalations: {"Escalations", count},
	SLABreaches: {"SLABreaches", count}, Recycled: {"Recycled", count}, BreakersTripped: {"BreakersTripped", count},
	HandoffsOpen: {"HandoffsOpen", count}, HandoffsDue: {"HandoffsDue", count},
	Credited: {"Credited", count}, WebhookRejected: {"WebhookRejected", count},
}

// labelled are the names and dimensions of By.
var labelled = [...]struct {
	name string
	dims []string
}{
	SourceEvents: {"SourceEvents", []string{"Source"}}, QuarantinedBy: {"Quarantined", []string{"Source", "Reason"}},
	SuppressedBy: {"Suppressed", []string{"Reason"}},
}

// Tally is the counts of one invocation. It is safe for concurrent use; all methods of a nil Tally do nothing, which is
// how they cost nothing where nobody asks.
type Tally struct {
	mu     sync.Mutex
	counts [ids]int64
	known  [ids]bool // counted or set, be it to zero
	series map[series]int64
	times  [2][]int32 // milliseconds: HopLatency, TouchLatency
}

// series is one labelled metric.
type series struct {
	by   By
	a, b string
}

// Add counts n more; 0 changes nothing.
func (t *Tally) Add(id ID, n int) {
	if t == nil || n == 0 {
		return
	}
	t.mu.Lock()
	t.counts[id] += int64(n)
	t.known[id] = true
	t.mu.Unlock()
}

// Set states a gauge, also at zero.
func (t *Tally) Set(id ID, v int64) {
	if t == nil {
		return
	}
	t.mu.Lock()
	t.counts[id], t.known[id] = v, true
	t.mu.Unlock()
}

// Watched are what alarms divide or add up. An invocation writes them also at zero: CloudWatch cannot fill a metric of which
// it never heard, and an alarm over one would never leave INSUFFICIENT_DATA.
var Watched = [...]ID{Events, FailedEvents, StoreThrottles, PublishThrottles}

// Show writes counts also at zero.
func (t *Tally) Show(ids ...ID) {
	if t == nil {
		return
	}
	t.mu.Lock()
	for _, id := range ids {
		t.known[id] = true
	}
	t.mu.Unlock()
}

// AddBy counts n more under labels, in the order of the metric's dimensions. They must be of a fixed set: what a
// stranger sends is no label.
func (t *Tally) AddBy(by By, n int, labels ...string) {
	if t == nil || n == 0 {
		return
	}
	s := series{by: by, a: labels[0]}
	if len(labels) > 1 {
		s.b = labels[1]
	}
	t.mu.Lock()
	if t.series == nil {
		t.series = map[series]int64{}
	}
	t.series[s] += int64(n)
	t.mu.Unlock()
}

// Observe adds a duration to HopLatency or TouchLatency. Clocks of two machines differ, so what is negative is 0.
func (t *Tally) Observe(id ID, d time.Duration) {
	if t == nil {
		return
	}
	ms := int32(min(max(d.Milliseconds(), 0), 1<<31-1))
	t.mu.Lock()
	i := 0
	if id == TouchLatency {
		i = 1
	}
	t.times[i] = append(t.times[i], ms)
	t.mu.Unlock()
}

// Count is what was counted so far.
func (t *Tally) Count(id ID) int64 {
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[id]
}

// Reset makes the tally empty and keeps its memory.
func (t *Tally) Reset() {
	t.counts, t.known = [ids]int64{}, [ids]bool{}
	clear(t.series)
	for i := range t.times {
		t.times[i] = t.times[i][:0]
	}
}

// values are the durations to write: all of them, or where the format does not take as many, the ones at even ranks, the
// least and the greatest among them. Percentiles stay what they are.
func values(all []int32) []int32 {
	slices.Sort(all)
	if len(all) <= maxValues {
		return all
	}
	out := make([]int32, maxValues)
	for i := range out {
		out[i] = all[i*(len(all)-1)/(maxValues-1)]
	}
	return out
}

type key struct{}

// With lets what is called with the context count.
func With(ctx context.Context, t *Tally) context.Context { return context.WithValue(ctx, key{}, t) }

// From is the context's tally, nil where nobody counts.
func From(ctx context.Context) *Tally {
	t, _ := ctx.Value(key{}).(*Tally)
	return t
}
