package subject

import (
	"math"
	"slices"
	"time"
)

// Resolver answers where a subject's touches belong. It is pure: Lookup gives the links of an id as already read, and
// what has not been read is named in the answer, to be read and asked again.
type Resolver struct {
	// Lookup returns an id's links; known is false if they have not been read yet. A subject that does not exist is
	// known and has none.
	Lookup func(id string) (links *Links, known bool)
	// Implied is the company an e-mail address stands for by its domain, "" for free mail and the like.
	Implied func(email string) string
}

// Place is where a subject's touches of one moment belong.
type Place struct {
	Person string   // the strongest id of the person; "" for a company or a deal without one
	Root   string   // the account, or the person, device or deal itself while no company is known
	Path   []string // every id whose links were consulted
	Below  bool     // of a company that counts for the root: a subsidiary, or a company by its former domain
	Match  *Match   // by which name the account was found, or not for sure; nil: no name was asked
}

// maxHops bounds a walk; a longer chain of ids ends where it stands.
const maxHops = 32

// At resolves id at a time (unix milliseconds). If links are missing it returns the ids to read and no place.
//
// From the id it follows persons to the strongest one, then the company: a stated one that leads to a registrable domain
// wins, the subject's own statement before those of the stronger ids it leads to; next the company implied by the
// e-mail's domain; then a stated one without a domain; last the one account that carries the company's name: see Match.
// All links are taken as of that time.
func (r *Resolver) At(id string, at int64) (Place, []string) {
	p := Place{Path: make([]string, 0, 4)}
	stated := make([]string, 0, 2)
	name, country := "", ""
	cur := id
	if !IsCompany(id) {
		for range maxHops {
			links, known := r.Lookup(cur)
			if !known {
				return Place{}, []string{cur}
			}
			p.Path = append(p.Path, cur)
			if links == nil || links.Shared {
				break
			}
			if c := links.at(at, isStated); c != "" {
				stated = append(stated, c)
			}
			if name == "" {
				name = links.attribute(at, Name)
			}
			if country == "" {
				country = links.attribute(at, Country)
			}
			next := links.at(at, IsIndividual)
			if next == "" {
				break
			}
			if i := slices.Index(p.Path, next); i >= 0 {
				cur = slices.Min(p.Path[i:]) // a circle is one person, by the same id from wherever one enters it
				break
			}
			if nl, known := r.Lookup(next); !known {
				return Place{}, []string{next}
			} else if nl != nil && nl.Shared {
				break // a shared subject takes nobody in
			}
			cur = next
		}
		if KindOf(cur) != Opportunity {
			p.Person = cur
		}
	} else {
		stated = append(stated, id)
	}
	opaque := ""
	for _, c := range stated {
		root, below, missing := r.company(c, at, &p)
		if len(missing) > 0 {
			return Place{}, missing
		}
		if KindOf(root) == Account {
			p.Root, p.Below = root, below
			return p, nil
		}
		if opaque == "" {
			opaque, p.Below = root, below
		}
	}
	if KindOf(cur) == Email && r.Implied != nil {
		if c := r.Implied(cur); c != "" && !r.barred(cur, c, at) {
			root, below, missing := r.company(c, at, &p)
			if len(missing) > 0 {
				return Place{}, missing
			}
			p.Root, p.Below = root, below
			return p, nil
		}
	}
	if p.Root = opaque; p.Root == "" {
		p.Root = cur
	}
	if opaque == "" && name != "" {
		m, below, missing := r.match(name, country, at, &p)
		if len(missing) > 0 {
			return Place{}, missing
		}
		if p.Match = m; m.Account != "" {
			p.Root, p.Below = m.Account, below
		}
	}
	return p, nil
}

// barred reports whether an operator has said that a subject is not of a company. Its links have been read.
func (r *Resolver) barred(id, company string, at int64) bool {
	links, _ := r.Lookup(id)
	return links != nil && !links.Shared && links.Barred(company, at)
}

