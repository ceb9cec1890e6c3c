package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"handoff/functions/enrich"
	"handoff/infra/local"
	"handoff/shared/dynamo"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/wire"
	"handoff/shared/wire/pipeline"
	"handoff/tests/rig"
)

// access is one request that a function made of AWS, as IAM sees it: the action, the logical id of what it is done to
// ("AccountsTable/due" for the time index), and the value of the condition key that tells requests apart: the partition
// key's kind, or the detail type.
type access struct{ Action, Resource, Key string }

// accesses are those of each function, with how often.
type accesses struct {
	mu sync.Mutex
	of map[string]map[access]int
	// overwrites are ledger writes on another condition than that nothing stands there.
	overwrites []string
}

func (a *accesses) add(function, action, resource, key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of[function] == nil {
		a.of[function] = map[access]int{}
	}
	a.of[function][access{action, resource, key}]++
}

// kindOf is what comes before the first colon of a partition key, with it: "account:", or all of it.
func kindOf(partition string) string {
	if kind, _, ok := strings.Cut(partition, ":"); ok {
		return kind + ":"
	}
	if strings.HasPrefix(partition, "hof_") {
		return "hof_"
	}
	return partition
}

// watchedTable notes what a function does to a table, by the actions that shared/dynamo makes of it; see
// TestActionsOfTheStore.
type watchedTable struct {
	store.Table
	function, id string
	seen         *accesses
}

func (t *watchedTable) note(action, partition string) {
	t.seen.add(t.function, action, t.id, kindOf(partition))
}

func (t *watchedTable) write(rs ...store.Record) {
	for i := range rs {
		t.note("dynamodb:PutItem", rs[i].Partition)
		if t.id == "LedgerTable" && rs[i].Version != 0 {
			t.seen.mu.Lock()
			t.seen.overwrites = append(t.seen.overwrites, t.function+": "+rs[i].Partition+" / "+rs[i].Sort)
			t.seen.mu.Unlock()
		}
	}
}

func (t *watchedTable) Get(ctx context.Context, k store.Key) (store.Record, error) {
	t.note("dynamodb:GetItem", k.Partition)
	return t.Table.Get(ctx, k)
}

func (t *watchedTable) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	for _, k := range keys {
		t.note("dynamodb:BatchGetItem", k.Partition)
	}
	return t.Table.GetMany(ctx, keys)
}

func (t *watchedTable) Query(ctx context.Context, q store.Query) (store.Page, error) {
	t.note("dynamodb:Query", q.Partition)
	return t.Table.Query(ctx, q)
}

func (t *watchedTable) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	t.seen.add(t.function, "dynamodb:Query", t.id+"/due", "")
	return t.Table.DueBefore(ctx, shard, until, limit, cursor)
}

func (t *watchedTable) Put(ctx context.Context, r store.Record) error {
	t.write(r)
	return t.Table.Put(ctx, r)
}

func (t *watchedTable) PutMany(ctx context.Context, rs []store.Record) []error {
	t.write(rs...)
	return t.Table.PutMany(ctx, rs)
}

func (t *watchedTable) PutPair(ctx context.Context, a, b store.Record) error {
	t.write(a, b)
	return t.Table.PutPair(ctx, a, b)
}

// watchedBus notes what a function publishes, and the handoffs that are offered. It turns the credits of each conversion
// away once, so that attribution has to read its row again.
type watchedBus struct {
	event.Publisher
	function string
	w        *watched
	refused  map[string]bool
}

func (b *watchedBus) Publish(ctx context.Context, events []event.Envelope) error {
	for i := range events {
		e := &events[i]
		b.w.seen.add(b.function, "events:PutEvents", "Bus", e.Source+" "+e.DetailType)
		switch e.DetailType {
		case event.HandoffOffered:
			var d event.HandoffDetail
			if err := json.Unmarshal(e.Detail, &d); err != nil {
				return err
			}
			b.w.offered[d.ID] = d
		case event.RevenueAttributed:
			var d event.Attributed
			if err := json.Unmarshal(e.Detail, &d); err != nil {
				return err
			}
			if !b.refused[d.Conversion] {
				b.refused[d.Conversion] = true
				return errors.New("the bus is busy, by the test's own doing")
			}
		}
	}
	return b.Publisher.Publish(ctx, events)
}

