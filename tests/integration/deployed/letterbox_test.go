package deployed

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrics "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"handoff/infra/aside"
	"handoff/infra/report"
	"handoff/infra/transit"
	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// mail puts an event into a queue, with attributes as EventBridge gives them to what it could not deliver.
func (r *remote) mail(queue string, e event.Envelope, attributes ...string) {
	r.t.Helper()
	body, err := json.Marshal(e)
	if err != nil {
		r.t.Fatal(err)
	}
	in := &sqs.SendMessageInput{QueueUrl: aws.String(r.queues[queue]), MessageBody: aws.String(string(body)), MessageAttributes: map[string]types.MessageAttributeValue{}}
	for i := 0; i < len(attributes); i += 2 {
		in.MessageAttributes[attributes[i]] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &attributes[i+1]}
	}
	if _, err := r.sqs.SendMessage(r.t.Context(), in); err != nil {
		r.t.Fatal(err)
	}
}

// standing counts what stands in a queue.
func (r *remote) standing(queue string) string {
	r.t.Helper()
	out, err := r.sqs.GetQueueAttributes(r.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(r.queues[queue]), AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		r.t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessages"]
}

// list asks for the dead letters, by queue.
func (r *remote) list(args ...string) map[string][]aside.Letter {
	r.t.Helper()
	var all []aside.Letter
	if err := json.Unmarshal([]byte(r.ask(append([]string{"dlq", "list"}, args...)...)), &all); err != nil {
		r.t.Fatal(err)
	}
	out := map[string][]aside.Letter{}
	for _, l := range all {
		out[l.Queue] = append(out[l.Queue], l)
	}
	return out
}

// offered is what EventBridge sends to a destination's dead-letter queue: our own event, and why.
func offered(at time.Time) (event.Envelope, []string) {
	e := event.Envelope{Version: "0", ID: "00000000-0000-4000-8000-000000000001", Source: event.Source, DetailType: event.HandoffOffered, Time: at, Region: "eu-central-1",
		Resources: []string{}, Detail: []byte(`{"id":"h-1","account":"account:initech.example"}`)}
	return e, []string{"RULE_ARN", "arn:aws:events:x:0:rule/handoff/CrmRule", "TARGET_ARN", "arn:aws:events:x:0:api-destination/crm/1",
		"ERROR_CODE", "SDK_CLIENT_ERROR", "ERROR_MESSAGE", "the endpoint answered 401 Unauthorized", "RETRY_ATTEMPTS", "6"}
}

// A queue that rules alone feed is one of dead letters like another, but that nothing can be sent back from it.
func TestADestinationsDeadLetters(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Second)
	r := remoteStack(t, at)
	e, why := offered(at.Add(-time.Hour))
	r.mail("CrmDeadLetterQueue", e, why...)
	r.mail("ScoreDeadLetterQueue", rig.Say("v-1", touch.PricingViewed, "email:ann@initech.example", at), "ERROR_MESSAGE", "the queue was gone")

	all := r.list()
	if len(all["CrmDeadLetterQueue"]) != 1 || len(all["ScoreDeadLetterQueue"]) != 1 || len(all) != 2 {
		t.Fatalf("listed %+v, want one of the CRM and one of score", all)
	}
	crm, score := all["CrmDeadLetterQueue"][0], all["ScoreDeadLetterQueue"][0]
	if crm.Destination != "crm" || crm.Function != "" || crm.Source != "" || crm.Receives != 7 || crm.Reason != "SDK_CLIENT_ERROR: the endpoint answered 401 Unauthorized" ||
		crm.DiedAt.IsZero() || crm.Event.DetailType != event.HandoffOffered || crm.Event.ID != e.ID {
		t.Errorf("the CRM's letter: %+v", crm)
	}
	if score.Destination != "" || score.Source != "ScoreQueue" || score.Function != "ScoreFunction" {
		t.Errorf("score's letter: %+v", score)
	}
	if got := r.list("--queue", "crm"); len(got) != 1 || len(got["CrmDeadLetterQueue"]) != 1 {
		t.Errorf("of crm alone: %+v", got)
	}
	text := func(want int, args ...string) string {
		t.Helper()
		out, errs, exit := r.run(append([]string{"--stack", stackName}, args...)...)
		if exit != want {
			t.Errorf("handoff %s: exit %d, want %d\n%s%s", strings.Join(args, " "), exit, want, out, errs)
		}
		return strings.Join(strings.Fields(out+errs), " ")
	}
	for _, c := range []struct {
		args string
		exit int
		says []string
	}{
		{"dlq list", 3, []string{"crm HandoffOffered, died", "after 7 tries: SDK_CLIENT_ERROR", "2 dead letters. Mend the cause, then: handoff dlq replay --all", "1 is what a destination did not take"}},
		{"dlq show " + crm.ID, 0, []string{"crm did not take HandoffOffered of handoff", "401 Unauthorized", `"id": "h-1"`}},
		{"status", 3, []string{"CrmDeadLetterQueue holds 1 dead letters", "ScoreDeadLetterQueue holds 1 dead letters"}},
		{"dlq replay " + crm.ID, 1, []string{"CrmDeadLetterQueue holds what EventBridge could not deliver to crm", "every other rule would take it", "infra/runbooks/destinations.md"}},
		{"dlq replay " + score.ID + " " + crm.ID, 1, []string{"infra/runbooks/destinations.md"}},
		{"dlq replay --queue crm", 3, []string{"1 dead letter stayed", "infra/runbooks/destinations.md"}},
		{"dlq replay --queue nothing", 1, []string{`no dead-letter queue of the stack handoff-test has "nothing" in its name`}},
	} {
		got := text(c.exit, strings.Fields(c.args)...)
		for _, says := range c.says {
			if !strings.Contains(got, says) {
				t.Errorf("handoff %s says %q, want %q in it", c.args, got, says)
			}
		}
	}
	if got := r.list(); len(got["CrmDeadLetterQueue"]) != 1 || len(got["ScoreDeadLetterQueue"]) != 1 || r.standing("ScoreQueue") != "0" {
		t.Errorf("after what was refused: %+v, and %s in score's queue", got, r.standing("ScoreQueue"))
	}

	// It is no queue whose messages conserve would have to wait for.
	var proof struct {
		Undecided int
		Untold    []string
	}
	if err := json.Unmarshal([]byte(r.ask("conserve")), &proof); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(proof.Untold, func(s string) bool { return strings.Contains(s, "the functions' queues hold") }); proof.Undecided != 0 || i >= 0 {
		t.Errorf("conserve: %+v", proof)
	}

	if got := text(3, "dlq", "replay", "--all"); !strings.Contains(got, "SQS is moving about 1 dead letter back") || !strings.Contains(got, "1 dead letter stayed") {
		t.Errorf("replay --all says %q", got)
	}
	if got := r.list(); len(got) != 1 || len(got["CrmDeadLetterQueue"]) != 1 || r.standing("ScoreQueue") != "1" {
		t.Errorf("after replay --all: %+v, and %s in score's queue, want the CRM's letter and 1", got, r.standing("ScoreQueue"))
	}
	text(0, "dlq", "discard", crm.ID)
	if got := r.list(); len(got) != 0 || r.standing("CrmDeadLetterQueue") != "0" {
		t.Errorf("after it was discarded: %+v", got)
	}
}

