package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Difference is one thing that two policies say differently. Old and New are as people write them in YAML, on one line.
type Difference struct {
	File  string `json:"file"`
	Kind  string `json:"kind"`            // rule, band, play, stage, team …; setting for what has no name of its own
	Name  string `json:"name"`            // of a thing inside another with its: marketing_automation/KNOWN_LEAD
	Field string `json:"field,omitempty"` // what of it; none where the whole is added or removed
	Old   string `json:"old,omitempty"`   // none: it is added
	New   string `json:"new,omitempty"`   // none: it is removed
}

// kinds are the lists and maps of a policy whose entries have names, by their key.
var kinds = map[string]string{
	"rules": "rule", "bands": "band", "playbooks": "playbook", "signals": "signal", "milestones": "milestone", "motions": "motion", "funnels": "funnel",
	"stages": "stage", "moves": "move", "plays": "play", "teams": "team", "members": "member", "territories": "territory", "calendars": "calendar",
	"committee": "role", "checklists": "checklist",
}

// names are the keys that an entry's name stands under.
var names = []string{"name", "rule", "reason", "role"}

// Differences says what differs between the files of two policies: names, old values and new. Comments and layout do not
// count. Files that cannot be read as YAML are compared as wholes.
func Differences(before, after map[string]string) []Difference {
	out := []Difference{}
	files := maps.Clone(before)
	if files == nil {
		files = map[string]string{}
	}
	maps.Copy(files, after)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		var a, b any
		errA, errB := yaml.Unmarshal([]byte(before[file]), &a), yaml.Unmarshal([]byte(after[file]), &b)
		if errA != nil || errB != nil {
			if before[file] != after[file] {
				out = append(out, Difference{File: file, Kind: "setting", Name: file, Old: "text that is not YAML", New: "another text"})
			}
			continue
		}
		c := comparison{file: file, kind: "setting"}
		c.compare("", single(a), single(b))
		out = append(out, c.found...)
	}
	return out
}

// comparison walks two trees in step, inside the named thing that it is at.
type comparison struct {
	file, kind, name string
	found            []Difference
}

func (c *comparison) add(field, old, new string) {
	d := Difference{File: c.file, Kind: c.kind, Name: c.name, Field: field, Old: old, New: new}
	if d.Name == "" {
		d.Name, d.Field = field, ""
	}
	c.found = append(c.found, d)
}

func (c *comparison) compare(path string, a, b any) {
	key := path[strings.LastIndexByte(path, '.')+1:]
	if kind := kinds[key]; kind != "" {
		x, okA := namedIn(a)
		y, okB := namedIn(b)
		if okA && okB {
			c.named(path, kind, x, y)
			return
		}
	}
	x, okA := a.(map[string]any)
	y, okB := b.(map[string]any)
	if !okA || !okB {
		if old, new := flow(a), flow(b); old != new {
			c.add(path, old, new)
		}
		return
	}
	for _, k := range keysOf(x, y) {
		c.compare(join(path, k), single(x[k]), single(y[k]))
	}
}

// named compares lists whose entries have names, entry by entry.
func (c *comparison) named(path, kind string, a, b []entry) {
	outer := *c
	within := func(name string) {
		c.kind, c.name = kind, name
		if outer.name != "" {
			c.name = outer.name + "/" + name
		}
	}
	for _, x := range a {
		within(x.name)
		if i := slices.IndexFunc(b, func(y entry) bool { return y.name == x.name }); i < 0 {
			c.add("", flow(x.value), "")
		} else {
			c.compare("", x.value, b[i].value)
		}
	}
	for _, y := range b {
		if !slices.ContainsFunc(a, func(x entry) bool { return x.name == y.name }) {
			within(y.name)
			c.add("", "", flow(y.value))
		}
	}
	c.kind, c.name = outer.kind, outer.name
	// Where a list's order means something, and to be on the safe side everywhere: those in both, in another order.
	if old, new := order(a, b), order(b, a); !slices.Equal(old, new) {
		c.add(join(path, "order"), strings.Join(old, ", "), strings.Join(new, ", "))
	}
}

// entry is a thing with a name, and the rest of it.
type entry struct {
	name   string
	value  any
	sorted bool // of a map: it has no order
}

// namedIn reads a list of things that all have names, each another, or a map of things.
func namedIn(v any) ([]entry, bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case map[string]any:
		var out []entry
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, entry{k, single(v[k]), true})
		}
		return out, true
	case []any:
		var out []entry
		for _, e := range v {
			m, ok := e.(map[string]any)
			if !ok {
				return nil, false
			}
			rest, name := maps.Clone(m), ""
			for _, k := range names {
				if text, ok := m[k].(string); ok && name == "" {
					name = text
					delete(rest, k)
				}
			}
			if name == "" || slices.ContainsFunc(out, func(e entry) bool { return e.name == name }) {
				return nil, false
			}
			out = append(out, entry{name: name, value: rest})
		}
		return out, true
	}
	return nil, false
}

// order lists the names of a that are in b, too, as they come.
func order(a, b []entry) []string {
	var out []string
	for _, x := range a {
		if !x.sorted && slices.ContainsFunc(b, func(y entry) bool { return y.name == x.name }) {
			out = append(out, x.name)
		}
	}
	return out
}

// single is a list of one value as that value: policies may be written either way.
func single(v any) any {
	if list, ok := v.([]any); ok && len(list) == 1 {
		if _, inner := list[0].(map[string]any); !inner {
			return list[0]
		}
	}
	return v
}

// flow writes a value on one line of YAML.
func flow(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+": "+flow(single(v[k])))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, flow(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v)
}

func keysOf(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