// watched is the template's pipeline with each function over tables and a bus of its own that note what it does.
type watched struct {
	t        *testing.T
	rt       *local.Runtime
	clock    *local.Virtual
	seen     *accesses
	accounts store.Table
	history  store.Table
	offered  map[string]event.HandoffDetail // by id
}

func watch(t *testing.T, template []byte, start time.Time, dataset enrich.Provider) *watched {
	t.Helper()
	top, err := local.Load(template)
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &watched{offered: map[string]event.HandoffDetail{}, t: t, clock: local.NewVirtual(start), seen: &accesses{of: map[string]map[access]int{}}, accounts: db.Table("accounts"), history: db.Table("ledger")}
	handlers := map[string]event.Handler{}
	buses := []*watchedBus{}
	for _, f := range top.Functions {
		bus := &watchedBus{function: f.ID, w: w, refused: map[string]bool{}}
		buses = append(buses, bus)
		parts := &wire.Parts{
			Accounts: &watchedTable{w.accounts, f.ID, "AccountsTable", w.seen},
			Ledger:   &ledger.Ledger{Table: &watchedTable{w.history, f.ID, "LedgerTable", w.seen}},
			Bus:      bus, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now,
			Provider: enrich.Chain{{Name: "dataset", Provider: dataset}},
		}
		contracts, err := pipeline.Contracts()
		if err != nil {
			t.Fatal(err)
		}
		made, err := pipeline.Handlers(parts, contracts)
		if err != nil {
			t.Fatal(err)
		}
		handlers[f.ID] = made[f.ID]
	}
	w.rt, err = local.New(local.Config{Topology: top, Handlers: handlers, Space: db.Space("runtime"), Clock: w.clock,
		Log: slog.New(slog.DiscardHandler), Seed: 1, NextDue: w.nextDue})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range buses {
		b.Publisher = w.rt.Publisher()
	}
	return w
}

// nextDue is when something of the time index is due, so that virtual time skips ticks that find nothing.
func (w *watched) nextDue(until time.Time) (time.Time, bool) {
	next := until.Unix() + 1
	for shard := range store.Shards {
		page, err := w.accounts.DueBefore(context.Background(), shard, time.Unix(next, 0), 1, "")
		if err != nil {
			return time.Time{}, true
		}
		for _, r := range page.Records {
			next = r.Due
		}
	}
	return time.Unix(next, 0).UTC(), next <= until.Unix()
}

// at delivers an event at its time and what follows from it.
func (w *watched) at(events ...event.Envelope) {
	w.t.Helper()
	w.advance(events[0].Time)
	if _, err := w.rt.Put(w.t.Context(), w.rt.Bus(), events); err != nil {
		w.t.Fatal(err)
	}
	if err := w.rt.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watched) advance(to time.Time) {
	w.t.Helper()
	if to.After(w.clock.Now()) {
		if err := w.rt.AdvanceTo(w.t.Context(), to); err != nil {
			w.t.Fatal(err)
		}
	}
}

// subjects is one of each kind that can stand for itself, each its own account of one.
var subjects = []string{
	"anon:probe/1", "user:probe-1", "customer:probe/1", "contact:probe/1", "email:probe@gmail.com", "group:probe-1", "crm:probe/1",
	"account:probe.example", "opportunity:probe/1",
}

