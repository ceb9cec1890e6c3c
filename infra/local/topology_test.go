package local

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/pattern"
	"handoff/shared/touch"
)

func realTemplate(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRealTemplateFunctions(t *testing.T) {
	top := load(t, string(realTemplate(t)))
	var ids []string
	for _, f := range top.Functions {
		ids = append(ids, f.ID)
		var q Queue
		for _, c := range top.Queues {
			if c.ID == f.Queue {
				q = c
			}
		}
		if q.Visibility < 6*f.Timeout {
			t.Errorf("%s: visibility %s is less than six timeouts of %s", f.ID, q.Visibility, f.Timeout)
		}
		if got := q.Visibility * time.Duration(q.MaxReceive); got != 4*time.Hour {
			t.Errorf("%s: retries last %s, want 4h", f.ID, got)
		}
		if want := strings.Replace(f.ID, "Function", "DeadLetterQueue", 1); q.DeadLetter != want {
			t.Errorf("%s: dead letters go to %q, want %q", f.ID, q.DeadLetter, want)
		}
		if !f.Partial {
			t.Errorf("%s: does not report partial failures", f.ID)
		}
		if f.Concurrency > 100 {
			t.Errorf("%s: concurrency %d is as good as unbounded", f.ID, f.Concurrency)
		}
		want := map[string]string{"ACCOUNTS_TABLE": "handoff-AccountsTable", "LEDGER_TABLE": "handoff-LedgerTable", "BUS_NAME": "handoff", "LOG_LEVEL": "INFO",
			"METRIC_NAMESPACE": "Handoff", "OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_EXPORTER_OTLP_HEADERS": ""}
		if d := cmp.Diff(want, f.Env); d != "" {
			t.Errorf("%s: environment (-want +got)\n%s", f.ID, d)
		}
	}
	if d := cmp.Diff([]string{"IngestFunction", "EnrichFunction", "ScoreFunction", "RouteFunction", "AttributionFunction"}, ids); d != "" {
		t.Errorf("functions (-want +got)\n%s", d)
	}
}

// TestRealTemplateRules sends one event of each kind over the real rules.
func TestRealTemplateRules(t *testing.T) {
	top := load(t, string(realTemplate(t)))
	touched := func(kind string) string { return `{"touch":{"kind":"` + kind + `"}}` }
	for _, c := range []struct {
		name, bus string
		e         event.Envelope
		queues    []string
		archived  bool
	}{
		{"a tool's event", "handoff", ev("rudderstack", "events", `{}`), []string{"IngestQueue"}, true},
		{"a partner's event", "handoff", ev("aws.partner/segment.com/x", "track", `{}`), []string{"IngestQueue"}, true},
		{"a tool that knows the default bus only", "default", ev("hubspot", "contact", `{}`), []string{"IngestQueue"}, true},
		{"AWS's own event", "default", ev("aws.s3", "Object Created", `{}`), nil, false},
		{"touch", "handoff", ev("handoff", event.TouchRecorded, touched(touch.PricingViewed)), []string{"ScoreQueue"}, false},
		{"accepted", "handoff", ev("handoff", event.TouchRecorded, touched(touch.HandoffAccepted)), []string{"RouteQueue", "ScoreQueue"}, false},
		{"enriched", "handoff", ev("handoff", event.AccountEnriched, touched(touch.AccountEnriched)), []string{"ScoreQueue"}, false},
		{"wanted", "handoff", ev("handoff", event.EnrichmentWanted, `{}`), []string{"EnrichQueue"}, false},
		{"decision", "handoff", ev("handoff", event.DecisionMade, `{}`), []string{"RouteQueue"}, false},
		{"conversion", "handoff", ev("handoff", event.ConversionRecorded, `{}`), []string{"AttributionQueue"}, false},
		{"credits due", "handoff", ev("handoff", event.CreditsDue, `{}`), []string{"AttributionQueue"}, false},
		{"for the outside", "handoff", ev("handoff", event.HandoffOffered, `{}`), nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, func(cfg *Config) { cfg.Topology, cfg.Handlers = top, nil })
			s.put(c.bus, c.e)
			var got []string
			for m, err := range s.rt.InFlight() {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, m.Queue)
			}
			slices.Sort(got)
			if d := cmp.Diff(c.queues, got); d != "" {
				t.Errorf("queues (-want +got)\n%s", d)
			}
			archived := 0
			for _, err := range s.rt.Archived(time.Time{}, time.Time{}) {
				if err != nil {
					t.Fatal(err)
				}
				archived++
			}
			if archived == 1 != c.archived {
				t.Errorf("archived %d times, want %v", archived, c.archived)
			}
		})
	}
}

