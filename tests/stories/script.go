// Package stories plays short scripts of what buyers, teams and operators do through the whole pipeline, in virtual time,
// and holds what it decides and explains to what the script expects. README.md says how a story is written.
package stories

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // a story's times are those of a place
)

// Story is a script as read.
type Story struct {
	File, Title, Shows string
	Zone               *time.Location
	Account            string                       // whom expectations are about that name nobody
	Companies          map[string]map[string]string // whom enrichment knows, by domain
	Silent             bool                         // enrichment does not answer
	Patches            []Patch                      // of the policy, before it begins
	Scenes             []Scene
}

// Scene is one thing that happens, and all that is expected to follow from it until the next one.
type Scene struct {
	Line    int
	At      time.Time
	Who     string // as written: "operator", "user u-1", "ann@initech.example"
	What    Words  // the rest of the line
	Patches []Patch
	Expect  []Expect
}

// Expect is a line that begins with =>.
type Expect struct {
	Line int
	Text string
	Words
}

// Patch is a piece of YAML to be merged into a file of the policy.
type Patch struct {
	Line       int
	File, YAML string
}

// Words are a phrase and its details: "rejects mql, reason: too early".
type Words struct {
	Phrase  string
	Details []Detail
}

// Detail is one key with its value.
type Detail struct{ Key, Value string }

// Get finds a detail; "" where there is none.
func (w *Words) Get(key string) string {
	for _, d := range w.Details {
		if d.Key == key {
			return d.Value
		}
	}
	return ""
}

// detail finds where the next detail begins: after a comma, a key of up to three words, a colon and a space.
var detail = regexp.MustCompile(`,\s+([a-z][a-z_./]*(?: [a-z_]+){0,2}):\s+`)

// words parts a phrase from its details. A comma belongs to a value unless a key follows it; quotes keep both out.
func words(s string) Words {
	masked := quoted.ReplaceAllStringFunc(s, func(q string) string { return `"` + strings.Repeat("_", len(q)-2) + `"` })
	var w Words
	at := detail.FindAllStringSubmatchIndex(masked, -1)
	end := len(s)
	if len(at) > 0 {
		end = at[0][0]
	}
	w.Phrase = strings.TrimSpace(s[:end])
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		v := strings.TrimSpace(s[m[1]:end])
		if len(v) > 1 && v[0] == '"' && v[len(v)-1] == '"' {
			v = v[1 : len(v)-1]
		}
		w.Details = append(w.Details, Detail{s[m[2]:m[3]], v})
	}
	return w
}

var (
	quoted = regexp.MustCompile(`"[^"]*"`)
	clock  = regexp.MustCompile(`^(\d\d:\d\d(?::\d\d)?)\s+(.*)$`)
	header = regexp.MustCompile(`^(About|Zone|Company|Enrichment|Policy):\s*(.*)$`)
)

// days is how a story writes a day.
const days = "Monday 2 January 2006"

// Read reads a story.
func Read(path string) (*Story, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(filepath.Base(path), string(b))
}

// Parse reads a story's text. An error names the line.
func Parse(file, text string) (*Story, error) {
	p := parser{story: &Story{File: file, Companies: map[string]map[string]string{}}}
	var err error
	if p.story.Zone, err = time.LoadLocation("America/New_York"); err != nil {
		return nil, err
	}
	for i, l := range strings.Split(text, "\n") {
		p.line = i + 1
		if err := p.read(strings.TrimRight(l, " \t")); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, p.line, err)
		}
	}
	s := p.story
	switch {
	case s.Title == "" || s.Shows == "":
		return nil, fmt.Errorf("%s: a story begins with a title, an empty line and a paragraph on what it shows", file)
	case len(s.Scenes) == 0:
		return nil, fmt.Errorf("%s: nothing happens", file)
	}
	n := 0
	for i := range s.Scenes {
		n += len(s.Scenes[i].Expect)
	}
	if n == 0 {
		return nil, fmt.Errorf("%s: nothing is expected", file)
	}
	return s, nil
}

