package score

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// maxRevenue bounds the conversions an account remembers having told.
const maxRevenue = 32

// revenue tells each conversion once per revision: a deal won, its amount edited, refunded or lost again.
func (s *session) revenue(ctx context.Context, it *account.Item, v *account.View, at time.Time, why judged, meta event.Meta) (bool, error) {
	var deals []account.Deal
	switch {
	case why.refolded:
		ids := slices.Collect(maps.Keys(it.Told.Revenue))
		for _, a := range slices.Concat(it.Facts.Opportunities, it.Facts.Invoices) {
			ids = append(ids, a.ID)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if err := s.Load(ctx, ids...); err != nil {
			return false, err
		}
		for _, id := range ids {
			deals = append(deals, graph.DealOf(s.Held(id)))
		}
	case why.deal != "":
		item, err := s.Item(ctx, why.deal)
		if err != nil {
			return false, err
		}
		deals = []account.Deal{graph.DealOf(item)}
	}
	changed := false
	for _, d := range deals {
		won, ok := s.Held(d.ID).Marks["won"]
		if !ok || d.Amount.Currency == "" { // no word of money yet: it may come after the win
			continue
		}
		if d.Type == "" {
			d.Type = "new"
		}
		counts := s.Held(d.ID).Fields["test"].Value == "" && s.rules.Canonical(d.Type, kindOfDeal(d.ID))
		if _, before := it.Told.Revenue[d.ID]; !counts && !before {
			continue
		}
		if !counts || d.Status != "won" {
			// Also what was told before its type, or that it is a test, was heard of is taken back.
			d.Amount.Minor = 0
		}
		c := event.Conversion{Meta: begun(meta, won.ID), ID: d.ID, Account: it.ID, Type: d.Type, Time: time.UnixMilli(won.Time).UTC(), Amount: d.Amount, Created: d.Created}
		c.Revision = hash(c.ID, c.Account, c.Type, c.Time.Format(time.RFC3339Nano), graph.AmountText(c.Amount), c.Created.Format(time.RFC3339Nano))
		last, told := told(it.Told.Revenue[d.ID].Value)
		if told == c.Revision {
			continue
		}
		c.Sequence = max(last+1, at.UnixMilli())
		if why.refolded {
			c.Sequence++ // the account it was told under before may have told it in this same moment
		}
		if it.Told.Revenue == nil {
			it.Told.Revenue = map[string]account.Register{}
		}
		it.Told.Revenue[d.ID] = account.Register{Value: strconv.FormatInt(c.Sequence, 10) + " " + c.Revision, Element: won}
		for len(it.Told.Revenue) > maxRevenue {
			delete(it.Told.Revenue, oldest(it.Told.Revenue))
		}
		s.say(it, d.ID+"@"+c.Revision, event.ConversionRecorded, won.Time, meta.Trace, c)
		changed = true
	}
	return changed, nil
}

// told reads what an account remembers of a conversion: the sequence it was told under, and the revision, empty where
// another account told it.
func told(register string) (sequence int64, revision string) {
	seq, revision, _ := strings.Cut(register, " ")
	sequence, _ = strconv.ParseInt(seq, 10, 64)
	return sequence, revision
}

func kindOfDeal(id string) string {
	if subject.KindOf(id) == subject.Opportunity {
		return "opportunity"
	}
	return "invoice"
}

func oldest(m map[string]account.Register) string {
	return slices.MinFunc(slices.Collect(maps.Keys(m)), func(a, b string) int { return m[a].Element.Compare(m[b].Element) })
}

// late asks for credits again where a touch, or a refold, changes a journey that was already credited.
func (s *session) late(it *account.Item, why judged, meta event.Meta) bool {
	var newest account.Element
	for _, r := range it.Told.Revenue {
		if r.Element.Compare(newest) > 0 {
			newest = r.Element
		}
	}
	if newest.Time == 0 {
		return false
	}
	d := event.CreditsDueDetail{Meta: begun(meta, touch.ID{}), Account: it.ID}
	switch {
	case why.refolded:
		d.Cause = "refold"
	case why.touch != nil && why.deal == "" && why.touch.Time.UnixMilli() < newest.Time:
		d.From, d.Cause = why.touch.Time, why.touch.ID.String()
	default:
		return false
	}
	// One request covers a batch: the earliest time counts.
	for i := range it.Told.Pending {
		p := &it.Told.Pending[i]
		if p.DetailType != event.CreditsDue {
			continue
		}
		var have event.CreditsDueDetail
		if json.Unmarshal(p.Detail, &have) == nil && !have.From.After(d.From) {
			return false
		}
		p.Detail = detail(d)
		return true
	}
	s.say(it, "credits:"+it.ID+":"+d.Cause, event.CreditsDue, d.From.UnixMilli(), meta.Trace, d)
	return true
}
