package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"handoff/infra/report"
	"handoff/shared/event"
	"handoff/tests/rig"
)

// seen is a small pipeline three hours after noon of Wednesday 4 March in New York: Initech asked for a demo and waits,
// Umbrella was called, Hooli bought and paid less than the CRM says.
func seen(t *testing.T) *rig.Rig {
	t.Helper()
	r := rig.Open(t, rig.Config{})
	at := func(minutes int) time.Time { return rig.Noon.Add(time.Duration(minutes) * time.Minute) }
	deal := func(id, status string, minor int64, name, company string) []rig.With {
		w := rig.Deal(id, status, minor)
		w["opportunity"].(map[string]any)["name"] = name
		return []rig.With{w, rig.Links("account:" + company)}
	}
	invoice := rig.With{"money": map[string]any{"minor": 450_000, "currency": "USD"}, "invoice": "in_1", "invoice_type": "new", "props": map[string]any{"opportunity": "006B"}}
	for _, e := range []event.Envelope{
		rig.Say("a0", "page_viewed", "email:ann@initech.com", at(-60), rig.With{"channel": "organic_search"}),
		rig.Say("b0", "form_submitted", "email:bob@hooli.com", at(-50), rig.Person("name", "Bob Roe"), rig.Company("name", "Hooli"), rig.With{"channel": "paid_search"}),
		rig.Say("b1", "opportunity_created", "opportunity:salesforce/006B", at(-40), deal("salesforce/006B", "open", 500_000, "Hooli, 50 seats", "hooli.com")...),
		rig.Say("v0", "page_viewed", "anon:acme.app/v1", at(-30)),
		rig.Say("b2", "opportunity_won", "opportunity:salesforce/006B", at(-20), deal("salesforce/006B", "won", 0, "", "hooli.com")...),
		rig.Say("b3", "invoice_paid", "email:bob@hooli.com", at(-10), invoice),
		rig.Say("a1", "pricing_viewed", "email:ann@initech.com", at(-1)),
		rig.Say("a2", "demo_requested", "email:ann@initech.com", at(0), rig.Person("name", "Ann Lee", "title", "CTO"), rig.Company("name", "Initech", "employees", "120")),
		rig.Say("k0", "contact_sales_requested", "email:kim@umbrella.com", at(1), rig.Company("name", "Umbrella", "country", "GB")),
		rig.Say("a3", "opportunity_created", "opportunity:salesforce/006A", at(5), deal("salesforce/006A", "open", 1_000_000, "Initech, pilot", "initech.com")...),
		rig.Say("k1", "first_outreach", "account:umbrella.com", at(31), rig.Answers("hand_raise", "jonas@handoff.example", "")),
		{Source: "acme.app", DetailType: "Touch", Time: at(40), Detail: []byte(`{"kind":"page_viewed","time":"2026-03-04T17:40:00Z","subject":"user:9"}`)},
		{Source: "nobody.knows", DetailType: "Thing", Time: at(55), Detail: []byte(`{"a":1}`)},
	} {
		r.AdvanceTo(e.Time)
		r.Send(e)
	}
	r.AdvanceTo(at(180))
	return r
}

