package subject

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"time"

	"handoff/shared/touch"
)

// Link says that from Time on a subject is, or belongs to, Target. The touch ID named it.
//
// Most links are automatic: a tool's event names both. An operator's stand above them: what he unlinks is as if no
// automatic link to that target had ever been said from Time on, those that are still to come included, until he links
// the two again, and that makes every automatic one count again. Of his own acts on one target the later by Act counts,
// whenever they are to take effect.
type Link struct {
	Target string
	Time   int64 // unix milliseconds; of an operator's unlink, 0 is the beginning of time
	ID     touch.ID
	Unlink bool  // from Time on it is not: an operator's word alone
	Act    int64 // unix milliseconds at which an operator said so; 0: an automatic link
}

// maxActs is how many of an operator's acts on one target are remembered: the latest.
const maxActs = 8

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
	return cmp.Compare(a.Act, b.Act)
}

// laterAct orders an operator's acts by when he did them.
func laterAct(a, b Link) int {
	return cmp.Or(cmp.Compare(a.Act, b.Act), bytes.Compare(a.ID[:], b.ID[:]), less(a, b))
}

// Links is a subject's links, sorted by (time, id). It is a join-semilattice: per target and month only the earliest
// automatic link is kept, so a page load that identifies again adds nothing, and of an operator's acts the latest few per
// target. Past the limit of a kind (see LimitOf) the subject is Shared and links nothing. Then only what shows that is
// kept: one target more than the limit of each kind, the first by their names, each with its earliest link.
type Links struct {
	List   []Link
	Shared bool
}

// Add puts a link of a subject in and reports whether that changed anything.
func (ls *Links) Add(of string, l Link) bool {
	if l.Act != 0 {
		return !ls.Shared && ls.act(l)
	}
	kind := KindOf(l.Target)
	// That an account carries a name is a fact without a month: see Match.
	ever := KindOf(of) == Name || ls.Shared || attribute(kind) && ls.Crowded(of, kind)
	for i, have := range ls.List {
		if have.Act != 0 || have.Target != l.Target || !ever && month(have.Time) != month(l.Time) {
			continue
		}
		if less(l, have) >= 0 {
			return false
		}
		ls.List = slices.Delete(ls.List, i, i+1)
		ls.insert(l)
		return true
	}
	ls.insert(l)
	switch {
	case ls.Shared || attribute(kind):
		if ls.Crowded(of, kind) {
			ls.collapse(of, kind)
		}
	case ls.Crowded(of, kind):
		ls.share(of)
	}
	return slices.Contains(ls.List, l)
}

// Crowded reports whether more targets of a kind were named than its limit allows.
func (ls *Links) Crowded(of, kind string) bool {
	limit := LimitOf(of, kind).Most
	if len(ls.List) <= limit {
		return false
	}
	return len(ls.targets(kind)) > limit
}

// targets are the different ones of a kind that tools named, sorted.
func (ls *Links) targets(kind string) []string {
	var out []string
	for _, l := range ls.List {
		if l.Act != 0 || KindOf(l.Target) != kind {
			continue
		}
		if i, found := slices.BinarySearch(out, l.Target); !found {
			out = slices.Insert(out, i, l.Target)
		}
	}
	return out
}

