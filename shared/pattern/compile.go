package pattern

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of EventBridge on one rule's pattern.
const (
	MaxCharacters   = 2048 // of the pattern's text, as given
	MaxCombinations = 1000 // of $or alternatives, multiplied out
)

// Pattern is a compiled event pattern. It is immutable: any number of goroutines may match with it.
type Pattern struct {
	branches  []branch // one of them must hold: $or multiplied out
	overrides []string
	canonical []byte
}

// branch is one way to satisfy a pattern: every field must hold, together.
type branch struct {
	fields []*field // by path, each once
}

// Compile reads an event pattern as EventBridge does. An error is an *Error, wraps ErrInvalid and names the place.
func Compile(pattern []byte) (*Pattern, error) {
	if n := utf8.RuneCount(pattern); n > MaxCharacters {
		return nil, invalid("", "it has %d characters; EventBridge takes at most %d: split it into several rules, "+
			"or shorten it with prefix, suffix or wildcard", n, MaxCharacters)
	}
	return compile(pattern, true)
}

// CompileUnbounded is Compile for patterns that never go to the bus, such as those of scoring rules: any length, and
// numeric bounds beyond ±5e9.
func CompileUnbounded(pattern []byte) (*Pattern, error) { return compile(pattern, false) }

// MustCompile is Compile for patterns that are part of the program; it panics on an invalid one.
func MustCompile(pattern string) *Pattern {
	p, err := Compile([]byte(pattern))
	if err != nil {
		panic(err)
	}
	return p
}

func compile(pattern []byte, bus bool) (*Pattern, error) {
	root, err := parseTree(pattern)
	if err != nil {
		var syntax *syntaxError
		if errors.As(err, &syntax) {
			return nil, syntax.locate(pattern)
		}
		return nil, err
	}
	if root.kind != nodeObject {
		return nil, invalid("", `a pattern is a JSON object, like {"source":["handoff"]}; this is %v`, root.kind)
	}
	c := &compiler{bus: bus}
	misuse := findMisuse(root, "", false)
	c.legacy = misuse != nil
	drafts, err := c.object(nil, where{}, root)
	if err != nil {
		return nil, misuse.explain(err)
	}
	return finish(drafts, c.overrides), nil
}

// locate turns an offset into a line and a column, counted in characters.
func (e *syntaxError) locate(text []byte) *Error {
	before := string(text[:min(e.offset, len(text))])
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return invalid("", "it is not JSON: line %d, column %d: %s", line, column, e.text)
}

type compiler struct {
	bus       bool // with the bus's limits
	legacy    bool // $or is a field's name
	overrides []string
}

// draft is a branch in the making: path → field.
type draft map[string]*field

// where is a place in the pattern: the path of fields read there, and what to call it in an error.
type where struct {
	path   string
	nested bool // below the top: path counts even if it is empty
	place  string
}

func (w where) child(key string) where {
	child := where{path: key, nested: true, place: key}
	if w.nested {
		child.path = w.path + "." + key
	}
	if w.place != "" {
		child.place = w.place + "." + key
	}
	return child
}

// object adds an object's fields to every branch so far, as event-ruler does: in the order of the text, a path given
// again replacing the earlier one, $or multiplying the branches.
func (c *compiler) object(drafts []draft, w where, n node) ([]draft, error) {
	if len(n.members) == 0 {
		return nil, invalid(w.place, "an empty object {} is not allowed; name a field with a list of values, or leave it out")
	}
	for _, m := range n.members {
		child := w.child(m.key)
		var err error
		switch {
		case m.key == "$or" && !c.legacy:
			drafts, err = c.or(drafts, w, child.place, m.node)
		case m.node.kind == nodeObject:
			drafts, err = c.object(drafts, child, m.node)
		case m.node.kind == nodeArray:
			drafts, err = c.field(drafts, child, m.node)
		default:
			err = invalid(child.place, "want a list of values in [ ], or an object; this is %v", m.node.kind)
		}
		if err != nil {
			return nil, err
		}
	}
	return drafts, nil
}

// or adds a $or: the fields of its alternatives stand at the path of the object that holds it.
func (c *compiler) or(drafts []draft, w where, place string, n node) ([]draft, error) {
	var all []draft
	for i, alternative := range n.elems {
		copies := make([]draft, len(drafts))
		for i, d := range drafts {
			copies[i] = maps.Clone(d)
		}
		w.place = fmt.Sprintf("%s[%d]", place, i)
		copies, err := c.object(copies, w, alternative)
		if err != nil {
			return nil, err
		}
		if all = append(all, copies...); len(all) > MaxCombinations {
			return nil, invalid(place, "the $or alternatives multiply out to more than %d combinations; "+
				"split the pattern into several rules", MaxCombinations)
		}
	}
	return all, nil
}

// field adds one field with its list of values to every branch.
func (c *compiler) field(drafts []draft, w where, n node) ([]draft, error) {
	if len(n.elems) == 0 {
		return nil, invalid(w.place, "an empty list [] is not allowed; give at least one value, or leave the field out")
	}
	f := &field{path: newFieldPath(w.path)}
	for i, v := range n.elems {
		if err := c.condition(f, fmt.Sprintf("%s[%d]", w.place, i), v); err != nil {
			return nil, err
		}
	}
	f.seal()
	if len(drafts) == 0 {
		drafts = []draft{{}}
	}
	for _, d := range drafts {
		if _, given := d[w.path]; given {
			c.overrides = append(c.overrides, w.path)
		}
		d[w.path] = f
	}
	return drafts, nil
}

// finish sorts each branch by path, drops branches given twice and writes the canonical text.
func finish(drafts []draft, overrides []string) *Pattern {
	p := &Pattern{}
	texts := make(map[string]branch, len(drafts))
	for _, d := range drafts {
		b := branch{fields: slices.SortedFunc(maps.Values(d), func(x, y *field) int { return strings.Compare(x.path.text, y.path.text) })}
		texts[string(b.canonical())] = b
	}
	order := slices.Sorted(maps.Keys(texts))
	for _, text := range order {
		p.branches = append(p.branches, texts[text])
	}
	if len(order) == 1 {
		p.canonical = []byte(order[0])
	} else {
		p.canonical = []byte(`{"$or":[` + strings.Join(order, ",") + `]}`)
	}
	slices.Sort(overrides)
	p.overrides = slices.Compact(overrides)
	return p
}
