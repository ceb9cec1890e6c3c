package integration

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"handoff/events"
	"handoff/shared/contract"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/event"
)

// check finds what is wrong with a template, each with the logical id of the resource.
type check func(d doc) []string

// change is a way to spoil the template, and what a check must say of it.
type change struct {
	name string
	do   func(d doc)
	want string
}

// hold runs a check over the template as it is, which must be fine, and over each change of it, which must not be.
func hold(t *testing.T, c check, changes ...change) {
	t.Helper()
	for _, p := range c(parseDoc(t)) {
		t.Error(p)
	}
	for _, ch := range changes {
		t.Run(ch.name, func(t *testing.T) {
			d := parseDoc(t)
			ch.do(d)
			if bad := c(d); !slices.ContainsFunc(bad, func(p string) bool { return strings.Contains(p, ch.want) }) {
				t.Errorf("it is not found: want %q among %q", ch.want, bad)
			}
		})
	}
}

// set replaces what stands at a path of a resource's properties.
func set(d doc, id, key string, v any, path ...any) {
	m := object(at(d.properties(id), path...))
	if m == nil {
		panic(fmt.Sprintf("%s has nothing at %v", id, path))
	}
	m[key] = v
}

func remove(d doc, id, key string, path ...any) {
	m := object(at(d.properties(id), path...))
	if _, ok := m[key]; !ok {
		panic(fmt.Sprintf("%s has no %s at %v", id, key, path))
	}
	delete(m, key)
}

// Every function that handles events has a queue, the queue a redrive, and every target of every rule on events a dead-letter
// queue: what fails is kept. A tick of a schedule is no event: one that is lost the next one repairs, so it has no dead-letter
// queue, whose alarm would cry of a loss.
func TestEveryFunctionHasQueueRedriveAndDeadLetters(t *testing.T) {
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		driven := map[string]bool{}
		for _, f := range d.driven() {
			driven[f.function] = true
			if d.resource(f.queue)["Type"] != "AWS::SQS::Queue" {
				say("%s: %q is no queue", f.function, f.queue)
				continue
			}
			if d.resource(f.deadLetters)["Type"] != "AWS::SQS::Queue" || number(at(d.properties(f.queue), "RedrivePolicy", "maxReceiveCount")) < 2 {
				say("%s: its queue %s redrives to no dead-letter queue", f.function, f.queue)
			}
			heard := false
			for _, r := range d.of("AWS::Events::Rule") {
				for _, target := range list(d.properties(r)["Targets"]) {
					heard = heard || named(at(target, "Arn")) == f.queue
					if named(at(target, "Arn")) == f.queue && !d.scheduled(r) && named(at(target, "DeadLetterConfig", "Arn")) != f.deadLetters {
						say("%s: events for %s that cannot be delivered do not go to %s", r, f.queue, f.deadLetters)
					}
				}
			}
			if !heard {
				say("%s: no rule targets its queue %s", f.function, f.queue)
			}
		}
		for _, id := range d.of("AWS::Serverless::Function") {
			for name, ev := range object(d.properties(id)["Events"]) {
				if typ := at(ev, "Type"); typ != "SQS" && typ != "HttpApi" {
					say("%s: its event %s is %v, which goes past the queue", id, name, typ)
				}
			}
			if len(object(d.properties(id)["Events"])) == 0 {
				say("%s: nothing drives it: it has no queue", id)
			}
		}
		for _, r := range d.of("AWS::Events::Rule") {
			for i, target := range list(d.properties(r)["Targets"]) {
				q := named(at(target, "DeadLetterConfig", "Arn"))
				if d.scheduled(r) {
					if q != "" {
						say("%s: a tick that target %d misses is kept in %s, and alarms as a lost event", r, i, q)
					}
				} else if d.resource(q)["Type"] != "AWS::SQS::Queue" {
					say("%s: target %d has no dead-letter queue", r, i)
				} else if number(d.properties(q)["MessageRetentionPeriod"]) != 1209600 {
					say("%s: keeps dead letters for less than 14 days", q)
				}
				if d.resource(named(at(target, "Arn")))["Type"] == "AWS::Serverless::Function" {
					say("%s: target %d is a function, past its queue", r, i)
				}
				if at(target, "RetryPolicy", "MaximumEventAgeInSeconds") == nil || at(target, "RetryPolicy", "MaximumRetryAttempts") == nil {
					say("%s: target %d says not how long it is retried", r, i)
				}
			}
		}
		return bad
	},
		change{"a function without queue", func(d doc) { set(d, "ScoreFunction", "Events", map[string]any{}) }, "ScoreFunction: nothing drives it"},
		change{"a function on the bus itself", func(d doc) {
			set(d, "ScoreFunction", "Events", map[string]any{"Bus": map[string]any{"Type": "EventBridgeRule"}})
		}, "ScoreFunction: its event Bus is EventBridgeRule"},
		change{"no redrive", func(d doc) { remove(d, "RouteQueue", "RedrivePolicy") }, "RouteFunction: its queue RouteQueue redrives to no"},
		change{"no rule", func(d doc) {
			set(d, "EnrichRule", "Arn", map[string]any{"!GetAtt": "ScoreQueue.Arn"}, "Targets", 0)
		}, "EnrichFunction: no rule targets its queue"},
		change{"no dead-letter queue of a rule", func(d doc) { remove(d, "FeedbackRule", "DeadLetterConfig", "Targets", 0) }, "FeedbackRule: target 0 has no dead-letter queue"},
		change{"another function's dead-letter queue", func(d doc) {
			set(d, "RouteRule", "DeadLetterConfig", map[string]any{"Arn": map[string]any{"!GetAtt": "ScoreDeadLetterQueue.Arn"}}, "Targets", 0)
		}, "RouteRule: events for RouteQueue that cannot be delivered"},
		change{"no dead-letter queue of a destination", func(d doc) { remove(d, "CrmRule", "DeadLetterConfig", "Targets", 0) }, "CrmRule: target 0 has no dead-letter queue"},
		change{"dead letters kept for days", func(d doc) { set(d, "IngestDeadLetterQueue", "MessageRetentionPeriod", 345600) }, "IngestDeadLetterQueue: keeps dead letters"},
		change{"a tick that alarms as an event", func(d doc) {
			set(d, "SweepRule", "DeadLetterConfig", map[string]any{"Arn": map[string]any{"!GetAtt": "RouteDeadLetterQueue.Arn"}}, "Targets", 1)
		}, "SweepRule: a tick that target 1 misses is kept in RouteDeadLetterQueue"},
		change{"a schedule that is a rule on events", func(d doc) {
			remove(d, "SweepRule", "ScheduleExpression")
		}, "SweepRule: target 0 has no dead-letter queue"},
		change{"no retry policy", func(d doc) { remove(d, "SweepRule", "RetryPolicy", "Targets", 1) }, "SweepRule: target 1 says not how long"},
		change{"a rule straight to a function", func(d doc) {
			set(d, "ScoreRule", "Arn", map[string]any{"!GetAtt": "ScoreFunction.Arn"}, "Targets", 0)
		}, "ScoreRule: target 0 is a function"},
	)
}

