package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"handoff/shared/problem"
)

// record is what a mapping reads: one record of one event.
type record struct {
	contract   string
	source     string
	detailType string
	event      *value // the whole detail
	detail     *value // the record: the detail, or what the contract's record path names in it
	item       *value // the element of a rule's each
}

// path names a place in a record: detail.properties.plan, event.id, item, the contract's name, the envelope's source
// and detail-type. An element of an array is named by its number.
type path struct {
	text string
	root string
	keys []string
}

func (r *record) at(p *path) *value {
	var v *value
	switch p.root {
	case "detail":
		v = r.detail
	case "event":
		v = r.event
	case "item":
		v = r.item
	case "contract":
		return &value{kind: text, text: r.contract}
	case "source":
		return &value{kind: text, text: r.source}
	case "detail-type":
		return &value{kind: text, text: r.detailType}
	}
	if v == nil {
		return &missing
	}
	for _, k := range p.keys {
		if v.kind == array {
			i, err := strconv.Atoi(k)
			if err != nil || i < 0 || i >= len(v.members) {
				return &missing
			}
			v = &v.members[i].val
			continue
		}
		if v = v.get(k); v.kind == absent {
			return v
		}
	}
	return v
}

var roots = []string{"detail", "event", "item", "contract", "source", "detail-type"}

func parsePath(s string) (path, error) {
	keys := strings.Split(s, ".")
	if !slices.Contains(roots, keys[0]) || slices.Contains(keys, "") {
		return path{}, fmt.Errorf("%q is no path: begin with one of %s and put dots between fields, as in detail.properties.plan",
			s, strings.Join(roots, ", "))
	}
	return path{text: s, root: keys[0], keys: keys[1:]}, nil
}

// expr reads one text from a record. A number yields its literal, a boolean true or false; null, objects, arrays and
// text of white space alone yield nothing.
type expr struct {
	path      *path
	constant  *string
	first     []*expr // the first that yields something
	join      []*expr // all of them, those that yield something with sep between
	whole     bool    // join: nothing unless all yield something
	sep       string
	steps     []step
	table     map[string]string // of the value after the steps
	begins    []prefixEntry     // longest first
	unless    *expr             // nothing where the value equals this one
	otherwise *string           // where table and begins have no entry
}

type prefixEntry struct{ prefix, value string }

func (e *expr) eval(r *record) string {
	if e == nil {
		return ""
	}
	s := e.read(r)
	for _, f := range e.steps {
		if s == "" {
			return ""
		}
		s = f(s)
	}
	if s == "" || e.unless != nil && e.unless.eval(r) == s {
		return ""
	}
	if e.table == nil && e.begins == nil {
		return s
	}
	if v, ok := e.table[s]; ok {
		return v
	}
	for _, b := range e.begins {
		if strings.HasPrefix(s, b.prefix) {
			return b.value
		}
	}
	if e.otherwise != nil {
		return *e.otherwise
	}
	return ""
}

func (e *expr) read(r *record) string {
	switch {
	case e.constant != nil:
		return *e.constant
	case e.path != nil:
		return scalar(r.at(e.path))
	case e.join != nil:
		var parts []string
		for _, x := range e.join {
			if s := x.eval(r); s != "" {
				parts = append(parts, s)
			} else if e.whole {
				return ""
			}
		}
		return strings.Join(parts, e.sep)
	}
	for _, x := range e.first {
		if s := x.eval(r); s != "" {
			return s
		}
	}
	return ""
}

// scalar is the text of a value that has one.
func scalar(v *value) string {
	switch v.kind {
	case text:
		return strings.TrimSpace(v.text)
	case number, boolean:
		return v.text
	}
	return ""
}

// places are the paths that e reads, for messages about what is missing.
func (e *expr) places() []string {
	if e == nil {
		return nil
	}
	if e.path != nil {
		return []string{e.path.text}
	}
	var out []string
	for _, x := range slices.Concat(e.first, e.join) {
		out = append(out, x.places()...)
	}
	return out
}

func (e *expr) place() string { return strings.Join(e.places(), " or ") }

var exprKeys = []string{"path", "value", "first", "join", "with", "all", "as", "table", "begins", "unless", "else"}