// share makes the subject one that links nothing.
func (ls *Links) share(of string) {
	ls.Shared = true
	ls.List = slices.DeleteFunc(ls.List, func(l Link) bool { return l.Act != 0 })
	var kinds []string
	for _, l := range ls.List {
		if k := KindOf(l.Target); !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	for _, k := range kinds {
		ls.collapse(of, k)
	}
}

// collapse keeps of a kind no more than shows that there are too many.
func (ls *Links) collapse(of, kind string) {
	kept := ls.targets(kind)
	kept = kept[:min(len(kept), LimitOf(of, kind).Most+1)]
	seen := map[string]bool{}
	ls.List = slices.DeleteFunc(ls.List, func(l Link) bool {
		if l.Act != 0 || KindOf(l.Target) != kind {
			return false
		}
		_, keep := slices.BinarySearch(kept, l.Target)
		drop := !keep || seen[l.Target]
		seen[l.Target] = true
		return drop
	})
}

// act enters what an operator did, and forgets the earliest act on that target where there are too many.
func (ls *Links) act(l Link) bool {
	n, first := 0, -1
	for i, have := range ls.List {
		if have == l {
			return false
		}
		if have.Act == 0 || have.Target != l.Target {
			continue
		}
		if n++; first < 0 || laterAct(have, ls.List[first]) < 0 {
			first = i
		}
	}
	if n == maxActs {
		if laterAct(l, ls.List[first]) < 0 {
			return false
		}
		ls.List = slices.Delete(ls.List, first, first+1)
	}
	ls.insert(l)
	return true
}

// Barred reports whether an operator has unlinked a target as of a time.
func (ls *Links) Barred(target string, at int64) bool {
	from, barred := ls.barredFrom(target)
	return barred && (from == 0 || from <= at)
}

// barredFrom is the time from which on a target is barred: the earliest that was named since an operator last linked it.
func (ls *Links) barredFrom(target string) (from int64, barred bool) {
	var linked Link // the latest act that links
	for _, l := range ls.List {
		if l.Act != 0 && !l.Unlink && l.Target == target && laterAct(l, linked) > 0 {
			linked = l
		}
	}
	for _, l := range ls.List {
		if l.Unlink && l.Target == target && laterAct(l, linked) > 0 && (!barred || l.Time < from) {
			from, barred = l.Time, true
		}
	}
	return from, barred
}

// Acted reports whether an operator ever said anything of the subject's links.
func (ls *Links) Acted() bool {
	return slices.ContainsFunc(ls.List, func(l Link) bool { return l.Act != 0 })
}

// Nowhere reports whether the subject leads to no other in the end: it stands for itself.
func (ls *Links) Nowhere() bool {
	return ls.Shared || ls.at(math.MaxInt64, isStated) == "" && ls.at(math.MaxInt64, IsIndividual) == ""
}

func (ls *Links) insert(l Link) {
	i, _ := slices.BinarySearchFunc(ls.List, l, less)
	ls.List = slices.Insert(ls.List, i, l)
}

// Clone is a copy that shares nothing.
func (ls *Links) Clone() Links { return Links{List: slices.Clone(ls.List), Shared: ls.Shared} }

// Join adds all links of o, of the same subject, and reports whether that changed anything.
func (ls *Links) Join(of string, o *Links) bool {
	changed := false
	if o.Shared && !ls.Shared {
		ls.share(of)
		changed = true
	}
	for _, l := range o.List {
		changed = ls.Add(of, l) || changed
	}
	return changed
}

// Same reports whether both lead to the same subjects at every time, so that nothing moves by changing one for the
// other: a link that only says again what held anyhow.
func (ls *Links) Same(o *Links) bool {
	return ls.SameButCountry(o) && (ls.Shared || ls.same(o, isCountry))
}

// SameButCountry reports the same but for where the subject is.
func (ls *Links) SameButCountry(o *Links) bool {
	if ls.Shared || o.Shared {
		return ls.Shared == o.Shared
	}
	for _, list := range [][]Link{ls.List, o.List} {
		for _, l := range list {
			if l.Act == 0 {
				continue
			}
			// What is barred may be a company that no link names: the one that an address implies.
			mine, bars := ls.barredFrom(l.Target)
			if other, too := o.barredFrom(l.Target); mine != other || bars != too {
				return false
			}
		}
	}
	if ls.Crowded("", Name) != o.Crowded("", Name) || ls.Crowded("", Parent) != o.Crowded("", Parent) {
		return false
	}
	for _, want := range []func(string) bool{isStated, IsIndividual, isName, isParent} {
		if !ls.same(o, want) {
			return false
		}
	}
	return true
}

// same reports whether of the targets that want accepts the same is in effect at every time.
func (ls *Links) same(o *Links, want func(string) bool) bool {
	for _, list := range [][]Link{ls.List, o.List} {
		for _, l := range list {
			if want(l.Target) && (ls.at(l.Time, want) != o.at(l.Time, want) || ls.at(l.Time-1, want) != o.at(l.Time-1, want)) {
				return false
			}
		}
	}
	return true
}

// at is the target among those that want accepts which is in effect at a time: the latest link that is not
// later; before the first one, the first, because what a stranger did before telling a name was done by the same
// stranger. A link that was barred when it was said does not count; one said before the bar counts until then.
func (ls *Links) at(t int64, want func(target string) bool) string {
	current, linked, acted := "", false, ls.Acted()
	for _, l := range ls.List {
		switch {
		case l.Unlink:
			if current != "" && l.Target == Linked(current) && l.Time <= t && ls.Barred(l.Target, l.Time) {
				current = ""
			}
		case !want(l.Target):
		case acted && ls.Barred(Linked(l.Target), l.Time):
		case l.Time > t && linked:
			return current
		case l.Time > t:
			return l.Target
		default:
			current, linked = l.Target, true
		}
	}
	return current
}

// month counts calendar months in UTC.
func month(ms int64) int {
	t := time.UnixMilli(ms).UTC()
	return t.Year()*12 + int(t.Month())
}