// A message comes back no sooner than six timeouts later, or two workers have it; its retries outlast an outage of three
// hours; and what waits is noticed in time for the shortest deadline that the policy gives.
func TestQueuesFitTimeoutsAndDeadlines(t *testing.T) {
	shortest := shortestDeadline(t)
	t.Logf("the shortest deadline is %s", shortest)
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		var way time.Duration // from an event to its handoff, each hop as late as no alarm says
		for _, f := range d.driven() {
			p := d.properties(f.queue)
			visibility, timeout := number(p["VisibilityTimeout"]), number(d.properties(f.function)["Timeout"])
			if timeout < 1 || visibility < 6*timeout {
				say("%s: visible again after %d s, less than six timeouts of %d s", f.queue, visibility, timeout)
			}
			retries := time.Duration(visibility*number(at(p, "RedrivePolicy", "maxReceiveCount"))) * time.Second
			if retries < 3*time.Hour+30*time.Minute || retries > 6*time.Hour {
				say("%s: retries last %s, want 3h30m to 6h", f.queue, retries)
			}
			if kept := number(p["MessageRetentionPeriod"]); time.Duration(kept)*time.Second < 2*retries {
				say("%s: keeps messages for %d s, not twice as long as it retries", f.queue, kept)
			}
			if at(d.properties(f.function), "Events", "Queue", "Properties", "FunctionResponseTypes", 0) != "ReportBatchItemFailures" {
				say("%s: one bad message fails its whole batch", f.function)
			}
			alarm := strings.TrimSuffix(f.queue, "Queue") + "QueueAgeAlarm"
			after := time.Duration(number(d.properties(alarm)["Threshold"])) * time.Second
			if slices.Contains([]string{"IngestQueue", "ScoreQueue", "RouteQueue"}, f.queue) {
				way += after
			}
		}
		if way > shortest/2 {
			say("an event may wait %s from ingest to route before an alarm says so: over half the shortest deadline, %s", way, shortest)
		}
		return bad
	},
		change{"five timeouts", func(d doc) { set(d, "IngestQueue", "VisibilityTimeout", 150) }, "IngestQueue: visible again after 150 s"},
		change{"a longer timeout", func(d doc) { set(d, "AttributionFunction", "Timeout", 121) }, "AttributionQueue: visible again after 720 s, less than six timeouts of 121 s"},
		change{"retries for three hours", func(d doc) { set(d, "RouteQueue", "maxReceiveCount", 60, "RedrivePolicy") }, "RouteQueue: retries last 3h0m0s"},
		change{"messages kept for an hour", func(d doc) { set(d, "ScoreQueue", "MessageRetentionPeriod", 3600) }, "ScoreQueue: keeps messages for 3600 s"},
		change{"no partial failures", func(d doc) {
			remove(d, "EnrichFunction", "FunctionResponseTypes", "Events", "Queue", "Properties")
		}, "EnrichFunction: one bad message"},
		change{"an alarm that comes too late", func(d doc) { set(d, "ScoreQueueAgeAlarm", "Threshold", 3600) }, "over half the shortest deadline"},
	)
}

