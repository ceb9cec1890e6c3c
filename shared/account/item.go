package account

import (
	"encoding/json"

	"handoff/shared/store"
	"handoff/shared/subject"
)

// Item is the one item a subject has in the accounts table: a device, a person, a deal, a company. Its links say where
// it leads; while they lead nowhere the subject is a root, an account (a person without a company is an account of
// one), and Facts and Told are its own.
type Item struct {
	ID      string
	Version int64 // as read; 0: not stored yet
	Due     int64 // unix seconds in the time index, 0: none

	Links  subject.Links
	Fields map[string]Register // registers of a person or a deal
	Marks  map[string]Element  // of a deal: the earliest touch that created, won or lost it; and see Revised
	Roots  []string            // roots that list this subject as a member; sorted
	Refold []string            // roots whose facts a changed link has made stale: still to do

	Fold  string // hash of the memory the facts were folded with; "" while there are none
	Epoch int64  // of the policy that memory came from: an older one never folds over a newer
	Facts Facts
	Next  *Generation // a refold under way; folds join it too

	Told Told
}

// Generation is a new set of facts being filled from the ledger, page by page.
type Generation struct {
	Cause  string // what made it necessary: another cause starts again from the beginning
	Fold   string // memory it is folded with
	Member string // the member whose timeline is being read
	From   int64  // unix milliseconds: where in it
	Facts  Facts
}

// Told is an account's memory of what was said about it. It is not part of what rebuild compares.
type Told struct {
	AsOf     int64  // unix seconds, whole hours
	Eval     string // hash of the policy that evaluated
	Score    int
	Band     string
	Quadrant string
	Stages   map[string]string
	Fired    map[string]Element  // per play that holds: the newest touch it fired for
	Was      map[string]Element  // per play that fired before and no longer holds
	Revenue  map[string]Register // conversion → revision told, at the conversion's time
	Former   []string            // subjects that were accounts of their own, decided on, and lead here now; sorted
	Asked    int64               // unix seconds at which enrichment was asked for; 0: not
	Pending  []Outgoing
}

// Outgoing is a message frozen in the account before it is published, so that a crash between the write and the
// publish loses nothing: whoever loads the item next publishes it, under the same id.
type Outgoing struct {
	ID         string // decision, conversion … id: what its consumer dedupes on
	DetailType string
	Time       int64 // unix milliseconds: of its ledger row
	Detail     json.RawMessage
}

// Revised is the mark of a subject whose touches were mapped anew: its time is that of the newest revision. Touches that
// were recorded before may be on their way as they were first mapped, so they are read again from the ledger.
const Revised = "revised"

// Sort is the sort key of every subject's item; other things of an account stand beside it.
const Sort = "item"

// Key is where a subject's item stands in the accounts table.
func Key(id string) store.Key { return store.Key{Partition: id, Sort: Sort} }

// Asleep is the place in the time index of an item with facts for which nothing is due: a second later than any, so that
// no sweep for what is due meets it. It is there so that the index lists every account, and a new policy reaches those of
// which nothing is heard any more, without a scan of the table.
const Asleep int64 = 253402214400 // 9999-12-31T00:00:00Z

// Root reports whether the item's links lead nowhere.
func (it *Item) Root() bool { return it.Links.Nowhere() }

// Record encodes the item for a conditional write.
func (it *Item) Record() store.Record {
	return store.Record{Key: Key(it.ID), Version: it.Version, Due: it.Due, Body: it.encode(nil)}
}

// FromRecord decodes an item; the zero Version gives an empty item of that id.
func FromRecord(r store.Record) (*Item, error) {
	it := &Item{ID: r.Partition, Version: r.Version, Due: r.Due}
	if r.Version == 0 {
		return it, nil
	}
	return it, it.decode(r.Body)
}
