package main

import (
	"encoding/json"
	"testing"

	"handoff/shared/event"
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
