// Package deployed holds the commands of bin/handoff on a deployed stack to what they answer on a folder: over SQS,
// EventBridge and CloudFormation as moto speaks them, and DynamoDB Local.
package deployed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"handoff/infra/local"
	embeddedstack "handoff/infra/stack"
	"handoff/shared/bus"
	"handoff/shared/contract"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/touch"
	"handoff/shared/wire"
	"handoff/shared/wire/pipeline"
	"handoff/tests/rig"
)

// remote is a stack made of DynamoDB Local and moto, with the functions' handlers in this process.
type remote struct {
	t        *testing.T
	env      []string
	queues   map[string]string // URLs by logical id
	sqs      *sqs.Client
	metrics  *cloudwatch.Client
	parts    *wire.Parts
	handlers map[string]event.Handler
	top      *local.Topology
	now      time.Time // the functions' own
}

const stackName = "handoff-test"

// built is where TestMain puts bin/handoff, and bin/handoff-aws beside it.
var built string

func TestMain(m *testing.M) { os.Exit(runAll(m)) }

func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "handoff-bin")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	for name, tags := range map[string]string{"handoff": "", "handoff-aws": "aws"} {
		cmd := exec.Command("go", "build", "-trimpath", "-tags", tags, "-o", filepath.Join(dir, name), "handoff/infra/handoff")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s\n", name, err, out)
			return 1
		}
	}
	built = filepath.Join(dir, "handoff")
	defer func() { stopMoto() }()
	return dynamotest.Main(m)
}

// remoteStack makes one whose functions have the time now.
func remoteStack(t *testing.T, now time.Time) *remote {
	t.Helper()
	endpoint := startMoto(t)
	db := dynamotest.Shared(t)
	template, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	const secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:x"
	top, err := local.LoadWith(template, map[string]string{"CrmUrl": "https://crm.example/*", "CrmSecretArn": secret, "ChatUrl": "https://chat.example", "ChatSecretArn": secret})
	if err != nil {
		t.Fatal(err)
	}
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return dynamotest.Credentials, nil })
	cfg := aws.Config{Region: dynamotest.Region, Credentials: keys, BaseEndpoint: &endpoint}
	cf := cloudformation.NewFromConfig(cfg)
	if _, err := cf.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String(stackName), TemplateBody: aws.String(motoTemplate(t, top, 2))}); err != nil {
		t.Fatalf("create the stack: %v", err)
	}
	list, err := cf.ListStackResources(t.Context(), &cloudformation.ListStackResourcesInput{StackName: aws.String(stackName)})
	if err != nil {
		t.Fatal(err)
	}
	physical := map[string]string{}
	for _, r := range list.StackResourceSummaries {
		physical[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
	}
	r := &remote{t: t, queues: physical, sqs: sqs.NewFromConfig(cfg), metrics: cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.DisableRequestCompression = true }), top: top, now: now, env: []string{
		"AWS_REGION=" + dynamotest.Region, "AWS_ACCESS_KEY_ID=" + dynamotest.Credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + dynamotest.Credentials.SecretAccessKey,
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_ENDPOINT_URL_DYNAMODB=" + db.Endpoint, "AWS_EC2_METADATA_DISABLED=true",
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
	}}
	r.parts = &wire.Parts{
		Accounts: db.Create(t, physical["AccountsTable"], true), Ledger: &ledger.Ledger{Table: db.Create(t, physical["LedgerTable"], false)},
		Bus: bus.New(eventbridge.NewFromConfig(cfg), physical["Bus"]), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return r.now },
	}
	shipped, err := pipeline.Contracts()
	if err != nil {
		t.Fatal(err)
	}
	r.read(shipped)
	return r
}

// read has the functions go by these contracts from now on.
func (r *remote) read(set *contract.Set) {
	r.t.Helper()
	var err error
	if r.handlers, err = pipeline.Handlers(r.parts, set); err != nil {
		r.t.Fatal(err)
	}
}

