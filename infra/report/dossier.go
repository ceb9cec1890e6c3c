package report

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/whose"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/money"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Dossier is all that is known of one account.
type Dossier struct {
	Account      string           `json:"account"`
	Name         string           `json:"name"`
	At           time.Time        `json:"at"`
	Members      []Member         `json:"members"` // people first, the latest active of them first
	Firmographic []Fact           `json:"firmographics"`
	Evaluation   event.Evaluation `json:"evaluation"`
	Places       []Place          `json:"stages"`
	Deals        []Deal           `json:"deals"`
	Handoffs     []Past           `json:"handoffs"`                              // the latest opened first
	Unfit        []UnfitAnswer    `json:"answers_that_fit_no_handoff,omitempty"` // while one was open that nobody reached out for
	Touches      []Seen           `json:"touches"`                               // the latest first
	TouchCount   int              `json:"touch_count"`                           // that count for the account
	Whose        []string         `json:"whose,omitempty"`                       // how subjects come to be of it where that is no matter of course
	Review       time.Time        `json:"review,omitzero"`                       // when it is looked at again though nothing new comes
}

// Member is a subject whose touches count, or once counted, for the account.
type Member struct {
	ID     string            `json:"id"`
	Name   string            `json:"name,omitempty"`
	Title  string            `json:"title,omitempty"`
	Email  string            `json:"email,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	Last   time.Time         `json:"last_touch,omitzero"`
	Count  int               `json:"touches"`
	Person bool              `json:"person"`
}

// Fact is a field of the company, and which touch said so last.
type Fact struct {
	Field  string    `json:"field"`
	Value  string    `json:"value"`
	Name   string    `json:"name,omitempty"` // of the owner, where the value is the CRM's id of a member of a team
	Source string    `json:"source,omitempty"`
	Touch  touch.ID  `json:"touch"`
	At     time.Time `json:"at,omitzero"` // zero: a provider's answer, which has no time of its own
}

// Place is the stage in one funnel, and why.
type Place struct {
	Funnel string   `json:"funnel"`
	Stage  string   `json:"stage"`
	Owner  string   `json:"owner"`
	Reason string   `json:"reason,omitempty"` // of a declared move: churned
	From   string   `json:"from,omitempty"`   // where it would stand without that move
	Why    []string `json:"why,omitempty"`
	// Standing says more: since when, until when by the stage's sla, and which gate holds it back.
	Standing event.Standing `json:"standing"`
}

// Past is a handoff of the account, open or done.
type Past struct {
	ID       string    `json:"id"`
	Play     string    `json:"play"`
	Team     string    `json:"team,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	State    string    `json:"state"`
	Reason   string    `json:"reason"`
	Person   string    `json:"person,omitempty"`
	OpenedAt time.Time `json:"opened_at"`
	DueAt    time.Time `json:"due_at,omitzero"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
	Overdue  bool      `json:"overdue"`
}

// Seen is a touch.
type Seen struct {
	ID       touch.ID      `json:"id"`
	Time     time.Time     `json:"time"`
	Kind     string        `json:"kind"`
	Subject  string        `json:"subject"`
	Who      string        `json:"who,omitempty"` // the person's name, or the deal's
	Source   string        `json:"source"`
	Channel  string        `json:"channel,omitempty"`
	Campaign string        `json:"campaign,omitempty"`
	Money    *money.Amount `json:"money,omitempty"`
}

// Dossier gathers what is known of an account, with its latest touches.
func (s *Snapshot) Dossier(ctx context.Context, a *Assessed, latest int) (*Dossier, error) {
	d := &Dossier{
		Account: a.ID, Name: a.Name, At: s.At, Evaluation: a.Evaluation, Members: []Member{}, Firmographic: []Fact{}, Places: []Place{}, Touches: []Seen{},
	}
	var err error
	if d.Deals, err = s.dealsOf(ctx, a.ID); err != nil {
		return nil, err
	}
	if a.Item.Due != 0 && a.Item.Due != account.Asleep {
		d.Review = time.Unix(a.Item.Due, 0).UTC()
	}
	for _, p := range s.Policy.Placements(a.View) {
		d.Places = append(d.Places, Place{Funnel: p.Funnel, Stage: p.Stage.Name, Owner: p.Stage.Owner, Reason: p.Reason, From: p.From, Why: p.Why.Texts, Standing: policy.StandingOf(&p)})
	}
	touches, members, answers, err := s.touches(ctx, a.ID)
	if err != nil {
		return nil, fmt.Errorf("report: who belongs to %s: %w", a.ID, err)
	}
	if err := s.journey(ctx, a, d, touches, latest); err != nil {
		return nil, err
	}
	if d.Whose, err = whose.Of(ctx, s.Graph.Reader(), a.ID, members, s.At.UnixMilli()); err != nil {
		return nil, fmt.Errorf("report: who belongs to %s: %w", a.ID, err)
	}
	if d.Handoffs, err = s.handoffs(ctx, a); err != nil {
		return nil, err
	}
	d.Unfit = answers.beside(d.Handoffs)
	return d, nil
}

// touches are the account's journey up to now, in the order in which it counts, who was ever of it, and what route made of
// answers: one query for each of them.
func (s *Snapshot) touches(ctx context.Context, root string) (of []*touch.Touch, members []string, answers heardAnswers, err error) {
	answers = newHeardAnswers()
	type key struct {
		subject string
		id      touch.ID
		at      int64
	}
	latest := map[key]*touch.Touch{} // the highest revision of each, which is read last
	r := s.Graph.Reader()
	members, err = whose.Read(ctx, s.Graph, r, root, func(row *ledger.Row) error {
		if row.Type == ledger.Handoff && !row.Time.After(s.At) {
			var r routing.Record
			err := json.Unmarshal(row.Body, &r)
			answers.row(row, &r)
			return err
		}
		if row.Type != ledger.Touch && row.Type != ledger.Enrichment {
			return nil
		}
		t, err := graph.Touch(row)
		if err == nil && !t.Time.After(s.At) {
			latest[key{t.Subject, t.ID, t.Time.UnixMilli()}] = t
			answers.touch(t.ID.String(), t.Kind)
		}
		return err
	})
	if err != nil {
		return nil, nil, answers, err
	}
	for _, t := range latest {
		if t.Withdrawn || touch.Kept(t.Kind) {
			continue
		}
		p, err := r.At(ctx, t.Subject, t.Time.UnixMilli())
		if err != nil {
			return nil, nil, answers, err
		}
		if p.Root == root {
			of = append(of, t)
		}
	}
	slices.SortFunc(of, func(a, b *touch.Touch) int {
		return cmp.Or(account.Of(a).Compare(account.Of(b)), strings.Compare(a.Subject, b.Subject))
	})
	return of, members, answers, nil
}

// journey walks the account's touches once: who did how much, who said what of the company, what came last.
func (s *Snapshot) journey(ctx context.Context, a *Assessed, d *Dossier, touches []*touch.Touch, latest int) error {
	said := map[touch.ID]string{}
	for _, reg := range a.View.Facts.Company {
		said[reg.ID] = ""
	}
	members := map[string]*Member{}
	for _, t := range touches {
		d.TouchCount++
		if _, ok := said[t.ID]; ok {
			said[t.ID] = t.Source
		}
		m := members[t.Subject]
		if m == nil {
			m = &Member{ID: t.Subject, Person: !subject.IsCompany(t.Subject) && subject.KindOf(t.Subject) != subject.Opportunity}
			members[t.Subject] = m
		}
		m.Count++
		if t.Kind != touch.AccountEnriched {
			m.Last = t.Time
		}
		d.Touches = append(d.Touches, Seen{ID: t.ID, Time: t.Time, Kind: t.Kind, Subject: t.Subject, Source: t.Source, Channel: t.Channel, Campaign: t.Campaign, Money: t.Money})
		if len(d.Touches) > 2*latest+16 { // in order of time: only the end is kept
			d.Touches = append(d.Touches[:0], d.Touches[len(d.Touches)-latest:]...)
		}
	}
	d.Touches = d.Touches[max(0, len(d.Touches)-latest):]
	slices.Reverse(d.Touches)
	for _, field := range account.CompanyFields {
		if reg, ok := a.View.Facts.Said(field); ok {
			f := Fact{Field: field, Value: reg.Value, Source: said[reg.ID], Touch: reg.ID}
			if reg.Time != 0 {
				f.At = time.UnixMilli(reg.Time).UTC()
			}
			if field == "owner" {
				f.Name = s.member(reg.Value)
			}
			d.Firmographic = append(d.Firmographic, f)
		}
	}
	return s.members(ctx, a, d, members)
}

// member is the name of whom a CRM's id denotes by the roster in force, "" where it knows nobody by that.
func (s *Snapshot) member(crm string) string {
	for _, team := range s.Policy.Teams.Teams {
		for _, m := range team.Members {
			if m.CRM != "" && m.CRM == crm {
				return m.Name
			}
		}
	}
	return ""
}

// members joins devices, user ids and contacts into the people that they lead to.
func (s *Snapshot) members(ctx context.Context, a *Assessed, d *Dossier, by map[string]*Member) error {
	r := s.Graph.Reader()
	people, leads := map[string]*Member{}, map[string]string{}
	for _, p := range a.View.People {
		people[p.ID] = &Member{ID: p.ID, Fields: p.Fields, Person: true}
	}
	for id, m := range by {
		to := id
		if m.Person {
			place, err := r.At(ctx, id, m.Last.UnixMilli())
			if err != nil {
				return fmt.Errorf("report: resolve %s: %w", id, err)
			}
			to = cmp.Or(place.Person, id)
		}
		p := people[to]
		if p == nil {
			it, err := r.Item(ctx, to)
			if err != nil {
				return err
			}
			p = &Member{ID: to, Person: m.Person, Fields: map[string]string{}}
			for f, reg := range it.Fields {
				if p.Person {
					p.Fields[f] = reg.Value
				}
			}
			people[to] = p
		}
		leads[id] = to
		p.Count += m.Count
		if m.Last.After(p.Last) {
			p.Last = m.Last
		}
	}
	for _, p := range people {
		p.Name, p.Title, p.Email = p.Fields["name"], p.Fields["title"], p.Fields["email"]
		if p.Email == "" && subject.KindOf(p.ID) == subject.Email {
			p.Email = subject.KeyOf(p.ID)
		}
		d.Members = append(d.Members, *p)
	}
	for i := range d.Touches {
		t := &d.Touches[i]
		t.Who = people[leads[t.Subject]].Name
		if at := slices.IndexFunc(d.Deals, func(x Deal) bool { return x.ID == t.Subject }); at >= 0 {
			t.Who = d.Deals[at].Name
		}
	}
	slices.SortFunc(d.Members, func(a, b Member) int {
		return cmp.Or(late(b.Person)-late(a.Person), late(known(&b))-late(known(&a)), b.Last.Compare(a.Last), compare(a.ID, b.ID))
	})
	return nil
}

// known reports whether a member is a person known by more than a device.
func known(m *Member) bool { return m.Person && subject.KindOf(m.ID) != subject.Anonymous }

// handoffs reads the account's handoffs and those of who stood alone before, the latest opened first.
func (s *Snapshot) handoffs(ctx context.Context, a *Assessed) ([]Past, error) {
	out := []Past{}
	for _, id := range append([]string{a.ID}, a.Item.Told.Former...) {
		rec, err := s.Stack.Accounts.Get(ctx, routing.HandoffsKey(id))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("report: read the handoffs of %s: %w", id, err)
		}
		item, err := routing.Decode(id, rec.Body)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		for i := range item.Slots {
			sl := &item.Slots[i]
			out = append(out, Past{
				ID: sl.ID, Play: sl.Play, Team: sl.Team, Owner: sl.Owner, State: string(sl.State()), Reason: sl.Reason, Person: sl.Person,
				OpenedAt: sl.OpenedAt, DueAt: sl.DueAt, ClosedAt: sl.ClosedAt(), Overdue: sl.Late(s.At),
			})
		}
	}
	slices.SortFunc(out, func(a, b Past) int { return cmp.Or(b.OpenedAt.Compare(a.OpenedAt), strings.Compare(a.ID, b.ID)) })
	return out, nil
}
