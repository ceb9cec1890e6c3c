package deployed

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// prefixes are IAM's names of the services that the SDK's packages speak to.
var prefixes = map[string]string{
	"cloudformation": "cloudformation", "cloudwatch": "cloudwatch", "dynamodb": "dynamodb", "eventbridge": "events", "sqs": "sqs",
}

// asks are IAM's names of what has another in the API, by AWS's own list of actions.
var asks = map[string]string{
	"sqs:SendMessageBatch": "sqs:SendMessage", "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
	"sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility", "dynamodb:TransactWriteItems": "dynamodb:PutItem",
}

// called are the requests that bin/handoff-aws can make: the SDK's inputs that its packages of ours build.
func called(t *testing.T) map[string]bool {
	t.Helper()
	// A package of the standard library has no module.
	const files = `{{with .Module}}{{if eq .Path "handoff"}}{{$.Dir}}{{range $.GoFiles}} {{.}}{{end}}{{end}}{{end}}`
	list := exec.Command("go", "list", "-deps", "-tags", "aws", "-f", files, "handoff/infra/handoff")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		for _, file := range words[min(1, len(words)):] {
			inputs(t, filepath.Join(words[0], file), found)
		}
	}
	return found
}

// inputs adds the requests that a file builds, as service:Operation.
func inputs(t *testing.T, path string, found map[string]bool) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]string{} // by the name in this file
	for _, i := range f.Imports {
		p := strings.Trim(i.Path.Value, `"`)
		if at := strings.Index(p, "aws-sdk-go-v2/service/"); at >= 0 && !strings.HasSuffix(p, "/types") {
			name := filepath.Base(p)
			if prefixes[name] == "" {
				t.Errorf("%s: what IAM calls the service of %s is not known here", path, p)
			}
			services[name] = prefixes[name]
			if i.Name != nil {
				services[i.Name.Name] = prefixes[name]
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		c, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if s, ok := c.Type.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && services[x.Name] != "" {
				if op, ok := strings.CutSuffix(s.Sel.Name, "Input"); ok {
					found[services[x.Name]+":"+op] = true
				}
			}
		}
		return true
	})
}

var blocks = regexp.MustCompile("(?s)```json\n(.*?)```")

// granted are the actions of the page's policies; none is in two.
func granted(t *testing.T, page []byte) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	found := blocks.FindAllSubmatch(page, -1)
	if len(found) != 2 {
		t.Fatalf("%d policies on the page, want one to look and one to act", len(found))
	}
	for _, b := range found {
		var policy struct {
			Statement []struct {
				Sid, Effect string
				Action      any
				Resource    any
			}
		}
		if err := json.Unmarshal(b[1], &policy); err != nil {
			t.Fatal(err)
		}
		for _, s := range policy.Statement {
			actions, _ := s.Action.([]any)
			if one, ok := s.Action.(string); ok {
				actions = []any{one}
			}
			for _, a := range actions {
				if out[a.(string)] {
					t.Errorf("%s grants %s a second time", s.Sid, a)
				}
				out[a.(string)] = true
			}
			if s.Effect != "Allow" || s.Resource == nil || len(actions) == 0 {
				t.Errorf("%s: %s, %v on %v", s.Sid, s.Effect, s.Action, s.Resource)
			}
		}
	}
	return out
}

// The page for operators grants what --stack calls, and no more.
func TestPermissionsAreWhatIsCalled(t *testing.T) {
	page, err := os.ReadFile("../runbooks/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	grants, uses := granted(t, page), map[string]bool{}
	for c := range called(t) {
		if a, ok := asks[c]; ok {
			c = a
		}
		uses[c] = true
	}
	for a, why := range map[string]string{
		"dynamodb:DeleteItem":    "the store can delete, for whoever erases a person; no command asks for it",
		"dynamodb:CreateTable":   "local --isolated makes tables, and knows no stack",
		"dynamodb:DescribeTable": "local --isolated looks for its tables, and knows no stack",
	} {
		if !uses[a] {
			t.Errorf("nothing calls %s any more: strike it here (%s)", a, why)
		}
		delete(uses, a)
	}
	if !uses["dynamodb:GetItem"] || len(uses) < 10 {
		t.Fatalf("the calls were not found: %v", uses)
	}
	for _, a := range slices.Sorted(maps.Keys(uses)) {
		if !grants[a] {
			t.Errorf("a command calls %s, and infra/runbooks/permissions.md does not grant it", a)
		}
	}
	for _, a := range slices.Sorted(maps.Keys(grants)) {
		if !uses[a] {
			t.Errorf("infra/runbooks/permissions.md grants %s, which no command calls", a)
		}
	}
}
