package policy

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"handoff/shared/problem"
)

// Severity says what a finding stops.
type Severity string

// The severities. What can be told from the policy's text alone and is beyond doubt is an error: a policy with one is not
// built, activated or started with. What depends on tools, people and dates is a warning.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that validation found: where, what, and what to do.
type Finding struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"` // a sentence that ends with what to do
}

// String is the finding with its place.
func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// World is what validation knows beyond the policy's text; without it, only what the text itself says is found.
type World struct {
	Carried *Carried  // what sources can tell; nil: not asked
	Now     time.Time // for who is away and which days are free; zero: not asked
	// Country reports whether a text is a country's name or code, and else what may have been meant, as words to add to a
	// sentence; nil: not asked.
	Country func(string) (known bool, near string)
}

// Carried is what the source contracts and the enrichment providers can tell.
type Carried struct {
	Sources []string            // the contracts' names
	Kinds   map[string][]string // kinds of touch, by who maps them
	Open    []string            // contracts that take whatever kind, field and source an event of one's own names
	Person  map[string][]string // fields of people, by who maps them
	Company map[string][]string // firmographics, likewise; enrichment providers are "enrichment"
}

// Valid compiles files and refuses, as *Invalid, what validation finds to be an error, too.
func Valid(files map[string]string) (*Policy, error) {
	p, found, err := Check(files, World{})
	if err != nil {
		return nil, err
	}
	e := &Invalid{}
	for _, f := range found {
		if f.Severity == Error {
			e.add(f)
		}
	}
	if len(e.Problems) > 0 {
		return nil, e
	}
	return p, nil
}

// LoadValid is Valid over the files of a folder.
func LoadValid(fsys fs.FS) (*Policy, error) {
	files, err := ReadFiles(fsys)
	if err != nil {
		return nil, err
	}
	return Valid(files)
}

// Check compiles files and lists what is wrong with them though they compile: what can never hold, what something else
// always comes before, what nothing feeds. Findings are in the order of files and lines. A policy that does not compile
// is an *Invalid.
func Check(files map[string]string, w World) (*Policy, []Finding, error) {
	p, l, err := compile(files)
	if err != nil {
		return nil, nil, err
	}
	c := &checker{p: p, l: l, w: w}
	c.meant()
	c.scores()
	c.life()
	c.members()
	c.ladders()
	c.due()
	c.fed()
	c.named()
	c.staffed()
	slices.SortStableFunc(c.found, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return p, slices.CompactFunc(c.found, func(a, b Finding) bool { return a == b }), nil
}

// checker gathers findings over one policy.
type checker struct {
	p     *Policy
	l     *loader
	w     World
	found []Finding
	// points are the least and the most that the score, fit and interest can come to.
	points [3]interval
}

// interval holds whole numbers, both ends included.
type interval struct{ lo, hi int64 }

func (i interval) and(o interval) interval { return interval{max(i.lo, o.lo), min(i.hi, o.hi)} }

func (i interval) empty() bool { return i.lo > i.hi }

func (c *checker) add(s Severity, file, path, format string, args ...any) {
	var list problem.List
	list.Add(path, format, args...)
	for _, at := range c.l.docs[file].sentences(list) {
		c.found = append(c.found, Finding{File: at.file, Line: at.line, Severity: s, Text: at.text})
	}
}

// meant takes over what reading the files was unsure of.
func (c *checker) meant() {
	for _, d := range c.l.docs {
		for _, at := range d.sentences(d.unsure) {
			c.found = append(c.found, Finding{File: at.file, Line: at.line, Severity: Error, Text: at.text})
		}
	}
}
