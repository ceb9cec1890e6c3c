package explain

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"handoff/shared/event"
)

// Passage is a part of a policy as it was written, with its place.
type Passage struct {
	What  string `json:"what"` // play, rule, signal, playbook, bands, stage, move, milestone, motion, team, calendar, …
	Name  string `json:"name,omitempty"`
	File  string `json:"file"`
	Line  int    `json:"line"`
	Epoch int64  `json:"epoch"`
	Text  string `json:"text"` // as it stands there, comments and all, without the indentation around it
}

// pages are the files of one policy, to be cited from. What cannot be found in them is left out: they compiled once, so
// that would be a name of another policy.
type pages struct {
	epoch   int64
	lines   map[string][]string
	roots   map[string]ast.Node
	anchors map[string]ast.Node // by file and name
	cited   map[string]bool     // by file and path
	out     []Passage
}

func newPages(epoch int64, files map[string]string) *pages {
	g := &pages{epoch: epoch, lines: map[string][]string{}, roots: map[string]ast.Node{}, anchors: map[string]ast.Node{}, cited: map[string]bool{}}
	for name, text := range files {
		g.lines[name] = strings.Split(text, "\n")
		tree, err := parser.ParseBytes([]byte(text), 0)
		if err != nil || len(tree.Docs) == 0 {
			continue // the text is shown as a whole by policy show; from here nothing can be cited
		}
		g.roots[name] = tree.Docs[0].Body
		walk(tree.Docs[0].Body, func(n ast.Node) {
			if a, ok := n.(*ast.AnchorNode); ok {
				g.anchors[name+" "+a.Name.String()] = a
			}
		})
	}
	return g
}

// walk visits a node and all below it.
func walk(n ast.Node, visit func(ast.Node)) {
	if n == nil {
		return
	}
	visit(n)
	switch x := n.(type) {
	case *ast.AnchorNode:
		walk(x.Value, visit)
	case *ast.TagNode:
		walk(x.Value, visit)
	case *ast.SequenceNode:
		for _, e := range x.Values {
			walk(e, visit)
		}
	case ast.MapNode:
		for it := x.MapRange(); it.Next(); {
			walk(it.Value(), visit)
		}
	}
}

// behind looks behind anchors, aliases and tags.
func (g *pages) behind(file string, n ast.Node) ast.Node {
	for range 50 { // an alias may stand for itself
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.TagNode:
			n = x.Value
		case *ast.AliasNode:
			n = g.anchors[file+" "+x.Value.String()]
		default:
			return n
		}
	}
	return nil
}

// key is what a mapping has under a name, and the line of that name; nil where it has none.
func (g *pages) key(file string, n ast.Node, name string) (ast.Node, int) {
	m, ok := g.behind(file, n).(ast.MapNode)
	if !ok {
		return nil, 0
	}
	for it := m.MapRange(); it.Next(); {
		if it.Key().GetToken().Value == name {
			return it.Value(), it.Key().GetToken().Position.Line
		}
	}
	return nil, 0
}

// words are the scalars of a node: one, or a list of them.
func (g *pages) words(file string, n ast.Node) []string {
	switch x := g.behind(file, n).(type) {
	case nil:
		return nil
	case *ast.SequenceNode:
		var out []string
		for _, e := range x.Values {
			out = append(out, g.words(file, e)...)
		}
		return out
	case ast.ScalarNode:
		return []string{x.GetToken().Value}
	}
	return nil
}

// hop is one on the way into a file: a key, or of a list the entry whose key says value.
type hop struct{ key, value string }

// find goes the way from the top of a file; nil where it ends.
func (g *pages) find(file string, way ...hop) (n ast.Node, line int) {
	n = g.roots[file]
	for _, s := range way {
		if s.value == "" {
			n, line = g.key(file, n, s.key)
		} else {
			list, ok := g.behind(file, n).(*ast.SequenceNode)
			n = nil
			if ok {
				i := slices.IndexFunc(list.Values, func(e ast.Node) bool {
					v, _ := g.key(file, e, s.key)
					return v != nil && slices.Equal(g.words(file, v), []string{s.value})
				})
				if i >= 0 {
					n = list.Values[i]
					_, line = g.key(file, n, s.key)
					line = min(line, n.GetToken().Position.Line)
				}
			}
		}
		if n == nil {
			return nil, 0
		}
	}
	return n, line
}