// No statement names everything, and none lets a function change or remove what stands in the ledger. What SAM would grant
// by itself is wider than that, so each function has a role of its own.
func TestStatementsAreNarrow(t *testing.T) {
	appends := []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem"}
	onTables := append(slices.Clone(appends), "dynamodb:UpdateItem")
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		roles := map[string]bool{}
		for _, f := range d.of("AWS::Serverless::Function") {
			p := d.properties(f)
			role := named(p["Role"])
			if d.resource(role)["Type"] != "AWS::IAM::Role" || p["Policies"] != nil {
				say("%s: has no role of this template alone: SAM adds policies with wildcards", f)
			}
			if roles[role] {
				say("%s: shares %s", f, role)
			}
			roles[role] = true
		}
		for _, r := range d.of("AWS::Events::Rule") {
			for _, target := range list(d.properties(r)["Targets"]) {
				roles[named(at(target, "RoleArn"))] = true
			}
		}
		for _, role := range d.of("AWS::IAM::Role") {
			if !roles[role] {
				say("%s: nothing uses it", role)
			}
			if d.properties(role)["ManagedPolicyArns"] != nil {
				say("%s: has managed policies, which say more than is used", role)
			}
			for _, s := range d.statements(role) {
				if s.raw["Effect"] != "Allow" || s.raw["NotAction"] != nil || s.raw["NotResource"] != nil || len(s.actions) == 0 || len(s.resources) == 0 {
					say("%s: want Allow, Action and Resource", s.where)
				}
				for _, r := range s.resources {
					if id, _, _ := strings.Cut(r, "/"); d.resource(id) == nil {
						say("%s: its resource %s is none of this template", s.where, r)
					}
				}
				for _, a := range s.actions {
					if strings.ContainsAny(a, "*?") {
						say("%s: its action %s is a wildcard", s.where, a)
					}
					allowed := onTables
					if slices.Contains(s.resources, "LedgerTable") {
						allowed = appends
					}
					if strings.HasPrefix(a, "dynamodb:") && !slices.Contains(allowed, a) {
						say("%s: %s must not be granted on %v", s.where, a, s.resources)
					}
				}
				table := slices.Contains(s.resources, "LedgerTable") || slices.Contains(s.resources, "AccountsTable")
				if table && (len(s.keys) == 0 || slices.Contains(s.keys, "*")) {
					say("%s: names no kinds of key", s.where)
				}
				if role := strings.TrimSuffix(role, "Role") + "Function"; slices.Contains(s.resources, "Bus") && len(s.sources) == 0 && d.resource(role) != nil {
					say("%s: may speak for anybody on the bus", s.where)
				}
			}
		}
		for _, typ := range []string{"AWS::SQS::QueuePolicy", "AWS::Events::EventBusPolicy"} {
			for _, id := range d.of(typ) {
				p := d.properties(id)
				for i, s := range slices.Concat(list(at(p, "PolicyDocument", "Statement")), list(p["Statement"])) {
					if r := named(at(s, "Resource")); d.resource(r) == nil {
						say("%s: the resource of statement %d is none of this template", id, i)
					}
					if at(s, "Condition") == nil || at(s, "Principal") == "*" || at(s, "Principal", "AWS") == "*" {
						say("%s: statement %d lets anybody in", id, i)
					}
				}
			}
		}
		ours := []string{event.Source, event.Source + ".*"}
		if !slices.Equal(texts(at(d.properties("ProducersPolicy"), "Statement", "Condition", "StringNotLike", "events:source")), ours) {
			say("ProducersPolicy: other accounts may speak for us")
		}
		if kept := texts(at(d.properties("DefaultBusRule"), "EventPattern", "source", 0, "anything-but", "wildcard")); !slices.Equal(kept, append([]string{"aws.*"}, ours...)) {
			say("DefaultBusRule: who writes on the default bus may speak for us")
		}
		return bad
	},
		change{"a wildcard resource", func(d doc) {
			set(d, "EnrichRole", "Resource", "*", "Policies", 0, "PolicyDocument", "Statement", 2)
		}, "EnrichRole/Append: its resource * is none"},
		change{"a wildcard within an ARN", func(d doc) {
			set(d, "ScoreRole", "Resource", map[string]any{"!Sub": "${AccountsTable.Arn}/index/*"}, "Policies", 0, "PolicyDocument", "Statement", 8)
		}, "ScoreRole/Due: its resource map[!Sub:${AccountsTable.Arn}/index/*]"},
		change{"a wildcard action", func(d doc) {
			set(d, "RouteRole", "Action", "dynamodb:*", "Policies", 0, "PolicyDocument", "Statement", 3)
		}, "RouteRole/Handoffs: its action dynamodb:* is a wildcard"},
		change{"an update of the ledger", func(d doc) {
			set(d, "IngestRole", "Action", []any{"dynamodb:PutItem", "dynamodb:UpdateItem"}, "Policies", 0, "PolicyDocument", "Statement", 2)
		}, "IngestRole/Append: dynamodb:UpdateItem must not be granted on [LedgerTable]"},
		change{"a scan", func(d doc) {
			set(d, "AttributionRole", "Action", "dynamodb:Scan", "Policies", 0, "PolicyDocument", "Statement", 3)
		}, "AttributionRole/Journeys: dynamodb:Scan must not be granted"},
		change{"all keys", func(d doc) {
			remove(d, "RouteRole", "Condition", "Policies", 0, "PolicyDocument", "Statement", 2)
		}, "RouteRole/Append: names no kinds of key"},
		change{"any source", func(d doc) {
			remove(d, "ScoreRole", "Condition", "Policies", 0, "PolicyDocument", "Statement", 9)
		}, "ScoreRole/Publish: may speak for anybody"},
		change{"SAM's own role", func(d doc) { remove(d, "IngestFunction", "Role") }, "IngestFunction: has no role of this template"},
		change{"another function's role", func(d doc) {
			set(d, "EnrichFunction", "Role", map[string]any{"!GetAtt": "ScoreRole.Arn"})
		}, "shares ScoreRole"},
		change{"a role of nobody", func(d doc) { object(d["Resources"])["SpareRole"] = d.resource("CrmRole") }, "SpareRole: nothing uses it"},
		change{"a queue open to all", func(d doc) {
			remove(d, "RouteQueuePolicy", "Condition", "PolicyDocument", "Statement", 0)
		}, "RouteQueuePolicy: statement 0 lets anybody in"},
		change{"producers who speak for us", func(d doc) { remove(d, "ProducersPolicy", "Condition", "Statement") }, "ProducersPolicy: other accounts may speak for us"},
		change{"the default bus that speaks for an operator", func(d doc) {
			set(d, "DefaultBusRule", "wildcard", []any{"aws.*", "handoff"}, "EventPattern", "source", 0, "anything-but")
		}, "DefaultBusRule: who writes on the default bus may speak for us"},
	)
}