// All letters of one function go back without being read, and those of another stay.
func TestReplayByQueueAndAll(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Second)
	r := remoteStack(t, at)
	for i := range 12 {
		r.mail("ScoreDeadLetterQueue", rig.Say(fmt.Sprint("s-", i), touch.PricingViewed, "email:ann@initech.example", at))
	}
	r.mail("RouteDeadLetterQueue", rig.Say("r-1", touch.PricingViewed, "email:ann@initech.example", at))
	replay := func(args ...string) (out aside.Replayed) {
		t.Helper()
		if err := json.Unmarshal([]byte(r.ask(append([]string{"dlq", "replay"}, args...)...)), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct {
		args         []string
		moving       int
		score, route string // afterwards, in the functions' queues
		left         int
	}{
		{[]string{"--queue", "score"}, 12, "12", "0", 1},
		{[]string{"--all"}, 1, "12", "1", 0},
		{[]string{"--all"}, 0, "12", "1", 0},
	} {
		got := replay(c.args...)
		if got.Moving != c.moving || len(got.Kept) > 0 {
			t.Errorf("%v: %+v, want %d moving and none kept", c.args, got, c.moving)
		}
		left := 0
		for _, letters := range r.list() {
			left += len(letters)
		}
		if score, route := r.standing("ScoreQueue"), r.standing("RouteQueue"); score != c.score || route != c.route || left != c.left {
			t.Errorf("after %v: %s in score's queue, %s in route's, %d dead letters; want %s, %s and %d", c.args, score, route, left, c.score, c.route, c.left)
		}
	}
}

// Ages are CloudWatch's; where it has none, or does not answer, they are unknown and status says why.
func TestAgesOfQueues(t *testing.T) {
	at := time.Now().UTC()
	r := remoteStack(t, at)
	e := rig.Say("v-1", touch.PricingViewed, "email:ann@initech.example", at)
	for _, q := range []string{"IngestQueue", "ScoreQueue", "EnrichQueue", "RouteQueue", "RouteDeadLetterQueue"} {
		r.mail(q, e)
	}
	const minute = time.Minute
	age := func(queue string, ago time.Duration, seconds float64) {
		t.Helper()
		url := r.queues[queue]
		_, err := r.metrics.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("AWS/SQS"), MetricData: []metrics.MetricDatum{{
			MetricName: aws.String("ApproximateAgeOfOldestMessage"), Timestamp: aws.Time(at.Add(-ago)), Value: &seconds, Unit: metrics.StandardUnitSeconds,
			Dimensions: []metrics.Dimension{{Name: aws.String("QueueName"), Value: aws.String(url[strings.LastIndex(url, "/")+1:])}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	age("ScoreQueue", 5*minute, 9000)
	age("ScoreQueue", 2*minute, 540)
	age("IngestQueue", 2*minute, 0)
	age("RouteQueue", 30*minute, 540)
	age("AttributionQueue", 2*minute, 540) // which is empty

	status := func(env ...string) map[string]transit.Queue {
		t.Helper()
		before := r.env
		r.env = append(slices.Clone(r.env), env...)
		defer func() { r.env = before }()
		var st report.Status
		if err := json.Unmarshal([]byte(r.ask("status")), &st); err != nil {
			t.Fatal(err)
		}
		out := map[string]transit.Queue{}
		for _, q := range st.Queues {
			out[q.Queue] = q
		}
		return out
	}
	within := func(name string, q transit.Queue, from, until time.Time) {
		t.Helper()
		if q.OldestUnknown != "" || q.Oldest.Before(from) || q.Oldest.After(until) {
			t.Errorf("%s: oldest %v, unknown %q, want %v to %v", name, q.Oldest, q.OldestUnknown, from, until)
		}
	}
	near := func(name string, q transit.Queue, want time.Time) { // a value stands for its minute
		t.Helper()
		within(name, q, want.Add(-minute-time.Second), want)
	}
	sent := time.Now()
	got := status()
	near("the latest value of two", got["ScoreQueue"], at.Add(-2*minute-540*time.Second))
	near("a value of 0 is one", got["IngestQueue"], at.Add(-2*minute))
	within("a dead letter's own", got["RouteDeadLetterQueue"], at.Add(-time.Second), sent)
	for _, name := range []string{"EnrichQueue", "RouteQueue"} {
		if q := got[name]; !q.Oldest.IsZero() || q.OldestUnknown != "CloudWatch has no value of the last 10 minutes" {
			t.Errorf("%s has no value of late: oldest %v, unknown %q", name, q.Oldest, q.OldestUnknown)
		}
	}
	for _, name := range []string{"AttributionQueue", "EnrichDeadLetterQueue"} {
		if q := got[name]; !q.Oldest.IsZero() || q.OldestUnknown != "" {
			t.Errorf("%s is empty: oldest %v, unknown %q", name, q.Oldest, q.OldestUnknown)
		}
	}
	out, _, _ := r.run("--stack", stackName, "status")
	lines := strings.Split(out, "\n")
	if i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "enrich") && strings.Contains(l, "unknown") }); i < 0 {
		t.Errorf("status does not say that the age of enrich's queue is unknown:\n%s", out)
	}
	if !strings.Contains(out, "Unknown: CloudWatch has no value of the last 10 minutes.") {
		t.Errorf("status does not say why:\n%s", out)
	}

	got = status("AWS_ENDPOINT_URL_CLOUDWATCH=http://127.0.0.1:1")
	if q := got["ScoreQueue"]; q.Messages != 1 || !q.Oldest.IsZero() || !strings.Contains(q.OldestUnknown, "CloudWatch could not be reached") {
		t.Errorf("where CloudWatch does not answer: %+v", q)
	}
	within("a dead letter's own, where CloudWatch does not answer", got["RouteDeadLetterQueue"], at.Add(-time.Second), sent)
}
