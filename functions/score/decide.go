package score

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// judged says what led to an evaluation.
type judged struct {
	touch    *touch.Touch
	person   string // who the touch's person is by now
	deal     string // whose revenue may have changed
	refolded bool   // facts moved between accounts: look at all revenue
}

// judge evaluates an account after a touch.
func (s *session) judge(ctx context.Context, it *account.Item, w work, deal string) error {
	by, err := s.who(ctx, w.touch)
	if err != nil {
		return err
	}
	return s.judgeAt(ctx, it, w.touch.RecordedAt, w.meta, judged{touch: w.touch, person: by.Person, deal: deal})
}

// judgeAt evaluates an account as of an hour that never runs backward, and puts what is to be said into Pending.
func (s *session) judgeAt(ctx context.Context, it *account.Item, at time.Time, meta event.Meta, why judged) error {
	told := &it.Told
	before := told.AsOf
	asOf := later(told.AsOf, at)
	v, err := s.View(ctx, it.ID, &it.Facts, time.Unix(asOf, 0).UTC())
	if err != nil {
		return err
	}
	out := s.rules.Outcome(v)
	told.AsOf = asOf
	pending := len(told.Pending)
	waits := s.enrichment(it, at, meta)
	fired, err := s.fire(ctx, it, v, &out, waits, why, meta)
	if err != nil {
		return err
	}
	revenue, err := s.revenue(ctx, it, v, at, why, meta)
	if err != nil {
		return err
	}
	credits := s.late(it, why, meta)
	changed := told.Score != out.Score || told.Band != out.Band || told.Quadrant != out.Quadrant || !maps.Equal(told.Stages, out.Stages) || told.Eval != s.rules.Ref().Eval
	told.Score, told.Band, told.Quadrant, told.Stages, told.Eval = out.Score, out.Band, out.Quadrant, out.Stages, s.rules.Ref().Eval
	if changed || fired || revenue || credits || len(told.Pending) != pending {
		s.mark(it, true)
	}
	if s.roots[it.ID] || before != asOf {
		s.review[it.ID] = true
	}
	return nil
}

// enrichment asks once for the firmographics of a company, and reports whether decisions should still wait for them.
func (s *session) enrichment(it *account.Item, at time.Time, meta event.Meta) (waits bool) {
	if subject.KindOf(it.ID) != subject.Account || it.Facts.Enriched() {
		return false
	}
	if it.Told.Asked == 0 {
		it.Told.Asked = at.Unix()
		d := event.EnrichmentWantedDetail{Meta: begun(meta, touch.ID{}), Account: it.ID, Domain: subject.KeyOf(it.ID), AsOf: at}
		s.say(it, "enrich:"+it.ID, event.EnrichmentWanted, at.UnixMilli(), meta.Trace, d)
	}
	return at.Before(time.Unix(it.Told.Asked, 0).Add(s.Hold))
}

// fire compares the plays that hold with those that held and freezes a decision for each that came to hold. A hand-raise
// fires again for each new request. The same evidence never fires twice, even after the play lapsed in between.
func (s *session) fire(ctx context.Context, it *account.Item, v *account.View, out *Outcome, waits bool, why judged, meta event.Meta) (bool, error) {
	told, changed := &it.Told, false
	holds := make(map[string]bool, len(out.Plays))
	for _, p := range out.Plays {
		holds[p.Play] = true
		newest := p.Newest
		if newest == (account.Element{}) {
			newest.Time = v.AsOf.UnixMilli() // a silence or a renewal: the hour at which it came due
		}
		last, on := told.Fired[p.Play]
		switch {
		case on && (!p.HandRaise || newest.Compare(last) <= 0):
			continue
		case !on && waits && p.Waits:
			continue // held until the company is known or the wait is over: schedule sees to it
		case subject.KindOf(it.ID) == subject.Anonymous:
			continue // held until somebody has a name: nobody can be called or written to by a device's id
		}
		if told.Fired == nil {
			told.Fired = map[string]account.Element{}
		}
		was, before := told.Was[p.Play]
		told.Fired[p.Play] = newest
		delete(told.Was, p.Play)
		changed = true
		if before && newest.Compare(was) <= 0 {
			told.Fired[p.Play] = was
			continue
		}
		if err := s.decide(ctx, it, v, p, newest, why, meta); err != nil {
			return changed, err
		}
	}
	for play, el := range told.Fired {
		if !holds[play] {
			if told.Was == nil {
				told.Was = map[string]account.Element{}
			}
			told.Was[play] = el
			delete(told.Fired, play)
			changed = true
		}
	}
	return changed, nil
}

// decide freezes one decision with all that explains it.
func (s *session) decide(ctx context.Context, it *account.Item, v *account.View, p Held, newest account.Element, why judged, meta event.Meta) error {
	e := s.rules.Evaluate(v)
	packet, err := s.packet(ctx, v, &e, p.Play)
	if err != nil {
		return err
	}
	by, err := s.behind(ctx, v, p, newest, why)
	if err != nil {
		return err
	}
	d := event.Decision{
		Meta: begun(meta, newest.ID), ID: decisionID(it.ID, p, newest), Account: it.ID, Play: p.Play, Funnel: p.Funnel, HandRaise: p.HandRaise,
		AsOf: v.AsOf, Newest: time.UnixMilli(newest.Time).UTC(), Evaluation: e, Reason: s.rules.Reason(v, &e, p.Play, by.Actor),
		Context: contextOf(v, &e), Impersonal: p.Impersonal, Packet: packet, Person: by.Person, Test: by.test,
	}
	d.Asset, d.AssetBecause = s.rules.Asset(v, p.Play)
	if i := slices.IndexFunc(v.Moves, func(m account.Move) bool { return !m.Left && m.Element == newest }); i >= 0 {
		d.Person = v.Moves[i].Person // who has come, whoever's touch it was judged by
	}
	if (d.Person == "" || subject.KindOf(d.Person) == subject.Anonymous) && len(v.People) > 0 && !p.Impersonal {
		d.Person = v.People[0].ID // nobody can be called by a device's id
	}
	if d.Person == "" && !subject.IsCompany(it.ID) {
		d.Person = it.ID
	}
	s.say(it, d.ID, event.DecisionMade, v.AsOf.UnixMilli(), meta.Trace, d)
	return nil
}

