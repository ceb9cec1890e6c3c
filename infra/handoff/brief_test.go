package main

import (
	"encoding/json"
	"testing"

	"handoff/functions/route"
	"handoff/infra/report"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/tests/rig"
)

// Hooli bought at 16:40 UTC: success reads who they are, what they bought, and how it came to that.
func TestBrief(t *testing.T) {
	r := seen(t)
	told(t, r, exitOK, words("brief hooli.com"), "Hooli (hooli.com), for Lena Fischer", "kick_off: observed only; nobody was contacted",
		"The customer Hooli became a customer on 4 March.", "Who is who: - Bob Roe: bob@hooli.com",
		"What was bought, and what is on offer: - Hooli, 50 seats (salesforce/006B), 5,000.00 USD, won on 4 March",
		"4 March first seen: Bob Roe submitted a form, by paid search; became known", "4 March entered into a deal", "Nobody knows yet:")
	told(t, r, exitFailed, words("brief umbrella.com"), "no decision about umbrella.com brings a packet", "packet: true in plays.yaml")
	told(t, r, exitFailed, words("brief nobody.example"), "nobody is known by that")
	code, out := operate(t, r, "--format", "json", "brief", "hooli.com")
	var answer []struct {
		Play   string
		Packet event.Packet
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != exitOK || len(answer) != 1 || answer[0].Play != "kick_off" || len(answer[0].Packet.Deals) != 1 {
		t.Errorf("status %d, %v:\n%s", code, err, out)
	}
}

// Whoever reads the queue is led to the brief of what has one, and of nothing else.
func TestQueueLeadsToTheBrief(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	if err := route.SetMode(t.Context(), r.Accounts, "kick_off", routing.Live, routing.Switch{At: rig.Noon, By: "lea", Why: "the look is over"}); err != nil {
		t.Fatal(err)
	}
	r.Send(rig.Say("k", "contact_sales_requested", "email:kim@umbrella.com", rig.Noon, rig.Company("name", "Umbrella")))
	r.Send(rig.Say("b", "opportunity_won", "opportunity:salesforce/006B", rig.Noon, rig.Deal("salesforce/006B", "won", 500_000), rig.Links("account:hooli.com")))
	code, out := operate(t, r, "--format", "json", "queue")
	var q report.Queue
	if err := json.Unmarshal([]byte(out), &q); err != nil || code != exitOK || len(q.Handoffs) != 2 {
		t.Fatalf("status %d, %v:\n%s", code, err, out)
	}
	for _, h := range q.Handoffs {
		if want := h.Play == "kick_off"; h.Packet != want {
			t.Errorf("%s: packet %t, want %t", h.Play, h.Packet, want)
		}
		if h.Packet {
			told(t, r, exitOK, words("queue"), "what was bought and promised: handoff brief "+h.ID+" ")
			told(t, r, exitOK, words("brief "+h.ID), "kick_off: handed to Lena Fischer", "What was bought")
		}
	}
}
