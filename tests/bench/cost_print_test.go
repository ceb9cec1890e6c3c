package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	units "handoff/shared/dynamo/meter"
)

// Prices are the list's of us-east-1 in November 2026, in dollars.
const (
	priceWrite      = 0.625 / 1e6 // DynamoDB on demand, a write unit
	priceRead       = 0.125 / 1e6 // a read unit
	priceEvent      = 1.00 / 1e6  // EventBridge, a custom event
	priceQueue      = 0.40 / 1e6  // SQS, a request
	priceInvocation = 0.20 / 1e6  // Lambda, arm64
	priceGBSecond   = 0.0000133334
	priceLog        = 0.50 / 1e9 // CloudWatch Logs, a byte
)

// What the estimate of a function's time rests on.
const (
	memoryGB     = 0.5         // template.yaml's
	oneProcessor = 512. / 1769 // of one processor, which Lambda gives with 1769 MB
	callSeconds  = 0.005       // how long DynamoDB or EventBridge takes to answer
	sdkSeconds   = 0.0003      // the SDK's own processor time for a request, as BenchmarkDynamoDBLocal shows it: JSON, signing, HTTP
	platformLine = 600         // bytes of the lines that Lambda writes for an invocation
	million      = 1e6
)

// Budgets a touch, of the design.
const (
	budgetWrites   = 2.5
	budgetRequests = 5
)

func (c *bill) per(n int64) float64 { return float64(n) / float64(c.touches) }

// spent is one hop's.
type spent struct {
	units.Use
	puts, told int64
	work       units.Work
}

func (c *bill) hops() map[string]*spent {
	out := map[string]*spent{}
	of := func(hop string) *spent {
		if out[hop] == nil {
			out[hop] = &spent{}
		}
		return out[hop]
	}
	for l, u := range c.meter.Lines() {
		if l.Op != units.QueryIndex { // the sweep's, every minute, whatever happens: see printStanding
			of(l.Hop).Add(u)
		}
	}
	for hop, n := range c.meter.PutEvents() {
		of(hop).puts += n
	}
	for t, n := range c.meter.Told() {
		of(t.Hop).told += n
	}
	for hop, w := range c.meter.Work() {
		of(hop).work = w
	}
	return out
}

func (c *bill) print() {
	hops := c.hops()
	var all spent
	fmt.Printf("\n  Cost: the bundled journey, %d events, %d touches, %s; per touch\n\n", c.events, c.touches, []string{"each alone and at its own time", "ten at a time"}[min(c.batch-1, 1)])
	fmt.Printf("    %-22s %8s %8s %10s %10s %10s %8s\n", "hop", "writes", "reads", "requests", "PutEvents", "published", "batches")
	row := func(name string, s *spent, swept bool) {
		batches := fmt.Sprintf("%8.3f", c.per(s.work.Invocations))
		if swept {
			batches = fmt.Sprintf("%8s", "-")
		}
		fmt.Printf("    %-22s %8.3f %8.3f %10.3f %10.3f %10.3f %s\n", name, c.per(s.Writes), c.per(s.HalfReads)/2, c.per(s.Requests), c.per(s.puts), c.per(s.told), batches)
	}
	for _, hop := range slices.Sorted(maps.Keys(hops)) {
		s := hops[hop]
		swept := strings.HasSuffix(hop, units.Swept)
		row(hop, s, swept)
		all.Add(s.Use)
		all.puts, all.told = all.puts+s.puts, all.told+s.told
		if !swept { // ticks come every minute, whatever happens
			all.work.Invocations += s.work.Invocations
			all.work.Messages += s.work.Messages
			all.work.Tens += s.work.Tens
			all.work.Calls += s.work.Calls
			all.work.Busy += s.work.Busy
		}
	}
	row("all", &all, false)
	fmt.Printf("    budget: %.1f write units, here %.2f; %d requests, here %.2f; published 1 + P(something to act on), here 1 + %.3f\n", budgetWrites, c.per(all.Writes), budgetRequests, c.per(all.Requests+all.puts), c.per(all.told)-1)
	c.printRows(&all)
	c.printDollars(&all)
}

