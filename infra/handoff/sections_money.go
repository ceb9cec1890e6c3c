package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"handoff/infra/report"
)

// perTable is how many models stand beside each other.
const perTable = 3

func writeRevenue(w io.Writer, r *report.Revenue) {
	title(w, "Revenue by channel", moment(r.At))
	if len(r.Currencies) == 0 {
		para(w, 0, "No revenue has been counted yet: nothing was won, or no record is the policy's source of it.")
		return
	}
	para(w, 0, "Read: each column divides the same revenue by another model; no single one is right. Currencies are never added up.")
	for i := range r.Currencies {
		c := &r.Currencies[i]
		for at := 0; at < len(r.Models); at += perTable {
			fmt.Fprintln(w)
			writeModels(w, r.Models, at, min(at+perTable, len(r.Models)), c)
		}
		total := bare(c.Total, c.Currency) + " " + c.Currency
		if len(c.Broken) == 0 {
			para(w, 0, fmt.Sprintf("Credits and unattributed sum to the revenue of %s, %s, under every model, to the cent.", count(c.Conversions, "conversion", "conversions"), total))
		} else {
			para(w, 0, fmt.Sprintf("NOT CONSERVED: under %s credits and unattributed do not sum to the revenue, %s. Do not use these columns; this is a defect to report.", strings.Join(c.Broken, ", "), total))
		}
	}
}

func writeModels(w io.Writer, models []string, from, to int, c *report.CurrencyRevenue) {
	g := grid{columns: []column{{head: "CHANNEL, " + c.Currency, flex: true}}}
	foot := []string{"total"}
	rest := []string{"unattributed"}
	for i := from; i < to; i++ {
		g.columns = append(g.columns, column{head: models[i], right: true})
		rest = append(rest, bare(c.Unattributed[i], c.Currency))
		sum := c.Unattributed[i]
		for _, line := range c.Channels {
			sum += line.Minor[i]
		}
		foot = append(foot, bare(sum, c.Currency))
	}
	for _, line := range c.Channels {
		cells := []string{line.Channel}
		for i := from; i < to; i++ {
			cells = append(cells, bare(line.Minor[i], c.Currency))
		}
		g.add(cells...)
	}
	g.add(rest...)
	g.foot = foot
	g.print(w)
}

// writeRejects lists at most limit reasons of each, all with 0.
func writeRejects(w io.Writer, r *report.Rejects, limit int) {
	title(w, "Quarantined and ignored", moment(r.At))
	if r.Quarantined+r.Ignored == 0 {
		para(w, 0, "Every event so far fitted its contract.")
		return
	}
	var said string
	if r.Quarantined > 0 {
		said = fmt.Sprintf("%s broke a contract: kept whole, until TO MEND repairs the contract or the tool. ", count(r.Quarantined, "event", "events"))
	}
	if r.Ignored > 0 {
		said += count(r.Ignored, "event was", "events were") + " ignored by a contract's own rule."
	}
	para(w, 0, said)
	if len(r.Quarantine) > 0 {
		fmt.Fprintln(w)
		writeQuarantined(w, r, limit)
	}
	if len(r.Ignore) == 0 {
		return
	}
	fmt.Fprintln(w)
	g := grid{columns: []column{{head: "IGNORED", right: true}, {head: "CONTRACT", flex: true}, {head: "FIRST"}, {head: "LAST"}}}
	for i, a := range r.Ignore {
		if limit > 0 && i >= limit {
			break
		}
		g.add(number(a.Count), a.Contract, day(a.First, r.At), day(a.Last, r.At))
		g.note(a.Reason)
	}
	g.print(w)
	andMore(w, r.Ignore, limit)
}

func writeQuarantined(w io.Writer, r *report.Rejects, limit int) {
	g := grid{columns: []column{{head: "EVENTS", right: true}, {head: "CONTRACT", flex: true}, {head: "CODE"}, {head: "TO MEND", flex: true}, {head: "FIRST"}, {head: "LAST"}}}
	for i := range r.Quarantine {
		if limit > 0 && i >= limit {
			break
		}
		a := &r.Quarantine[i]
		contract, owner := a.Contract, a.Owner
		if contract == "" {
			contract, owner = a.Source, "nobody yet"
		}
		g.add(number(a.Count), contract, a.Code, owner, day(a.First, r.At), day(a.Last, r.At))
		if f := fields(a.Field); f != "" {
			g.note(f + ": " + a.Reason)
		} else {
			g.note(a.Reason)
		}
		if s := starved(a); s != "" {
			g.note(s)
		}
	}
	g.print(w)
	andMore(w, r.Quarantine, limit)
}

func andMore(w io.Writer, all []report.Aside, limit int) {
	if limit <= 0 || len(all) <= limit {
		return
	}
	n := 0
	for _, a := range all[limit:] {
		n += a.Count
	}
	para(w, 0, fmt.Sprintf("and %s for %s: handoff report quarantine", count(n, "event", "events"), count(len(all)-limit, "other reason", "other reasons")))
}

// fields shortens the places at which a value was looked for.
func fields(s string) string {
	places := strings.Split(s, " or ")
	if len(places) <= 2 {
		return s
	}
	return fmt.Sprintf("%s or %d other places", places[0], len(places)-1)
}

// starved says who reads what is missing.
func starved(a *report.Aside) string {
	var parts []string
	if len(a.Rules) > 0 {
		parts = append(parts, "rules "+list(a.Rules, 3))
	}
	if len(a.Plays) > 0 {
		parts = append(parts, "plays "+list(a.Plays, 3))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Read by " + strings.Join(parts, "; ") + "."
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
