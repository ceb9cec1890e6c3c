// Package queue looks into SQS queues and moves dead letters, for those who operate a deployed stack. No function imports
// it: Lambda's event source mapping reads their queues for them.
//
// Looking is receiving: SQS has no other way. A message that is received is hidden for a while and comes back by itself;
// here it is made visible again at once. So a process that dies in the middle of a list loses nothing, it only hides some
// letters for as long as they were held. Counts are SQS's own, approximate and up to a minute old.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"handoff/shared/fault"
	"handoff/shared/retry"
)

// Client is what this package needs of the SDK's client.
type Client interface {
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	StartMessageMoveTask(context.Context, *sqs.StartMessageMoveTaskInput, ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error)
	ListMessageMoveTasks(context.Context, *sqs.ListMessageMoveTasksInput, ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error)
}

// Queue is one standard queue.
type Queue struct {
	Client Client
	URL    string
	Name   string // for errors
	// Poll is how long one receive waits for a message, in whole seconds; 0 is one second. SQS asks all of its servers
	// only where it waits.
	Poll time.Duration
	// Sleep waits between two tries, or returns the context's error. nil: by the wall clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

// State is what SQS says of a queue without receiving.
type State struct {
	ARN        string
	DeadLetter string // ARN of the queue that its redrive feeds, "" for none
	Visible    int    // approximate, as the next two
	Hidden     int    // received by somebody and not yet deleted or visible again
	Delayed    int
}

// Messages is all that stand in the queue.
func (s *State) Messages() int { return s.Visible + s.Hidden + s.Delayed }

// State asks for the queue's attributes.
func (q *Queue) State(ctx context.Context) (State, error) {
	var out *sqs.GetQueueAttributesOutput
	err := q.try(ctx, func() (err error) {
		out, err = q.Client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.URL, AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameQueueArn, types.QueueAttributeNameRedrivePolicy, types.QueueAttributeNameApproximateNumberOfMessages,
			types.QueueAttributeNameApproximateNumberOfMessagesNotVisible, types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		}}, once)
		return err
	})
	if err != nil {
		return State{}, q.failed("count", "sqs:GetQueueAttributes", err)
	}
	s := State{ARN: out.Attributes[string(types.QueueAttributeNameQueueArn)]}
	for _, c := range []struct {
		name types.QueueAttributeName
		to   *int
	}{
		{types.QueueAttributeNameApproximateNumberOfMessages, &s.Visible},
		{types.QueueAttributeNameApproximateNumberOfMessagesNotVisible, &s.Hidden},
		{types.QueueAttributeNameApproximateNumberOfMessagesDelayed, &s.Delayed},
	} {
		if *c.to, err = strconv.Atoi(out.Attributes[string(c.name)]); err != nil {
			return State{}, fmt.Errorf("queue: %s: SQS answered no number for %s: %q", q.Name, c.name, out.Attributes[string(c.name)])
		}
	}
	if redrive := out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]; redrive != "" {
		var p struct {
			Target string `json:"deadLetterTargetArn"`
		}
		if err := json.Unmarshal([]byte(redrive), &p); err != nil {
			return State{}, fmt.Errorf("queue: %s: read its redrive policy: %w", q.Name, err)
		}
		s.DeadLetter = p.Target
	}
	return s, nil
}

// Requests are repeated as stores repeat theirs. A person waits for the answer, so a little longer than a function would.
const (
	tries      = 8
	firstPause = 50 * time.Millisecond
	maxPause   = 2 * time.Second
)

// once turns the SDK's own retries off: see package retry.
func once(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }

func (q *Queue) begin(ctx context.Context) *retry.Tries {
	p := &retry.Policy{Tries: tries, First: firstPause, Most: maxPause, Sleep: q.Sleep}
	return p.Begin(ctx)
}

// try sends until the answer is final, and returns the SDK's error of the last try. Everything here may be done twice.
func (q *Queue) try(ctx context.Context, send func() error) error {
	for again := q.begin(ctx); ; {
		err := send()
		if err == nil || classify(err) == fault.Final || !again.Again() {
			return err
		}
	}
}

// classify knows the codes that only SQS has.
func classify(err error) fault.Class {
	switch fault.Code(err) {
	case "KmsThrottled", "KMS.ThrottlingException":
		return fault.Refused
	}
	return fault.Classify(err)
}

// refusal is why SQS did not do what it was asked with one message of a batch.
type refusal struct{ id, code, message string }

func (r *refusal) Error() string { return fmt.Sprintf("message %s: %s: %s", r.id, r.code, r.message) }

// failed gives an error of the SDK a sentence that says what to do.
func (q *Queue) failed(op, action string, err error) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return fmt.Errorf("queue: %s: queue %s refused a part of the request (%s): %w", op, q.Name, fault.Page, r)
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("queue: %s: %s: %w", op, q.Name, err)
	}
	s := fault.Service{
		Name: "SQS", Resource: "queue " + q.Name, Endpoint: "AWS_ENDPOINT_URL_SQS", Missing: missing, Denied: "give yours " + action + " on it",
	}
	switch code := fault.Code(err); code {
	case "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist":
		return fmt.Errorf("queue: %s: queue %s does not exist here: %s: %w", op, q.Name, missing, err)
	}
	if says := s.Advice(err); says != "" {
		return fmt.Errorf("queue: %s: %s", op, says)
	}
	return fmt.Errorf("queue: %s: queue %s refused the request (%s): %w", op, q.Name, fault.Page, err)
}

const missing = "deploy template.yaml again, or correct --stack and --region"