// printRows says what the write units buy.
func (c *bill) printRows(all *spent) {
	type kind struct{ hop, row string }
	rows := map[kind]*units.Use{}
	for l, u := range c.meter.Lines() {
		k := kind{strings.TrimSuffix(l.Hop, units.Swept), l.Row}
		if rows[k] == nil {
			rows[k] = &units.Use{}
		}
		rows[k].Add(u)
	}
	keys := slices.SortedFunc(maps.Keys(rows), func(a, b kind) int { return int(rows[b].Writes - rows[a].Writes) })
	fmt.Printf("\n    %-14s %-28s %8s %8s %10s %8s\n", "hop", "what is written", "items", "units", "of them:", "index")
	var rest units.Use
	for _, k := range keys {
		u := rows[k]
		if c.per(u.Writes) < 0.01 {
			rest.Add(*u)
			continue
		}
		fmt.Printf("    %-14s %-28s %8.3f %8.3f %19.3f\n", k.hop, k.row, c.per(u.Items), c.per(u.Writes), c.per(u.Index))
	}
	fmt.Printf("    %-14s %-28s %8.3f %8.3f %19.3f\n", "", "the rest", c.per(rest.Items), c.per(rest.Writes), c.per(rest.Index))
	var twice int64 // of tables alone: the index's part is with the index
	for l, u := range c.meter.Lines() {
		if l.Op == units.TransactWriteItems {
			twice += u.Double - u.Index/2
		}
	}
	fmt.Printf("    in all: %.3f for an item each, %.3f for what is over 1 KB, %.3f for the time index, %.3f for transactions, %.3f for duplicates\n",
		c.per(all.Items), c.per(all.Writes-all.Index-all.Refused-twice-all.Items), c.per(all.Index), c.per(twice), c.per(all.Refused))
}

// printDollars says what a million touches cost.
func (c *bill) printDollars(all *spent) {
	w := all.work
	requests := w.Messages + 2*w.Tens // EventBridge sends each event alone; ten are received, and deleted, with one request
	seconds := c.busy.Seconds()*float64(c.touches)/oneProcessor + float64(w.Calls)*callSeconds + float64(all.Requests+all.puts)*sdkSeconds/oneProcessor
	logs := c.lines + c.metrics + w.Invocations*platformLine
	parts := []struct {
		name  string
		count float64
		unit  string
		price float64
	}{
		{"DynamoDB, write units", c.per(all.Writes), "", priceWrite},
		{"DynamoDB, read units", c.per(all.HalfReads) / 2, "", priceRead},
		{"EventBridge, our own events", c.per(all.told), "", priceEvent},
		{"EventBridge, the events from outside", float64(c.events) / float64(c.touches), "", priceEvent},
		{"SQS, requests", c.per(requests), "", priceQueue},
		{"Lambda, invocations", c.per(w.Invocations), "", priceInvocation},
		{"Lambda, GB-seconds (an estimate)", seconds * memoryGB / float64(c.touches), "", priceGBSecond},
		{"Logs, bytes", c.per(logs), "", priceLog},
	}
	fmt.Printf("\n    %-40s %12s %16s\n", "a million touches", "per touch", "dollars")
	sum := 0.0
	for _, p := range parts {
		dollars := p.count * p.price * million
		sum += dollars
		fmt.Printf("    %-40s %12.4f %16.2f\n", p.name, p.count, dollars)
	}
	fmt.Printf("    %-40s %12s %16.2f\n", "all", "", sum)
	fmt.Printf("    Lambda's time is estimated: %.0f µs of this machine's processor a touch (each alone, without sweeps) on %.2f of one, %.2f calls one after the other of %g ms, %.0f µs of the SDK a request.\n",
		float64(c.busy.Microseconds()), oneProcessor, c.per(w.Calls), callSeconds*1000, sdkSeconds*1e6)
	fmt.Printf("    Logs: lines %.0f bytes, metrics %.0f, Lambda's own %.0f (%d an invocation, assumed).\n", c.per(c.lines), c.per(c.metrics), c.per(w.Invocations*platformLine), platformLine)
}

// printStanding says what a month costs without a touch.
func printStanding() {
	const (
		minutes = 30 * 24 * 60
		ticks   = 2 * minutes         // of score and of route
		shards  = 16                  // each asked by each
		polls   = 5 * 5 * 3 * minutes // five queues, five pollers of Lambda each, twenty seconds a poll
	)
	reads := float64(ticks * shards / 2)
	dollars := reads*priceRead + ticks*3*priceQueue + ticks*priceInvocation + ticks*(16*callSeconds)*memoryGB*priceGBSecond + polls*priceQueue
	fmt.Printf("\n    A month without a touch: %.2f dollars: %d ticks with %.0f read units (%.2f), and %d empty polls of the queues (%.2f; the first million SQS requests of a month are free).\n",
		dollars, ticks, reads, reads*priceRead, polls, polls*priceQueue)
	fmt.Printf("    Ten at a time, a batch has more touches of one account than it has where there are many accounts: of the write units, those of\n    each alone are the ones to reckon with; of requests, batches and SQS those of ten.\n")
	fmt.Printf("    Prices: us-east-1, list, November 2026. Besides: storage, backups, alarms, the archive.\n\n")
}
