package policy

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"handoff/shared/condition"
	"handoff/shared/problem"
)

// document is one YAML file, read strictly: an unknown key, a key given twice or a value of the wrong kind is a problem
// at its line, and reading goes on behind it, so that a person sees all problems at once.
type document struct {
	file     string
	lines    map[string]int // by YAML path
	anchors  map[string]ast.Node
	shapes   map[reflect.Type]*shape
	found    problem.List
	unsure   problem.List    // it can be read, and is hardly what was meant: nothing new may be put in force with it
	misspelt map[string]bool // paths as they should read, of keys that mean nothing: that what they name is missing follows
	broken   bool            // the text is no YAML of names and values: what refers to it cannot be judged
	nodes    int             // visited so far, what aliases repeat each time
	depth    int             // of the node that is being read
}

// Limits of one file, which a person's own never comes near. They are there for aliases: a dozen lines of them can stand
// for more values than a machine holds.
const (
	maxNodes = 100_000
	maxDepth = 50
)

// enter counts a node; false where the limits are passed, which is said once.
func (d *document) enter(path string) bool {
	d.depth++
	d.nodes++
	switch {
	case d.nodes > maxNodes:
		if d.nodes == maxNodes+1 {
			d.found.Add(path, "the file stands for more than %d values, aliases (*) written out; use fewer", maxNodes)
		}
		return false
	case d.depth > maxDepth:
		d.found.Add(path, "this lies more than %d levels deep; say it with fewer levels", maxDepth)
		return false
	}
	return true
}

func (d *document) leave() { d.depth-- }

// read parses text and fills in into, a pointer to a struct.
func read(file string, text []byte, into any) *document {
	d := &document{file: file, lines: map[string]int{"$": 1}, anchors: map[string]ast.Node{}, misspelt: map[string]bool{}, shapes: map[reflect.Type]*shape{}}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // which some editors begin a file with
	d.readable(text)
	tree, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.broken = true
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			d.lines["$"] = at.GetToken().Position.Line
			said := at.GetMessage()
			if tabbed(text, d.lines["$"]) {
				said = "the line is indented with a tab; indent it with spaces"
			}
			d.found.Add("$", "this is not YAML: %s", said)
		} else {
			d.found.Add("$", "this is not YAML: %v", err)
		}
		return d
	}
	if len(tree.Docs) > 1 {
		d.found.Add("$", "the file holds %d documents (---); only the first would be read", len(tree.Docs))
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		d.broken = true
		d.found.Add("$", "the file is empty")
		return d
	}
	switch body := d.plain(tree.Docs[0].Body, "$").(type) {
	case ast.MapNode:
		d.fill(tree.Docs[0].Body, reflect.ValueOf(into).Elem(), "$")
	case *ast.NullNode:
		d.broken = true
		d.found.Add("$", "the file is empty")
	case nil:
		d.broken = true
	default:
		d.broken = true
		d.found.Add("$", "names with values belong here, not %s", kindOf(body))
	}
	return d
}

// place is how a sentence names another part of the file.
var place = regexp.MustCompile(`\$(\.\w+|\[\d+\])+`)

// sentences writes problems as file:line: sentence.
func (d *document) sentences(list problem.List) []located {
	var out []located
	for _, p := range list {
		text := place.ReplaceAllStringFunc(p.Text, func(path string) string { return fmt.Sprintf("line %d", d.line(path)) })
		out = append(out, located{d.file, d.line(p.Path), text})
	}
	return out
}

// line finds the line of a path, or of the nearest thing around it that the file has.
func (d *document) line(path string) int {
	for {
		if n, ok := d.lines[path]; ok {
			return n
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return 1
		}
		path = path[:i]
	}
}

// covered reports whether reading already complained about the thing at a path: what else is wrong there follows.
func (d *document) covered(path string) bool {
	if _, given := d.lines[path]; d.misspelt[path] && !given {
		return true
	}
	for _, p := range d.found {
		if p.Path == path || strings.HasPrefix(p.Path, path+".") || strings.HasPrefix(p.Path, path+"[") {
			return true
		}
	}
	return false
}

// eitherForm is written as a list or as names with values; form is what to fill in then.
type eitherForm interface{ form(list bool) any }

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

