package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"handoff/shared/fault"
	"handoff/shared/store"
)

// each does something to every message in requests of ten, and again to those entries that failed for now. done decides
// which refusals count as done. The error is the last that was left.
func (q *Queue) each(ctx context.Context, messages []Message, do func(batch []Message) ([]types.BatchResultErrorEntry, error), done func(m Message, code string) bool) error {
	for _, batch := range split(messages) {
		for again := q.begin(ctx); ; {
			failed, err := do(batch)
			left := batch
			switch {
			case err != nil && classify(err) == fault.Final:
				return err
			case err == nil:
				left = nil
				for _, f := range failed {
					i, bad := strconv.Atoi(aws.ToString(f.Id))
					if bad != nil || i < 0 || i >= len(batch) {
						return &refusal{"?", aws.ToString(f.Code), fmt.Sprintf("SQS answered for an entry %q that was not sent", aws.ToString(f.Id))}
					}
					code := aws.ToString(f.Code)
					switch {
					case done(batch[i], code):
					case f.SenderFault && !fault.Busy(code):
						return &refusal{batch[i].ID, code, aws.ToString(f.Message)}
					default:
						left = append(left, batch[i])
						err = &refusal{batch[i].ID, code, aws.ToString(f.Message)}
					}
				}
			}
			if len(left) == 0 {
				break
			}
			if !again.Again() {
				return err
			}
			batch = left
		}
	}
	return nil
}

// split makes batches within SQS's limits, in order.
func split(messages []Message) [][]Message {
	var out [][]Message
	bytes := 0
	for i, from := 0, 0; i < len(messages); i++ {
		if n := len(messages[i].Body); i == from || i-from < maxBatch && bytes+n <= maxBytes {
			bytes += n
		} else {
			out, from, bytes = append(out, messages[from:i]), i, n
		}
		if i == len(messages)-1 {
			out = append(out, messages[from:])
		}
	}
	return out
}

// Send puts messages into the queue. Where an answer was lost it may put one twice.
func (q *Queue) Send(ctx context.Context, messages ...Message) error {
	err := q.each(ctx, messages, func(batch []Message) ([]types.BatchResultErrorEntry, error) {
		in := &sqs.SendMessageBatchInput{QueueUrl: &q.URL}
		for i := range batch {
			e := types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &batch[i].Body}
			if batch[i].trace != "" {
				e.MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{
					string(types.MessageSystemAttributeNameForSendsAWSTraceHeader): {DataType: aws.String("String"), StringValue: &batch[i].trace},
				}
			}
			in.Entries = append(in.Entries, e)
		}
		out, err := q.Client.SendMessageBatch(ctx, in, once)
		if err != nil {
			return nil, err
		}
		return out.Failed, nil
	}, func(Message, string) bool { return false })
	return q.failed("send", "sqs:SendMessage", err)
}

// delete removes held messages for good.
func (h *Held) delete(ctx context.Context, messages []Message) error {
	err := h.q.each(ctx, messages, func(batch []Message) ([]types.BatchResultErrorEntry, error) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &h.q.URL}
		for i := range batch {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &batch[i].receipt})
		}
		out, err := h.q.Client.DeleteMessageBatch(ctx, in, once)
		if err != nil {
			return nil, err
		}
		return out.Failed, nil
	}, func(Message, string) bool { return false })
	return h.q.failed("delete", "sqs:DeleteMessage", err)
}

// pick takes messages out of what is held, by id; all or none.
func (h *Held) pick(ids []string) ([]Message, error) {
	taken := map[string]bool{}
	var out []Message
	for _, id := range ids {
		i, ok := h.at[id]
		switch {
		case !ok && h.Elsewhere > 0:
			return nil, fmt.Errorf("queue: %s holds no message %s that can be seen, but about %d are hidden by another look: try again in %v: %w",
				h.q.Name, id, h.Elsewhere, h.For, store.ErrNotFound)
		case !ok:
			return nil, fmt.Errorf("queue: %s holds no message %s: %w", h.q.Name, id, store.ErrNotFound)
		case !taken[id]:
			taken[id] = true
			out = append(out, h.Messages[i])
		}
	}
	rest := h.Messages[:0:0]
	for _, m := range h.Messages {
		if !taken[m.ID] {
			rest = append(rest, m)
		}
	}
	h.Messages = rest
	h.at = map[string]int{}
	for i := range rest {
		h.at[rest[i].ID] = i
	}
	return out, nil
}

// Replay moves the messages of these ids, and no other, to another queue: each is sent there and then deleted here. Where
// the process dies in between, a message stands in both.
func (q *Queue) Replay(ctx context.Context, to *Queue, ids ...string) (err error) {
	h, err := q.Hold(ctx, ids...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Release(ctx)) }()
	picked, err := h.pick(ids)
	if err != nil {
		return err
	}
	moved := 0
	for _, batch := range split(picked) {
		if err := to.Send(ctx, batch...); err != nil {
			h.Messages = append(h.Messages, picked[moved:]...) // to be visible again
			return fmt.Errorf("%d of %d messages were moved: %w", moved, len(picked), err)
		}
		if err := h.delete(ctx, batch); err != nil {
			return fmt.Errorf("%s were sent to %s and could not be deleted from %s: they will be handled, and may be discarded here: %w",
				idsOf(batch), to.Name, q.Name, err)
		}
		moved += len(batch)
	}
	return nil
}

// Discard deletes the messages of these ids, and no other, for good.
func (q *Queue) Discard(ctx context.Context, ids ...string) (err error) {
	h, err := q.Hold(ctx, ids...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Release(ctx)) }()
	picked, err := h.pick(ids)
	if err != nil {
		return err
	}
	return h.delete(ctx, picked)
}

func idsOf(messages []Message) string {
	ids := make([]string, len(messages))
	for i := range messages {
		ids[i] = messages[i].ID
	}
	return strings.Join(ids, ", ")
}

// Move begins SQS's own move of all messages to another queue, which needs no reading, and looks for a few seconds whether
// it fails at once. Only one runs per queue.
func (q *Queue) Move(ctx context.Context, to *Queue) error {
	from, err := q.State(ctx)
	if err != nil {
		return err
	}
	dest, err := to.State(ctx)
	if err != nil {
		return err
	}
	// The destination is named, because a letter that EventBridge put here has no queue that it came from.
	err = q.try(ctx, func() error {
		_, err := q.Client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &from.ARN, DestinationArn: &dest.ARN}, once)
		return err
	})
	if err != nil {
		return q.failed("move", "sqs:StartMessageMoveTask, sqs:ReceiveMessage and sqs:DeleteMessage", err)
	}
	for range 3 {
		if err := q.sleep(ctx, time.Second); err != nil {
			return nil // it moves on without us
		}
		var out *sqs.ListMessageMoveTasksOutput
		err := q.try(ctx, func() (err error) {
			out, err = q.Client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &from.ARN}, once)
			return err
		})
		if err != nil {
			return q.failed("look after the move", "sqs:ListMessageMoveTasks", err)
		}
		if len(out.Results) == 0 {
			continue
		}
		switch t := out.Results[0]; aws.ToString(t.Status) {
		case "COMPLETED":
			return nil
		case "FAILED":
			return fmt.Errorf("queue: SQS gave up moving %s to %s after %d messages: %s: give your role sqs:SendMessage on %s, or replay by id",
				q.Name, to.Name, t.ApproximateNumberOfMessagesMoved, aws.ToString(t.FailureReason), to.Name)
		}
	}
	return nil
}
