package route

import (
	"encoding/json"
	"testing"
	"time"

	"handoff/shared/event"
)

// A rep's nickname or a quoted title in the reason must not make a destination's call unreadable; ids stay exact.
func TestEventsForTheOutsideArePlain(t *testing.T) {
	e, err := envelope(event.HandoffOffered, time.Unix(0, 0), event.HandoffDetail{
		ID: "hof_1", Account: `anon:a"b`, Owner: `Sam "Sammy" O\Neil`, Reason: "Asked:\n\"now\"",
	})
	if err != nil {
		t.Fatal(err)
	}
	var got event.HandoffDetail
	if err := json.Unmarshal(e.Detail, &got); err != nil {
		t.Fatal(err)
	}
	if got.Account != `anon:a"b` || got.Owner != "Sam ”Sammy” O/Neil" || got.Reason != "Asked: ”now”" {
		t.Errorf("told %+v", got)
	}
}