// A detail type that a rule waits for, or a role may publish, has a schema; one of ours that nobody may publish and no rule
// waits for is a name without an event.
func TestDetailTypesAreKnown(t *testing.T) {
	schema := func(name string) bool {
		_, err := fs.Stat(events.Schemas, "schemas/"+name+".schema.json")
		return err == nil
	}
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		heard, granted := map[string]bool{}, map[string]bool{}
		for _, r := range d.of("AWS::Events::Rule") {
			for _, name := range texts(at(d.properties(r), "EventPattern", "detail-type")) {
				heard[name] = true
				if !schema(name) {
					say("%s: waits for %s, which has no schema", r, name)
				}
			}
		}
		for _, role := range d.of("AWS::IAM::Role") {
			for _, s := range d.statements(role) {
				for _, name := range s.types {
					granted[name] = true
					if !schema(name) {
						say("%s: may publish %s, which has no schema", s.where, name)
					}
				}
			}
		}
		for _, name := range event.DetailTypes {
			if !schema(name) {
				say("%s: has no schema", name)
			}
			if !granted[name] {
				say("%s: no role may publish it", name)
			}
		}
		for name := range heard {
			if !slices.Contains(event.DetailTypes, name) {
				say("%s: a rule waits for it, and it is none of ours", name)
			}
		}
		return bad
	},
		change{"a rule for nothing", func(d doc) {
			set(d, "RouteRule", "detail-type", []any{"DecisionTaken"}, "EventPattern")
		}, "RouteRule: waits for DecisionTaken, which has no schema"},
		change{"a right to publish nothing", func(d doc) {
			set(d, "EnrichRole", "events:detail-type", "AccountEnriched2", "Policies", 0, "PolicyDocument", "Statement", 3, "Condition", "StringEquals")
		}, "EnrichRole/Publish: may publish AccountEnriched2"},
		change{"no right to publish", func(d doc) {
			set(d, "AttributionRole", "events:detail-type", []any{}, "Policies", 0, "PolicyDocument", "Statement", 7, "Condition", "StringEquals")
		}, "RevenueAttributed: no role may publish it"},
		change{"a rule for what tools send", func(d doc) {
			set(d, "RouteRule", "detail-type", []any{"Touch"}, "EventPattern")
		}, "Touch: a rule waits for it, and it is none of ours"},
	)
}

