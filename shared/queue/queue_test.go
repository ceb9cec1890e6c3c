package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"handoff/shared/queue"
	"handoff/shared/store"
)

// service is SQS as its pages describe it, for faults that no emulator makes: a message is visible, hidden or gone, and a
// receipt is good until the next receive. tests/integration/deployed holds the package to the protocol.
type service struct {
	t      *testing.T
	queues map[string]*content
	// fault is asked before each request, and for each entry of a batch as "Action/message"; an error is its answer.
	fault   func(action string) error
	started []string // moves
	tasks   []types.ListMessageMoveTasksResultEntry
	slept   int
}

type content struct {
	ids    []string // in order
	hidden map[string]bool
	tries  map[string]int
	body   map[string]string
}

func newService(t *testing.T, dead ...string) (*service, *queue.Queue, *queue.Queue) {
	s := &service{t: t, fault: func(string) error { return nil }, queues: map[string]*content{}}
	for _, name := range []string{"dead", "live"} {
		s.queues[name] = &content{hidden: map[string]bool{}, tries: map[string]int{}, body: map[string]string{}}
	}
	for _, id := range dead {
		s.put("dead", id, "body of "+id)
	}
	q := func(name string) *queue.Queue {
		return &queue.Queue{Client: s, URL: name, Name: name, Sleep: func(ctx context.Context, _ time.Duration) error { s.slept++; return ctx.Err() }}
	}
	return s, q("dead"), q("live")
}

func (s *service) put(name, id, body string) {
	c := s.queues[name]
	c.ids, c.body[id] = append(c.ids, id), body
}

// visible lists a queue's bodies that the next receive could bring.
func (s *service) visible(name string) []string {
	var out []string
	for _, id := range s.queues[name].ids {
		if !s.queues[name].hidden[id] {
			out = append(out, s.queues[name].body[id])
		}
	}
	return out
}

func (s *service) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	if err := s.fault("GetQueueAttributes"); err != nil {
		return nil, err
	}
	c := s.queues[*in.QueueUrl]
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
		"QueueArn": "arn:" + *in.QueueUrl, "ApproximateNumberOfMessages": fmt.Sprint(len(c.ids) - len(c.hidden)),
		"ApproximateNumberOfMessagesNotVisible": fmt.Sprint(len(c.hidden)), "ApproximateNumberOfMessagesDelayed": "0",
	}}, nil
}

func (s *service) ReceiveMessage(_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if err := s.fault("ReceiveMessage"); err != nil {
		return nil, err
	}
	if in.VisibilityTimeout < 30 || in.WaitTimeSeconds < 1 {
		s.t.Errorf("received with %d s of hiding and %d s of waiting", in.VisibilityTimeout, in.WaitTimeSeconds)
	}
	c, out := s.queues[*in.QueueUrl], &sqs.ReceiveMessageOutput{}
	for _, id := range c.ids {
		if len(out.Messages) < 3 && !c.hidden[id] { // SQS answers fewer than are asked for, too
			c.hidden[id] = true
			c.tries[id]++
			out.Messages = append(out.Messages, types.Message{MessageId: aws.String(id), Body: aws.String(c.body[id]), ReceiptHandle: aws.String(fmt.Sprint(id, " ", c.tries[id]))})
		}
	}
	return out, nil
}

// entry takes a receipt apart, and answers how SQS would refuse it.
func (s *service) entry(action, name, id, receipt string) (string, *types.BatchResultErrorEntry) {
	message, n, _ := strings.Cut(receipt, " ")
	c := s.queues[name]
	if err := s.fault(action + "/" + message); err != nil {
		return message, &types.BatchResultErrorEntry{Id: &id, Code: aws.String(err.Error())}
	}
	if !slices.Contains(c.ids, message) || n != fmt.Sprint(c.tries[message]) {
		return message, &types.BatchResultErrorEntry{Id: &id, Code: aws.String("ReceiptHandleIsInvalid"), SenderFault: true}
	}
	return message, nil
}

func (s *service) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	if err := s.fault("DeleteMessageBatch"); err != nil {
		return nil, err
	}
	out, c := &sqs.DeleteMessageBatchOutput{}, s.queues[*in.QueueUrl]
	for _, e := range in.Entries {
		message, refused := s.entry("DeleteMessageBatch", *in.QueueUrl, *e.Id, *e.ReceiptHandle)
		if refused != nil {
			out.Failed = append(out.Failed, *refused)
			continue
		}
		c.ids = slices.DeleteFunc(c.ids, func(id string) bool { return id == message })
		delete(c.hidden, message)
	}
	return out, nil
}

