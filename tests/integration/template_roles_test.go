package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	requests "github.com/aws/aws-lambda-go/events"

	"handoff/events"
	"handoff/functions/webhook"
	"handoff/shared/event"
)

// signed is when the samples of events/samples/webhook were signed, and with what.
var (
	signed  = time.Date(2026, 3, 3, 14, 5, 20, 0, time.UTC)
	secrets = map[string]string{"stripe": "whsec_test", "hubspot": "client-secret"}
)

// posted are the samples of what tools post, by the tool.
func posted(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := fs.Glob(events.Requests, "samples/webhook/*.json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, file := range files {
		if out[strings.TrimSuffix(path.Base(file), ".json")], err = fs.ReadFile(events.Requests, file); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// postbox is a bus that keeps what the webhook function puts on it.
type postbox struct{ told []event.Envelope }

func (f *postbox) Put(_ context.Context, e event.Envelope) (string, error) {
	f.told = append(f.told, e)
	return fmt.Sprint("bus-", len(f.told)), nil
}

// published is what the webhook function makes of the samples, by the tool: whole, as the bus delivers it.
func published(t *testing.T) map[string][]byte {
	t.Helper()
	bus := &postbox{}
	var log bytes.Buffer
	c := webhook.Config{Bus: bus, Log: slog.New(slog.NewJSONHandler(&log, nil)), Now: func() time.Time { return signed }, Secrets: map[string][]string{}}
	for tool, s := range secrets {
		c.Secrets[tool] = []string{s}
	}
	h, err := webhook.New(c)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for tool, raw := range posted(t) {
		var req requests.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(raw, &req); err != nil {
			t.Fatalf("%s: %v", tool, err)
		}
		if a, err := h.Handle(t.Context(), req); err != nil || a.StatusCode != 200 {
			t.Fatalf("%s: answered %d %s, %v", tool, a.StatusCode, a.Body, err)
		}
		e := bus.told[len(bus.told)-1]
		e.Time = signed
		if out[tool], err = json.Marshal(e); err != nil {
			t.Fatal(err)
		}
	}
	if len(out) != len(secrets) || len(bus.told) != len(secrets) {
		t.Fatalf("%d samples made %d events, want one for each of %d tools", len(out), len(bus.told), len(secrets))
	}
	return out
}

// checkOthers holds the roles of what is no function of the pipeline to what it does: rules that forward and call by the
// targets of the rules, the webhook front by what it published.
func checkOthers(d doc, front []string) (bad []string) {
	uses := map[string]map[string]bool{} // by role, "action resource"
	for _, r := range d.of("AWS::Events::Rule") {
		for _, target := range list(d.properties(r)["Targets"]) {
			role, to := named(at(target, "RoleArn")), named(at(target, "Arn"))
			action := map[any]string{"AWS::Events::EventBus": "events:PutEvents", "AWS::Events::ApiDestination": "events:InvokeApiDestination"}[d.resource(to)["Type"]]
			switch {
			case action == "" && role != "":
				bad = append(bad, fmt.Sprintf("%s: its target needs no role", r))
			case action != "" && role == "":
				bad = append(bad, fmt.Sprintf("%s: its target needs a role", r))
			case role != "":
				if uses[role] == nil {
					uses[role] = map[string]bool{}
				}
				uses[role][action+" "+to] = true
			}
		}
	}
	roles := slices.Sorted(maps.Keys(uses))
	const webhookRole = "WebhookRole"
	uses[webhookRole] = map[string]bool{"events:PutEvents Bus": true}
	for _, role := range append(roles, webhookRole) {
		granted := map[string]bool{}
		for _, s := range d.statements(role) {
			for _, action := range s.actions {
				for _, to := range s.resources {
					granted[action+" "+to] = true
					if !uses[role][action+" "+to] && !(role == webhookRole && slices.Contains(platform, action) && to == "WebhookLogGroup") {
						bad = append(bad, fmt.Sprintf("%s grants %s on %s, which nothing uses", s.where, action, to))
					}
				}
			}
			if role != webhookRole || !slices.Contains(s.actions, "events:PutEvents") {
				continue
			}
			for _, source := range s.sources {
				if !slices.Contains(front, source) {
					bad = append(bad, fmt.Sprintf("%s grants the source %s, which nothing uses", s.where, source))
				}
			}
			for _, source := range front {
				if !slices.Contains(s.sources, source) {
					bad = append(bad, fmt.Sprintf("the front speaks for %s, and %s does not allow it", source, s.where))
				}
			}
		}
		for use := range uses[role] {
			if !granted[use] {
				bad = append(bad, fmt.Sprintf("%s lacks %s", role, use))
			}
		}
	}
	slices.Sort(bad)
	return bad
}

// What forwards, calls and takes requests may do that and no more, as the functions of TestRolesAllowWhatIsUsed.
func TestOtherRolesAllowWhatIsUsed(t *testing.T) {
	var front []string
	for tool, raw := range published(t) {
		var e event.Envelope
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if e.Source != tool {
			t.Errorf("%s is told as from %s", tool, e.Source)
		}
		front = append(front, e.Source)
	}
	slices.Sort(front)
	grant := func(role string, s int, key string, v any) func(d doc) {
		return func(d doc) { set(d, role, key, v, "Policies", 0, "PolicyDocument", "Statement", s) }
	}
	hold(t, func(d doc) []string { return checkOthers(d, front) },
		change{"a forwarder that may also call", grant("ForwardRole", 0, "Action", []any{"events:PutEvents", "events:InvokeApiDestination"}),
			"ForwardRole/0 grants events:InvokeApiDestination on Bus, which nothing uses"},
		change{"a forwarder that may not", grant("ForwardRole", 0, "Action", "events:PutRule"), "ForwardRole lacks events:PutEvents Bus"},
		change{"the CRM's role on the chat", grant("CrmRole", 0, "Resource", map[string]any{"!GetAtt": "ChatDestination.Arn"}), "CrmRole lacks events:InvokeApiDestination CrmDestination"},
		change{"a chat that puts events", grant("ChatRole", 0, "Action", []any{"events:InvokeApiDestination", "events:PutEvents"}),
			"ChatRole/0 grants events:PutEvents on ChatDestination"},
		change{"a front that reads a table", func(d doc) {
			s := d.properties("WebhookRole")["Policies"].([]any)[0]
			doc := object(at(s, "PolicyDocument"))
			doc["Statement"] = append(list(doc["Statement"]), map[string]any{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": map[string]any{"!GetAtt": "LedgerTable.Arn"}})
		}, "WebhookRole/2 grants dynamodb:GetItem on LedgerTable, which nothing uses"},
		change{"a front that speaks for us", func(d doc) {
			set(d, "WebhookRole", "events:source", []any{"hubspot", "stripe", "handoff"}, "Policies", 0, "PolicyDocument", "Statement", 1, "Condition", "StringEquals")
		}, "WebhookRole/Publish grants the source handoff, which nothing uses"},
		change{"a tool that is shut out", func(d doc) {
			set(d, "WebhookRole", "events:source", []any{"hubspot"}, "Policies", 0, "PolicyDocument", "Statement", 1, "Condition", "StringEquals")
		}, "the front speaks for stripe, and WebhookRole/Publish does not allow it"},
		change{"a rule without its role", func(d doc) { remove(d, "DefaultBusRule", "RoleArn", "Targets", 0) }, "DefaultBusRule: its target needs a role"},
	)
}
