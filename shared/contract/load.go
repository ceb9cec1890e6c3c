package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	slash "path"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"handoff/shared/pattern"
	"handoff/shared/problem"
)

// ErrInvalid is what every error about a contract's text unwraps to.
var ErrInvalid = errors.New("invalid source contract")

// Set is all contracts in force, by name.
type Set struct{ entries []entry }

// entry is one contract: who knows its events, and the rest, which may wait until the first of them comes.
type entry struct {
	head
	recognise *pattern.Pattern
	contract  func() *Contract
}

// head is what is said of a contract before it is needed whole.
type head struct {
	Name      string          `json:"name"`
	Version   int             `json:"version"`
	Owner     string          `json:"owner"`
	Recognise json.RawMessage `json:"recognise"`
}

// Load compiles every *.yaml of folder sources; the JSON Schemas that contracts name are read from folder schemas. The
// error joins everything that is wrong, each with file, line, path and what to do.
func Load(fsys fs.FS, sources, schemas string) (*Set, error) {
	specs, err := read(fsys, sources)
	if err != nil {
		return nil, err
	}
	return assemble(specs, fsys, schemas)
}

// Prepare checks what Load checks and writes the contracts as one JSON text, which LoadPrepared reads in a fraction of
// the time: parsing YAML would be most of a function's cold start.
func Prepare(fsys fs.FS, sources, schemas string) ([]byte, error) {
	specs, err := read(fsys, sources)
	if err != nil {
		return nil, err
	}
	if _, err := assemble(specs, fsys, schemas); err != nil {
		return nil, err
	}
	text, err := json.Marshal(specs)
	if err != nil {
		return nil, fmt.Errorf("contracts: prepare: %w", err)
	}
	return append(text, '\n'), nil
}

// LoadPrepared reads what Prepare wrote. Each contract is compiled when its first event comes, so that a function's start
// does not wait for those that it will not need. Prepare has compiled them all, so one that cannot be compiled then is
// older than the program, and a defect of the build: that panics, and the event comes again.
func LoadPrepared(text []byte, fsys fs.FS, schemas string) (*Set, error) {
	fail := func(file string, err error) error {
		return fmt.Errorf("%w: the prepared contracts%s cannot be read: %v; run go generate ./events", ErrInvalid, file, err)
	}
	var parts []struct {
		File string          `json:"file"`
		Spec json.RawMessage `json:"spec"`
	}
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, fail("", err)
	}
	set := &Set{}
	for _, p := range parts {
		var e entry
		err := json.Unmarshal(p.Spec, &e.head)
		if err == nil {
			e.recognise, err = pattern.CompileUnbounded(e.Recognise)
		}
		if err != nil {
			return nil, fail(" of "+p.File, err)
		}
		e.contract = sync.OnceValue(func() *Contract {
			src := &source{File: p.File, Spec: &spec{}}
			err := json.Unmarshal(p.Spec, src.Spec)
			var c *Contract
			if err == nil {
				c, err = src.compile(fsys, schemas)
			}
			if err != nil {
				panic(fail(" of "+p.File, err))
			}
			return c
		})
		set.entries = append(set.entries, e)
	}
	return set, nil
}

// source is one file, with what it takes from another already in its place.
type source struct {
	File string `json:"file"`
	Spec *spec  `json:"spec"`
	text []byte // absent in prepared contracts
}

