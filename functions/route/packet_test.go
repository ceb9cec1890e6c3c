package route

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"handoff/shared/event"
	"handoff/shared/routing"
)

// The story that a decision brings along goes out with the offer, with what else is open, and not into the item, which
// is written again with every answer.
func TestPacketGoesWithTheOffer(t *testing.T) {
	w := plain(t)
	const a = "account:a.example"
	w.do(w.decided("d1", a, "demo"))
	e := w.decided("d2", a, "call")
	var d event.Decision
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		t.Fatal(err)
	}
	d.Packet = &event.Packet{History: []event.PacketLine{{Time: noon, Text: "came along"}}}
	w.do(envelopeOf(t, event.DecisionMade, d))
	got := w.detail(w.bus.events[1])
	first := routing.HandoffID("d1")
	want(t, "the packet", &event.Packet{
		History:  []event.PacketLine{{Time: noon, Text: "came along"}},
		Handoffs: []event.PacketHandoff{{ID: first, Play: "demo", Owner: w.detail(w.bus.events[0]).Owner, State: "open", DueAt: w.detail(w.bus.events[0]).DueAt}},
	}, got.Packet)
	rec, err := w.accounts.Get(context.Background(), routing.HandoffsKey(a))
	if err != nil || strings.Contains(string(rec.Body), "came along") {
		t.Errorf("the item holds the packet, or cannot be read: %v", err)
	}
	if w.detail(w.bus.events[0]).Packet != nil {
		t.Error("a decision without a packet is offered with one")
	}
}

// The content is the one that was chosen when the decision was made, whatever the play's own is.
func TestContentOfTheDecision(t *testing.T) {
	w := plain(t)
	e := w.decided("d1", "account:a.example", "care")
	var d event.Decision
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		t.Fatal(err)
	}
	d.Asset = "api-guide"
	w.do(envelopeOf(t, event.DecisionMade, d))
	w.do(w.decided("d2", "account:b.example", "care"))
	if got := w.detail(w.bus.events[0]).Asset; got != "api-guide" {
		t.Errorf("it sends %s", got)
	}
	if got := w.detail(w.bus.events[1]).Asset; got != "case-study" {
		t.Errorf("a decision that chose none sends %s", got)
	}
}