// begun completes the chain of what no touch caused, but a tick or a new policy: it began with the newest touch that it
// stands on, or where it stands on none (a silence, a renewal) with that cause itself.
func begun(meta event.Meta, newest touch.ID) event.Meta {
	if meta.Correlation == "" {
		if meta.Correlation = meta.Causation; newest != (touch.ID{}) {
			meta.Correlation = newest.String()
		}
	}
	return meta
}

// decisionID is made from what the decision stands on: for plays with evidence the newest touch, whoever it belonged to
// at the time, so that a person's request and the same request after the company became known are one.
func decisionID(account string, p Held, newest account.Element) string {
	if newest.ID == (touch.ID{}) {
		return "d-" + hash(account, p.Play, strconv.FormatInt(newest.Time, 10))
	}
	return "d-" + hash(p.Play, newest.ID.String(), strconv.FormatInt(newest.Time, 10))
}

// contextOf gathers what route needs to know of the account.
func contextOf(v *account.View, e *event.Evaluation) event.Context {
	f := v.Facts
	employees, _ := strconv.Atoi(f.Field("employees"))
	c := event.Context{Name: f.Field("name"), Domain: f.Field("domain"), Country: f.Field("country"), Industry: f.Field("industry"),
		Employees: employees, Owner: f.Field("owner")}
	if c.Domain == "" && subject.KindOf(v.Account) == subject.Account {
		c.Domain = subject.KeyOf(v.Account)
	}
	say := func(field, x string) {
		if x == "" {
			return
		}
		if c.Fields == nil {
			c.Fields = map[string]string{}
		}
		c.Fields[field] = x
	}
	for _, field := range []string{"region", "revenue", "type", "use_case"} {
		say(field, f.Field(field))
	}
	if e.Committee != nil {
		say("committee", e.Committee.String())
	}
	var lists []string
	for i := range e.Checklists {
		lists = append(lists, e.Checklists[i].String())
	}
	say("checklists", strings.Join(lists, "; "))
	if c.Country == "" && len(v.People) > 0 {
		c.Country = v.People[0].Fields["country"]
	}
	return c
}

// say freezes a message in the account, to be published after the account is written, under a trace header if this
// process gets to do so.
func (s *session) say(it *account.Item, id, detailType string, at int64, header string, d any) {
	for i, p := range it.Told.Pending {
		if p.ID == id && p.DetailType == detailType {
			if detailType != event.ConversionRecorded {
				return
			}
			// Revenue that went there and back before it was told: the last word counts, with its sequence.
			it.Told.Pending = slices.Delete(it.Told.Pending, i, i+1)
			break
		}
	}
	s.said++
	if header != "" {
		if s.traces == nil {
			s.traces = map[string]string{}
		}
		s.traces[detailType+id] = header
	}
	it.Told.Pending = append(it.Told.Pending, account.Outgoing{ID: id, DetailType: detailType, Time: at, Detail: detail(d)})
	s.mark(it, true)
}

// detail encodes a detail of ours, which always can be.
func detail(d any) json.RawMessage {
	b, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("score: encode %T: %v", d, err))
	}
	return b
}

// hash is 80 bits of SHA-256 over length-prefixed parts, hex.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:10])
}

// schedule finds when an account must be looked at again without a new touch, and moves its place in the time index
// only earlier, or on when it is due: a later review than needed would be wrong, an earlier one costs one look.
func (s *session) schedule(ctx context.Context, it *account.Item) error {
	if !s.review[it.ID] || it.Next != nil || len(it.Refold) > 0 {
		return nil
	}
	due := resting(it)
	if it.Root() && !it.Facts.Empty() {
		v, err := s.View(ctx, it.ID, &it.Facts, time.Unix(it.Told.AsOf, 0).UTC())
		if err != nil {
			return err
		}
		if at := s.rules.ReviewAt(v); !at.IsZero() {
			due = at.Unix()
		}
		if hold := it.Told.Asked + int64(s.Hold/time.Second); it.Told.Asked != 0 && !it.Facts.Enriched() && s.waiting(v, it) && hold < due {
			due = hold
		}
	}
	if it.Due == 0 || due != 0 && due < it.Due || it.Due <= it.Told.AsOf {
		it.Due = due
	}
	return nil
}

// resting is the place in the time index of an item for which nothing is due.
func resting(it *account.Item) int64 {
	if it.Facts.Empty() {
		return 0
	}
	return account.Asleep
}

// waiting reports whether a play holds that has not fired because the company is not known yet.
func (s *session) waiting(v *account.View, it *account.Item) bool {
	for _, p := range s.rules.Outcome(v).Plays {
		if _, on := it.Told.Fired[p.Play]; !on && p.Waits {
			return true
		}
	}
	return false
}
