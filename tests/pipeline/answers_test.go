package pipeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// hubspot is one change of a contact as HubSpot tells it.
func hubspot(id int, contact, property, value string, at time.Time) event.Envelope {
	return rig.Raw("hubspot", "Webhook", fmt.Sprintf(`{"events":[{"eventId":%d,"occurredAt":%d,"subscriptionType":"contact.propertyChange","objectId":%q,"propertyName":%q,"propertyValue":%q,"sourceId":"userId:84"}]}`,
		id, at.UnixMilli(), contact, property, value), at)
}

// HubSpot tells one property at a time and can name no handoff: an answer on a contact is to that person's.
func TestHubSpotAnswersTheContactsHandoff(t *testing.T) {
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	r := rig.Open(t, rig.Config{Dataset: known})
	r.Play([]event.Envelope{
		hubspot(1, "77", "email", "ann@initech.example", at(0)),
		hubspot(2, "78", "email", "bob@globex.example", at(1)),
		rig.Say("a", touch.DemoRequested, "email:ann@initech.example", at(2)),
		rig.Say("b", touch.DemoRequested, "email:bob@globex.example", at(3)),
		hubspot(3, "77", "handoff_status", "Accepted", at(10)),
		hubspot(4, "77", "handoff_status", "contacted", at(20)),
		hubspot(5, "78", "handoff_status", "Recycled: asks again in spring", at(30)),
		hubspot(6, "77", "handoff_status", "Completed", at(40)),
	})
	got := map[string]string{}
	for _, rec := range r.Records() {
		if rec.Touch != "" {
			got[rec.Outcome+" "+rec.Person] = rec.Reason
		}
	}
	for _, want := range []string{
		"accepted email:ann@initech.example", "first_outreach email:ann@initech.example", "completed email:ann@initech.example", "recycled email:bob@globex.example",
	} {
		if _, ok := got[want]; !ok {
			t.Errorf("no %s among %v", want, got)
		}
	}
	if why := got["recycled email:bob@globex.example"]; why != "UserId:84 sent it back for later: asks again in spring." {
		t.Errorf("recycled: %q", why)
	}
}

// Somebody who asks again after a handoff was sent back is heard at once; only what was completed keeps its quiet time.
func TestAskingAgainAfterARejectionIsHeard(t *testing.T) {
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	const ann, in = "email:ann@initech.example", "account:initech.example"
	for _, tc := range []struct {
		answer string
		second time.Time // when what they ask again happened
		want   int
	}{
		{touch.HandoffRejected, at(60), 2}, {touch.HandoffRecycled, at(60), 2}, {touch.HandoffCompleted, at(60), 1},
		{touch.HandoffRejected, at(5), 1}, // asked before it was sent back, and heard of after: the same wish
	} {
		r := rig.Open(t, rig.Config{})
		r.Play([]event.Envelope{
			rig.Say("1", touch.DemoRequested, ann, at(0)),
			rig.Say("2", tc.answer, in, at(20), rig.Answers("hand_raise", "rep", "no budget")),
			rig.Late(rig.Say("3", touch.DemoRequested, ann, tc.second), at(60)),
		})
		if got := r.Offered(); len(got) != tc.want {
			t.Errorf("%s, then asked at %s: %d handoffs, want %d", tc.answer, tc.second, len(got), tc.want)
		}
		if cooled := slices.ContainsFunc(r.Records(), func(rec routing.Record) bool { return rec.Outcome == routing.Cooling }); cooled != (tc.want == 1) {
			t.Errorf("%s, then asked at %s: cooling is %v", tc.answer, tc.second, cooled)
		}
	}
}
