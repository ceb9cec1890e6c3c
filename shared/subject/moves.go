package subject

import (
	"bytes"
	"slices"

	"handoff/shared/touch"
)

// Move is a person's change from one company to another, as the intervals of one of their ids have it.
type Move struct {
	From, To string   // accounts
	Was, Is  string   // the person, by the strongest id before and after
	Time     int64    // unix milliseconds: when the first is over and the second begins
	Link     touch.ID // the touch that said so
}

// Moves lists the moves of a person, or of a device along with its person, in the order of time, and the ids that were
// asked. An account that becomes another, or comes to belong to a parent, moves nobody.
func (r *Resolver) Moves(id string) (moves []Move, asked, missing []string) {
	if IsCompany(id) {
		return nil, nil, nil
	}
	asked, may, missing := r.forks(id)
	if len(missing) > 0 || !may {
		return nil, asked, missing
	}
	ivs, missing := r.Intervals(id)
	if len(missing) > 0 {
		return nil, nil, missing
	}
	for i := 1; i < len(ivs); i++ {
		from, to, at := ivs[i-1].Root, ivs[i].Root, ivs[i].From
		if from == to || !employer(from) || !employer(to) {
			continue
		}
		was, missing := r.At(id, at-1)
		if len(missing) > 0 {
			return nil, nil, missing
		}
		is, missing := r.At(id, at)
		if len(missing) > 0 {
			return nil, nil, missing
		}
		if was.company() == is.company() {
			continue
		}
		moves = append(moves, Move{From: from, To: to, Was: was.Person, Is: is.Person, Time: at, Link: r.said(asked, at)})
	}
	return moves, asked, nil
}

// employer reports whether somebody may work there: a workspace of the product is no company.
func employer(root string) bool { return KindOf(root) == Account || KindOf(root) == CRMAccount }

// company is the first company on the way: what is said of the person, before what is said of that company.
func (p *Place) company() string {
	if i := slices.IndexFunc(p.Path, IsCompany); i >= 0 {
		return p.Path[i]
	}
	return ""
}

// forks lists the ids of a person along its links, and tells whether any of them ever led to two of a kind: without that
// nobody moved.
func (r *Resolver) forks(id string) (asked []string, may bool, missing []string) {
	asked = []string{id}
	for i := 0; i < len(asked) && i < maxHops; i++ {
		links, known := r.Lookup(asked[i])
		if !known {
			return nil, false, []string{asked[i]}
		}
		if links == nil || links.Shared {
			continue
		}
		person, company, name := "", "", ""
		two := func(have *string, target string) {
			may = may || *have != "" && *have != target
			*have = target
		}
		for _, l := range links.List {
			switch {
			case l.Act != 0:
				may = true
			case isName(l.Target):
				two(&name, l.Target)
			case isStated(l.Target):
				two(&company, l.Target)
			case IsIndividual(l.Target):
				two(&person, l.Target)
				if !slices.Contains(asked, l.Target) {
					asked = append(asked, l.Target)
				}
			}
		}
	}
	return asked, may, nil
}

// said is the touch whose link takes effect at a time: of several the first by id.
func (r *Resolver) said(ids []string, at int64) (by touch.ID) {
	for _, id := range ids {
		links, _ := r.Lookup(id)
		if links == nil {
			continue
		}
		for _, l := range links.List {
			if l.Time == at && (by == touch.ID{} || bytes.Compare(l.ID[:], by[:]) < 0) {
				by = l.ID
			}
		}
	}
	return by
}