func (s *service) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if err := errors.Join(ctx.Err(), s.fault("ChangeMessageVisibilityBatch")); err != nil {
		return nil, err
	}
	if len(in.Entries) > 10 {
		s.t.Errorf("a batch of %d", len(in.Entries))
	}
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		message, refused := s.entry("ChangeMessageVisibilityBatch", *in.QueueUrl, *e.Id, *e.ReceiptHandle)
		if refused != nil {
			out.Failed = append(out.Failed, *refused)
			continue
		}
		delete(s.queues[*in.QueueUrl].hidden, message)
	}
	return out, nil
}

func (s *service) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	if err := s.fault("SendMessageBatch"); err != nil {
		return nil, err
	}
	out, bytes := &sqs.SendMessageBatchOutput{}, 0
	for _, e := range in.Entries {
		bytes += len(*e.MessageBody)
		if err := s.fault("SendMessageBatch/" + *e.MessageBody); err != nil {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String(err.Error())})
			continue
		}
		s.put(*in.QueueUrl, fmt.Sprint("sent-", len(s.queues[*in.QueueUrl].ids)), *e.MessageBody)
	}
	if len(in.Entries) > 10 || len(in.Entries) > 1 && bytes > 256<<10 {
		s.t.Errorf("a batch of %d messages and %d bytes", len(in.Entries), bytes)
	}
	return out, nil
}

func (s *service) StartMessageMoveTask(_ context.Context, in *sqs.StartMessageMoveTaskInput, _ ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error) {
	if err := s.fault("StartMessageMoveTask"); err != nil {
		return nil, err
	}
	s.started = append(s.started, *in.SourceArn+" to "+*in.DestinationArn)
	return &sqs.StartMessageMoveTaskOutput{}, nil
}

func (s *service) ListMessageMoveTasks(context.Context, *sqs.ListMessageMoveTasksInput, ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error) {
	return &sqs.ListMessageMoveTasksOutput{Results: s.tasks}, nil
}

func ids(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("m%02d", i))
	}
	return out
}

// refusal is an answer of SQS.
func refusal(code string) error { return &smithy.GenericAPIError{Code: code, Message: "because"} }

func TestLookingLosesNothing(t *testing.T) {
	s, dead, _ := newService(t, ids(25)...)
	throttled := 0
	s.fault = func(action string) error {
		// Requests and single entries are throttled now and then.
		if throttled++; throttled%5 == 0 && action != "GetQueueAttributes" {
			if strings.Contains(action, "/") {
				return errors.New("RequestThrottled")
			}
			return refusal("RequestThrottled")
		}
		return nil
	}
	for look := range 3 {
		h, err := dead.Hold(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Messages) != 25 || h.Elsewhere != 0 {
			t.Errorf("look %d: %d messages, %d elsewhere", look, len(h.Messages), h.Elsewhere)
		}
		if err := h.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.visible("dead"); len(got) != 25 {
			t.Errorf("after look %d: %d are visible, want 25", look, len(got))
		}
	}
	if s.slept == 0 {
		t.Error("throttled requests were repeated without a pause")
	}
}

// A look that is broken off makes visible what it held, also when its own time is over.
func TestABrokenLookPutsBack(t *testing.T) {
	s, dead, _ := newService(t, ids(7)...)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	s.fault = func(action string) error {
		if action != "ReceiveMessage" {
			return nil
		}
		if n++; n == 2 {
			cancel()
			return context.Canceled
		}
		return nil
	}
	if _, err := dead.Hold(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the cancellation", err)
	}
	if got := s.visible("dead"); len(got) != 7 {
		t.Errorf("%d are visible, want all 7", len(got))
	}
}