func TestSections(t *testing.T) {
	r := seen(t)
	snap, err := report.Take(t.Context(), r.Stack, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	none := func(context.Context) (int, error) { return 0, nil }
	for name, print := range map[string]func(w io.Writer) error{
		"first":   func(w io.Writer) error { return printFirst(t.Context(), w, snap, none) },
		"funnel":  func(w io.Writer) error { return printFunnel(t.Context(), w, snap) },
		"hot":     func(w io.Writer) error { return printHot(t.Context(), w, snap, 3) },
		"queue":   func(w io.Writer) error { return printQueue(t.Context(), w, snap) },
		"revenue": func(w io.Writer) error { return printRevenue(t.Context(), w, snap, "first", "linear", "w_shaped") },
		"rejects": func(w io.Writer) error { return printRejects(t.Context(), w, snap, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := print(&b); err != nil {
				t.Fatal(err)
			}
			fits(t, b.String())
			golden(t, name, b.String())
		})
	}
}

// asked runs a command inside a running pipeline.
func asked(t *testing.T, r *rig.Rig, args ...string) (out string, exit int) {
	t.Helper()
	var stdout, stderr strings.Builder
	exit = runWith(&env{ctx: t.Context(), args: args, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, open: r.Stack})
	return stdout.String() + stderr.String(), exit
}

func TestSeeCommands(t *testing.T) {
	r := seen(t)
	for _, c := range []struct {
		name string
		args []string
		exit int
	}{
		{"status", []string{"status"}, exitOK},
		{"account", []string{"account", "initech.com"}, exitOK},
		{"account-unknown", []string{"account", "nobody.example"}, exitFailed},
		{"account-several", []string{"account", ".com"}, exitFailed},
		{"queue-overdue", []string{"queue", "--overdue", "--team", "sales"}, exitOK},
		{"queue-nobody", []string{"queue", "--rep", "zoe"}, exitOK},
		{"report-models", []string{"report", "revenue", "--models", "first,last,last_non_direct,linear,time_decay"}, exitOK},
		{"report-no-model", []string{"report", "revenue", "--models", "guess"}, exitFailed},
		{"report-bad-time", []string{"report", "--at", "yesterday"}, exitFailed},
		{"report-earlier", []string{"report", "first", "--at", "2026-03-04 17:30"}, exitFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, exit := asked(t, r, c.args...)
			if exit != c.exit {
				t.Errorf("exit status %d, want %d", exit, c.exit)
			}
			if exit == exitOK {
				fits(t, out) // an error is one sentence, whatever its length
			}
			golden(t, c.name, out)
		})
	}
}

func TestSeeAnswersJSON(t *testing.T) {
	r := seen(t)
	for _, args := range [][]string{
		{"status"}, {"queue"}, {"account", "hooli.com"}, {"report", "all"}, {"report", "first"}, {"report", "quarantine"},
	} {
		out, exit := asked(t, r, append(args, "--format", "json")...)
		var v map[string]any
		if err := json.Unmarshal([]byte(out), &v); err != nil || exit != exitOK || len(v) == 0 {
			t.Errorf("%v: exit status %d, %v\n%s", args, exit, err, out)
		}
	}
}

// Names of any length and script, large sums and many models keep to the line too.
func TestSeeKeepsToTheLine(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	long := "株式会社" + strings.Repeat("とても長い名前", 8) + " Incorporated of the Northern Territories"
	for i := range 3 {
		host := fmt.Sprintf("%d.%s.com", i, strings.Repeat("a-very-long-domain", 3))
		who, deal := "email:ann.of.the.north@"+host, fmt.Sprintf("salesforce/006%d", i)
		r.Send(
			rig.Say(fmt.Sprint("a", i), "demo_requested", who, r.Runtime.Now(), rig.Person("name", long, "title", long+" CTO"), rig.Company("name", long), rig.With{"channel": long}),
			rig.Say(fmt.Sprint("b", i), "opportunity_created", "opportunity:"+deal, r.Runtime.Now(), rig.Deal(deal, "open", 9_000_000_000_000_00), rig.Links("account:"+host)),
		)
		r.Advance(time.Minute)
		r.Send(rig.Say(fmt.Sprint("c", i), "opportunity_won", "opportunity:"+deal, r.Runtime.Now(), rig.Deal(deal, "won", 0), rig.Links("account:"+host)))
	}
	r.Send(event.Envelope{Source: strings.Repeat("unheard.of.", 12), DetailType: long, Time: r.Runtime.Now(), Detail: []byte(`{}`)})
	r.Send(rig.Say("d", "demo_requested", "email:zoe@"+strings.Repeat("another-long-domain", 3)+".com", r.Runtime.Now(), rig.Company("name", long)))
	r.Advance(5 * time.Hour)
	for _, args := range [][]string{
		{"report", "all", "--models", "first,last,last_non_direct,linear,time_decay,u_shaped,w_shaped,full_path"}, {"queue"}, {"status"},
		{"account", "ann.of.the.north@1." + strings.Repeat("a-very-long-domain", 3) + ".com"},
	} {
		out, exit := asked(t, r, args...)
		if exit != exitOK || len(out) < 200 {
			t.Errorf("%v: exit status %d\n%s", args, exit, out)
		}
		fits(t, out)
	}
}