// pump drives the functions from their queues until nothing is left, as Lambda would; of those in refuse every message
// fails.
func (r *remote) pump(refuse ...string) {
	r.t.Helper()
	for busy := true; busy; {
		busy = false
		for _, f := range r.top.Functions {
			url := r.queues[f.Queue]
			out, err := r.sqs.ReceiveMessage(r.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
			if err != nil {
				r.t.Fatal(err)
			}
			if len(out.Messages) == 0 {
				continue
			}
			busy = true
			var batch []event.Envelope
			for _, m := range out.Messages {
				var e event.Envelope
				if err := json.Unmarshal([]byte(*m.Body), &e); err != nil {
					r.t.Fatalf("%s got what is no event: %v: %s", f.Queue, err, *m.Body)
				}
				batch = append(batch, e)
			}
			if slices.Contains(refuse, f.ID) {
				// At once visible again, so that the next receives use up its tries.
				for _, m := range out.Messages {
					if _, err := r.sqs.ChangeMessageVisibility(r.t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
						r.t.Fatal(err)
					}
				}
				continue
			}
			for i, err := range r.handlers[f.ID].Handle(r.t.Context(), batch) {
				if err != nil {
					r.t.Fatalf("%s: %v", f.ID, err)
				}
				if _, err := r.sqs.DeleteMessage(r.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: out.Messages[i].ReceiptHandle}); err != nil {
					r.t.Fatal(err)
				}
			}
		}
	}
}