// Tables and the archive refuse to be lost, queues and tables are encrypted, logs end some day, and parameters say what they take.
func TestWhatIsKeptIsKeptWell(t *testing.T) {
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		for _, id := range d.of("AWS::DynamoDB::Table") {
			p := d.properties(id)
			if at(p, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true || at(p, "SSESpecification", "SSEEnabled") != true {
				say("%s: lacks point-in-time recovery or encryption", id)
			}
			if at(p, "DeletionProtectionEnabled", "!If", 0) != "Protected" || d.resource(id)["DeletionPolicy"] != "Retain" || d.resource(id)["UpdateReplacePolicy"] != "Retain" {
				say("%s: can be deleted with the stack", id)
			}
		}
		for _, id := range []string{"Bus", "Archive"} {
			if d.resource(id)["DeletionPolicy"] != "Retain" || d.resource(id)["UpdateReplacePolicy"] != "Retain" {
				say("%s: goes with the stack, and the raw record with it", id)
			}
		}
		if d.properties("Archive")["ArchiveName"] != nil {
			say("Archive: has a name, which the retained one keeps from the next stack")
		}
		for _, id := range d.of("AWS::SQS::Queue") {
			if d.properties(id)["SqsManagedSseEnabled"] != true {
				say("%s: is not encrypted", id)
			}
		}
		for _, id := range d.of("AWS::Serverless::Function") {
			group := named(at(d.properties(id), "LoggingConfig", "LogGroup"))
			if named(d.properties(group)["RetentionInDays"]) != "LogRetentionDays" {
				say("%s: its log is kept for ever", id)
			}
			if at(map[string]any(d), "Globals", "Function", "Runtime") != "provided.al2023" || at(map[string]any(d), "Globals", "Function", "Architectures", 0) != "arm64" {
				say("%s: is not provided.al2023 on arm64", id)
			}
		}
		for name, p := range object(d["Parameters"]) {
			m := object(p)
			if m["Description"] == nil {
				say("%s: has no description", name)
			}
			free := name == "EnrichToken" || strings.HasSuffix(name, "Body") // any text
			if !free && m["AllowedValues"] == nil && m["AllowedPattern"] == nil && m["MinValue"] == nil {
				say("%s: takes anything", name)
			}
			if m["AllowedPattern"] != nil && m["ConstraintDescription"] == nil {
				say("%s: a wrong value is refused with a pattern for its reason", name)
			}
			if _, ok := m["Default"]; !ok {
				say("%s: has no default", name)
			}
			if !slices.ContainsFunc(list(at(map[string]any(d), "Metadata", "AWS::CloudFormation::Interface", "ParameterGroups")), func(g any) bool {
				return slices.Contains(texts(at(g, "Parameters")), name)
			}) {
				say("%s: stands in no group of parameters", name)
			}
		}
		return bad
	},
		change{"no recovery", func(d doc) {
			remove(d, "LedgerTable", "PointInTimeRecoverySpecification")
		}, "LedgerTable: lacks point-in-time recovery"},
		change{"a table that goes with the stack", func(d doc) { d.resource("AccountsTable")["DeletionPolicy"] = "Delete" }, "AccountsTable: can be deleted"},
		change{"no deletion protection", func(d doc) { remove(d, "LedgerTable", "DeletionProtectionEnabled") }, "LedgerTable: can be deleted"},
		change{"an archive that goes with the stack", func(d doc) { delete(d.resource("Archive"), "DeletionPolicy") }, "Archive: goes with the stack"},
		change{"a bus that goes with the stack", func(d doc) { d.resource("Bus")["DeletionPolicy"] = "Delete" }, "Bus: goes with the stack"},
		change{"an archive with a name", func(d doc) { d.properties("Archive")["ArchiveName"] = "raw" }, "Archive: has a name"},
		change{"a plain queue", func(d doc) { remove(d, "CrmDeadLetterQueue", "SqsManagedSseEnabled") }, "CrmDeadLetterQueue: is not encrypted"},
		change{"an endless log", func(d doc) { remove(d, "RouteLogGroup", "RetentionInDays") }, "RouteFunction: its log is kept for ever"},
		change{"a parameter that takes anything", func(d doc) {
			delete(object(at(map[string]any(d), "Parameters", "BusName")), "AllowedPattern")
		}, "BusName: takes anything"},
		change{"a parameter nobody explains", func(d doc) {
			delete(object(at(map[string]any(d), "Parameters", "LogLevel")), "Description")
		}, "LogLevel: has no description"},
	)
}