// text is what is written from a line on, as far as it belongs to what begins there.
func (g *pages) text(file string, line int) string {
	lines := g.lines[file]
	first := lines[line-1]
	indent := indentOf(first)
	list := strings.HasPrefix(first[indent:], "- ")
	end := line
	for end < len(lines) {
		l := lines[end]
		in := indentOf(l)
		dash := in == indent && !list && strings.HasPrefix(l[in:], "- ") // a list may stand as far left as its key
		if strings.TrimSpace(l) != "" && in <= indent && !dash {
			break
		}
		end++
	}
	for end > line && (strings.TrimSpace(lines[end-1]) == "" || strings.HasPrefix(strings.TrimSpace(lines[end-1]), "#")) {
		end-- // what stands before the next entry is the next one's
	}
	out := slices.Clone(lines[line-1 : end])
	for i, l := range out {
		out[i] = strings.TrimRight(l[min(indent, indentOf(l)):], " \r")
	}
	return strings.Join(out, "\n")
}

func indentOf(l string) int { return len(l) - len(strings.TrimLeft(l, " ")) }

// passage is a part by its way; nil where there is none.
func (g *pages) passage(what, name, file string, way ...hop) (*Passage, ast.Node) {
	n, line := g.find(file, way...)
	if n == nil || line == 0 {
		return nil, nil
	}
	return &Passage{What: what, Name: name, File: file, Line: line, Epoch: g.epoch, Text: g.text(file, line)}, n
}

// cite takes a part down, once, and after it what its conditions ask for by name.
func (g *pages) cite(what, name, file string, way ...hop) {
	p, n := g.passage(what, name, file, way...)
	if p == nil {
		return
	}
	id := what + " " + name + " " + file
	for _, s := range way {
		id += " " + s.value
	}
	if g.cited[id] {
		return
	}
	g.cited[id] = true
	g.out = append(g.out, *p)
	g.follow(file, n)
}

const (
	scoringFile = "scoring.yaml"
	funnelsFile = "funnels.yaml"
	playsFile   = "plays.yaml"
	teamsFile   = "teams.yaml"
)

// follow takes down what a part asks for by name, in the order in which it asks.
func (g *pages) follow(file string, n ast.Node) {
	walk(n, func(n ast.Node) {
		if a, ok := n.(*ast.AliasNode); ok {
			g.anchor(file, a)
			return
		}
		m, ok := n.(ast.MapNode)
		if !ok {
			return
		}
		funnel, _ := g.key(file, n, "funnel")
		for it := m.MapRange(); it.Next(); {
			names := g.words(file, it.Value())
			switch key := it.Key().GetToken().Value; key {
			case "signal":
				for _, name := range names {
					g.cite("signal", name, scoringFile, hop{"signals", ""}, hop{"name", name})
				}
			case "pql":
				for _, name := range names {
					g.cite("playbook", name, scoringFile, hop{"playbooks", ""}, hop{"name", name})
				}
			case "band", "bands":
				if len(names) > 0 {
					g.cite("bands", "", scoringFile, hop{"bands", ""})
				}
			case "committee", "committee_at_least":
				g.cite("committee", "", scoringFile, hop{"committee", ""})
			case "checklist":
				for _, name := range names {
					g.cite("checklist", name, scoringFile, hop{"checklists", ""}, hop{"name", name})
				}
			case "reached", "later_than":
				for _, name := range names {
					g.cite("milestone", name, funnelsFile, hop{"milestones", ""}, hop{name, ""})
				}
			case "no_touch_for":
				g.cite("activity", "", funnelsFile, hop{"activity", ""})
			case "usage_fell_by", "active_days":
				g.cite("usage", "", funnelsFile, hop{"usage", ""})
			case "customer":
				g.cite("customer", "", funnelsFile, hop{"customer", ""})
			case "motion":
				for _, name := range names {
					g.cite("motion", name, funnelsFile, hop{"motions", ""}, hop{"name", name})
				}
			case "stage":
				for _, name := range names {
					g.stage(slices.Concat(g.words(file, funnel), g.active()), name)
				}
			}
		}
	})
}

// anchor takes down what an alias stands for, where that is written.
func (g *pages) anchor(file string, a *ast.AliasNode) {
	name := a.Value.String()
	to := g.anchors[file+" "+name]
	if to == nil || g.cited["anchor "+name+" "+file] {
		return
	}
	g.cited["anchor "+name+" "+file] = true
	line := to.GetToken().Position.Line
	g.out = append(g.out, Passage{What: "anchor", Name: "&" + name, File: file, Line: line, Epoch: g.epoch, Text: g.text(file, line)})
	g.follow(file, to)
}

