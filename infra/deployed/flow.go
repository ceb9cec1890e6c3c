package deployed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"handoff/infra/stack"
	"handoff/infra/transit"
	"handoff/shared/event"
	"handoff/shared/fault"
	"handoff/shared/queue"
	"handoff/shared/retry"
)

// flow is what is in transit through a deployed stack.
type flow struct {
	stack, region, account string
	bus                    event.Publisher
	archive                string // name; "" where the stack has none
	events                 archives
	metrics                metrics
	now                    func() time.Time
	all                    []line
}

var (
	_ stack.Transit = (*flow)(nil)
	_ stack.Mover   = (*flow)(nil)
	_ stack.Counter = (*flow)(nil)
	_ stack.Ager    = (*flow)(nil)
)

// archives is what flow needs of EventBridge's client besides publishing.
type archives interface {
	DescribeArchive(context.Context, *eventbridge.DescribeArchiveInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeArchiveOutput, error)
}

// line is one queue of the stack.
type line struct {
	id, function string // logical ids; function "" of none
	dead         bool
	source       string // of a dead-letter queue: the queue that its letters go back to; "" where rules alone feed it
	// destinations are what those rules could not deliver to, by the ids of their targets.
	destinations []string
	*queue.Queue
}

// queues learns from SQS itself which queue's dead letters go where, and from EventBridge which queues its rules fall back
// to.
func (f *flow) queues(ctx context.Context, client queue.Client, w wiring, found *resources) error {
	ids := slices.SortedFunc(maps.Keys(found.queues), byFlow)
	states, errs := make([]queue.State, len(ids)), make([]error, len(ids))
	f.all = make([]line, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		f.all[i] = line{id: id, Queue: &queue.Queue{Client: client, URL: found.queues[id], Name: id}}
		if fn := strings.TrimSuffix(id, "Queue") + "Function"; found.functions[fn] {
			f.all[i].function = fn
		}
		wg.Go(func() { states[i], errs[i] = f.all[i].State(ctx) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	arns := make([]string, len(ids))
	for i := range f.all {
		arns[i] = states[i].ARN
		for j := range f.all {
			if states[i].DeadLetter != "" && states[i].DeadLetter == states[j].ARN {
				f.all[j].dead, f.all[j].source = true, f.all[i].id
			}
		}
	}
	return f.letterboxes(ctx, w, found.rules, arns)
}

func (f *flow) line(id string) *line {
	i := slices.IndexFunc(f.all, func(l line) bool { return l.id == id })
	if i < 0 {
		return nil
	}
	return &f.all[i]
}

// Settle waits for nobody: the functions go on by themselves.
func (f *flow) Settle(context.Context) (bool, error) { return false, nil }

// Queues tells SQS's own counts. Ages are not among them: see Ages.
func (f *flow) Queues(ctx context.Context) ([]transit.Queue, error) {
	out, errs := make([]transit.Queue, len(f.all)), make([]error, len(f.all))
	var wg sync.WaitGroup
	for i := range f.all {
		wg.Go(func() {
			l := &f.all[i]
			var s queue.State
			s, errs[i] = l.State(ctx)
			out[i] = transit.Queue{Queue: l.id, Function: l.function, Dead: l.dead, Messages: s.Messages(), InFlight: s.Hidden, Waiting: s.Delayed, Approximate: true}
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// InFlight cannot be told: looking would take the messages away from the functions, and count as a try.
func (f *flow) InFlight(context.Context) iter.Seq2[transit.Message, error] {
	return func(yield func(transit.Message, error) bool) {
		yield(transit.Message{}, fmt.Errorf("which messages stand in the functions' queues: %w", transit.ErrUntold))
	}
}

// Archived cannot be told: EventBridge replays an archive, and lists none.
func (f *flow) Archived(context.Context, time.Time, time.Time) iter.Seq2[event.Envelope, error] {
	return func(yield func(event.Envelope, error) bool) {
		yield(event.Envelope{}, fmt.Errorf("which events the archive holds: %w", transit.ErrUntold))
	}
}

// Counted asks EventBridge how many events the archive holds.
func (f *flow) Counted(ctx context.Context) (int64, error) {
	if f.archive == "" {
		return 0, fmt.Errorf("the stack %s has no archive of the logical id %s: deploy template.yaml again", f.stack, archiveID)
	}
	policy := &retry.Policy{Tries: 6, First: 100 * time.Millisecond, Most: 2 * time.Second}
	for again := policy.Begin(ctx); ; {
		out, err := f.events.DescribeArchive(ctx, &eventbridge.DescribeArchiveInput{ArchiveName: &f.archive}, func(o *eventbridge.Options) { o.Retryer = aws.NopRetryer{} })
		if err == nil {
			return out.EventCount, nil
		}
		if fault.Classify(err) != fault.Final && again.Again() {
			continue
		}
		s := fault.Service{
			Name: "EventBridge", Resource: "archive " + f.archive, Endpoint: "AWS_ENDPOINT_URL_EVENTBRIDGE",
			Missing: "deploy template.yaml again", Denied: "give yours events:DescribeArchive on it",
		}
		if says := s.Advice(err); says != "" {
			return 0, errors.New(says)
		}
		return 0, fmt.Errorf("ask for archive %s: %w", f.archive, err)
	}
}
