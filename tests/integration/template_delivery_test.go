package integration

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	policyfiles "handoff/infra/policy"
	counts "handoff/shared/metric"
	rules "handoff/shared/policy"
)

// shortestDeadline is that of the policy that the build ships.
func shortestDeadline(t *testing.T) time.Duration {
	t.Helper()
	shipped, err := rules.Load(policyfiles.Default)
	if err != nil {
		t.Fatal(err)
	}
	shortest := time.Duration(1 << 62)
	for _, p := range shipped.Plays {
		if sla := p.SLA.Span.Duration(); sla > 0 {
			shortest = min(shortest, sla)
		}
	}
	return shortest
}

// retriesAlarm is after how long an alarm says that a rule's target is called again and again; false where none does.
func (d doc) retriesAlarm(rule string) (time.Duration, bool) {
	for _, id := range d.of("AWS::CloudWatch::Alarm") {
		p := d.properties(id)
		if slices.Contains(d.metrics(id), metric{"AWS/Events", "RetryInvocationAttempts", rule}) && number(p["Threshold"]) == 0 &&
			d.resource(id)["Condition"] == d.resource(rule)["Condition"] {
			return time.Duration(number(p["Period"])*number(p["EvaluationPeriods"])) * time.Second, true
		}
	}
	return 0, false
}

// What EventBridge cannot deliver it tries again, in silence, until the event is as old as the target says; then it is a
// dead letter, of which an alarm tells. Either way somebody hears of it while half of the shortest deadline is left. A
// destination is given up when the call is worth nothing any more, and not before an outage of three hours is over where
// it is a record.
func TestWhatIsNotDeliveredIsSeenInTime(t *testing.T) {
	shortest := shortestDeadline(t)
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		for _, r := range d.of("AWS::Events::Rule") {
			for i, target := range list(d.properties(r)["Targets"]) {
				age := time.Duration(number(at(target, "RetryPolicy", "MaximumEventAgeInSeconds"))) * time.Second
				if d.scheduled(r) {
					if age != time.Minute { // EventBridge takes no less
						say("%s: target %d gets ticks of %s ago, when the next has come: want 1m0s", r, i, age)
					}
					continue
				}
				seen := age
				if after, ok := d.retriesAlarm(r); ok {
					seen = min(seen, after)
				}
				if age < time.Minute || seen > shortest/2 {
					say("%s: nobody hears for %s that target %d is not reached: over half the shortest deadline, %s", r, seen, i, shortest)
				}
				switch to := named(at(target, "Arn")); {
				case d.resource(to)["Type"] != "AWS::Events::ApiDestination":
				case at(target, "HttpParameters", "PathParameterValues") == nil && age > shortest:
					say("%s: a message is sent %s late, and the shortest deadline is %s", r, age, shortest)
				case at(target, "HttpParameters", "PathParameterValues") != nil && (age < 3*time.Hour+30*time.Minute || age > 6*time.Hour):
					say("%s: a record is given up after %s, want 3h30m to 6h, as the queues", r, age)
				}
			}
		}
		return bad
	},
		change{"no alarm, and a day of silence", func(d doc) { delete(object(d["Resources"]), "RouteRetriesAlarm") },
			"RouteRule: nobody hears for 24h0m0s that target 0 is not reached"},
		change{"an alarm of another rule", func(d doc) {
			set(d, "FeedbackRetriesAlarm", "Value", map[string]any{"!Select": []any{2, map[string]any{"!Split": []any{"/", map[string]any{"!GetAtt": "RouteRule.Arn"}}}}}, "Dimensions", 0)
		}, "FeedbackRule: nobody hears"},
		change{"an alarm that looks at the bus's name", func(d doc) {
			at(d.properties("IngestRetriesAlarm"), "Dimensions", 0, "Value", "!Select").([]any)[0] = 1
		}, "IngestRule: nobody hears"},
		change{"a partner's rule of another name", func(d doc) {
			d.properties("SegmentRule")["Name"] = map[string]any{"!Sub": "${AWS::StackName}-partner"}
		}, "SegmentRule: nobody hears"},
		change{"an alarm that waits for an hour", func(d doc) { d.properties("DefaultBusRetriesAlarm")["EvaluationPeriods"] = 12 },
			"DefaultBusRule: nobody hears for 1h0m0s"},
		change{"an alarm on another condition", func(d doc) { d.resource("CrmRetriesAlarm")["Condition"] = "HasChat" }, "CrmRule: nobody hears for 4h0m0s"},
		change{"a chat that speaks a day later", func(d doc) {
			set(d, "ChatRule", "MaximumEventAgeInSeconds", 86400, "Targets", 0, "RetryPolicy")
		}, "ChatRule: a message is sent 24h0m0s late"},
		change{"a CRM given up in its outage", func(d doc) {
			set(d, "CrmRule", "MaximumEventAgeInSeconds", 3600, "Targets", 0, "RetryPolicy")
		}, "CrmRule: a record is given up after 1h0m0s"},
		change{"ticks of five minutes ago", func(d doc) {
			set(d, "SweepRule", "MaximumEventAgeInSeconds", 300, "Targets", 0, "RetryPolicy")
		}, "SweepRule: target 0 gets ticks of 5m0s ago"},
	)
}