// run runs bin/handoff with these words, and answers what it printed and its exit status.
func (r *remote) run(args ...string) (stdout, stderr string, exit int) {
	r.t.Helper()
	cmd := exec.Command(built, args...)
	cmd.Env, cmd.Dir = r.env, dynamotest.Root(r.t)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		r.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// ask is run, of the stack and as JSON; an exit status above 3 or 1 fails the test.
func (r *remote) ask(args ...string) string {
	r.t.Helper()
	out, errs, exit := r.run(append([]string{"--stack", stackName, "--format", "json"}, args...)...)
	if exit != 0 && exit != 3 {
		r.t.Fatalf("handoff %s: exit status %d: %s%s", strings.Join(args, " "), exit, out, errs)
	}
	return out
}

func (r *remote) write(events []event.Envelope) string {
	r.t.Helper()
	var b bytes.Buffer
	for _, e := range events {
		line, err := json.Marshal(map[string]any{"source": e.Source, "detail-type": e.DetailType, "time": e.Time, "detail": e.Detail})
		if err != nil {
			r.t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	path := filepath.Join(r.t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// smallJourney has a hand-raise, a deal that is won, a person without a company, a broken contract and an unknown source.
func smallJourney(at time.Time) []event.Envelope {
	ann, bob := "email:ann@initech.example", "email:bob@globex.example"
	i := -1
	say := func(kind, who string, more ...rig.With) event.Envelope {
		i++
		return rig.Say(fmt.Sprint("e-", i), kind, who, at.Add(time.Duration(i-20)*time.Minute), more...)
	}
	return []event.Envelope{
		say(touch.PricingViewed, ann, rig.Company("name", "Initech", "industry", "SaaS", "employees", "250", "country", "US")),
		say(touch.PricingViewed, ann),
		say(touch.DemoRequested, ann, rig.Person("name", "Ann", "title", "CTO")),
		say(touch.PricingViewed, bob, rig.Company("name", "Globex", "industry", "SaaS", "employees", "900", "country", "US")),
		say("opportunity_created", "opportunity:d-1", rig.Deal("d-1", "open", 120_000_00), rig.Links("account:globex.example")),
		say("opportunity_won", "opportunity:d-1", rig.Deal("d-1", "won", 120_000_00), rig.Links("account:globex.example")),
		say(touch.PricingViewed, "anon:web/77"),
		say("no_such_kind", ann),
		{Source: "unheard.of", DetailType: "Thing", Time: at.Add(-time.Minute), Detail: []byte(`{"a":1}`)},
	}
}

var (
	stamps = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+Z"`)
	uuids  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	owners = regexp.MustCompile(`"account": "\d*"`) // AWS's account of an envelope, which moto leaves empty
	ages   = regexp.MustCompile(`"(silent_seconds|age_seconds)": \d+`)
)

// comparable takes out of an answer what no two runs share: the bus's ids, and times of asking.
func comparable(answer string) string {
	return ages.ReplaceAllString(owners.ReplaceAllString(stamps.ReplaceAllString(uuids.ReplaceAllString(answer, "ID"), `"TIME"`), `"account": ""`), `"$1": 0`)
}

// folder is the data of one machine after a journey.
func folder(t *testing.T, at time.Time, journey []event.Envelope) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	here, err := embeddedstack.Open(t.Context(), embeddedstack.Config{Dir: dir, Clock: local.NewVirtual(at)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := here.Put(t.Context(), journey); err != nil {
		t.Fatal(err)
	}
	if err := here.Runtime.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A stack on AWS and a folder give the same answers to the same journey.
func TestCommandsAnswerAlikeOnADeployedStack(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Hour).Add(-2 * time.Hour)
	r := remoteStack(t, at)
	journey := smallJourney(at)
	dir := folder(t, at, journey)

	sent := r.ask("send", r.write(journey))
	if !strings.Contains(sent, `"accepted": 9`) {
		t.Fatalf("sent: %s, want 9 accepted", sent)
	}
	r.pump()

	when := at.Add(30 * time.Minute).Format(time.RFC3339)
	for _, words := range []string{
		"account initech.example --at " + when,
		"account globex.example --at " + when,
		"explain initech.example",
		"queue --at " + when,
		"report all --at " + when,
		"rebuild --all",
		"quarantine list",
		"explain --event e-2",
	} {
		args := strings.Fields(words)
		want, errs, _ := r.run(append([]string{"--data", dir, "--format", "json"}, args...)...)
		if len(want) < 20 {
			t.Fatalf("%s on the folder: %s%s", words, want, errs)
		}
		got := r.ask(args...)
		if words == "explain --event e-2" { // says besides what only the archive could tell
			got = regexp.MustCompile(`(?s),\s*"untold": "[^"]+"`).ReplaceAllString(got, "")
			want = strings.Replace(want, `"detail_type": "Touch"`, `"detail_type": ""`, 1)
		}
		if d := cmp.Diff(strings.Split(comparable(want), "\n"), strings.Split(comparable(got), "\n")); d != "" {
			t.Errorf("handoff %s: (-folder +stack):\n%s", words, d)
		}
	}

	// conserve differs where AWS does not tell, and nowhere else.
	type hop struct {
		Total int
		Terms []struct {
			Name  string
			Count int
		}
	}
	type proof struct {
		Events, Touches, Decisions, Conversions hop
		Made, Unexplained, Undecided            int
		Money                                   json.RawMessage
		Untold                                  []string
	}
	var want, got proof
	text, _, _ := r.run("--data", dir, "--format", "json", "conserve")
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err, text)
	}
	if err := json.Unmarshal([]byte(r.ask("conserve")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Unexplained != 0 || got.Undecided != 0 || len(got.Untold) == 0 || want.Touches.Total == 0 || want.Decisions.Total == 0 {
		t.Errorf("conserve: %+v", got)
	}
	got.Untold = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("conserve: (-folder +stack):\n%s", d)
	}

	// A play that is paused on the stack is seen as such.
	r.ask("pause", "hand_raise", "--why", "a test", "--by", "somebody")
	if got := r.ask("status"); !strings.Contains(got, `"paused": {`) || !strings.Contains(got, `"why": "a test"`) {
		t.Errorf("status after a pause: %s", got)
	}
	r.ask("resume", "hand_raise", "--why", "over")
	if got := r.ask("status"); strings.Contains(got, `"paused": {`) || !strings.Contains(got, `"why": "over"`) {
		t.Errorf("status after it was resumed: %s", got)
	}
}

// letters asks for the dead letters' ids.
func (r *remote) letters() []string {
	r.t.Helper()
	var list []struct{ ID, Function, Reason string }
	if err := json.Unmarshal([]byte(r.ask("dlq", "list")), &list); err != nil {
		r.t.Fatal(err)
	}
	var ids []string
	for _, l := range list {
		ids = append(ids, l.ID)
		if l.Function != "ScoreFunction" || l.Reason == "" {
			r.t.Errorf("letter %+v, want one of score, with where to look", l)
		}
	}
	slices.Sort(ids)
	return ids
}

// Looking at dead letters loses none, a replay by id moves that one alone, and what is unfinished is not called lost.
func TestDeadLettersOfADeployedStack(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Second)
	r := remoteStack(t, at)
	var views []event.Envelope
	const n = 12
	for i := range n {
		views = append(views, rig.Say(fmt.Sprint("v-", i), touch.PricingViewed, fmt.Sprintf("email:p@c%d.example", i), at.Add(-time.Hour)))
	}
	r.ask("send", r.write(views))

	// While all stands in ingest's queue, nothing is recorded and nothing is called lost.
	var c struct {
		Unexplained, Undecided int
		Events, Touches        struct {
			Total int
			Terms []struct {
				Name  string
				Count int
			}
		}
	}
	conserve := func() map[string]int {
		t.Helper()
		if err := json.Unmarshal([]byte(r.ask("conserve")), &c); err != nil {
			t.Fatal(err)
		}
		out := map[string]int{"total": c.Events.Total, "unexplained": c.Unexplained, "undecided": c.Undecided}
		for _, term := range c.Events.Terms {
			out["events "+term.Name] += term.Count
		}
		for _, term := range c.Touches.Terms {
			out["touches "+term.Name] += term.Count
		}
		return out
	}
	if got := conserve(); got["total"] != n || got["events in flight"] != n || got["unexplained"] != 0 {
		t.Errorf("while all is in ingest's queue: %v", got)
	}

	r.pump("ScoreFunction")
	first := r.letters()
	if len(first) != n {
		t.Fatalf("%d dead letters, want %d", len(first), n)
	}
	if second := r.letters(); !slices.Equal(first, second) {
		t.Errorf("the second look shows %v, the first %v", second, first)
	}
	if got := conserve(); got["events recorded"] != n || got["touches dead-lettered"] != n || got["unexplained"] != 0 {
		t.Errorf("with all dead: %v", got)
	}
	if out, _, exit := r.run("--stack", stackName, "status"); exit != 3 || !strings.Contains(out, fmt.Sprintf("ScoreDeadLetterQueue holds %d dead letters", n)) {
		t.Errorf("status: exit %d\n%s", exit, out)
	}

	if got := r.ask("dlq", "show", first[4]); !strings.Contains(got, first[4]) || !strings.Contains(got, "TouchRecorded") {
		t.Errorf("show: %s", got)
	}
	if _, errs, exit := r.run("--stack", stackName, "dlq", "show", "ScoreDeadLetterQueue/none"); exit != 1 || !strings.Contains(errs, "dlq list shows the ids") {
		t.Errorf("show of none: exit %d, %s", exit, errs)
	}
	r.ask("dlq", "replay", first[4])
	left := slices.Delete(slices.Clone(first), 4, 5)
	if got := r.letters(); !slices.Equal(got, left) {
		t.Errorf("after one was replayed: %d letters, want the %d others", len(got), len(left))
	}
	r.pump()
	// Two: what is absorbed of an account is its view and the answer of enrichment.
	if got := conserve(); got["touches absorbed"] != 2 || got["touches dead-lettered"] != n-1 || got["unexplained"] != 0 {
		t.Errorf("after one was handled: %v", got)
	}
	if _, errs, exit := r.run("--stack", stackName, "dlq", "replay", left[0], first[4]); exit != 1 || !strings.Contains(errs, first[4]) {
		t.Errorf("replay of one that is gone: exit %d, %s", exit, errs)
	}
	if got := r.letters(); !slices.Equal(got, left) {
		t.Errorf("after a replay that named one that is gone: %d letters, want %d: it moves all or none", len(got), len(left))
	}
	r.ask("dlq", "discard", left[0])
	left = left[1:]
	r.ask(append([]string{"dlq", "replay"}, left...)...)
	if got := r.letters(); len(got) != 0 {
		t.Errorf("after all were replayed: %v", got)
	}
	r.pump()
	// The one that was discarded has no evidence any more, and conserve names it.
	if got := conserve(); got["touches absorbed"] != 2*(n-1) || got["unexplained"] != 1 {
		t.Errorf("in the end: %v", got)
	}
}

// A command that died while it looked hides letters for a while. Another says that they are there.
func TestALookThatDiedHidesNothingSilently(t *testing.T) {
	at := time.Now().UTC()
	r := remoteStack(t, at)
	url := r.queues["ScoreDeadLetterQueue"]
	body, err := json.Marshal(rig.Say("v", touch.PricingViewed, "email:ann@initech.example", at))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String(string(body)), MessageAttributes: map[string]types.MessageAttributeValue{
		"ERROR_MESSAGE": {DataType: aws.String("String"), StringValue: aws.String("the queue was gone")},
	}}); err != nil {
		t.Fatal(err)
	}
	if out, err := r.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, VisibilityTimeout: 4}); err != nil || len(out.Messages) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	out, errs, exit := r.run("--stack", stackName, "dlq", "list")
	if exit != 1 || !strings.Contains(errs, "about 1 more of ScoreDeadLetterQueue") || strings.Contains(out, "No dead letters") {
		t.Errorf("while it is hidden: exit %d\n%s%s", exit, out, errs)
	}
	for deadline := time.Now().Add(20 * time.Second); exit != 3 && time.Now().Before(deadline); {
		out, errs, exit = r.run("--stack", stackName, "dlq", "list")
	}
	if exit != 3 || !strings.Contains(out, "the queue was gone") {
		t.Errorf("after it came back: exit %d\n%s%s", exit, out, errs)
	}
}