// names are the string literals of a package: the metrics that shared/metric writes.
func names(t *testing.T, dir string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dynamotest.Root(t), dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					out[s] = true
				}
			}
			return true
		})
	}
	return out
}

// metric is what an alarm looks at.
type metric struct {
	namespace, name string
	dimension       string // the value of the first, by logical id where it is one
}

// about is the resource that a dimension's value names, or the value itself.
func (d doc) about(v any) string {
	if id := named(v); id != "" {
		return id
	}
	// A rule's name is a part of its ARN: rule/NAME on the default bus, rule/BUS/NAME on another.
	if id := named(at(v, "!Select", 1, "!Split", 1)); d.resource(id)["Type"] == "AWS::Events::Rule" {
		part := 1
		if d.properties(id)["EventBusName"] != "default" {
			part = 2
		}
		if number(at(v, "!Select", 0)) == part && at(v, "!Select", 1, "!Split", 0) == "/" {
			return id
		}
	}
	for _, id := range d.of("AWS::Events::Rule") {
		if name := at(d.properties(id)["Name"], "!Sub"); name != nil && name == at(v, "!Sub") {
			return id
		}
	}
	return fmt.Sprint(v)
}

func (d doc) metrics(alarm string) (out []metric) {
	read := func(m any) {
		namespace := fmt.Sprint(at(m, "Namespace"))
		if named(at(m, "Namespace")) == "MetricNamespace" {
			namespace = "Handoff"
		}
		dim := d.about(at(m, "Dimensions", 0, "Value"))
		out = append(out, metric{namespace, fmt.Sprint(at(m, "MetricName")), dim})
	}
	p := d.properties(alarm)
	if p["MetricName"] != nil {
		read(p)
	}
	for _, m := range list(p["Metrics"]) {
		if at(m, "MetricStat") != nil {
			read(at(m, "MetricStat", "Metric"))
		}
	}
	return out
}

var (
	ownMetric = regexp.MustCompile(`\["\$\{MetricNamespace\}", "(\w+)", "Function", "(\w+)"`)
	searched  = regexp.MustCompile(`MetricName=\\"(\w+)\\"`)
)