// company follows a company to the one it has become or belongs to: along what is stated, and from a CRM's account of
// which no domain is known on to the one that carries its name.
func (r *Resolver) company(id string, at int64, p *Place) (root string, below bool, missing []string) {
	if KindOf(id) == Name {
		m, below, missing := r.match(id, "", at, p)
		if len(missing) > 0 || m.Account == "" {
			return id, false, missing
		}
		return m.Account, below, nil
	}
	if root, below, missing = r.stated(id, at, p); len(missing) > 0 || KindOf(root) != CRMAccount {
		return root, below, missing
	}
	root, by, missing := r.namesake(root, at, p)
	return root, below || by, missing
}

// stated follows a company along its links; at their end, along that to its parent. It is the same company up to its
// first domain: what leads on from there, or to a parent, leads to another, and below tells that it does.
func (r *Resolver) stated(id string, at int64, p *Place) (root string, below bool, missing []string) {
	passed, own := make([]string, 0, 4), ""
	for range maxHops {
		links, known := r.Lookup(id)
		if !known {
			return "", false, []string{id}
		}
		passed = append(passed, id)
		if p != nil && !slices.Contains(p.Path, id) {
			p.Path = append(p.Path, id)
		}
		if links == nil || links.Shared {
			break
		}
		next := links.at(at, isStated)
		parent := next == ""
		if parent {
			next = Linked(links.attribute(at, Parent))
		}
		if next == "" {
			break
		}
		if own == "" && (parent || KindOf(id) == Account) {
			own = id
		}
		if i := slices.Index(passed, next); i >= 0 {
			id = slices.Min(passed[i:]) // a circle is one company, by the same id from wherever one enters it
			break
		}
		id = next
	}
	return id, own != "" && own != id, nil
}

// Interval is a stretch of time, From inclusive, Until exclusive, over which a subject's touches belong to one root.
type Interval struct {
	From, Until int64
	Root        string
	Below       bool // as of Place
}

// Intervals lists where id's touches belong over all time: disjoint, without gaps, neighbours not alike.
func (r *Resolver) Intervals(id string) ([]Interval, []string) {
	times, missing := r.boundaries(id)
	if len(missing) > 0 {
		return nil, missing
	}
	var out []Interval
	for i := -1; i < len(times); i++ {
		from := int64(math.MinInt64)
		if i >= 0 {
			from = times[i]
		}
		p, missing := r.At(id, from)
		if len(missing) > 0 {
			return nil, missing
		}
		if n := len(out); n > 0 {
			if out[n-1].Root == p.Root && out[n-1].Below == p.Below {
				continue
			}
			out[n-1].Until = from
		}
		out = append(out, Interval{From: from, Until: math.MaxInt64, Root: p.Root, Below: p.Below})
	}
	return out, nil
}

// boundaries lists, sorted, every time at which a link of anything that id can reach takes effect.
func (r *Resolver) boundaries(id string) (times []int64, missing []string) {
	seen := map[string]bool{id: true}
	for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
		links, known := r.Lookup(queue[0])
		if !known {
			missing = append(missing, queue[0])
			continue
		}
		next := make([]string, 0, 4)
		if links != nil && !links.Shared {
			for _, l := range links.List {
				times = append(times, l.Time)
				next = append(next, Linked(l.Target))
			}
		}
		if KindOf(queue[0]) == Email && r.Implied != nil {
			next = append(next, r.Implied(queue[0]))
		}
		for _, n := range next {
			if n != "" && !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	slices.Sort(times)
	return slices.Compact(times), missing
}

// FromTime is From, the zero time for the beginning.
func (iv Interval) FromTime() time.Time {
	if iv.From == math.MinInt64 {
		return time.Time{}
	}
	return time.UnixMilli(iv.From).UTC()
}

// UntilTime is Until, the zero time for the end.
func (iv Interval) UntilTime() time.Time {
	if iv.Until == math.MaxInt64 {
		return time.Time{}
	}
	return time.UnixMilli(iv.Until).UTC()
}

// Left lists the stretches of time that belonged to one root before and belong to another after, or to the same one in
// another way; Root is the old one.
func Left(before, after []Interval) []Interval {
	var out []Interval
	for _, b := range before {
		for _, a := range after {
			from, until := max(a.From, b.From), min(a.Until, b.Until)
			if from < until && (a.Root != b.Root || a.Below != b.Below) {
				out = append(out, Interval{From: from, Until: until, Root: b.Root, Below: b.Below})
			}
		}
	}
	return out
}