// everything lets through the pipeline what a journey of tools may leave out: each kind of subject as an account of its
// own with a hand-raise, an answer that names the handoff, a deal and its credits; invoices; spend; bodies that fill more
// than one row; a bus that turns away what attribution first tells.
func (w *watched) everything(from time.Time) {
	w.t.Helper()
	say := func(id, kind, who string, after time.Duration, more ...rig.With) event.Envelope {
		return rig.Say("probe-"+id, kind, who, from.Add(after), more...)
	}
	for i, who := range subjects {
		n := fmt.Sprint(i)
		w.at(say("demo-"+n, touch.DemoRequested, who, time.Duration(i)*time.Hour))
		w.at(say("won-"+n, touch.OpportunityWon, who, time.Duration(i)*time.Hour+time.Minute, rig.Deal("probe/deal-"+n, "won", 90000)))
	}
	for i, id := range slices.Sorted(maps.Keys(w.offered)) {
		w.at(say("answer-"+fmt.Sprint(i), touch.FirstOutreach, "email:rep@gmail.com", 24*time.Hour, rig.With{"feedback": map[string]any{"handoff": id, "rep": "tom"}}))
	}
	// Answers that name what is no handoff: nothing is looked up by it.
	for i, id := range []string{"call-17", "account:probe.example", "policy"} {
		w.at(say("strange-"+fmt.Sprint(i), touch.HandoffAccepted, "user:probe-1", 25*time.Hour, rig.With{"feedback": map[string]any{"handoff": id, "rep": "tom"}}))
	}
	w.at(say("stray", touch.HandoffAccepted, "campaign:probe/brand", 25*time.Hour, rig.Answers("hand_raise", "tom", "")))
	w.at(say("stray-2", touch.HandoffAccepted, "anon:probe/1", 25*time.Hour, rig.Answers("hand_raise", "tom", "")))
	w.at(say("ad", touch.AdClicked, "campaign:probe/brand", 25*time.Hour))
	// Before somebody is called who used a device, what was said under the device is looked at.
	w.at(say("device", touch.Identified, "anon:probe/9", 25*time.Hour, rig.Links("user:probe-9")))
	w.at(say("asks", touch.DemoRequested, "user:probe-9", 25*time.Hour+time.Minute))
	// An operator gives somebody's work to another.
	for _, d := range w.offered {
		if d.Account == "user:probe-9" {
			w.at(rig.Raw(event.Operator, event.ReassignmentWanted, fmt.Sprintf(`{"id":"op-1","at":%q,"account":%q,"handoff":%q,"from":%q,"to":"zoe@handoff.example","by":"rita","why":"on leave"}`,
				from.Add(25*time.Hour).Format(time.RFC3339), d.Account, d.ID, d.Owner), from.Add(25*time.Hour+2*time.Minute)))
			break
		}
	}

	// Bodies that fill more than one row: what no contract knows, and what one ignores, each delivered twice.
	pad := strings.Repeat("x", 310<<10)
	for _, e := range []event.Envelope{
		{Source: "nobody", DetailType: "Nothing", Time: from.Add(26 * time.Hour), Detail: json.RawMessage(`{"pad":"` + pad + `"}`)},
		{Source: "aws.partner/stripe.com/probe", DetailType: "payout.paid", Time: from.Add(26 * time.Hour),
			Detail: json.RawMessage(`{"id":"evt_probe","object":"event","type":"payout.paid","livemode":true,"created":1772546400,"data":{"object":{"pad":"` + pad + `"}}}`)},
	} {
		w.at(e)
		w.at(e)
	}

	// A journey so long that its credits fill more than one row, paid by invoice; later somebody is
	// found to belong to it, and somebody to have left.
	links := rig.Links("account:long.example")
	var clicks []event.Envelope
	for i := range 4000 {
		clicks = append(clicks, say("click-"+fmt.Sprint(i), touch.EmailClicked, "user:long", 30*time.Hour+time.Duration(i)*time.Second, links, rig.With{"channel": "channel-" + fmt.Sprint(i%50)}))
	}
	for batch := range slices.Chunk(clicks, 500) {
		w.at(batch...)
	}
	w.at(say("paid", touch.InvoicePaid, "user:long", 34*time.Hour, rig.With{"invoice": "in-1", "invoice_type": "renewal", "money": map[string]any{"minor": 90_000_000_000, "currency": "USD"}}))
	w.at(say("again", touch.DemoRequested, "user:long", 35*time.Hour))
	w.at(say("click-late", touch.EmailClicked, "user:later", 29*time.Hour))
	w.at(say("late", touch.Identified, "user:later", 36*time.Hour, rig.Links("account:long.example")))
	// What was heard of too late takes touches away from the account, which is then folded again.
	w.at(rig.Late(say("moved", touch.Identified, "user:long", 34*time.Hour+30*time.Minute, rig.Links("account:elsewhere.example")), from.Add(37*time.Hour)))
	w.advance(from.Add(48 * time.Hour))

	// A policy whose text fills more than one row; it reaches every account, and stages' owners are told.
	byDefault, err := wire.DefaultPolicy()
	if err != nil {
		w.t.Fatal(err)
	}
	files := maps.Clone(byDefault.Text)
	files["funnels.yaml"] = strings.Replace(files["funnels.yaml"], "touch: [handoff_rejected, handoff_recycled]", "touch: [handoff_rejected, handoff_recycled, email_bounced]", 1)
	files["plays.yaml"] += "# " + pad + "\n"
	book := &policy.Book{Accounts: w.accounts, Ledger: &ledger.Ledger{Table: w.history}, Default: byDefault, Now: w.clock.Now}
	if _, err := book.Activate(w.t.Context(), files, "rita", "bounces reject"); err != nil {
		w.t.Fatal(err)
	}
	w.advance(from.Add(49 * time.Hour))
	w.at(say("under-it", touch.OpportunityWon, "user:long", 49*time.Hour, rig.Deal("probe/under-it", "won", 90000)))
	w.advance(from.Add(50 * time.Hour))
}

