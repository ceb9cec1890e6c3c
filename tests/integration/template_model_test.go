package integration

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"handoff/shared/dynamo/dynamotest"
)

// doc is template.yaml as plain values, which a test may change: objects, lists, texts, numbers. An intrinsic function is
// an object with its tag as the one key: {"!Ref": "Bus"}.
type doc map[string]any

func templateText(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parseDoc(t *testing.T) doc {
	t.Helper()
	file, err := parser.ParseBytes(templateText(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	d, ok := plain(file.Docs[0].Body).(map[string]any)
	if !ok {
		t.Fatal("template.yaml is no object")
	}
	return d
}

func plain(n ast.Node) any {
	switch v := n.(type) {
	case *ast.MappingNode:
		out := make(map[string]any, len(v.Values))
		for _, mv := range v.Values {
			out[mv.Key.GetToken().Value] = plain(mv.Value)
		}
		return out
	case *ast.MappingValueNode:
		return map[string]any{v.Key.GetToken().Value: plain(v.Value)}
	case *ast.SequenceNode:
		out := make([]any, len(v.Values))
		for i, e := range v.Values {
			out[i] = plain(e)
		}
		return out
	case *ast.TagNode:
		return map[string]any{v.Start.Value: plain(v.Value)}
	case *ast.LiteralNode:
		return v.Value.Value
	case *ast.NullNode:
		return nil
	case ast.ScalarNode:
		return v.GetValue()
	}
	panic(fmt.Sprintf("template.yaml: %T at line %d", n, n.GetToken().Position.Line))
}

// at walks down by keys of objects and indexes of lists; nil where there is nothing.
func at(v any, path ...any) any {
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }

// list is a list, or a single value as a list of one.
func list(v any) []any {
	switch l := v.(type) {
	case nil:
		return nil
	case []any:
		return l
	}
	return []any{v}
}

func texts(v any) (out []string) {
	for _, e := range list(v) {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

func number(v any) int {
	var n int
	if _, err := fmt.Sscan(fmt.Sprint(v), &n); err != nil {
		return -1
	}
	return n
}

func (d doc) resource(id string) map[string]any {
	return object(at(map[string]any(d), "Resources", id))
}
func (d doc) properties(id string) map[string]any { return object(d.resource(id)["Properties"]) }

// of lists the logical ids of a type of resource.
func (d doc) of(typ string) (ids []string) {
	for _, id := range slices.Sorted(maps.Keys(object(d["Resources"]))) {
		if d.resource(id)["Type"] == typ {
			ids = append(ids, id)
		}
	}
	return ids
}

// named is the logical id that a value leads to: !Ref Id, !GetAtt Id.Attribute; "" for none.
func named(v any) string {
	m := object(v)
	if id, ok := m["!Ref"].(string); ok {
		return id
	}
	id, _, _ := strings.Cut(fmt.Sprint(m["!GetAtt"]), ".")
	if m["!GetAtt"] == nil {
		return ""
	}
	return id
}

// driven is a function with the queue that drives it.
type driven struct{ function, queue, deadLetters, role string }

// driven lists the functions that a queue drives.
func (d doc) driven() (out []driven) {
	for _, id := range d.of("AWS::Serverless::Function") {
		p := d.properties(id)
		for _, ev := range object(p["Events"]) {
			if at(ev, "Type") != "SQS" {
				continue
			}
			q := named(at(ev, "Properties", "Queue"))
			out = append(out, driven{id, q, named(at(d.properties(q), "RedrivePolicy", "deadLetterTargetArn")), named(p["Role"])})
		}
	}
	return out
}

// scheduled reports whether a rule ticks by the clock and hears no event.
func (d doc) scheduled(rule string) bool {
	p := d.properties(rule)
	return p["ScheduleExpression"] != nil && p["EventPattern"] == nil
}

// statement is one of a policy, with what it is about by logical id.
type statement struct {
	where     string // role and Sid
	actions   []string
	resources []string // logical ids; "AccountsTable/due" for the index
	keys      []string // dynamodb:LeadingKeys
	types     []string // events:detail-type
	sources   []string // events:source
	raw       map[string]any
}

// statements lists those of a role.
func (d doc) statements(role string) (out []statement) {
	for _, policy := range list(d.properties(role)["Policies"]) {
		for i, s := range list(at(policy, "PolicyDocument", "Statement")) {
			m := object(s)
			st := statement{where: fmt.Sprintf("%s/%v", role, cmpOr(m["Sid"], i)), actions: texts(m["Action"]), raw: m}
			for _, r := range list(m["Resource"]) {
				st.resources = append(st.resources, aboutWhat(r))
			}
			st.keys = texts(at(m, "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys"))
			st.types = texts(at(m, "Condition", "StringEquals", "events:detail-type"))
			st.sources = texts(at(m, "Condition", "StringEquals", "events:source"))
			out = append(out, st)
		}
	}
	return out
}

func cmpOr(v any, i int) any {
	if v != nil {
		return v
	}
	return i
}

// aboutWhat reads the resource of a statement: !GetAtt Id.Arn, or !Sub ${Id.Arn}/index/name.
func aboutWhat(v any) string {
	if id := named(v); id != "" {
		return id
	}
	sub := fmt.Sprint(object(v)["!Sub"])
	if rest, ok := strings.CutPrefix(sub, "${"); ok {
		if id, index, ok := strings.Cut(rest, ".Arn}/index/"); ok && !strings.ContainsAny(index, "*?") {
			return id + "/" + index
		}
	}
	return fmt.Sprint(v)
}
