package routing_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/routing"
)

func TestItemIsStoredDeflated(t *testing.T) {
	at := time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)
	want := &routing.Item{Account: "account:initech.example"}
	for _, play := range []string{"hand_raise", "mql", "nurture", "pql"} {
		want.Slots = append(want.Slots, routing.Slot{ID: "hof_" + play, Decision: "d-" + play, Account: want.Account, Play: play,
			Person: "email:ann@initech.example", Funnel: "marketing_automation", Team: "sales", Reason: "Pricing page viewed 4 times.", OpenedAt: at})
	}
	plain, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := want.Encode()
	if err != nil || string(again) != string(stored) {
		t.Errorf("the same item makes other bytes the second time: %v", err)
	}
	if len(stored) > len(plain)/2 {
		t.Errorf("%d bytes are stored as %d, want half at most", len(plain), len(stored))
	}
	for name, b := range map[string][]byte{"deflated": stored, "as an earlier version stored it": plain} {
		got, err := routing.Decode(want.Account, b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
	for name, b := range map[string][]byte{"cut off": stored[:len(stored)/2], "of a later form": append([]byte{7}, stored[1:]...), "not deflated": {1, 2, 3}} {
		if _, err := routing.Decode(want.Account, b); err == nil || !strings.Contains(err.Error(), want.Account) {
			t.Errorf("%s: got %v, want an error that names the item", name, err)
		}
	}
}