// allows tells whether a statement allows a request.
func (s *statement) allows(a access) bool {
	if !slices.Contains(s.actions, a.Action) || !slices.Contains(s.resources, a.Resource) {
		return false
	}
	if a.Resource == "Bus" {
		source, detailType, _ := strings.Cut(a.Key, " ")
		return slices.Contains(s.sources, source) && slices.Contains(s.types, detailType)
	}
	// No condition on keys allows every key; a pattern of StringLike here ends in * or is a whole key.
	return len(s.keys) == 0 || slices.ContainsFunc(s.keys, func(pattern string) bool { return likes(pattern, a.Key) })
}

func likes(pattern, key string) bool {
	if begin, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(key, begin)
	}
	return pattern == key
}

// platform are the actions that Lambda itself does in a function's name: writing its log, polling its queue.
var platform = []string{
	"logs:CreateLogStream", "logs:PutLogEvents", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
}

// checkAccess holds what functions did to what their roles say, both ways: nothing that was done is forbidden, and no
// action, kind of key or detail type is granted that nothing used.
func checkAccess(d doc, of map[string]map[access]int) (bad []string) {
	for _, f := range d.driven() {
		statements := d.statements(f.role)
		for a := range of[f.function] {
			if !slices.ContainsFunc(statements, func(s statement) bool { return s.allows(a) }) {
				bad = append(bad, fmt.Sprintf("%s needs %s on %s for %q, and %s does not allow it", f.function, a.Action, a.Resource, a.Key, f.role))
			}
		}
		for _, s := range statements {
			used := map[string]bool{}
			for a := range of[f.function] {
				if !s.allows(a) {
					continue
				}
				used[a.Action] = true
				for _, pattern := range s.keys {
					used[pattern] = used[pattern] || likes(pattern, a.Key)
				}
				if a.Resource == "Bus" {
					_, detailType, _ := strings.Cut(a.Key, " ")
					used[detailType] = true
				}
			}
			for _, what := range slices.Concat(s.actions, s.keys, s.types) {
				if !used[what] && !slices.Contains(platform, what) {
					bad = append(bad, fmt.Sprintf("%s grants %s, which nothing uses", s.where, what))
				}
			}
		}
	}
	slices.Sort(bad)
	return bad
}

