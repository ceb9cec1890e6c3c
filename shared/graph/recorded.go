package graph

import (
	"encoding/json"
	"fmt"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/touch"
)

// Recorded is a touch as the ledger holds it, and the event that tells of it: what score is given of a touch that is
// folded again. at is the event's own time.
func Recorded(t *touch.Touch, at time.Time) (ledger.Row, event.Envelope, error) {
	typ, detailType := ledger.Touch, event.TouchRecorded
	if t.Kind == touch.AccountEnriched {
		typ, detailType = ledger.Enrichment, event.AccountEnriched
	}
	body, err := json.Marshal(t)
	if err != nil {
		return ledger.Row{}, event.Envelope{}, fmt.Errorf("graph: encode touch %s: %w", t.ID, err)
	}
	detail, err := json.Marshal(event.TouchDetail{Touch: *t})
	if err != nil {
		return ledger.Row{}, event.Envelope{}, fmt.Errorf("graph: encode touch %s: %w", t.ID, err)
	}
	return ledger.Row{Owner: t.Subject, Type: typ, Time: t.Time, ID: t.ID.String(), Revision: t.Revision, RecordedAt: t.RecordedAt, Body: body},
		event.Envelope{ID: t.EventID, Source: event.Source, DetailType: detailType, Time: at, Detail: detail}, nil
}
