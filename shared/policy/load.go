package policy

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"handoff/shared/attribution"
	"handoff/shared/condition"
	"handoff/shared/funnel"
	"handoff/shared/problem"
	"handoff/shared/routing"
	"handoff/shared/scoring"
)

// Files are the names of a policy's files; all of them are needed.
var Files = []string{"attribution.yaml", "funnels.yaml", "plays.yaml", "scoring.yaml", "teams.yaml"}

// ErrInvalid is wrapped by the error about a policy that cannot be used.
var ErrInvalid = errors.New("invalid policy")

// Invalid lists everything wrong with a policy, each as a sentence that begins with file:line.
type Invalid struct {
	Problems []string
	Found    []Finding // the same, in parts
}

func (e *Invalid) Error() string {
	return fmt.Sprintf("invalid policy, %d to mend:\n%s", len(e.Problems), strings.Join(e.Problems, "\n"))
}

func (e *Invalid) Unwrap() error { return ErrInvalid }

// located is a problem at its line.
type located struct {
	file string
	line int
	text string
}

// Load reads and compiles the policy in a folder. What is wrong with it is one *Invalid.
func Load(fsys fs.FS) (*Policy, error) {
	files, err := ReadFiles(fsys)
	if err != nil {
		return nil, err
	}
	return Compile(files)
}

// ReadFiles reads the YAML of a folder, by name.
func ReadFiles(fsys fs.FS) (map[string]string, error) {
	files := map[string]string{}
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("policy: list files: %w", err)
	}
	other, err := fs.Glob(fsys, "*.yml") // no policy has one: who wrote it so is told
	if err != nil {
		return nil, fmt.Errorf("policy: list files: %w", err)
	}
	for _, name := range append(names, other...) {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("policy: read %s: %w", name, err)
		}
		files[path.Base(name)] = string(b)
	}
	return files, nil
}

// Compile compiles a policy from its files' text by name. It asks only whether the text can be gone by; Valid asks
// whether it makes sense, too.
func Compile(files map[string]string) (*Policy, error) {
	p, _, err := compile(files)
	return p, err
}

// compile also answers the loader, which knows the lines of what it read.
func compile(files map[string]string) (*Policy, *loader, error) {
	l := &loader{files: files, docs: map[string]*document{}}
	p := &Policy{Text: maps.Clone(files)}
	var plays struct {
		Plays []Play `yaml:"plays"`
	}
	var attr struct {
		Attribution attribution.Config `yaml:"attribution"`
	}
	l.read("scoring.yaml", &p.Scoring)
	l.read("funnels.yaml", &p.Funnels)
	l.read("plays.yaml", &plays)
	l.read("teams.yaml", &p.Teams)
	l.read("attribution.yaml", &attr)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(Files, name) {
			l.found = append(l.found, located{name, 1, fmt.Sprintf("a policy has no such file%s", condition.DidYouMean(name, Files))})
		}
	}
	p.Plays, p.Attribution = plays.Plays, attr.Attribution
	if !l.broken {
		l.compile(p)
	}
	if len(l.found) > 0 {
		return nil, l, l.invalid()
	}
	var err error
	if p.Fold, err = newFold(p.plan, p.Funnels.Usage); err != nil {
		return nil, l, fmt.Errorf("policy: hash the fold: %w", err)
	}
	p.FoldHash = p.Fold.Hash()
	if p.EvalHash, err = hash([]any{p.FoldHash, p.Scoring, p.Funnels, p.Plays}); err != nil {
		return nil, l, fmt.Errorf("policy: hash the evaluation: %w", err)
	}
	p.frames.New = func() any { return new(condition.Frame) }
	return p, l, nil
}

type loader struct {
	files  map[string]string
	docs   map[string]*document
	found  []located
	broken bool // a file is missing or no YAML: what refers to it cannot be judged
}

func (l *loader) read(name string, into any) {
	text, ok := l.files[name]
	if !ok {
		l.broken = true
		l.found = append(l.found, located{name, 1, "the file is missing; a policy has " + strings.Join(Files, ", ")})
		return
	}
	d := read(name, []byte(text), into)
	l.docs[name] = d
	l.broken = l.broken || d.broken
	l.found = append(l.found, d.sentences(d.found)...)
}

