package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// This file is a second, naive matcher, written from the specification and sharing nothing with the package: events are
// lists of (path, value, element taken in each list), and all combinations are tried.

type naiveLeaf struct {
	path  string
	value any
	taken map[int]int // list → element
}

type naiveEvent struct {
	leaves []naiveLeaf
	lists  int
	odd    bool // a path given in several places: see naiveMatch
}

// naiveMember keeps the order of an object's members.
type naiveMember struct {
	key   string
	value any // scalar, []any or []naiveMember
}

func naiveDecode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := naiveValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("trailing data")
	}
	return v, nil
}

func naiveValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := naiveValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		members := []naiveMember{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := naiveValue(d)
			if err != nil {
				return nil, err
			}
			members = append(members, naiveMember{key.(string), v})
		}
		_, err := d.Token()
		return members, err
	}
	return t, nil
}

func naivePath(path string, top bool, key string) string {
	if top {
		return key
	}
	return path + "." + key
}

func (e *naiveEvent) add(path string, top bool, v any, taken map[int]int) {
	switch v := v.(type) {
	case []naiveMember:
		for i, m := range v {
			if strings.Contains(m.key, ".") {
				e.odd = true
			}
			if slices.ContainsFunc(v[i+1:], func(o naiveMember) bool { return o.key == m.key }) {
				continue
			}
			e.add(naivePath(path, top, m.key), false, m.value, taken)
		}
	case []any:
		list := e.lists
		e.lists++
		nested := 0
		for i, x := range v {
			switch x.(type) {
			case []any, []naiveMember:
				inside := map[int]int{list: i}
				for k, v := range taken {
					inside[k] = v
				}
				e.add(path, false, x, inside)
				nested++
			default:
				e.add(path, false, x, taken)
			}
		}
		e.odd = e.odd || nested > 0 && nested < len(v)
	default:
		e.leaves = append(e.leaves, naiveLeaf{path, v, taken})
	}
}

type naiveField struct {
	path   string
	values []any
}

func naiveSet(branch []naiveField, f naiveField) []naiveField {
	out := slices.DeleteFunc(slices.Clone(branch), func(o naiveField) bool { return o.path == f.path })
	return append(out, f)
}

func naiveBranches(branches [][]naiveField, path string, top bool, members []naiveMember, or bool) [][]naiveField {
	for _, m := range members {
		at := naivePath(path, top, m.key)
		if m.key == "$or" && or {
			var all [][]naiveField
			for _, alternative := range m.value.([]any) {
				all = append(all, naiveBranches(branches, path, top, alternative.([]naiveMember), or)...)
			}
			branches = all
			continue
		}
		switch v := m.value.(type) {
		case []naiveMember:
			branches = naiveBranches(branches, at, false, v, or)
		case []any:
			var all [][]naiveField
			for _, b := range branches {
				all = append(all, naiveSet(b, naiveField{at, v}))
			}
			branches = all
		}
	}
	return branches
}

// naiveMatch decides a pattern that Compile accepts; or tells whether $or is a choice in it. sure is false where the
// package may decide otherwise: an absent field in an event that gives paths in several places, where it takes a leaf
// outside of lists before one inside.
func naiveMatch(pattern, event any, or bool) (match, sure bool) {
	e := &naiveEvent{}
	e.add("", true, event, nil)
	sure = true
	for _, b := range naiveBranches([][]naiveField{{}}, "", true, pattern.([]naiveMember), or) {
		slices.SortFunc(b, func(x, y naiveField) int { return strings.Compare(x.path, y.path) })
		for _, f := range b {
			if e.odd && slices.ContainsFunc(f.values, func(v any) bool { return naiveAbsent(v) }) {
				sure = false
			}
		}
		match = match || e.fits(b, map[int]int{})
	}
	return match, sure
}

func naiveAbsent(v any) bool {
	m, ok := v.([]naiveMember)
	return ok && m[0].key == "exists" && m[0].value == false
}

func (e *naiveEvent) fits(fields []naiveField, taken map[int]int) bool {
	if len(fields) == 0 {
		return true
	}
	f, seen := fields[0], false
	for _, l := range e.leaves {
		if l.path != f.path {
			continue
		}
		merged, agree := map[int]int{}, true
		for k, v := range taken {
			merged[k] = v
		}
		for k, v := range l.taken {
			if old, ok := merged[k]; ok && old != v {
				agree = false
			}
			merged[k] = v
		}
		if !agree {
			continue
		}
		seen = true
		if slices.ContainsFunc(f.values, func(v any) bool { return naiveHolds(v, l.value) }) && e.fits(fields[1:], merged) {
			return true
		}
	}
	return !seen && slices.ContainsFunc(f.values, naiveAbsent) && e.fits(fields[1:], taken)
}

func naiveEqual(want, v any) bool {
	if x, ok := want.(json.Number); ok {
		y, ok := v.(json.Number)
		return ok && naiveRat(x).Cmp(naiveRat(y)) == 0
	}
	return want == v
}

func naiveRat(n json.Number) *big.Rat {
	r, _ := new(big.Rat).SetString(n.String())
	return r
}

func naiveList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func naiveHolds(want, v any) bool {
	object, ok := want.([]naiveMember)
	if !ok {
		return naiveEqual(want, v)
	}
	op, arg := object[0].key, object[0].value
	text, isText := v.(string)
	switch op {
	case "exists":
		return arg == true
	case "anything-but":
		if inner, ok := arg.([]naiveMember); ok {
			return !slices.ContainsFunc(naiveList(inner[0].value), func(x any) bool {
				return naiveHolds([]naiveMember{{inner[0].key, x}}, v)
			})
		}
		return !slices.ContainsFunc(naiveList(arg), func(x any) bool { return naiveEqual(x, v) })
	case "numeric":
		n, ok := v.(json.Number)
		list := arg.([]any)
		for i := 0; ok && i < len(list); i += 2 {
			c := naiveRat(n).Cmp(naiveRat(list[i+1].(json.Number)))
			ok = map[any]bool{"=": c == 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[list[i]]
		}
		return ok
	}
	if !isText {
		return false
	}
	if inner, ok := arg.([]naiveMember); ok { // prefix and suffix ignoring case
		quoted := regexp.QuoteMeta(inner[0].value.(string))
		if op == "prefix" {
			return regexp.MustCompile(`(?is)\A` + quoted).MatchString(text)
		}
		return regexp.MustCompile(`(?is)` + quoted + `\z`).MatchString(text)
	}
	switch s := arg.(string); op {
	case "prefix":
		return strings.HasPrefix(text, s)
	case "suffix":
		return strings.HasSuffix(text, s)
	case "equals-ignore-case":
		return strings.EqualFold(text, s)
	case "wildcard":
		var re strings.Builder
		for i := 0; i < len(s); i++ {
			switch s[i] {
			case '*':
				re.WriteString(".*")
				continue
			case '\\':
				i++
			}
			re.WriteString(regexp.QuoteMeta(s[i : i+1]))
		}
		return regexp.MustCompile(`(?s)\A` + re.String() + `\z`).MatchString(text)
	case "cidr":
		addr, err := netip.ParseAddr(text)
		network := netip.MustParsePrefix(s)
		return err == nil && addr.Zone() == "" && network.Contains(addr.Unmap())
	}
	return false
}