// active are the funnels that are on.
func (g *pages) active() []string {
	n, _ := g.find(funnelsFile, hop{"funnels", ""})
	list, ok := g.behind(funnelsFile, n).(*ast.SequenceNode)
	if !ok {
		return nil
	}
	var out []string
	for _, f := range list.Values {
		on, _ := g.key(funnelsFile, f, "active")
		name, _ := g.key(funnelsFile, f, "name")
		if on != nil && slices.Equal(g.words(funnelsFile, on), []string{"true"}) {
			out = append(out, g.words(funnelsFile, name)...)
		}
	}
	return out
}

// stage takes down a stage of the first funnel that has it, and the moves that lead there.
func (g *pages) stage(funnels []string, name string) {
	for _, f := range funnels {
		way := []hop{{"funnels", ""}, {"name", f}}
		if n, _ := g.find(funnelsFile, append(way, hop{"stages", ""}, hop{"name", name})...); n == nil {
			continue
		}
		g.cite("stage", name+" of "+f, funnelsFile, append(way, hop{"stages", ""}, hop{"name", name})...)
		n, _ := g.find(funnelsFile, append(way, hop{"moves", ""})...)
		list, ok := g.behind(funnelsFile, n).(*ast.SequenceNode)
		for i := 0; ok && i < len(list.Values); i++ {
			to, _ := g.key(funnelsFile, list.Values[i], "to")
			reason, _ := g.key(funnelsFile, list.Values[i], "reason")
			for _, r := range g.words(funnelsFile, reason) {
				if slices.Equal(g.words(funnelsFile, to), []string{name}) {
					g.cite("move", r+" of "+f, funnelsFile, append(way, hop{"moves", ""}, hop{"reason", r})...)
				}
			}
		}
		return
	}
}

// play takes down a play.
func (g *pages) play(name string) {
	g.cite("play", name, playsFile, hop{"plays", ""}, hop{"name", name})
}

// evaluation takes down what an evaluation rests on: rules that counted and that did not, signals, playbooks, bands, the
// stages and the motion.
func (g *pages) evaluation(e *event.Evaluation) {
	for _, s := range e.Signals {
		g.cite("signal", s.Name, scoringFile, hop{"signals", ""}, hop{"name", s.Name})
	}
	for _, r := range e.Rules {
		g.rule("rule", r.Group, r.Rule)
	}
	for _, name := range e.NotFired {
		for _, group := range []string{"fit", "interest"} {
			g.rule("rule"+notCounted, group, name)
		}
	}
	for _, b := range e.Playbooks {
		g.cite("playbook", b.Name, scoringFile, hop{"playbooks", ""}, hop{"name", b.Name})
	}
	for _, name := range slices.Sorted(maps.Keys(e.PQL)) {
		if e.PQL[name] {
			g.cite("playbook", name, scoringFile, hop{"playbooks", ""}, hop{"name", name})
		}
	}
	g.cite("bands", "", scoringFile, hop{"bands", ""})
	for _, f := range slices.Sorted(maps.Keys(e.Stages)) {
		g.stage([]string{f}, e.Stages[f])
	}
	if e.Motion != "" {
		g.cite("motion", e.Motion, funnelsFile, hop{"motions", ""}, hop{"name", e.Motion})
	}
}

// notCounted ends what a rule is called that gave nothing.
const notCounted = " that did not count"

func (g *pages) rule(what, group, name string) {
	g.cite(what, name, scoringFile, hop{group, ""}, hop{"rules", ""}, hop{"rule", name})
}

// team takes down a team with its members, and the calendars that it keeps.
func (g *pages) team(name string) {
	way := []hop{{"teams", ""}, {"name", name}}
	g.cite("team", name, teamsFile, way...)
	n, _ := g.find(teamsFile, way...)
	walk(n, func(n ast.Node) {
		c, _ := g.key(teamsFile, n, "calendar")
		for _, name := range g.words(teamsFile, c) {
			g.cite("calendar", name, teamsFile, hop{"calendars", ""}, hop{name, ""})
		}
	})
}

// entry is the text of one part; "" where there is none.
func (g *pages) entry(file string, way ...hop) string {
	if g == nil {
		return ""
	}
	p, _ := g.passage("", "", file, way...)
	if p == nil {
		return ""
	}
	return p.Text
}

// strip takes a comment off a line.
func strip(l string) string {
	if i := strings.Index(l, " #"); i >= 0 {
		l = l[:i]
	}
	if strings.HasPrefix(strings.TrimSpace(l), "#") {
		return ""
	}
	return strings.TrimRight(l, " ")
}
