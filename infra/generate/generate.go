package generate

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Plays of the default policy that reps answer in a journey.
const (
	playHandRaise = "hand_raise"
	playProduct   = "pql"
	playScore     = "mql"
)

// Generate makes the journey and hands every delivery to sink in the order of delivery over all tools. The line is a
// JSON object {"source","detail-type","time","detail"} without a line end and is valid during the call only. at is the
// delivery's time, which is also the line's. Generate stops at the first error of sink and at the context's end.
func Generate(ctx context.Context, c Config, sink func(tool string, line []byte, at time.Time) error) (Summary, error) {
	return generate(ctx, c, runBytes, func(*company) error { return nil }, sink)
}

// generate also shows every company, in order, before the first delivery. limit is the size of a sorted run.
func generate(ctx context.Context, c Config, limit int, each func(*company) error, sink func(string, []byte, time.Time) error) (sum Summary, err error) {
	if err := c.Validate(); err != nil {
		return Summary{}, err
	}
	sum = Summary{Tools: map[string]int{}, Motions: map[string]int{}, Cases: map[string]int{}}
	q := &queue{limit: limit}
	defer func() { err = errors.Join(err, q.close()) }()
	if err := write(ctx, &c, q, &sum, each); err != nil {
		return Summary{}, err
	}
	newest := make([]int64, c.Accounts)
	n := 0
	err = q.drain(func(d *delivery) error {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		at := time.UnixMilli(d.at).UTC()
		if sum.First.IsZero() {
			sum.First = at
		}
		sum.Last = at
		if d.happened < newest[d.account] {
			sum.Cases[CaseOutOfOrder]++
		} else {
			newest[d.account] = d.happened
		}
		return sink(Tools[d.tool], d.line, at)
	})
	if err != nil {
		return Summary{}, fmt.Errorf("generate: %w", err)
	}
	return sum, nil
}

// write plays every company's journey into the queue.
func write(ctx context.Context, c *Config, q *queue, sum *Summary, each func(*company) error) error {
	weight := 0
	for n := range c.Accounts {
		weight += newCompany(c, n).weight
	}
	ship := &shipper{queue: q, summary: sum, end: c.End()}
	// Repeated and broken deliveries come on top of what happens: two and a half in a hundred.
	left := int(int64(c.Events) * 1000 / 1027)
	left -= noise(c, ship)
	for n := range c.Accounts {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		a := newCompany(c, n)
		s := newScript(c, a, ship)
		budget := int(int64(max(left, 0)) * int64(a.weight) / int64(max(weight, 1)))
		s.play(budget)
		weight -= a.weight
		left -= s.emitted
		if ship.err != nil {
			return ship.err
		}
		if a.business() {
			sum.Accounts++
		}
		if err := each(a); err != nil {
			return fmt.Errorf("generate: %w", err)
		}
	}
	return nil
}

// noise is what the tools send that concerns nobody: payouts, test mode, gap events. It returns how many.
func noise(c *Config, ship *shipper) int {
	a := &company{n: 0, place: places[2]}
	s := newScript(c, a, ship)
	s.r, s.steady = stream(c.Seed, 3, 0), true
	days := int(s.end.Sub(s.start) / (24 * time.Hour))
	every := max(2, days*200/max(c.Events, 1)) // small journeys get less of it
	for day := 0; day < days; day += every {
		at := s.exactly(day, 6, 0)
		s.stripe(at, "payout.paid", o("id", "po_1"+s.r.text(base62, 23), "object", "payout", "amount", s.r.between(100_000, 9_000_000),
			"currency", "usd", "status", "paid", "arrival_date", at.Unix()), nil, CaseIgnored)
		if s.r.chance(30) {
			s.testMode(at.Add(5 * time.Hour))
		}
		if s.r.chance(10) {
			a.crm, a.rep = "001"+s.r.text(base62, 15), sam
			s.gap(at.Add(7 * time.Hour))
		}
	}
	return s.emitted
}

// testMode is an engineer of ours trying the billing: livemode is false.
func (s *script) testMode(at time.Time) {
	s.emit(record{tool: "stripe", source: stripeSource, detailType: "customer.created", at: at.Truncate(time.Second), cases: []string{CaseTestMode},
		detail: o("id", "evt_1"+s.r.text(base62, 23), "object", "event", "api_version", "2024-06-20", "created", at.Unix(), "type", "customer.created",
			"livemode", false, "pending_webhooks", 1, "request", o("id", "req_"+s.r.text(base62, 14), "idempotency_key", null{}),
			"data", o("object", o("id", "cus_"+s.r.text(base62, 14), "object", "customer", "email", "test@handoff.example", "livemode", false)))})
}
