package queue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"handoff/shared/fault"
	"handoff/shared/retry"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Message is one message of a queue.
type Message struct {
	ID       string
	Body     string
	Sent     time.Time // to the queue that it first stood in: a redrive keeps it
	Receives int       // in all queues so far, those of whoever looked at it included
	Redriven bool      // by a queue's redrive; else it was sent here, as EventBridge does
	// Attributes are those that its sender gave it: of EventBridge, why it could not be delivered.
	Attributes map[string]string
	trace      string // X-Ray's header
	receipt    string
}

// Limits of SQS.
const (
	maxBatch = 10
	maxBytes = 256 << 10 // of a batch of messages; one alone may have four times that
	maxHeld  = 100_000   // of 120,000 that may be received and not deleted
)

// hold is how long messages are hidden while they are looked at: long enough to receive all of them, ten at a time.
func hold(messages int) time.Duration {
	return min(30*time.Second+time.Duration(messages)*10*time.Millisecond, 15*time.Minute)
}

// Held are messages that this process has received, and that nobody else sees until they are released.
type Held struct {
	Messages []Message
	// Elsewhere is about how many more there are, hidden for now by another process, or more than can be held.
	Elsewhere int
	For       time.Duration // after which they come back by themselves

	q  *Queue
	at map[string]int // by id, into Messages
}

// Hold receives every message that stands in the queue: until a whole round brings nothing new. With ids it ends as soon
// as it has these. Release must follow.
func (q *Queue) Hold(ctx context.Context, ids ...string) (*Held, error) {
	before, err := q.State(ctx)
	if err != nil {
		return nil, err
	}
	h := &Held{For: hold(before.Messages()), q: q, at: map[string]int{}}
	for round := 0; ; round++ {
		if err := h.round(ctx, ids); err != nil {
			h.Release(ctx) // what it had, another look finds
			return nil, err
		}
		if h.has(ids) {
			return h, nil
		}
		now, err := q.State(ctx)
		if err != nil {
			h.Release(ctx)
			return nil, err
		}
		if h.Elsewhere = max(0, now.Messages()-len(h.Messages)); h.Elsewhere == 0 || round > 0 {
			return h, nil
		}
		// Counts lag behind, and another look may be about to end.
		if err := q.sleep(ctx, 2*time.Second); err != nil {
			h.Release(ctx)
			return nil, err
		}
	}
}

// has tells whether all of ids are held; never where none is asked for.
func (h *Held) has(ids []string) bool {
	for _, id := range ids {
		if _, ok := h.at[id]; !ok {
			return false
		}
	}
	return len(ids) > 0
}

// round receives until nothing new comes. A message that comes twice, because it was held for too short or because SQS
// promises no better, is known by its id.
func (h *Held) round(ctx context.Context, ids []string) error {
	for stale := 0; len(h.Messages) < maxHeld && !h.has(ids); {
		got, err := h.q.receive(ctx, h.For)
		if err != nil {
			return err
		}
		if len(got) == 0 {
			return nil
		}
		fresh := false
		for _, m := range got {
			if i, ok := h.at[m.ID]; ok {
				h.Messages[i].receipt = m.receipt // only the latest is good
				continue
			}
			h.at[m.ID] = len(h.Messages)
			h.Messages = append(h.Messages, m)
			fresh = true
		}
		if fresh {
			stale = 0
		} else if stale++; stale > 2+len(h.Messages)/maxBatch {
			return nil
		}
	}
	return nil
}

func (q *Queue) receive(ctx context.Context, hidden time.Duration) ([]Message, error) {
	poll := max(q.Poll, time.Second)
	var out *sqs.ReceiveMessageOutput
	err := q.try(ctx, func() (err error) {
		out, err = q.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &q.URL, MaxNumberOfMessages: maxBatch, VisibilityTimeout: int32(hidden / time.Second), WaitTimeSeconds: int32(poll / time.Second),
			MessageAttributeNames:       []string{"All"},
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		}, once)
		return err
	})
	if fault.Code(err) == "OverLimit" || fault.Code(err) == "AWS.SimpleQueueService.OverLimit" {
		return nil, nil // more than may be held: Elsewhere counts them
	}
	if err != nil {
		return nil, q.failed("look", "sqs:ReceiveMessage", err)
	}
	msgs := make([]Message, len(out.Messages))
	for i := range out.Messages {
		msgs[i] = read(&out.Messages[i])
	}
	return msgs, nil
}

func read(m *types.Message) Message {
	out := Message{ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), receipt: aws.ToString(m.ReceiptHandle), Attributes: map[string]string{}}
	for name, v := range m.MessageAttributes {
		if v.StringValue != nil {
			out.Attributes[name] = *v.StringValue
		}
	}
	sys := func(n types.MessageSystemAttributeName) string { return m.Attributes[string(n)] }
	if ms, err := strconv.ParseInt(sys(types.MessageSystemAttributeNameSentTimestamp), 10, 64); err == nil {
		out.Sent = time.UnixMilli(ms).UTC()
	}
	if n, err := strconv.Atoi(sys(types.MessageSystemAttributeNameApproximateReceiveCount)); err == nil {
		out.Receives = n
	}
	out.Redriven = sys(types.MessageSystemAttributeNameDeadLetterQueueSourceArn) != ""
	out.trace = sys(types.MessageSystemAttributeNameAWSTraceHeader)
	return out
}

// releaseTime is for making messages visible again, also where the caller's own time is over.
const releaseTime = 20 * time.Second

// Release makes everything visible again that is still held. Its error is no loss: what stays hidden comes back by itself.
func (h *Held) Release(ctx context.Context) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer done()
	err := h.q.each(ctx, h.Messages, func(batch []Message) ([]types.BatchResultErrorEntry, error) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &h.q.URL}
		for i := range batch {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &batch[i].receipt})
		}
		out, err := h.q.Client.ChangeMessageVisibilityBatch(ctx, in, once)
		if err != nil {
			return nil, err
		}
		return out.Failed, nil
	}, func(_ Message, code string) bool {
		// It is visible already, or gone.
		return code == "MessageNotInflight" || code == "AWS.SimpleQueueService.MessageNotInflight" || code == "ReceiptHandleIsInvalid" || code == "InvalidParameterValue"
	})
	h.Messages, h.at = nil, nil
	if err != nil {
		return fmt.Errorf("%w; nothing is lost: what is hidden comes back by itself within %v", h.q.failed("put back what was looked at", "sqs:ChangeMessageVisibility", err), h.For)
	}
	return nil
}

func (q *Queue) sleep(ctx context.Context, d time.Duration) error {
	if q.Sleep != nil {
		return q.Sleep(ctx, d)
	}
	return retry.Sleep(ctx, d)
}
