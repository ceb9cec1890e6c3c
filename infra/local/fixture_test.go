package local

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"handoff/infra/transit"
	"handoff/shared/embedded"
	"handoff/shared/event"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("LOCAL_TEST_VICTIM"); dir != "" {
		victim(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// small is a template with one function behind one rule, a second function behind two rules on one queue, and a sweep.
const small = `
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Bus:
    Type: AWS::Events::EventBus
    Properties: {Name: test}
  Archive:
    Type: AWS::Events::Archive
    Properties:
      SourceArn: !GetAtt Bus.Arn
      EventPattern: {source: [{anything-but: [ours]}]}
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: one
      Timeout: 10
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt OneQueue.Arn
            BatchSize: 3
            MaximumBatchingWindowInSeconds: 0
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
  OneQueue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt OneDead.Arn, maxReceiveCount: 3}
  OneDead:
    Type: AWS::SQS::Queue
  OneRule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [{anything-but: [ours]}]}
      Targets:
        - {Id: q, Arn: !GetAtt OneQueue.Arn, DeadLetterConfig: {Arn: !GetAtt OneDead.Arn}}
  TwoFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: two
      Timeout: 10
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt TwoQueue.Arn
            ScalingConfig: {MaximumConcurrency: 2}
  TwoQueue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 60}
  TwoRule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [ours]}
      Targets: [{Id: q, Arn: !GetAtt TwoQueue.Arn}]
  TwoMoreRule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [ours], detail: {twice: [true]}}
      Targets: [{Id: q, Arn: !GetAtt TwoQueue.Arn}]
  SweepRule:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 minute)
      Targets: [{Id: q, Arn: !GetAtt TwoQueue.Arn}]
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref OneQueue, !Ref OneDead, !Ref TwoQueue]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: "*"
`

var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// recorder is a handler that remembers what it was given and answers as told.
type recorder struct {
	mu      sync.Mutex
	batches [][]event.Envelope
	answer  func(e event.Envelope) error
	before  func()
}

func (r *recorder) Handle(_ context.Context, batch []event.Envelope) []error {
	r.mu.Lock()
	r.batches = append(r.batches, append([]event.Envelope(nil), batch...))
	answer, before := r.answer, r.before
	r.mu.Unlock()
	if before != nil {
		before()
	}
	errs := make([]error, len(batch))
	for i, e := range batch {
		if answer != nil {
			errs[i] = answer(e)
		}
	}
	return errs
}

// types lists what was delivered, by detail type, in order.
func (r *recorder) types() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []string{}
	for _, b := range r.batches {
		for _, e := range b {
			out = append(out, e.DetailType)
		}
	}
	return out
}

func (r *recorder) sizes() []int {
	out := []int{}
	for _, b := range r.batches {
		out = append(out, len(b))
	}
	return out
}

// stage is a runtime on the small template in virtual time, with what it is made of.
type stage struct {
	t        *testing.T
	db       *embedded.DB
	cfg      Config
	rt       *Runtime
	one, two *recorder
	clock    *Virtual
}

func newStage(t *testing.T, change ...func(*Config)) *stage {
	t.Helper()
	db, err := embedded.Open("data", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &stage{t: t, db: db, one: &recorder{}, two: &recorder{}, clock: NewVirtual(start)}
	s.cfg = Config{Topology: load(t, small), Handlers: map[string]event.Handler{"OneFunction": s.one, "TwoFunction": s.two},
		Space: db.Space("local"), Clock: s.clock, Log: slog.New(slog.DiscardHandler), Seed: 1}
	for _, c := range change {
		c(&s.cfg)
	}
	s.open()
	return s
}

// open takes up the keyspace as a new process would.
func (s *stage) open() {
	s.t.Helper()
	rt, err := New(s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.rt = rt
}

func (s *stage) put(bus string, events ...event.Envelope) []string {
	s.t.Helper()
	ids, err := s.rt.Put(context.Background(), bus, events)
	if err != nil {
		s.t.Fatalf("put: %v", err)
	}
	return ids
}

func (s *stage) drain() {
	s.t.Helper()
	if err := s.rt.Drain(context.Background()); err != nil {
		s.t.Fatalf("drain: %v", err)
	}
}

func (s *stage) advance(d time.Duration) {
	s.t.Helper()
	if err := s.rt.AdvanceTo(context.Background(), s.clock.Now().Add(d)); err != nil {
		s.t.Fatalf("advance: %v", err)
	}
}

func (s *stage) letters() []transit.Letter {
	s.t.Helper()
	var out []transit.Letter
	for l, err := range s.rt.DeadLetters() {
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

func (s *stage) inFlight() int {
	s.t.Helper()
	n := 0
	for _, err := range s.rt.InFlight() {
		if err != nil {
			s.t.Fatal(err)
		}
		n++
	}
	return n
}

func load(t *testing.T, template string) *Topology {
	t.Helper()
	top, err := Load([]byte(template))
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return top
}

func ev(source, detailType, detail string) event.Envelope {
	return event.Envelope{Source: source, DetailType: detailType, Detail: json.RawMessage(detail)}
}

func numbered(n int) []event.Envelope {
	out := make([]event.Envelope, n)
	for i := range out {
		out[i] = ev("tool", fmt.Sprint(i), `{}`)
	}
	return out
}
