package policy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// integers are the packages that evaluate: in them there is no number but whole ones.
var integers = []string{"account", "condition", "scoring", "funnel", "policy", "routing", "span", "subject"}

// TestIntegersOnly shows that two builds, for amd64 and arm64, evaluate alike bit for bit. Whole numbers do so on every
// machine. Floats need not: the language lets a compiler fuse a multiplication with an addition, which rounds once
// instead of twice, and Go's does so on arm64 and not on amd64. So in the packages that evaluate no expression has a
// float type, neither declared nor in between; and whatever else they are built on may carry and compare floats, as JSON
// has them, but not compute with them.
func TestIntegersOnly(t *testing.T) {
	pkgs := listed(t, "handoff/shared/policy")
	seen := 0
	for _, p := range pkgs {
		name, ours := strings.CutPrefix(p.ImportPath, "handoff/shared/")
		if !ours {
			continue
		}
		files, info := checked(t, p, pkgs)
		if slices.Contains(integers, name) {
			seen++
			for _, at := range floats(files, info, false) {
				t.Errorf("%s: %s has a float; a policy is evaluated with whole numbers alone", at, p.ImportPath)
			}
			continue
		}
		if name == "metric" {
			continue // what is measured decides nothing
		}
		for _, at := range floats(files, info, true) {
			t.Errorf("%s: %s computes with floats, and policies are evaluated on what it makes", at, p.ImportPath)
		}
	}
	if seen != len(integers) {
		t.Errorf("%d of the packages %v were looked at", seen, integers)
	}
}

// The search itself finds a float wherever it hides.
func TestIntegersOnlyFindsFloats(t *testing.T) {
	for _, tc := range []struct {
		name, code string
		all, calc  int
	}{
		{"none", `func f(a, b int64) int64 { return a*b + 1<<32 }`, 0, 0},
		{"a parameter", `func f(a float64) int { return 1 }`, 1, 0},
		{"a field", `type T struct{ N float32 }`, 1, 0},
		{"inside a type", `var x map[string][]float64`, 1, 0},
		{"a constant", `const x = 1.5`, 1, 0},
		{"in between", `func f(a, b int) int { return int(float64(a) * 0.5) }`, 1, 1},
		{"compared", `func f(a, b float64) bool { return a < b }`, 1, 0},
		{"added", `func f(a, b float64) float64 { a += b; return a }`, 1, 1},
		{"negated", `func f(a float64) float64 { return -a }`, 1, 0},
		{"a function of math", "import \"math\"\nfunc f(a float64) float64 { return math.Exp(a) }", 1, 1},
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "x.go", "package x\n"+tc.code, 0)
		if err != nil {
			t.Fatal(err)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
		c := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
		if _, err := c.Check("x", fset, []*ast.File{file}, info); err != nil {
			t.Fatal(err)
		}
		files := &source{fset, []*ast.File{file}}
		if got := len(floats(files, info, false)); got != tc.all {
			t.Errorf("%s: %d lines with floats, want %d", tc.name, got, tc.all)
		}
		if got := len(floats(files, info, true)); got != tc.calc {
			t.Errorf("%s: %d lines that compute with them, want %d", tc.name, got, tc.calc)
		}
	}
}

// source is a package's files.
type source struct {
	fset  *token.FileSet
	files []*ast.File
}

// floats lists the lines on which something has a float type; or, with calculated, those on which such are computed.
func floats(s *source, info *types.Info, calculated bool) []token.Position {
	var out []token.Position
	add := func(n ast.Node) {
		at := s.fset.Position(n.Pos())
		at.Column, at.Offset = 0, 0
		if !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	isFloat := func(e ast.Expr) bool { tv, ok := info.Types[e]; return ok && floating(tv.Type, nil) }
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				arithmetic := slices.Contains([]token.Token{token.ADD, token.SUB, token.MUL, token.QUO}, n.Op)
				if calculated && arithmetic && isFloat(n) {
					add(n)
				}
			case *ast.CallExpr:
				// Functions of math are written apart for some machines.
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && calculated && isFloat(n) && info.Uses[f.Sel] != nil && info.Uses[f.Sel].Pkg() != nil && info.Uses[f.Sel].Pkg().Path() == "math" {
					add(n)
				}
			case *ast.AssignStmt:
				if calculated && n.Tok != token.ASSIGN && n.Tok != token.DEFINE && isFloat(n.Lhs[0]) {
					add(n)
				}
			}
			if id, ok := n.(*ast.Ident); ok && !calculated {
				if o := info.Defs[id]; o != nil && floating(o.Type(), nil) {
					add(n)
				}
			}
			if e, ok := n.(ast.Expr); ok && !calculated && isFloat(e) {
				add(n)
			}
			return true
		})
	}
	return out
}

// floating reports whether a type is a float, or made of one. What is named elsewhere is looked at where it is used.
func floating(t types.Type, seen []types.Type) bool {
	if slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	switch t := t.(type) {
	case *types.Basic:
		return t.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Alias:
		return floating(types.Unalias(t), seen)
	case *types.Named:
		if _, basic := t.Underlying().(*types.Basic); basic {
			return floating(t.Underlying(), seen)
		}
	case *types.Pointer:
		return floating(t.Elem(), seen)
	case *types.Slice:
		return floating(t.Elem(), seen)
	case *types.Array:
		return floating(t.Elem(), seen)
	case *types.Chan:
		return floating(t.Elem(), seen)
	case *types.Map:
		return floating(t.Key(), seen) || floating(t.Elem(), seen)
	case *types.Struct:
		for i := range t.NumFields() {
			if floating(t.Field(i).Type(), seen) {
				return true
			}
		}
	case *types.Tuple:
		for i := range t.Len() {
			if floating(t.At(i).Type(), seen) {
				return true
			}
		}
	case *types.Signature:
		return floating(t.Params(), seen) || floating(t.Results(), seen)
	}
	return false
}

// listing is a package as go list tells it.
type listing struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// listed is a package and all that it is built of, with what the compiler knows of each.
func listed(t *testing.T, path string) map[string]listing {
	t.Helper()
	goTool := filepath.Join(os.Getenv("GOROOT"), "bin", "go")
	if os.Getenv("GOROOT") == "" {
		goTool = "go"
	}
	cmd := exec.Command(goTool, "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles", path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	out := map[string]listing{}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var p listing
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out[p.ImportPath] = p
	}
}

// checked reads a package's files and finds the type of every expression.
func checked(t *testing.T, p listing, all map[string]listing) (*source, *types.Info) {
	t.Helper()
	s := &source{fset: token.NewFileSet()}
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, f)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(all[path].Export) }
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	c := types.Config{Importer: importer.ForCompiler(s.fset, "gc", lookup)}
	if _, err := c.Check(p.ImportPath, s.fset, s.files, info); err != nil {
		t.Fatalf("%s: %v", p.ImportPath, err)
	}
	return s, info
}