var (
	filled = regexp.MustCompile(`FILL\((\w+),`)
	nested = regexp.MustCompile(`\[[^\]]*\(`)
)

// CloudWatch cannot fill a metric that never was, so what an expression fills is written by every invocation, by ours or by
// Lambda itself; and a quotient among others has an Id of its own, as an array takes ids.
func TestExpressionsStandOnWhatIsThere(t *testing.T) {
	var tally counts.Tally
	tally.Show(counts.Watched[:]...)
	var line map[string]any
	if err := json.Unmarshal(tally.AppendEMF(nil, "N", "score", time.Unix(0, 0)), &line); err != nil {
		t.Fatal(err)
	}
	byLambda := []string{"Invocations", "Errors", "Throttles"}
	hold(t, func(d doc) (bad []string) {
		say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		n := 0
		for _, alarm := range d.of("AWS::CloudWatch::Alarm") {
			ms := list(d.properties(alarm)["Metrics"])
			byID := map[string]any{}
			for _, m := range ms {
				byID[fmt.Sprint(at(m, "Id"))] = m
			}
			for _, m := range ms {
				expression, ok := at(m, "Expression").(string)
				if !ok {
					continue
				}
				if nested.MatchString(expression) {
					say("%s: an array of more than ids: %s", alarm, expression)
				}
				for _, f := range filled.FindAllStringSubmatch(expression, -1) {
					n++
					name := fmt.Sprint(at(byID[f[1]], "MetricStat", "Metric", "MetricName"))
					own := named(at(byID[f[1]], "MetricStat", "Metric", "Namespace")) == "MetricNamespace"
					if _, written := line[name]; own && !written || !own && !slices.Contains(byLambda, name) {
						say("%s: fills %s, which may never have been written", alarm, name)
					}
				}
			}
		}
		if n < 20 {
			say("%d metrics are filled", n)
		}
		return bad
	},
		change{"a retry that never was", func(d doc) {
			set(d, "BusThrottlesAlarm", "MetricName", "PublishRetries", "Metrics", 2, "MetricStat", "Metric")
		}, "BusThrottlesAlarm: fills PublishRetries, which may never have been written"},
		change{"a rule's retries", func(d doc) {
			set(d, "FunctionThrottlesAlarm", "MetricName", "RetryInvocationAttempts", "Metrics", 1, "MetricStat", "Metric")
		}, "FunctionThrottlesAlarm: fills RetryInvocationAttempts"},
		change{"a quotient in an array", func(d doc) {
			set(d, "ScoreErrorsAlarm", "Expression", "100 * MAX([answered, FILL(errors, 0) / invocations])", "Metrics", 0)
		}, "ScoreErrorsAlarm: an array of more than ids"},
	)
}

var secretText = regexp.MustCompile(`\{\{resolve:secretsmanager:\$\{(\w+)SecretArn\}:SecretString:\w+::\$\{(\w+)SecretVersion\}\}\}`)

// CloudFormation reads a secret again only where the template's text changes: each reference names the version, of its own
// secret, so that a new version is a new text.
func TestANewVersionOfASecretIsRead(t *testing.T) {
	hold(t, func(d doc) (bad []string) {
		n := 0
		var walk func(where string, v any)
		walk = func(where string, v any) {
			switch v := v.(type) {
			case map[string]any:
				for k, e := range v {
					walk(where+"."+k, e)
				}
			case []any:
				for i, e := range v {
					walk(fmt.Sprint(where, ".", i), e)
				}
			case string:
				if strings.Contains(v, "{{resolve:") {
					n++
					if m := secretText.FindStringSubmatch(v); m == nil || m[0] != v || m[1] != m[2] {
						bad = append(bad, where+": a new version of the secret is not read: "+v)
					}
				}
			}
		}
		walk("Resources", d["Resources"])
		if n != 6 {
			bad = append(bad, fmt.Sprintf("%d references to secrets, want two for each of three", n))
		}
		return bad
	},
		change{"no version", func(d doc) {
			set(d, "WebhookFunction", "STRIPE_SECRET", map[string]any{"!Sub": "{{resolve:secretsmanager:${WebhookSecretArn}:SecretString:stripe}}"}, "Environment", "Variables")
		}, "WebhookFunction.Properties.Environment.Variables.STRIPE_SECRET.!Sub: a new version"},
		change{"another secret's version", func(d doc) {
			set(d, "ChatConnection", "ApiKeyValue", map[string]any{"!Sub": "{{resolve:secretsmanager:${ChatSecretArn}:SecretString:value::${CrmSecretVersion}}}"},
				"AuthParameters", "ApiKeyAuthParameters")
		}, "ChatConnection.Properties.AuthParameters.ApiKeyAuthParameters.ApiKeyValue.!Sub: a new version"},
	)
}