func TestRealTemplateFeedbackKinds(t *testing.T) {
	for _, r := range load(t, string(realTemplate(t))).Rules {
		if r.ID != "FeedbackRule" {
			continue
		}
		var p struct {
			Detail struct{ Touch struct{ Kind []string } }
		}
		if err := json.Unmarshal(r.Pattern, &p); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(touch.RouteKinds, p.Detail.Touch.Kind); d != "" {
			t.Errorf("kinds of FeedbackRule against touch.RouteKinds (-want +got)\n%s", d)
		}
		return
	}
	t.Error("there is no FeedbackRule")
}

func TestRealTemplateSweep(t *testing.T) {
	for _, r := range load(t, string(realTemplate(t))).Rules {
		if r.Pattern != nil {
			for _, target := range r.Targets {
				if target.DeadLetter == "" {
					t.Errorf("%s: target %s has no dead-letter queue", r.ID, target.ID)
				}
			}
			if _, err := pattern.Compile(r.Pattern); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
			continue
		}
		want := []Target{{ID: "score", Queue: "ScoreQueue"}, {ID: "route", Queue: "RouteQueue"}} // a tick that is lost the next repairs
		if d := cmp.Diff(want, r.Targets); d != "" || r.Every != time.Minute || r.Bus != DefaultBus {
			t.Errorf("sweep every %s on %s (-want +got)\n%s", r.Every, r.Bus, d)
		}
	}
}

func TestPartnerBus(t *testing.T) {
	const name = "aws.partner/segment.com/abc"
	top, err := LoadWith(realTemplate(t), map[string]string{"SegmentBus": name})
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, func(cfg *Config) { cfg.Topology, cfg.Handlers = top, nil })
	s.put(name, ev(name, "track", `{}`))
	if got := s.inFlight(); got != 1 {
		t.Errorf("%d messages in queues, want the one that the partner's rule forwards", got)
	}
	if _, err := LoadWith(realTemplate(t), map[string]string{"Nonsense": "x"}); err == nil || !strings.Contains(err.Error(), "Nonsense") {
		t.Errorf("unknown parameter: got error %v", err)
	}
}

// What only a cloud can run is off unless parameters turn it on, and is then named and left out; all else runs as before.
func TestOutside(t *testing.T) {
	secret := "arn:aws:secretsmanager:us-east-1:000000000000:secret:x"
	plain := load(t, string(realTemplate(t)))
	if len(plain.Outside) > 0 {
		t.Errorf("without parameters %v is outside", plain.Outside)
	}
	top, err := LoadWith(realTemplate(t), map[string]string{
		"CrmUrl": "https://crm.example/*", "CrmSecretArn": secret, "ChatUrl": "https://chat.example", "ChatSecretArn": secret, "WebhookSecretArn": secret,
		"ProducerAccounts": "111111111111, 222222222222", "SegmentSilentHours": "6", "EnrichUrl": "https://companies.example/{domain}", "EnrichToken": "t",
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"CrmRule", "ChatRule", "WebhookFunction"}, top.Outside); d != "" {
		t.Errorf("outside (-want +got)\n%s", d)
	}
	for _, f := range top.Functions {
		if want := f.ID == "EnrichFunction"; want != (f.Env["ENRICH_URL"] == "https://companies.example/{domain}" && f.Env["ENRICH_TOKEN"] == "t") {
			t.Errorf("%s: environment %v", f.ID, f.Env)
		}
	}
	if len(top.Functions) != len(plain.Functions) || len(top.Rules) != len(plain.Rules) {
		t.Errorf("%d functions and %d rules run, without the parameters %d and %d", len(top.Functions), len(top.Rules), len(plain.Functions), len(plain.Rules))
	}
}