// Every request that the functions make over a journey of all tools is one that their roles allow, and whatever the roles
// allow is used. Ledger rows are written on the one condition that none stands there, which IAM has no word for.
func TestRolesAllowWhatIsUsed(t *testing.T) {
	j := rig.Generated(t, 7, 6, 1200, 60)
	w := watch(t, templateText(t), j.Start(), j.Dataset)
	for _, e := range j.Events {
		w.at(e)
	}
	w.everything(j.End.AddDate(0, 0, 4))
	for l, err := range w.rt.DeadLetters() {
		t.Errorf("dead letter %+v, %v", l, err)
	}
	for _, p := range checkAccess(parseDoc(t), w.seen.of) {
		t.Error(p)
	}
	for _, o := range w.seen.overwrites {
		t.Errorf("a ledger row was written over: %s", o)
	}
	n := 0
	for _, as := range w.seen.of {
		n += len(as)
	}
	if n < 100 {
		t.Errorf("only %d kinds of request were seen", n)
	}

	// Each change of the template below must be found.
	statementOf := func(d doc, role, sid string) map[string]any {
		for _, s := range d.statements(role) {
			if s.raw["Sid"] == sid {
				return s.raw
			}
		}
		t.Fatalf("%s has no statement %s", role, sid)
		return nil
	}
	for _, c := range []struct {
		name   string
		change func(d doc)
		want   string
	}{
		{"a missing action", func(d doc) { statementOf(d, "EnrichRole", "Append")["Action"] = []any{"dynamodb:Query"} },
			`EnrichFunction needs dynamodb:PutItem on LedgerTable for "account:"`},
		{"a missing kind of key", func(d doc) {
			keys := object(at(statementOf(d, "RouteRole", "Handoffs"), "Condition", "ForAllValues:StringLike"))
			keys["dynamodb:LeadingKeys"] = slices.DeleteFunc(slices.Clone(list(keys["dynamodb:LeadingKeys"])), func(k any) bool { return k == "team:*" })
		}, `RouteFunction needs dynamodb:PutItem on AccountsTable for "team:"`},
		{"a missing detail type", func(d doc) {
			object(at(statementOf(d, "ScoreRole", "Publish"), "Condition", "StringEquals"))["events:detail-type"] = "DecisionMade"
		}, `ScoreFunction needs events:PutEvents on Bus for "handoff ConversionRecorded"`},
		{"another source", func(d doc) {
			object(at(statementOf(d, "IngestRole", "Publish"), "Condition", "StringEquals"))["events:source"] = "ingest"
		}, `IngestFunction needs events:PutEvents on Bus for "handoff TouchRecorded"`},
		{"the table instead of its index", func(d doc) {
			statementOf(d, "ScoreRole", "Due")["Resource"] = map[string]any{"!GetAtt": "AccountsTable.Arn"}
		}, "ScoreFunction needs dynamodb:Query on AccountsTable/due"},
		{"an unused action", func(d doc) {
			s := statementOf(d, "AttributionRole", "Append")
			s["Action"] = append(list(s["Action"]), "dynamodb:UpdateItem")
		}, "AttributionRole/Append grants dynamodb:UpdateItem, which nothing uses"},
		{"an unused kind of key", func(d doc) {
			keys := object(at(statementOf(d, "IngestRole", "Append"), "Condition", "ForAllValues:StringLike"))
			keys["dynamodb:LeadingKeys"] = append(list(keys["dynamodb:LeadingKeys"]), "decision:*")
		}, "IngestRole/Append grants decision:*, which nothing uses"},
		{"an unused detail type", func(d doc) {
			eq := object(at(statementOf(d, "EnrichRole", "Publish"), "Condition", "StringEquals"))
			eq["events:detail-type"] = append(list(eq["events:detail-type"]), "DecisionMade")
		}, "EnrichRole/Publish grants DecisionMade, which nothing uses"},
	} {
		d := parseDoc(t)
		c.change(d)
		if bad := checkAccess(d, w.seen.of); !slices.ContainsFunc(bad, func(p string) bool { return strings.Contains(p, c.want) }) {
			t.Errorf("%s is not found: want %q among %q", c.name, c.want, bad)
		}
	}
}