// compileExpr reads what YAML may write for a value: a path, a list of which the first that yields something counts,
// or a map with the keys of exprKeys. nil makes nil.
func compileExpr(y any, at string, bad *problem.List) *expr {
	switch y := y.(type) {
	case nil:
		return nil
	case string:
		p, err := parsePath(y)
		if err != nil {
			bad.Add(at, "%v; write {value: …} for a constant", err)
		}
		return &expr{path: &p}
	case []any:
		return &expr{first: compileExprs(y, at, bad)}
	case map[string]any:
		return compileExprMap(y, at, bad)
	}
	bad.Add(at, "want a path, a list or a map with path, value, first or join; have %v", y)
	return nil
}

func compileExprs(list []any, at string, bad *problem.List) []*expr {
	var out []*expr
	if len(list) == 0 {
		bad.Add(at, "the list is empty: name at least one path")
	}
	for i, x := range list {
		if e := compileExpr(x, fmt.Sprintf("%s[%d]", at, i), bad); e != nil {
			out = append(out, e)
		}
	}
	return out
}

func compileExprMap(y map[string]any, at string, bad *problem.List) *expr {
	e := &expr{}
	sources := 0
	for _, k := range sortedKeys(y) {
		here := at + "." + k
		switch v := y[k]; k {
		case "path":
			sources++
			s, _ := v.(string)
			p, err := parsePath(s)
			if err != nil {
				bad.Add(here, "%v", err)
			}
			e.path = &p
		case "value":
			sources++
			s := fmt.Sprint(v)
			e.constant = &s
		case "first", "join":
			sources++
			list, ok := v.([]any)
			if !ok {
				bad.Add(here, "want a list of values")
			}
			if xs := compileExprs(list, here, bad); k == "join" {
				e.join = xs
			} else {
				e.first = xs
			}
		case "with":
			e.sep = fmt.Sprint(v)
		case "all":
			e.whole, _ = v.(bool)
		case "as":
			e.steps = compileSteps(v, here, bad)
		case "table":
			m, ok := v.(map[string]any)
			if !ok || len(m) == 0 {
				bad.Add(here, "want a map from a value to what it becomes")
			}
			e.table = map[string]string{}
			for _, from := range sortedKeys(m) {
				e.table[from] = fmt.Sprint(m[from])
				if come := y["as"]; come != nil {
					reachable(from, come, here, bad)
				}
			}
		case "begins":
			m, ok := v.(map[string]any)
			if !ok || len(m) == 0 {
				bad.Add(here, "want a map from a beginning to what such values become")
			}
			for _, from := range sortedKeys(m) {
				e.begins = append(e.begins, prefixEntry{from, fmt.Sprint(m[from])})
			}
			slices.SortStableFunc(e.begins, func(a, b prefixEntry) int { return len(b.prefix) - len(a.prefix) })
		case "unless":
			e.unless = compileExpr(v, here, bad)
		case "else":
			s := fmt.Sprint(v)
			e.otherwise = &s
		default:
			bad.Add(here, "unknown key %q: the keys of a value are %s", k, strings.Join(exprKeys, ", "))
		}
	}
	if sources != 1 {
		bad.Add(at, "give exactly one of path, value, first and join")
	}
	if e.otherwise != nil && e.table == nil && e.begins == nil {
		bad.Add(at+".else", "else is for what a table or begins has no entry for; for a default, list {value: …} last")
	}
	return e
}

// settled are the transforms that leave alone what they have made.
var settled = []string{"lower", "upper", "words", "domain", "business", "email", "digits", "date", "record_id"}

// reachable refuses an entry of a table that the transforms before it never come to.
func reachable(from string, as any, at string, bad *problem.List) {
	if list, ok := as.([]any); ok && len(list) > 0 {
		as = list[len(list)-1]
	}
	last := fmt.Sprint(as)
	if !slices.Contains(settled, last) {
		return
	}
	switch is := steps[last](from); is {
	case from:
	case "":
		bad.Add(at, "nothing comes out of as: %s as %q, nor as anything like it; take the entry out", last, from)
	default:
		bad.Add(at, "nothing comes out of as: %s as %q; write %q", last, from, is)
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// eachText calls f with every text that e can yield other than what it reads: constants, tables' values, defaults.
// ok is false if e can also yield what a producer wrote.
func (e *expr) eachText(f func(string)) (closed bool) {
	if e == nil {
		return true
	}
	if e.otherwise != nil {
		f(*e.otherwise)
	}
	if e.table != nil || e.begins != nil {
		for _, v := range e.table {
			f(v)
		}
		for _, b := range e.begins {
			f(b.value)
		}
		return true
	}
	if e.constant != nil {
		f(*e.constant)
		return true
	}
	closed = e.first != nil
	for _, x := range e.first {
		closed = x.eachText(f) && closed
	}
	return closed
}