func read(fsys fs.FS, sources string) ([]*source, error) {
	files, err := fs.Glob(fsys, slash.Join(sources, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("contracts: list %s: %w", sources, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: no *.yaml in %s: a source is one file there", ErrInvalid, sources)
	}
	var out []*source
	var errs []error
	own := map[string]*spec{}
	for _, f := range files {
		body, err := fs.ReadFile(fsys, f)
		if err != nil {
			errs = append(errs, fmt.Errorf("contracts: read %s: %w", f, err))
			continue
		}
		s, err := parseYAML(body)
		if err != nil {
			errs = append(errs, fmt.Errorf("%w: %s%w", ErrInvalid, f, err))
			continue
		}
		own[f] = s
		out = append(out, &source{File: f, Spec: s, text: body})
	}
	for _, src := range out {
		if like := src.Spec.Like; like != "" {
			base := own[slash.Join(sources, like+".yaml")]
			if base == nil || base.Like != "" {
				errs = append(errs, fmt.Errorf("%w: %s%s: $.like: there is no contract %q that stands by itself", ErrInvalid, src.File, line(src.text, "$.like"), like))
				continue
			}
			src.Spec = src.Spec.over(base)
		}
	}
	return out, errors.Join(errs...)
}

func assemble(specs []*source, fsys fs.FS, schemas string) (*Set, error) {
	set := &Set{}
	var errs []error
	for _, src := range specs {
		c, err := src.compile(fsys, schemas)
		if err == nil {
			err = src.checkSchemas(c)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		set.entries = append(set.entries, entry{
			head: head{Name: c.Name, Version: c.Version, Owner: c.Owner}, recognise: c.recognise, contract: func() *Contract { return c },
		})
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return set, nil
}

func (src *source) compile(fsys fs.FS, schemas string) (*Contract, error) {
	var bad problem.List
	if want := strings.TrimSuffix(slash.Base(src.File), ".yaml"); src.Spec.Name != want {
		bad.Add("$.name", "the file is called %s.yaml: name the contract %s", want, want)
	}
	c := compile(src.Spec, func(name string) ([]byte, error) { return fs.ReadFile(fsys, slash.Join(schemas, name)) }, &bad)
	return c, src.broken(bad)
}

// checkSchemas compiles the contract's schemas, which otherwise wait for the first payload that they judge.
func (src *source) checkSchemas(c *Contract) error {
	var bad problem.List
	for _, detailType := range slices.Sorted(maps.Keys(c.schemas)) {
		if _, err := c.schemas[detailType](); err != nil {
			at := "$.schema"
			if detailType != "" {
				at += "." + detailType
			}
			bad.Add(at, "the JSON Schema cannot be used: %v", err)
		}
	}
	return src.broken(bad)
}

// broken says what is wrong, each with file and line.
func (src *source) broken(bad problem.List) error {
	var errs []error
	for _, b := range bad {
		errs = append(errs, fmt.Errorf("%w: %s%s: %s: %s", ErrInvalid, src.File, line(src.text, b.Path), b.Path, b.Text))
	}
	return errors.Join(errs...)
}

// parseYAML reads a contract by way of JSON, which resolves anchors and merges. The error begins with a colon and the
// line, where it is known.
func parseYAML(body []byte) (*spec, error) {
	var generic any
	if err := yaml.Unmarshal(body, &generic); err != nil {
		return nil, fmt.Errorf(": %v", err)
	}
	text, err := json.Marshal(generic)
	if err != nil {
		return nil, fmt.Errorf(": %v", err)
	}
	s := &spec{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err = d.Decode(s)
	if err == nil {
		return s, nil
	}
	reason := strings.TrimPrefix(err.Error(), "json: ")
	if _, key, ok := strings.Cut(reason, "unknown field "); ok {
		key = strings.Trim(key, `"`)
		for i, l := range strings.Split(string(body), "\n") {
			if strings.Contains(l, key+":") {
				return nil, fmt.Errorf(":%d: unknown key %q: correct its spelling or take it out; events/sources/README.md lists the keys", i+1, key)
			}
		}
	}
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		return nil, fmt.Errorf(": %s is %s; see events/sources/README.md for what it may be", typ.Field, typ.Value)
	}
	return nil, fmt.Errorf(": %s", reason)
}

// over is s with every section that it does not have taken from base.
func (s *spec) over(base *spec) *spec {
	out := *s
	dst, src := reflect.ValueOf(&out).Elem(), reflect.ValueOf(base).Elem()
	for i := range dst.NumField() {
		if dst.Field(i).IsZero() {
			dst.Field(i).Set(src.Field(i))
		}
	}
	return &out
}

// line finds a path in YAML text: ":12", or "" where the path is of something that is not there.
func line(text []byte, at string) string {
	for at != "" && at != "$" {
		if p, err := yaml.PathString(at); err == nil {
			if node, err := p.ReadNode(strings.NewReader(string(text))); err == nil && node != nil {
				return fmt.Sprintf(":%d", node.GetToken().Position.Line)
			}
		}
		at = at[:max(strings.LastIndexAny(at, ".["), 0)]
	}
	return ""
}

// Contracts lists the contracts by name.
func (s *Set) Contracts() []*Contract {
	out := make([]*Contract, len(s.entries))
	for i := range s.entries {
		out[i] = s.entries[i].contract()
	}
	return out
}

// Recognise finds the one contract whose pattern an envelope matches, or says why there is not one.
func (s *Set) Recognise(e *pattern.Event) (*Contract, *Failure) {
	var found *entry
	for i := range s.entries {
		c := &s.entries[i]
		if !c.recognise.Match(e) {
			continue
		}
		if found != nil {
			return nil, &Failure{Code: Ambiguous, Contract: found.contract().id, Owner: found.Owner,
				Reason: fmt.Sprintf("The contracts %s and %s both recognise this event: narrow one of their patterns.", found.Name, c.Name)}
		}
		found = c
	}
	if found == nil {
		return nil, &Failure{Code: UnknownSource, Reason: "No contract recognises this source and detail-type: add one to events/sources, or correct what the tool sends."}
	}
	return found.contract(), nil
}