// What can go wrong has an alarm, and each alarm tells the topic and looks at a metric that something writes. The dashboard
// shows such metrics alone.
func TestAlarmsWatchWhatCanGoWrong(t *testing.T) {
	known := names(t, "shared/metric")
	contracts, err := contract.Load(events.Sources, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	var stages []string
	for _, f := range parseDoc(t).of("AWS::Serverless::Function") {
		stages = append(stages, strings.ToLower(strings.TrimSuffix(f, "Function")))
	}
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		watched := map[metric]bool{}
		for _, alarm := range d.of("AWS::CloudWatch::Alarm") {
			p := d.properties(alarm)
			metrics := d.metrics(alarm)
			if len(metrics) == 0 {
				say("%s: looks at nothing", alarm)
			}
			for _, m := range metrics {
				watched[m] = true
				switch {
				case m.namespace == "Handoff" && !known[m.name]:
					say("%s: looks at %s, which nothing writes", alarm, m.name)
				case m.namespace == "Handoff" && m.name != "SourceEvents" && !slices.Contains(stages, m.dimension):
					say("%s: looks at %s of %q, which is no function", alarm, m.name, m.dimension)
				case strings.HasPrefix(m.namespace, "AWS/") && d.resource(m.dimension) == nil:
					say("%s: looks at %s of %q, which is none of this template", alarm, m.name, m.dimension)
				}
			}
			for _, tells := range []string{"AlarmActions", "OKActions"} {
				if at(p, tells, "!If", 0) != "HasAlarmTopic" || named(at(p, tells, "!If", 1, 0)) != "AlarmTopicArn" {
					say("%s: %s does not tell the topic", alarm, tells)
				}
			}
		}
		need := func(m metric, what string) {
			if !watched[m] {
				say("%s: no alarm on %s", m.dimension, what)
			}
		}
		for _, q := range d.of("AWS::SQS::Queue") {
			if strings.HasSuffix(q, "DeadLetterQueue") {
				need(metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", q}, "dead letters")
			}
		}
		for _, f := range d.driven() {
			stage := strings.ToLower(strings.TrimSuffix(f.function, "Function"))
			need(metric{"AWS/SQS", "ApproximateAgeOfOldestMessage", f.queue}, "the age of its oldest message")
			need(metric{"AWS/Lambda", "Errors", f.function}, "errors")
			need(metric{"AWS/Lambda", "Throttles", f.function}, "throttles")
			need(metric{"Handoff", "FailedEvents", stage}, "failed events")
			need(metric{"Handoff", "StoreThrottles", stage}, "throttles of the tables")
			need(metric{"Handoff", "PublishThrottles", stage}, "throttles of the bus")
		}
		need(metric{"Handoff", "SLABreaches", "route"}, "deadlines that passed")
		need(metric{"Handoff", "BreakersTripped", "route"}, "breakers")
		need(metric{"Handoff", "SweepLag", "score"}, "its sweep")
		need(metric{"Handoff", "SweepLag", "route"}, "its sweep")
		need(metric{"Handoff", "Quarantined", "ingest"}, "drift")
		need(metric{"Handoff", "PolicyUnusable", "score"}, "a policy that cannot be used")
		need(metric{"Handoff", "WebhookRejected", "webhook"}, "unsigned requests")
		need(metric{"AWS/Lambda", "Errors", "WebhookFunction"}, "errors")
		need(metric{"AWS/Lambda", "Throttles", "WebhookFunction"}, "throttles")
		for _, c := range contracts.Contracts() {
			if c.Name != "import" && c.Name != "operator" { // files of ours and commands, whenever somebody has one
				need(metric{"Handoff", "SourceEvents", c.Name}, "silence")
			}
		}
		body := fmt.Sprint(object(d.properties("Dashboard")["DashboardBody"])["!Sub"])
		shown := 0
		for _, m := range slices.Concat(ownMetric.FindAllStringSubmatch(body, -1), searched.FindAllStringSubmatch(body, -1)) {
			if shown++; !known[m[1]] {
				say("Dashboard: shows %s, which nothing writes", m[1])
			}
		}
		if shown < 15 {
			say("Dashboard: shows %d metrics of ours", shown)
		}
		return bad
	},
		change{"no alarm on dead letters", func(d doc) { delete(object(d["Resources"]), "ScoreDeadLettersAlarm") }, "ScoreDeadLetterQueue: no alarm on dead letters"},
		change{"no alarm on a destination's dead letters", func(d doc) { delete(object(d["Resources"]), "ChatDeadLettersAlarm") }, "ChatDeadLetterQueue: no alarm on dead letters"},
		change{"no alarm on age", func(d doc) { delete(object(d["Resources"]), "RouteQueueAgeAlarm") }, "RouteQueue: no alarm on the age"},
		change{"no alarm on errors", func(d doc) { delete(object(d["Resources"]), "EnrichErrorsAlarm") }, "EnrichFunction: no alarm on errors"},
		change{"throttles of four functions", func(d doc) {
			p := d.properties("FunctionThrottlesAlarm")
			p["Metrics"] = list(p["Metrics"])[:5]
		}, "AttributionFunction: no alarm on throttles"},
		change{"no alarm on deadlines", func(d doc) { delete(object(d["Resources"]), "SLABreachesAlarm") }, "route: no alarm on deadlines"},
		change{"no alarm on silence", func(d doc) { delete(object(d["Resources"]), "HubspotSilentAlarm") }, "hubspot: no alarm on silence"},
		change{"no alarm on drift", func(d doc) { delete(object(d["Resources"]), "DriftAlarm") }, "ingest: no alarm on drift"},
		change{"no alarm on the policy", func(d doc) { delete(object(d["Resources"]), "PolicyUnusableAlarm") }, "score: no alarm on a policy"},
		change{"no alarm on the front's throttles", func(d doc) { delete(object(d["Resources"]), "WebhookThrottlesAlarm") }, "WebhookFunction: no alarm on throttles"},
		change{"a metric that nothing writes", func(d doc) { set(d, "SLABreachesAlarm", "MetricName", "SLABreached") }, "SLABreachesAlarm: looks at SLABreached, which nothing writes"},
		change{"an alarm that tells nobody", func(d doc) { remove(d, "DriftAlarm", "AlarmActions") }, "DriftAlarm: AlarmActions does not tell"},
		change{"a dashboard of something else", func(d doc) {
			b := object(d.properties("Dashboard")["DashboardBody"])
			b["!Sub"] = strings.Replace(fmt.Sprint(b["!Sub"]), `"Offered"`, `"Offers"`, 1)
		}, "Dashboard: shows Offers"},
	)
}