func TestHiddenByAnotherIsCounted(t *testing.T) {
	s, dead, _ := newService(t, "a", "b", "c")
	s.queues["dead"].hidden["b"] = true
	h, err := dead.Hold(t.Context())
	if err != nil || len(h.Messages) != 2 || h.Elsewhere != 1 {
		t.Fatalf("got %+v, %v; want two, and one elsewhere", h, err)
	}
	if _, err := dead.Hold(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
}

func TestReplayMovesThoseNamedAlone(t *testing.T) {
	s, dead, live := newService(t, ids(14)...)
	s.put("dead", "large-1", strings.Repeat("x", 200<<10))
	s.put("dead", "large-2", strings.Repeat("y", 200<<10))
	if err := dead.Replay(t.Context(), live, "m03", "m03", "large-1", "large-2", "m11"); err != nil {
		t.Fatal(err)
	}
	got := s.visible("live")
	for i := range got {
		got[i] = got[i][:min(len(got[i]), 11)]
	}
	if want := []string{"body of m03", "xxxxxxxxxxx", "yyyyyyyyyyy", "body of m11"}; !slices.Equal(got, want) {
		t.Errorf("moved %v, want %v", got, want)
	}
	if got := s.visible("dead"); len(got) != 12 || slices.Contains(got, "body of m03") {
		t.Errorf("%d are left and visible, want the 12 others: %.200v", len(got), got)
	}
	if err := dead.Replay(t.Context(), live, "m01", "gone"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if got := s.visible("live"); len(got) != 4 {
		t.Errorf("a replay that named one that is gone moved another: %.200v", got)
	}
	if err := dead.Discard(t.Context(), "m01"); err != nil || len(s.visible("dead")) != 11 {
		t.Errorf("discard: %v; %d left, want 11", err, len(s.visible("dead")))
	}
}

// Whatever fails in the middle, a message stands in one of the two queues, or in both.
func TestReplayThatFailsLosesNothing(t *testing.T) {
	for _, c := range []struct {
		name, action string
		err          error
		says         string
		sent         int
	}{
		{"the send is refused", "SendMessageBatch", refusal("AccessDenied"), "give yours sqs:SendMessage", 0},
		{"the send has no answer for long", "SendMessageBatch", errors.New("connection reset"), "could not be reached", 0},
		{"one entry is refused for long", "SendMessageBatch/body of m01", errors.New("InternalError"), "m01: InternalError", 1},
		{"the delete is refused", "DeleteMessageBatch", refusal("AccessDenied"), "may be discarded here", 2},
		{"one delete fails for long", "DeleteMessageBatch/m01", errors.New("InternalError"), "may be discarded here", 2},
	} {
		s, dead, live := newService(t, ids(4)...)
		s.fault = func(action string) error {
			if action == c.action {
				return c.err
			}
			return nil
		}
		err := dead.Replay(t.Context(), live, "m00", "m01")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want one that says %q", c.name, err, c.says)
		}
		if got := s.visible("live"); len(got) != c.sent {
			t.Errorf("%s: sent %v, want %d", c.name, got, c.sent)
		}
		for _, id := range ids(4) {
			if !slices.Contains(s.queues["dead"].ids, id) && !slices.Contains(s.visible("live"), "body of "+id) {
				t.Errorf("%s: %s is lost", c.name, id)
			}
		}
		if got := s.visible("dead"); !slices.Contains(got, "body of m02") || !slices.Contains(got, "body of m03") {
			t.Errorf("%s: visible are %v, want those that were not named among them", c.name, got)
		}
	}
}

func TestMove(t *testing.T) {
	s, dead, live := newService(t, "a")
	s.tasks = []types.ListMessageMoveTasksResultEntry{{Status: aws.String("RUNNING")}}
	if err := dead.Move(t.Context(), live); err != nil || !slices.Equal(s.started, []string{"arn:dead to arn:live"}) {
		t.Errorf("started %v, %v", s.started, err)
	}
	s.tasks[0] = types.ListMessageMoveTasksResultEntry{Status: aws.String("FAILED"), FailureReason: aws.String("AccessDenied")}
	if err := dead.Move(t.Context(), live); err == nil || !strings.Contains(err.Error(), "AccessDenied: give your role sqs:SendMessage on live") {
		t.Errorf("a move that fails: %v", err)
	}
	s.fault = func(action string) error {
		if action == "GetQueueAttributes" {
			return refusal("AWS.SimpleQueueService.NonExistentQueue")
		}
		return nil
	}
	if err := dead.Move(t.Context(), live); err == nil || !strings.Contains(err.Error(), "queue dead does not exist here") {
		t.Errorf("of a queue that is gone: %v", err)
	}
}