func (d *document) fill(n ast.Node, v reflect.Value, path string) {
	defer d.leave()
	if !d.enter(path) {
		return
	}
	n = d.plain(n, path)
	if n == nil {
		return
	}
	if _, ok := d.lines[path]; !ok {
		d.lines[path] = n.GetToken().Position.Line
	}
	if n.Type() == ast.NullType {
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		d.fill(n, v.Elem(), path)
		return
	}
	if either, ok := v.Addr().Interface().(eitherForm); ok {
		_, list := n.(*ast.SequenceNode)
		d.fill(n, reflect.ValueOf(either.form(list)).Elem(), path)
		return
	}
	if reflect.PointerTo(v.Type()).Implements(textUnmarshaler) {
		if text, ok := scalar(n); !ok {
			d.found.Add(path, "a single value belongs here, not %s", kindOf(n))
		} else if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			d.found.Add(path, "%v", err)
		} else {
			d.meant(path, text, v)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.fillStruct(n, v, path)
	case reflect.Slice:
		d.fillSlice(n, v, path)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		d.entries(n, path, func(key, at string, value ast.Node) {
			e := reflect.New(v.Type().Elem()).Elem()
			d.fill(value, e, at)
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), e)
		})
	case reflect.Interface:
		if !d.weigh(n, path) {
			return
		}
		var x any
		if err := yaml.NodeToValue(n, &x); err != nil {
			d.found.Add(path, "this cannot be read: %v", err)
			return
		}
		v.Set(reflect.ValueOf(&x).Elem())
	default:
		d.fillScalar(n, v, path)
	}
}

// weigh visits everything below a node that is about to be read whole; false where that passes the limits.
func (d *document) weigh(n ast.Node, path string) bool {
	defer d.leave()
	if !d.enter(path) {
		return false
	}
	switch x := d.plain(n, path).(type) {
	case *ast.SequenceNode:
		for i, e := range x.Values {
			if !d.weigh(e, fmt.Sprintf("%s[%d]", path, i)) {
				return false
			}
		}
	case ast.MapNode:
		for it := x.MapRange(); it.Next(); {
			if !d.weigh(it.Value(), path+"."+it.Key().GetToken().Value) {
				return false
			}
		}
	}
	return true
}

// plain looks behind anchors, aliases and tags; nil where there is nothing.
func (d *document) plain(n ast.Node, path string) ast.Node {
	for {
		switch x := n.(type) {
		case nil:
			return nil
		case *ast.AnchorNode:
			d.anchors[x.Name.String()] = x.Value
			n = x.Value
		case *ast.AliasNode:
			to, ok := d.anchors[x.Value.String()]
			if !ok {
				d.found.Add(path, "nothing above is marked &%s", x.Value)
				return nil
			}
			n = to
		case *ast.TagNode:
			n = x.Value
		default:
			return n
		}
	}
}

// entries visits the keys of a mapping in order.
func (d *document) entries(n ast.Node, path string, visit func(key, at string, value ast.Node)) {
	m, ok := n.(ast.MapNode)
	if !ok {
		d.found.Add(path, "names with values belong here, not %s", kindOf(n))
		return
	}
	seen := map[string]bool{}
	for it := m.MapRange(); it.Next(); {
		key := it.Key().GetToken().Value
		at := path + "." + key
		if it.Key().Type() == ast.MergeKeyType {
			d.found.Add(path, "<< is not supported here; write the values out")
			continue
		}
		if seen[key] {
			d.lines[at] = it.Key().GetToken().Position.Line
			d.found.Add(at, "%q is given twice", key)
			continue
		}
		seen[key] = true
		d.lines[at] = it.Key().GetToken().Position.Line
		visit(key, at, it.Value())
	}
}

func (d *document) fillStruct(n ast.Node, v reflect.Value, path string) {
	fields := d.fields(v.Type())
	d.entries(n, path, func(key, at string, value ast.Node) {
		index, ok := fields.index[key]
		if !ok {
			d.found.Add(at, "%q means nothing here%s", key, suggest(key, fields.names))
			d.misspelt[path+"."+condition.Nearest(key, fields.names)] = true
			return
		}
		d.fill(value, v.FieldByIndex(index), at)
	})
}

// fillSlice reads a list; a single value stands for a list of one.
func (d *document) fillSlice(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if _, single := scalar(n); !single {
			d.found.Add(path, "a list belongs here, not %s", kindOf(n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		d.fill(n, v.Index(0), path+"[0]")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, e := range seq.Values {
		d.fill(e, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (d *document) fillScalar(n ast.Node, v reflect.Value, path string) {
	text, ok := scalar(n)
	switch v.Kind() {
	case reflect.String:
		if ok {
			v.SetString(text)
			d.meant(path, text, v)
			return
		}
		d.found.Add(path, "a text belongs here, not %s", kindOf(n))
	case reflect.Bool:
		if b, is := n.(*ast.BoolNode); is {
			v.SetBool(b.Value)
			return
		}
		d.found.Add(path, "write true or false, not %s", kindOf(n))
	case reflect.Int, reflect.Int64, reflect.Int32:
		if i, is := n.(*ast.IntegerNode); is {
			switch x := i.Value.(type) {
			case int64:
				v.SetInt(x)
				d.meant(path, text, v)
				return
			case uint64:
				if x <= 1<<62 {
					v.SetInt(int64(x))
					d.meant(path, text, v)
					return
				}
			}
		}
		d.found.Add(path, "a whole number belongs here, not %s", kindOf(n))
	default:
		d.found.Add(path, "this cannot be read from YAML (%s): a defect of the program", v.Type())
	}
}
