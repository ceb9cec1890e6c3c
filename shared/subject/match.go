package subject

import "slices"

// Match is the answer to a company's name: the account that carries it, if exactly one does.
//
// A name's item lists, as its links, the accounts whose own records carry it, and none is ever taken off but by an
// operator: a former name still finds its company. The answer rests on the whole list, whenever its accounts came to
// carry the name, and never on who was there first. A second account of the same name therefore takes back what the
// name had matched, and any order of arrival ends alike.
type Match struct {
	Name    string   // normalised
	Country string   // of who asks, "" unknown
	Account string   // "": no account for sure
	By      string   // ByName or ByCountry, of a match
	Among   []string // accounts that carry the name, sorted
	TooMany bool     // so many that they are not counted any more
}

// How a match was decided.
const (
	ByName    = "name"
	ByCountry = "name and country"
)

// carriers lists the accounts whose own records carry a name, as ids of theirs.
func (r *Resolver) carriers(name string, at int64, p *Place) (ids []string, tooMany bool, missing []string) {
	links, known := r.Lookup(name)
	if !known {
		return nil, false, []string{name}
	}
	if !slices.Contains(p.Path, name) {
		p.Path = append(p.Path, name)
	}
	if links == nil || links.Shared {
		return nil, links != nil, nil
	}
	for _, l := range links.List {
		if l.Unlink || !isStated(l.Target) || slices.Contains(ids, l.Target) || links.Barred(l.Target, at) {
			continue
		}
		ids = append(ids, l.Target)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if _, known := r.Lookup(id); !known {
			missing = append(missing, id)
		}
	}
	return ids, false, missing
}

// match finds the one account that a name means. Of several, the one in the country of who asks.
func (r *Resolver) match(name, country string, at int64, p *Place) (m *Match, below bool, missing []string) {
	ids, tooMany, missing := r.carriers(name, at, p)
	if len(missing) > 0 {
		return nil, false, missing
	}
	m = &Match{Name: KeyOf(name), Country: KeyOf(country), TooMany: tooMany}
	near, itself := []string{}, []string{}
	for _, id := range ids {
		root, sub, lacks := r.company(id, at, p)
		if missing = append(missing, lacks...); len(lacks) > 0 {
			continue
		}
		if m.Among = addTo(m.Among, root); !sub {
			itself = addTo(itself, root)
		}
		if country != "" && r.country(id, at) == country {
			near = addTo(near, root)
		}
	}
	switch {
	case len(missing) > 0:
		return nil, false, missing
	case len(m.Among) == 1:
		m.Account, m.By = m.Among[0], ByName
	case len(near) == 1:
		m.Account, m.By = near[0], ByCountry
	}
	return m, m.Account != "" && !slices.Contains(itself, m.Account), nil
}

// namesake finds the company with a domain that carries the name of a CRM's account without one. It stays itself where
// there are several, or where the one is in another country: that may be a branch, or a stranger.
func (r *Resolver) namesake(id string, at int64, p *Place) (root string, below bool, missing []string) {
	links, _ := r.Lookup(id)
	if links == nil || links.Shared {
		return id, false, nil
	}
	name, country := links.attribute(at, Name), links.attribute(at, Country)
	if name == "" {
		return id, false, nil
	}
	ids, _, missing := r.carriers(name, at, p)
	if len(missing) > 0 {
		return "", false, missing
	}
	var all, near, far, itself []string
	for _, c := range ids {
		root, sub, lacks := r.stated(c, at, p)
		if missing = append(missing, lacks...); len(lacks) > 0 || KindOf(root) != Account {
			continue
		}
		if all = addTo(all, root); !sub {
			itself = addTo(itself, root)
		}
		switch in := r.country(c, at); {
		case in == "" || country == "":
		case in == country:
			near = addTo(near, root)
		default:
			far = addTo(far, root)
		}
	}
	switch {
	case len(missing) > 0:
		return "", false, missing
	case len(near) == 1:
		id = near[0]
	case len(all) == 1 && len(far) == 0:
		id = all[0]
	default:
		return id, false, nil
	}
	return id, !slices.Contains(itself, id), nil
}

func (r *Resolver) country(id string, at int64) string {
	links, _ := r.Lookup(id)
	if links == nil || links.Shared {
		return ""
	}
	return links.attribute(at, Country)
}

// attribute is what is said of a subject at a time, "" where so much was said that it says nothing.
func (ls *Links) attribute(at int64, kind string) string {
	if len(ls.List) == 0 || ls.Crowded("", kind) {
		return ""
	}
	return ls.at(at, func(target string) bool { return KindOf(target) == kind })
}

// SameTargets reports whether both name the same subjects, whenever: of a name's item, that it means the same.
func (ls *Links) SameTargets(o *Links) bool {
	targets := func(ls *Links) (out []string) {
		for _, l := range ls.List {
			if !l.Unlink {
				out = addTo(out, l.Target)
			}
		}
		return out
	}
	return ls.Shared == o.Shared && slices.Equal(targets(ls), targets(o)) && !ls.Acted() && !o.Acted()
}

// addTo puts a text into a sorted set.
func addTo(set []string, s string) []string {
	if i, found := slices.BinarySearch(set, s); !found {
		return slices.Insert(set, i, s)
	}
	return set
}