type parser struct {
	story *Story
	line  int
	day   time.Time
	head  bool // the title has ended
	patch *Patch
}

func (p *parser) read(l string) error {
	s, text := p.story, strings.TrimSpace(l)
	switch {
	case strings.HasPrefix(text, "|"):
		return p.yaml(strings.TrimPrefix(strings.TrimPrefix(text, "|"), " "))
	case text == "":
		p.head = s.Title != ""
		return nil
	case strings.HasPrefix(text, "#"):
		return nil
	}
	p.patch = nil
	if d, err := time.ParseInLocation(days, text, s.Zone); err == nil {
		if d.Format(days) != text {
			return fmt.Errorf("%s is a %s", d.Format("2 January 2006"), d.Weekday())
		}
		p.day = d
		return nil
	}
	if p.day.IsZero() {
		return p.before(text)
	}
	if rest, ok := strings.CutPrefix(text, "=>"); ok {
		if len(s.Scenes) == 0 {
			return fmt.Errorf("nothing has happened yet that anything could follow from")
		}
		sc := &s.Scenes[len(s.Scenes)-1]
		sc.Expect = append(sc.Expect, Expect{p.line, text, words(strings.TrimSpace(rest))})
		return nil
	}
	m := clock.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no day (Wednesday 4 March 2026), nothing that happens (12:00  …) and no expectation (=> …)", text)
	}
	layout := "15:04:05"[:len(m[1])]
	t, err := time.Parse(layout, m[1])
	if err != nil {
		return fmt.Errorf("%q is no time of day", m[1])
	}
	at := time.Date(p.day.Year(), p.day.Month(), p.day.Day(), t.Hour(), t.Minute(), t.Second(), 0, s.Zone)
	if n := len(s.Scenes); n > 0 && at.Before(s.Scenes[n-1].At) {
		return fmt.Errorf("the story goes back in time; for something that happened earlier write happened: with the time")
	}
	who, what, err := person(m[2])
	if err != nil {
		return err
	}
	s.Scenes = append(s.Scenes, Scene{Line: p.line, At: at, Who: who, What: words(what)})
	return nil
}

// before reads the title, the paragraph and the headers.
func (p *parser) before(text string) error {
	s := p.story
	m := header.FindStringSubmatch(text)
	switch {
	case m == nil && !p.head && s.Title == "":
		s.Title = text
	case m == nil:
		s.Shows = strings.TrimSpace(s.Shows + " " + text)
	case m[1] == "About":
		id, err := subjectOf(m[2])
		s.Account = id
		return err
	case m[1] == "Zone":
		z, err := time.LoadLocation(m[2])
		s.Zone = z
		return err
	case m[1] == "Company":
		w := words(m[2])
		fields := map[string]string{}
		for _, d := range w.Details {
			fields[d.Key] = d.Value
		}
		s.Companies[w.Phrase] = fields
	case m[1] == "Enrichment":
		if m[2] != "silent" {
			return fmt.Errorf("enrichment is silent, or answers what Company: lines say")
		}
		s.Silent = true
	}
	return nil
}

// yaml takes a line of a patch: a file's name, or YAML for the file named before.
func (p *parser) yaml(l string) error {
	s := p.story
	list := &s.Patches
	if len(s.Scenes) > 0 {
		list = &s.Scenes[len(s.Scenes)-1].Patches
	}
	if name := strings.TrimSpace(l); strings.HasSuffix(name, ".yaml") {
		*list = append(*list, Patch{Line: p.line, File: name})
		p.patch = &(*list)[len(*list)-1]
		return nil
	}
	if p.patch == nil {
		return fmt.Errorf("a patch begins with the name of a file: | plays.yaml")
	}
	p.patch.YAML += l + "\n"
	return nil
}
