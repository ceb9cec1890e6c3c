// Package graph reads subjects through the store: it loads items, resolves an id at a time to the account its touches
// belong to, lists an account's members and walks their touches. Fold, rebuild, reports, routing and credits all ask
// here, so there is one answer to "whose is this touch?".
package graph

import (
	"context"
	"fmt"

	"handoff/shared/account"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Graph is the subjects and their history.
type Graph struct {
	Accounts store.Table
	Ledger   *ledger.Ledger
	// Implied is the account an e-mail's domain stands for, "" for free mail and the like: company.AccountOf.
	Implied func(email string) string
}

// Reader reads items once and keeps them, for the length of one call. It is not safe for concurrent use. A handler may
// change the items it holds and write them itself.
type Reader struct {
	g        *Graph
	items    map[string]*account.Item
	earlier  map[string]*account.Item // read before: good for what still stands at the same version
	resolver subject.Resolver
	seen     map[string]seen   // by root
	changed  map[string]uint64 // by item: when it was last changed in memory, or dropped
	change   uint64
}

// Again starts a new reader that reads everything again and decodes only what has changed. What r holds must be as it
// stands in the store, or as it stood.
func (r *Reader) Again() *Reader {
	fresh := r.g.Reader()
	fresh.earlier = r.items
	return fresh
}

// Reader starts a new one.
func (g *Graph) Reader() *Reader {
	r := &Reader{g: g, items: make(map[string]*account.Item, 16), seen: map[string]seen{}, changed: map[string]uint64{}}
	r.resolver = subject.Resolver{Implied: g.Implied, Lookup: func(id string) (*subject.Links, bool) {
		it, ok := r.items[id]
		if !ok {
			return nil, false
		}
		return &it.Links, true
	}}
	return r
}

// Load reads the items that are not held yet, in one batch. An item that does not exist is held as an empty one.
func (r *Reader) Load(ctx context.Context, ids ...string) error {
	var keys []store.Key
	for _, id := range ids {
		if _, ok := r.items[id]; !ok {
			keys = append(keys, account.Key(id))
			r.items[id] = nil
		}
	}
	if len(keys) == 0 {
		return nil
	}
	recs, err := r.g.Accounts.GetMany(ctx, keys)
	for i, k := range keys {
		delete(r.items, k.Partition)
		if err != nil {
			continue
		}
		rec := recs[i]
		rec.Key = k
		if it := r.earlier[k.Partition]; it != nil && it.Version == rec.Version && it.Due == rec.Due {
			r.items[k.Partition] = it
			continue
		}
		it, derr := account.FromRecord(rec)
		if derr != nil {
			err = derr
			continue
		}
		r.items[k.Partition] = it
	}
	if err != nil {
		return fmt.Errorf("graph: load %d items: %w", len(keys), err)
	}
	return nil
}

// Item returns one item, read or held.
func (r *Reader) Item(ctx context.Context, id string) (*account.Item, error) {
	if it, ok := r.items[id]; ok {
		return it, nil
	}
	if err := r.Load(ctx, id); err != nil {
		return nil, err
	}
	return r.items[id], nil
}

// Held returns an item only if it has been read.
func (r *Reader) Held(id string) *account.Item { return r.items[id] }

// Drop forgets items, so that the next use reads them again.
func (r *Reader) Drop(ids ...string) {
	for _, id := range ids {
		delete(r.items, id)
		r.Changed(id)
	}
}

// At resolves a subject at a time (unix milliseconds), reading what it needs.
func (r *Reader) At(ctx context.Context, id string, at int64) (subject.Place, error) {
	for {
		p, missing := r.resolver.At(id, at)
		if len(missing) == 0 {
			return p, nil
		}
		if err := r.Load(ctx, missing...); err != nil {
			return subject.Place{}, err
		}
	}
}

// Whose resolves a touch: where it belongs, and how it counts there.
func (r *Reader) Whose(ctx context.Context, t *touch.Touch) (subject.Place, subject.Heard, error) {
	p, err := r.At(ctx, t.Subject, t.Time.UnixMilli())
	if err != nil {
		return p, subject.Heard{}, err
	}
	parted, err := r.Parted(ctx, t)
	return p, subject.Heard{Below: p.Below, Parted: parted}, err
}

// Parted lists the persons whom a touch names and an operator has parted from its subject, reading what it needs.
func (r *Reader) Parted(ctx context.Context, t *touch.Touch) ([]string, error) {
	for {
		parted, missing := r.resolver.Parted(t)
		if len(missing) == 0 {
			return parted, nil
		}
		if err := r.Load(ctx, missing...); err != nil {
			return nil, err
		}
	}
}

// Missing lists what is still to be read before At can resolve a subject.
func (r *Reader) Missing(id string, at int64) []string {
	_, missing := r.resolver.At(id, at)
	return missing
}

// Intervals lists where a subject's touches belong over all time.
func (r *Reader) Intervals(ctx context.Context, id string) ([]subject.Interval, error) {
	for {
		ivs, missing := r.resolver.Intervals(id)
		if len(missing) == 0 {
			return ivs, nil
		}
		if err := r.Load(ctx, missing...); err != nil {
			return nil, err
		}
	}
}

// Members lists the subjects that were ever linked to, or counted in, an id.
func (g *Graph) Members(ctx context.Context, id string) ([]string, error) {
	var out []string
	for row, err := range g.Ledger.Links(ctx, id) {
		if err != nil {
			return nil, err
		}
		out = append(out, row.ID)
	}
	return out, nil
}

// Dependents lists id and every subject that leads to it by any number of links: those whose account may change when
// id's links do.
func (g *Graph) Dependents(ctx context.Context, id string) ([]string, error) {
	out, seen := []string{id}, map[string]bool{id: true}
	for i := 0; i < len(out); i++ {
		members, err := g.Members(ctx, out[i])
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if !seen[m] {
				seen[m] = true
				out = append(out, m)
			}
		}
	}
	return out, nil
}