func TestLoadReportsWhatItCannotRun(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"not YAML", small, "a: [", "not YAML"},
		{"no resources", small, "Parameters: {}", "no Resources"},
		{"unknown resource type", "Type: AWS::Events::EventBus", "Type: AWS::Kinesis::Stream", "Bus (AWS::Kinesis::Stream): this type of resource is not supported"},
		{"unknown function", "Name: test", `Name: !FindInMap [a, b, c]`, "!FindInMap"},
		{"reference to nothing", "EventBusName: !Ref Bus\n      EventPattern: {source: [ours]}", "EventBusName: !Ref Buss\n      EventPattern: {source: [ours]}", `"Buss" is neither`},
		{"target is a function", "Arn: !GetAtt OneQueue.Arn, Dead", "Arn: !GetAtt OneFunction.Arn, Dead", "OneRule (AWS::Events::Rule): Targets[0].Arn"},
		{"function of two kinds of event", "Queue:\n          Type: SQS", "Post: {Type: HttpApi, Properties: {}}\n        Queue:\n          Type: SQS", "want one queue that drives the function, found 2"},
		{"target input", "{Id: q, Arn: !GetAtt OneQueue.Arn,", "{Id: q, Input: x, Arn: !GetAtt OneQueue.Arn,", "Targets[0].Input: is not supported"},
		{"bad pattern", "{source: [{anything-but: [ours]}]}\n      Targets", "{source: []}\n      Targets", "OneRule (AWS::Events::Rule): EventPattern"},
		{"pattern and schedule", "ScheduleExpression: rate(1 minute)", "ScheduleExpression: rate(1 minute)\n      EventPattern: {source: [x]}", "SweepRule (AWS::Events::Rule): want either"},
		{"cron", "rate(1 minute)", "cron(0 9 * * ? *)", "SweepRule (AWS::Events::Rule): ScheduleExpression"},
		{"bad rate", "rate(1 minute)", "rate(1 minutes)", "no valid rate"},
		{"schedule on our bus", "ScheduleExpression: rate(1 minute)", "EventBusName: !Ref Bus\n      ScheduleExpression: rate(1 minute)", "only on the default bus"},
		{"big batch without window", "BatchSize: 3", "BatchSize: 30", "OneFunction (AWS::Serverless::Function): Events.Queue.Properties.BatchSize"},
		{"visibility below timeout", "VisibilityTimeout: 60\n      Redrive", "VisibilityTimeout: 6\n      Redrive", "visibility of OneQueue is 6s"},
		{"filter", "BatchSize: 3", "BatchSize: 3\n            FilterCriteria: {}", "FilterCriteria: is not supported"},
		{"no policy", "Action: sqs:SendMessage", "Action: sqs:ReceiveMessage", "OneRule (AWS::Events::Rule): Targets[0].Arn: no queue policy lets this rule send to OneQueue"},
		{"fifo", "VisibilityTimeout: 60}", "VisibilityTimeout: 60, FifoQueue: true}", "TwoQueue (AWS::SQS::Queue): FifoQueue: is not supported"},
		{"redrive to nothing", "!GetAtt OneDead.Arn, max", "arn:aws:sqs:us-east-1:000000000000:gone, max", "OneQueue (AWS::SQS::Queue): RedrivePolicy.deadLetterTargetArn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(small, c.old) {
				t.Fatalf("the fixture no longer holds %q", c.old)
			}
			_, err := Load([]byte(strings.Replace(small, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestIntrinsics(t *testing.T) {
	const template = `
Parameters:
  Name: {Type: String, Default: seen}
  Big: {Type: String, Default: "yes"}
  Some: {Type: CommaDelimitedList, Default: "x, y"}
Conditions:
  IsBig: !Equals [!Ref Big, "yes"]
  IsSmall: !Not [!Condition IsBig]
  Both: !And [!Condition IsBig, !Or [!Condition IsSmall, !Equals [a, a]]]
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: !Sub "${Name}-${AWS::Region}-${!kept}"}}
  Absent: {Type: AWS::Events::EventBus, Condition: IsSmall}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !If [Both, !Join ["-", [a, !Ref Name, !Join ["", !Ref Some]]], never]
      VisibilityTimeout: !If [IsSmall, 5, !Ref AWS::NoValue]
      RedrivePolicy: {deadLetterTargetArn: {"Fn::GetAtt": [Dead, Arn]}, maxReceiveCount: 2}
  Dead: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub ["${x}-d", {x: !Ref Name}]}}
`
	top := load(t, template)
	var buses, queues []string
	for _, b := range top.Buses {
		buses = append(buses, b.Name)
	}
	for _, q := range top.Queues {
		queues = append(queues, q.Name)
	}
	if d := cmp.Diff([]string{"default", "seen-us-east-1-${kept}"}, buses); d != "" {
		t.Errorf("buses (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]string{"a-seen-xy", "seen-d"}, queues); d != "" {
		t.Errorf("queues (-want +got)\n%s", d)
	}
	if q := top.Queues[0]; q.DeadLetter != "Dead" || q.MaxReceive != 2 || q.Visibility != 30*time.Second {
		t.Errorf("queue %+v: want Dead after 2 receives and SQS's default visibility of 30s", q)
	}
}
