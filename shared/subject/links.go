package subject

import (
	"bytes"
	"slices"
	"time"

	"handoff/shared/touch"
)

// MaxTargets is how many different subjects one id may lead to before it counts as shared (a kiosk, a test
// account, a constant someone sends as an id). A shared subject links nothing.
const MaxTargets = 16

// Link says that from Time on a subject is, or belongs to, Target. The touch ID named it.
type Link struct {
	Target string
	Time   int64 // unix milliseconds
	ID     touch.ID
	Unlink bool // from Time on it no longer is
}

// less orders links by (time, id), the one order every decision about links is made in.
func less(a, b Link) int {
	if a.Time != b.Time {
		if a.Time < b.Time {
			return -1
		}
		return 1
	}
	if c := bytes.Compare(a.ID[:], b.ID[:]); c != 0 {
		return c
	}
	if c := bytes.Compare([]byte(a.Target), []byte(b.Target)); c != 0 {
		return c
	}
	if a.Unlink != b.Unlink {
		if b.Unlink {
			return -1
		}
		return 1
	}
	return 0
}

// Links is a subject's links, sorted by (time, id). It is a join-semilattice: per target and month only the earliest
// link (and the earliest unlink) is kept, so a page load that identifies again adds nothing, and past MaxTargets
// different targets the whole set is the one value Shared.
type Links struct {
	List   []Link
	Shared bool
}

// Add puts a link in and reports whether that changed anything.
func (ls *Links) Add(l Link) bool {
	if ls.Shared {
		return false
	}
	targets := map[string]bool{l.Target: true}
	for i, have := range ls.List {
		targets[have.Target] = true
		if have.Target == l.Target && have.Unlink == l.Unlink && month(have.Time) == month(l.Time) {
			if less(l, have) >= 0 {
				return false
			}
			ls.List = slices.Delete(ls.List, i, i+1)
			ls.insert(l)
			return true
		}
	}
	if len(targets) > MaxTargets {
		ls.List, ls.Shared = nil, true
		return true
	}
	ls.insert(l)
	return true
}

func (ls *Links) insert(l Link) {
	i, _ := slices.BinarySearchFunc(ls.List, l, less)
	ls.List = slices.Insert(ls.List, i, l)
}

// Clone is a copy that shares nothing.
func (ls *Links) Clone() Links { return Links{List: slices.Clone(ls.List), Shared: ls.Shared} }

// Join adds all links of o and reports whether that changed anything.
func (ls *Links) Join(o *Links) bool {
	if o.Shared && !ls.Shared {
		ls.List, ls.Shared = nil, true
		return true
	}
	changed := false
	for _, l := range o.List {
		changed = ls.Add(l) || changed
	}
	return changed
}

// Same reports whether both lead to the same subjects at every time, so that nothing moves by changing one for the
// other: a link that only says again what held anyhow.
func (ls *Links) Same(o *Links) bool {
	if ls.Shared || o.Shared {
		return ls.Shared == o.Shared
	}
	for _, want := range []func(string) bool{IsCompany, isIndividual} {
		for _, list := range [][]Link{ls.List, o.List} {
			for _, l := range list {
				if ls.at(l.Time, want) != o.at(l.Time, want) || ls.at(l.Time-1, want) != o.at(l.Time-1, want) {
					return false
				}
			}
		}
	}
	return true
}

// at is the target among those that want accepts which is in effect at a time: the latest link that is not
// later; before the first one, the first, because what a stranger did before telling a name was done by the same
// stranger.
func (ls *Links) at(t int64, want func(target string) bool) string {
	current, first := "", ""
	for _, l := range ls.List {
		if !want(l.Target) {
			continue
		}
		if l.Time > t {
			if first == "" && !l.Unlink {
				return l.Target
			}
			break
		}
		if l.Unlink {
			if current == l.Target {
				current = ""
			}
		} else {
			current = l.Target
		}
		first = l.Target
	}
	return current
}

// month counts calendar months in UTC.
func month(ms int64) int {
	t := time.UnixMilli(ms).UTC()
	return t.Year()*12 + int(t.Month())
}