// add files problems of one file, less those that only follow from what reading it found.
func (l *loader) add(name string, list problem.List) {
	d := l.docs[name]
	list = slices.DeleteFunc(list, func(p problem.Problem) bool { return d.covered(p.Path) })
	l.found = append(l.found, d.sentences(list)...)
}

// compile makes the models. Milestones come first, then names, then conditions.
func (l *loader) compile(p *Policy) {
	comp, scratch := &condition.Compiler{}, &condition.Compiler{}
	declared := p.Funnels.Declare(comp)
	p.Funnels.Declare(scratch)
	for _, c := range []*condition.Compiler{comp, scratch} {
		p.Scoring.Vocabulary(&c.Vocabulary)
		p.Funnels.Vocabulary(&c.Vocabulary)
	}
	var found problem.List
	p.score, found = scoring.Compile(&p.Scoring, comp)
	l.add("scoring.yaml", found)
	p.funnel, found = funnel.Compile(&p.Funnels, comp, scratch)
	l.add("funnels.yaml", append(declared, found...))
	l.add("plays.yaml", l.plays(p, comp))
	l.add("teams.yaml", p.Teams.Validate())
	l.add("attribution.yaml", p.Attribution.Validate())
	p.plan, p.names = comp.Plan(), comp.Vocabulary
	p.timed = p.funnel.Timed(p.score.Timed(nil))
	for i := range p.plays {
		p.timed = p.plays[i].Timed(p.timed)
	}
}

func (l *loader) plays(p *Policy, comp *condition.Compiler) problem.List {
	var out problem.List
	if len(p.Plays) == 0 || len(p.Plays) > condition.MaxNames {
		out.Add("$.plays", "there are %d plays; 1 to %d are possible", len(p.Plays), condition.MaxNames)
	}
	seen := map[string]bool{}
	var routed []routing.Play
	for i := range p.Plays {
		play, path := &p.Plays[i], fmt.Sprintf("$.plays[%d]", i)
		routed = append(routed, play.Play)
		out = append(out, play.Validate(path)...)
		if seen[play.Name] {
			out.Add(path+".name", "two plays are called %q", play.Name)
		}
		seen[play.Name] = true
		if play.Funnel != "" && !slices.Contains(comp.Funnels, play.Funnel) {
			out.Add(path+".funnel", "there is no active funnel %q%s", play.Funnel, suggest(play.Funnel, comp.Funnels))
		}
		p.of = append(p.of, max(0, slices.Index(comp.Funnels, play.Funnel)))
		p.plays = append(p.plays, comp.Compile(l.when(play, path, &out), path+".when", condition.OfStages, &out))
		p.assets = append(p.assets, play.Assets.compile(path+".assets", comp, &out))
		play.check(path, &out)
	}
	return slices.Concat(out, routing.CheckTeams(routed, &p.Teams), routing.CheckTakeovers(routed))
}

// when is the play's condition and its bands in one. A hand-raise beats bands.
func (l *loader) when(play *Play, path string, out *problem.List) *condition.Condition {
	bands := condition.Condition{Band: play.Bands}
	switch narrow := len(play.Bands) > 0; {
	case play.When == nil && !narrow:
		out.Add(path, "play %s never says when: write when: or bands:", play.Name)
		return &condition.Condition{NoTouchFor: 1}
	case play.When == nil:
		return &bands
	case narrow && !play.HandRaise:
		return &condition.Condition{All: []condition.Condition{*play.When, bands}}
	}
	return play.When
}

func (l *loader) invalid() error {
	slices.SortStableFunc(l.found, func(a, b located) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	e := &Invalid{}
	for _, p := range l.found {
		e.add(Finding{File: p.file, Line: p.line, Severity: Error, Text: p.text})
	}
	return e
}

// add says each thing once.
func (e *Invalid) add(f Finding) {
	if s := f.String(); !slices.Contains(e.Problems, s) {
		e.Problems, e.Found = append(e.Problems, s), append(e.Found, f)
	}
}
