package ingest

import (
	"encoding/json"

	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/touch"
)

// Aside is the body of an ignored or a quarantine row. A quarantined event is kept whole, to be read again after the
// contract, or the producer, is mended; of an ignored one the archive has the rest.
type Aside struct {
	EventID    string            `json:"event_id"`
	Source     string            `json:"source"`
	DetailType string            `json:"detail_type"`
	Contract   string            `json:"contract,omitempty"`
	Reason     string            `json:"reason"`
	Failure    *contract.Failure `json:"failure,omitempty"`
	Event      *event.Envelope   `json:"event,omitempty"`
}

func asideOf(out *contract.Outcome) Aside {
	a := Aside{EventID: out.Event.ID, Source: out.Event.Source, DetailType: out.Event.DetailType, Contract: out.Contract, Reason: out.Ignored}
	if out.Failure != nil {
		a.Reason, a.Failure, a.Event = out.Failure.Reason, out.Failure, whole(out.Event)
	}
	return a
}

// whole is the event as a row can hold it: a detail that is no JSON stands there as text.
func whole(e *event.Envelope) *event.Envelope {
	if len(e.Detail) == 0 || json.Valid(e.Detail) {
		return e
	}
	held := *e
	held.Detail, _ = json.Marshal(string(e.Detail)) // a string always can be
	return &held
}

// asideRow is the key of an event that made no touch: from its payload and the day of its envelope.
func asideRow(e *event.Envelope, out *contract.Outcome) ledger.Row {
	typ := ledger.Ignored
	if out.Failure != nil {
		typ = ledger.Quarantine
	}
	id := contract.RowID(out.Event)
	return ledger.Row{Owner: ledger.DayOwner(typ, e.Time, id), Type: typ, Time: e.Time.UTC(), ID: id}
}

// touchRow is the key of a touch: the subject as the payload names it, the event's own time, the id.
func touchRow(t *touch.Touch) ledger.Row {
	return ledger.Row{Owner: t.Subject, Type: ledger.Touch, Time: t.Time, ID: t.ID.String(), Revision: t.Revision}
}

// Traced is what an event must have left in the ledger, by the contracts as they are now.
type Traced struct {
	Row     ledger.Row        // the key alone
	Touch   *touch.Touch      // of a touch row
	Failure *contract.Failure // of a quarantine row
	Ignored string            // of an ignored row: the reason
	Reused  ledger.Row        // of a touch row: where the event stands instead if its id was taken
}

// Trace reads an archived event again and names the rows that prove what became of it.
func Trace(set *contract.Set, e *event.Envelope) []Traced {
	var out []Traced
	for _, o := range set.Read(e) {
		if o.Failure != nil || o.Ignored != "" {
			out = append(out, Traced{Row: asideRow(e, &o), Failure: o.Failure, Ignored: o.Ignored})
			continue
		}
		failed := o
		failed.Failure = &contract.Failure{Code: contract.IDReused}
		for i := range o.Touches {
			out = append(out, Traced{Row: touchRow(&o.Touches[i]), Touch: &o.Touches[i], Reused: asideRow(e, &failed)})
		}
	}
	return out
}