// What is asked wrongly is answered with what to do, before or without AWS.
func TestStackErrorsSayWhatToDo(t *testing.T) {
	r := &remote{t: t, env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true"}}
	for _, c := range []struct {
		args string
		exit int
		says string
	}{
		{"--stack x --data y status", 2, "drop --data to ask the stack x, or drop --stack"},
		{"--stack x local", 2, "drop --stack"},
		{"--stack x generate --out y", 2, "drop --stack"},
		{"--stack x pattern", 2, "drop --stack"},
		{"--stack x demo", 2, "drop --stack"},
		{"--region x status", 2, "name it with --stack"},
		{"--stack x status", 1, "say --region"},
		{"--stack x --profile nobody status", 1, `no profile "nobody"`},
	} {
		if _, errs, exit := r.run(strings.Fields(c.args)...); exit != c.exit || !strings.Contains(errs, c.says) {
			t.Errorf("handoff %s: exit %d, %s; want %d and %q", c.args, exit, errs, c.exit, c.says)
		}
	}
	endpoint := startMoto(t)
	r.env = append(r.env, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=k", "AWS_SECRET_ACCESS_KEY=k", "AWS_ENDPOINT_URL="+endpoint)
	if _, errs, exit := r.run("--stack", "nope", "status"); exit != 1 || !strings.Contains(errs, "there is no stack nope in eu-central-1") {
		t.Errorf("of a stack that is not there: exit %d, %s", exit, errs)
	}
	r.env = append(r.env, "AWS_ENDPOINT_URL=http://127.0.0.1:1")
	if _, errs, exit := r.run("--stack", "nope", "status"); exit != 1 || !strings.Contains(errs, "could not be reached") {
		t.Errorf("where nobody answers: exit %d, %s", exit, errs)
	}
}
