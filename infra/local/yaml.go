package local

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// node is one value of a template: a call of an intrinsic function, an object, a list or a scalar.
type node struct {
	line   int
	fn     string // Ref, GetAtt, Sub, If …; arg is its argument
	arg    *node
	keys   []string // of an object, in the order written
	fields map[string]*node
	list   []*node
	isList bool
	scalar any // string, bool, int64, uint64, float64 or nil
}

func (n *node) object() bool { return n != nil && n.fields != nil }

// get returns a field of an object, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	return n.fields[key]
}

// text returns a scalar as a template would see it, "" when n is not a string.
func (n *node) text() string {
	if n == nil {
		return ""
	}
	s, _ := n.scalar.(string)
	return s
}

// parseYAML reads a template's one document.
func parseYAML(data []byte) (*node, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("template: not YAML: %w", err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf("template: want one YAML document, found %d", len(file.Docs))
	}
	return convert(file.Docs[0].Body)
}

func convert(n ast.Node) (*node, error) {
	line := 0
	if t := n.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	switch v := n.(type) {
	case *ast.MappingNode:
		return convertObject(line, v.Values)
	case *ast.MappingValueNode:
		return convertObject(line, []*ast.MappingValueNode{v})
	case *ast.SequenceNode:
		out := &node{line: line, isList: true}
		for _, e := range v.Values {
			c, err := convert(e)
			if err != nil {
				return nil, err
			}
			out.list = append(out.list, c)
		}
		return out, nil
	case *ast.TagNode:
		return convertTag(line, v)
	case *ast.StringNode:
		return &node{line: line, scalar: v.Value}, nil
	case *ast.LiteralNode:
		return &node{line: line, scalar: v.Value.Value}, nil
	case *ast.IntegerNode:
		return &node{line: line, scalar: v.Value}, nil
	case *ast.FloatNode:
		return &node{line: line, scalar: v.Value}, nil
	case *ast.BoolNode:
		return &node{line: line, scalar: v.Value}, nil
	case *ast.NullNode:
		return &node{line: line}, nil
	}
	return nil, fmt.Errorf("template: line %d: %s is not supported; write it out", line, n.Type())
}

func convertObject(line int, values []*ast.MappingValueNode) (*node, error) {
	out := &node{line: line, fields: make(map[string]*node, len(values))}
	for _, mv := range values {
		key := mv.Key.GetToken().Value
		if mv.Key.Type() == ast.MergeKeyType {
			return nil, fmt.Errorf("template: line %d: merge keys are not supported; write the fields out", line)
		}
		v, err := convert(mv.Value)
		if err != nil {
			return nil, err
		}
		if _, dup := out.fields[key]; dup {
			return nil, fmt.Errorf("template: line %d: %s stands twice in one object", line, key)
		}
		out.keys = append(out.keys, key)
		out.fields[key] = v
	}
	// The long form of an intrinsic is an object with that one key. Below Conditions, Condition is also a reference.
	if len(out.keys) == 1 {
		if k := out.keys[0]; k == "Ref" || strings.HasPrefix(k, "Fn::") {
			return &node{line: line, fn: strings.TrimPrefix(k, "Fn::"), arg: out.fields[k]}, nil
		}
	}
	return out, nil
}

func convertTag(line int, t *ast.TagNode) (*node, error) {
	name := t.Start.Value
	if !strings.HasPrefix(name, "!") || strings.HasPrefix(name, "!!") {
		return nil, fmt.Errorf("template: line %d: tag %s is not supported", line, name)
	}
	arg, err := convert(t.Value)
	if err != nil {
		return nil, err
	}
	return &node{line: line, fn: name[1:], arg: arg}, nil
}