var (
	pageOf  = regexp.MustCompile(`Runbook: infra/runbooks/([a-z-]+\.md)$`)
	claimed = regexp.MustCompile("(?m)^\\*\\*Alarm\\.\\*\\*((?:.*\n)+?)\n")
	alarmID = regexp.MustCompile("`(\\w+Alarm)`")
)

// parts are what somebody who is woken up looks for on a page.
var parts = []string{"**Symptom.**", "**Impact.**", "**How to look**", "**Safe action.**", "**When to escalate.**", "**Never**", "handoff "}

// pages reads the runbooks: the alarms that each says it is for. A page with an alarm has all parts.
func pages(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dynamotest.Root(t), "infra", "runbooks", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(file); name != "README.md" {
			out[name] = []string{}
			for _, m := range claimed.FindAllStringSubmatch(string(text), -1) {
				for _, id := range alarmID.FindAllStringSubmatch(m[1], -1) {
					out[name] = append(out[name], id[1])
				}
			}
			for _, part := range parts {
				if len(out[name]) > 0 && !strings.Contains(string(text), part) {
					t.Errorf("%s has no %s", name, part)
				}
			}
		}
	}
	return out
}

func checkRunbooks(d doc, pages map[string][]string) (bad []string) {
	say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	for _, alarm := range d.of("AWS::CloudWatch::Alarm") {
		m := pageOf.FindStringSubmatch(fmt.Sprint(d.properties(alarm)["AlarmDescription"]))
		switch {
		case m == nil:
			say("%s: names no runbook", alarm)
		case pages[m[1]] == nil:
			say("%s: its runbook %s is not there", alarm, m[1])
		case !slices.Contains(pages[m[1]], alarm):
			say("%s: its runbook %s does not name it", alarm, m[1])
		}
	}
	for _, page := range slices.Sorted(maps.Keys(pages)) {
		for _, alarm := range pages[page] {
			if m := pageOf.FindStringSubmatch(fmt.Sprint(d.properties(alarm)["AlarmDescription"])); m == nil || m[1] != page {
				say("%s: claims the alarm %s, which does not lead there", page, alarm)
			}
		}
	}
	return bad
}

// Each alarm leads to its page, and each page to its alarms.
func TestAlarmsHaveRunbooks(t *testing.T) {
	all := pages(t)
	hold(t, func(d doc) []string { return checkRunbooks(d, all) },
		change{"an alarm without a page", func(d doc) { set(d, "BreakerAlarm", "AlarmDescription", "It holds.") }, "BreakerAlarm: names no runbook"},
		change{"a page that is not there", func(d doc) {
			set(d, "BreakerAlarm", "AlarmDescription", "It holds. Runbook: infra/runbooks/nothing.md")
		}, "BreakerAlarm: its runbook nothing.md is not there"},
		change{"a page of something else", func(d doc) {
			set(d, "BreakerAlarm", "AlarmDescription", "It holds. Runbook: infra/runbooks/sweep.md")
		}, "BreakerAlarm: its runbook sweep.md does not name it"},
		change{"a page for an alarm that is gone", func(d doc) { delete(object(d["Resources"]), "SLABreachesAlarm") }, "sla-breach.md: claims the alarm SLABreachesAlarm"},
	)
	t.Run("a page that claims nothing", func(t *testing.T) {
		less := maps.Clone(all)
		less["sweep.md"] = []string{}
		if bad := checkRunbooks(parseDoc(t), less); !slices.Contains(bad, "RouteSweepAlarm: its runbook sweep.md does not name it") {
			t.Errorf("it is not found: %q", bad)
		}
	})
}
