package lambda

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"handoff/shared/event"
	"handoff/shared/invoke"
)

// Message is what a queue knows of a message when it hands it out.
type Message struct {
	ID       string // the same each time it comes
	Body     []byte
	Receives int       // this one included
	Sent     time.Time // when the queue took it
	First    time.Time // when it was first received; zero is Sent
}

// record is a message as the event source mapping hands it to the function:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type record struct {
	MessageID         string            `json:"messageId"`
	ReceiptHandle     string            `json:"receiptHandle"`
	Body              string            `json:"body"`
	Attributes        map[string]string `json:"attributes"`
	MessageAttributes struct{}          `json:"messageAttributes"`
	MD5OfBody         string            `json:"md5OfBody"`
	EventSource       string            `json:"eventSource"`
	EventSourceARN    string            `json:"eventSourceARN"`
	Region            string            `json:"awsRegion"`
}

// sender stands for the principal that sent a message: EventBridge. Nobody has this id.
const sender = "AIDAHANDOFFHANDOFFHAND"

// Batch is the payload of an SQS event source mapping.
func Batch(queueARN, region string, messages []Message) []byte {
	var batch struct{ Records []record }
	batch.Records = make([]record, 0, len(messages))
	for _, m := range messages {
		if m.First.IsZero() {
			m.First = m.Sent
		}
		sum := md5.Sum(m.Body)
		batch.Records = append(batch.Records, record{
			MessageID: m.ID, ReceiptHandle: "receipt-" + m.ID + "-" + strconv.Itoa(max(m.Receives, 1)), Body: string(m.Body),
			Attributes: map[string]string{
				"ApproximateReceiveCount": strconv.Itoa(max(m.Receives, 1)), "SentTimestamp": strconv.FormatInt(m.Sent.UnixMilli(), 10),
				"SenderId": sender, "ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.First.UnixMilli(), 10),
			},
			MD5OfBody: hex.EncodeToString(sum[:]), EventSource: "aws:sqs", EventSourceARN: queueARN, Region: region,
		})
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(batch); err != nil {
		panic(err) // texts alone
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// Deliver invokes the function with a batch of messages and answers an error for each that is to come again.
func (f *Function) Deliver(ctx context.Context, messages []Message) []error {
	out, err := f.Invoke(ctx, Batch(f.QueueARN, region, messages))
	if err != nil {
		return everyone(messages, fmt.Errorf("%s: %w", f.Name, err))
	}
	return decided(messages, out, f.Partial, f.Name)
}

// decided reads the answer as the event source mapping does: without ReportBatchItemFailures, and for null or nothing, a
// return is success; an answer that it cannot follow is the failure of all.
func decided(messages []Message, out []byte, partial bool, function string) []error {
	errs := make([]error, len(messages))
	if out = bytes.TrimSpace(out); !partial || len(out) == 0 || string(out) == "null" {
		return errs
	}
	var answer invoke.Answer
	if err := json.Unmarshal(out, &answer); err != nil {
		return everyone(messages, fmt.Errorf("%s: its answer is no list of failures: %w", function, err))
	}
	at := make(map[string]int, len(messages))
	for i, m := range messages {
		at[m.ID] = i
	}
	for _, failed := range answer.Failures {
		i, ok := at[failed.ID]
		if !ok {
			return everyone(messages, fmt.Errorf("%s: its answer names a message %q that was not in the batch", function, failed.ID))
		}
		errs[i] = errFailed
	}
	return errs
}

func everyone(messages []Message, err error) []error {
	out := make([]error, len(messages))
	for i := range out {
		out[i] = err
	}
	return out
}

var errFailed = errors.New("the function reported the message as failed; its log says why")

// Handle implements event.Handler: the events as messages that were sent now and are received for the first time.
func (f *Function) Handle(ctx context.Context, batch []event.Envelope) []error {
	messages := make([]Message, len(batch))
	now := time.Now()
	for i := range batch {
		body, err := json.Marshal(batch[i])
		if err != nil {
			return everyone(messages, fmt.Errorf("event %s: %w", batch[i].ID, err))
		}
		messages[i] = Message{ID: "m" + strconv.Itoa(i), Body: body, Receives: 1, Sent: now}
	}
	return f.Deliver(ctx, messages)
}