// asked is a DynamoDB that does nothing and remembers what it was asked.
type asked struct {
	actions    []string
	conditions []string
}

func (a *asked) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	a.actions = append(a.actions, "dynamodb:GetItem")
	return &dynamodb.GetItemOutput{}, nil
}

func (a *asked) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	a.actions = append(a.actions, "dynamodb:BatchGetItem")
	return &dynamodb.BatchGetItemOutput{}, nil
}

func (a *asked) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	a.actions = append(a.actions, "dynamodb:Query"+aws.ToString(in.IndexName))
	return &dynamodb.QueryOutput{}, nil
}

func (a *asked) Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	a.actions = append(a.actions, "dynamodb:Scan")
	return &dynamodb.ScanOutput{}, nil
}

func (a *asked) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	a.actions, a.conditions = append(a.actions, "dynamodb:PutItem"), append(a.conditions, aws.ToString(in.ConditionExpression))
	return &dynamodb.PutItemOutput{}, nil
}

// A transaction is allowed by the actions of its parts: Put needs dynamodb:PutItem.
func (a *asked) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, item := range in.TransactItems {
		if item.Put == nil || item.Delete != nil || item.Update != nil || item.ConditionCheck != nil {
			return nil, errors.New("a transaction with something else than puts")
		}
		a.actions, a.conditions = append(a.actions, "dynamodb:PutItem"), append(a.conditions, aws.ToString(item.Put.ConditionExpression))
	}
	return &dynamodb.TransactWriteItemsOutput{}, nil
}

func (a *asked) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	a.actions = append(a.actions, "dynamodb:DeleteItem")
	return &dynamodb.DeleteItemOutput{}, nil
}

// The actions that watchedTable notes are those that the store makes of its methods, and every write has its condition.
func TestActionsOfTheStore(t *testing.T) {
	ctx := t.Context()
	a, b := store.Key{Partition: "p", Sort: "a"}, store.Key{Partition: "p", Sort: "b"}
	fresh, second := store.Record{Key: a}, store.Record{Key: b, Version: 3}
	for _, c := range []struct {
		name                string
		do                  func(t *dynamo.Table) error
		actions, conditions []string
	}{
		{"Get", func(t *dynamo.Table) error {
			if _, err := t.Get(ctx, a); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return nil
		}, []string{"dynamodb:GetItem"}, nil},
		{"GetMany", func(t *dynamo.Table) error { _, err := t.GetMany(ctx, []store.Key{a, b}); return err }, []string{"dynamodb:BatchGetItem"}, nil},
		{"Query", func(t *dynamo.Table) error { _, err := t.Query(ctx, store.Query{Partition: "p"}); return err }, []string{"dynamodb:Query"}, nil},
		{"DueBefore", func(t *dynamo.Table) error { _, err := t.DueBefore(ctx, 0, rig.Noon, 1, ""); return err }, []string{"dynamodb:Querydue"}, nil},
		{"Put", func(t *dynamo.Table) error { return t.Put(ctx, fresh) }, []string{"dynamodb:PutItem"}, []string{"attribute_not_exists(pk)"}},
		{"PutMany", func(t *dynamo.Table) error { return errors.Join(t.PutMany(ctx, []store.Record{fresh})...) },
			[]string{"dynamodb:PutItem"}, []string{"attribute_not_exists(pk)"}},
		{"PutPair", func(t *dynamo.Table) error { return t.PutPair(ctx, fresh, second) },
			[]string{"dynamodb:PutItem", "dynamodb:PutItem"}, []string{"attribute_not_exists(pk)", "v = :expected"}},
	} {
		db := &asked{}
		if err := c.do(dynamo.New(db, "table")); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if d := cmp.Diff(asked{c.actions, c.conditions}, *db, cmp.AllowUnexported(asked{})); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}
