package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"handoff/shared/condition"
)

func suggest(key string, names []string) string {
	if s := condition.DidYouMean(key, names); s != "" {
		return s
	}
	if len(names) > 12 {
		return ""
	}
	return "; known are " + strings.Join(names, ", ")
}

// shape is how a struct is written in YAML.
type shape struct {
	index map[string][]int // by YAML name
	names []string
}

// fields finds the YAML names of a struct's fields, those of inlined structs too.
func (d *document) fields(t reflect.Type) *shape {
	if s := d.shapes[t]; s != nil {
		return s
	}
	s := &shape{index: map[string][]int{}}
	s.collect(t, nil)
	d.shapes[t] = s
	return s
}

func (s *shape) collect(t reflect.Type, at []int) {
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		index := append(slices.Clone(at), i)
		switch {
		case strings.Contains(option, "inline"):
			s.collect(t.Field(i).Type, index)
		case name != "" && name != "-":
			s.index[name] = index
			s.names = append(s.names, name)
		}
	}
}

// scalar is the text of a single value.
func scalar(n ast.Node) (string, bool) {
	switch x := n.(type) {
	case *ast.StringNode:
		return x.Value, true
	case *ast.LiteralNode:
		return x.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func kindOf(n ast.Node) string {
	if text, ok := scalar(n); ok {
		return fmt.Sprintf("%q", text)
	}
	switch n.(type) {
	case ast.MapNode:
		return "names with values"
	case *ast.SequenceNode:
		return "a list"
	}
	return "this"
}
