package simulate

import (
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/store"
)

// tally is what is noted while the history plays.
type tally struct {
	policy *policy.Policy
	now    func() time.Time
	since  time.Time
	bands  map[string]int // by name: the highest first
	seen   map[string]*course
	peak   map[string]int // the most a team had open at once
	trips  map[string]int // by play
	points []int64
}

// course is what an account went through.
type course struct {
	bands []reached   // changes of the band, by time
	rules []time.Time // per scoring rule: when it first gave points
}

type reached struct {
	band int
	at   time.Time
}

func newTally(p *policy.Policy, o Options, now func() time.Time) *tally {
	t := &tally{policy: p, now: now, since: o.Since, bands: map[string]int{}, seen: map[string]*course{}, peak: map[string]int{}, trips: map[string]int{}}
	for i, b := range p.Scoring.Bands {
		t.bands[b.Name] = i
	}
	return t
}

func (t *tally) evaluated(v *account.View, o *policy.Outcome) {
	at := t.now()
	c := t.seen[v.Account]
	t.points = t.policy.Points(v, t.points[:0])
	if c == nil {
		c = &course{rules: make([]time.Time, len(t.points))}
		t.seen[v.Account] = c
	}
	for i, p := range t.points {
		if p != 0 && c.rules[i].IsZero() {
			c.rules[i] = at
		}
	}
	if band := t.bands[o.Band]; len(c.bands) == 0 || c.bands[len(c.bands)-1].band != band {
		c.bands = append(c.bands, reached{band, at})
	}
}

// wrote notes what a written item says of a team or a play.
func (b *branch) wrote(r *store.Record) {
	t := b.tally
	if name, ok := strings.CutPrefix(r.Partition, "team:"); ok {
		state, err := routing.DecodeTeam(name, r.Body)
		if err != nil || t.now().Before(t.since) {
			return
		}
		open := 0
		for _, n := range state.Open {
			open += n
		}
		t.peak[name] = max(t.peak[name], open)
	} else if name, ok := strings.CutPrefix(r.Partition, "play:"); ok {
		state, err := routing.DecodePlay(name, r.Body)
		if err != nil || state.Tripped == nil {
			return
		}
		if _, known := b.resume[name]; !known {
			b.resume[name] = t.now().Add(24 * time.Hour)
			if !t.now().Before(t.since) {
				t.trips[name]++
			}
		}
	}
}

// join adds another course of what turned out to be one account.
func (c *course) join(o *course) {
	c.bands = append(c.bands, o.bands...)
	for i, at := range o.rules {
		if !at.IsZero() && (c.rules[i].IsZero() || at.Before(c.rules[i])) {
			c.rules[i] = at
		}
	}
}

// highest is the highest band before a time, the lowest there is where none was seen; a zero time is no bound.
func (c *course) highest(before time.Time, lowest int) int {
	best := lowest
	for _, r := range c.bands {
		if before.IsZero() || r.at.Before(before) {
			best = min(best, r.band)
		}
	}
	return best
}
