// Package contract holds events, schemas, samples, Go types and the template's rules to one another. What the samples of
// one source mean, field by field, is tested beside the contracts (shared/contract), and that schemas and Go types have
// the same fields beside the schemas (events).
package contract

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/events"
	"handoff/infra/local"
	"handoff/infra/stack"
	source "handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/pattern"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// incoming are the detail types that tools send us by forms of our own.
var incoming = []string{"Touch", "ListMember", "CrmAccount", "CrmContact", "CrmOpportunity", "Spend",
	event.SubjectsLinked, event.SubjectsUnlinked, event.TouchesRevised, event.ReassignmentWanted}

// sample is one file of events/samples.
type sample struct {
	file, folder string
	valid        bool
	event        event.Envelope
	raw          []byte
}

func samples(t *testing.T) []sample {
	t.Helper()
	var out []sample
	err := fs.WalkDir(events.Samples, "samples", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".json") {
			return err
		}
		parts := strings.Split(file, "/")
		if len(parts) != 4 || parts[2] != "valid" && parts[2] != "invalid" {
			t.Errorf("%s: samples stand in <detail type or source>/valid or invalid", file)
			return nil
		}
		s := sample{file: file, folder: parts[1], valid: parts[2] == "valid"}
		if s.raw, err = fs.ReadFile(events.Samples, file); err == nil {
			err = json.Unmarshal(s.raw, &s.event)
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		out = append(out, s)
		return nil
	})
	if err != nil || len(out) < 100 {
		t.Fatalf("%d samples: %v", len(out), err)
	}
	return out
}

// Every detail type of ours has one schema and samples that keep and break it, and no schema or sample is of a type that
// is not there.
func TestEveryDetailTypeHasSchemaAndSamples(t *testing.T) {
	types := slices.Concat(event.DetailTypes, incoming)
	set := rig.Schemas(t, events.Schemas)
	for _, dt := range types {
		if set[dt] == nil {
			t.Errorf("%s has no schema", dt)
		}
	}
	if len(set) != len(types) {
		t.Errorf("%d schemas for %d detail types", len(set), len(types))
	}
	count := map[string]int{}
	for _, s := range samples(t) {
		if !slices.Contains(types, s.folder) {
			continue
		}
		if s.event.DetailType != s.folder {
			t.Errorf("%s is of detail type %q", s.file, s.event.DetailType)
		}
		count[fmt.Sprint(s.folder, " ", s.valid)]++
		if err := set.Check(s.folder, s.event.Detail); s.valid && err != nil {
			t.Errorf("%s: %v", s.file, err)
		}
	}
	for _, dt := range types {
		if count[dt+" true"] == 0 || count[dt+" false"] == 0 {
			t.Errorf("%s has %d valid and %d invalid samples, want some of each", dt, count[dt+" true"], count[dt+" false"])
		}
	}
}

// decoders read a detail strictly into the Go type of its detail type.
var decoders = map[string]func(*event.Envelope) error{
	event.TouchRecorded:      strict[event.TouchDetail](event.TouchRecorded),
	event.AccountEnriched:    strict[event.TouchDetail](event.AccountEnriched),
	event.EnrichmentWanted:   strict[event.EnrichmentWantedDetail](event.EnrichmentWanted),
	event.DecisionMade:       strict[event.Decision](event.DecisionMade),
	event.ConversionRecorded: strict[event.Conversion](event.ConversionRecorded),
	event.CreditsDue:         strict[event.CreditsDueDetail](event.CreditsDue),
	event.HandoffOffered:     strict[event.HandoffDetail](event.HandoffOffered),
	event.NurtureEnrolled:    strict[event.HandoffDetail](event.NurtureEnrolled),
	event.HandoffReminded:    strict[event.HandoffDetail](event.HandoffReminded),
	event.HandoffEscalated:   strict[event.HandoffDetail](event.HandoffEscalated),
	event.HandoffReassigned:  strict[event.HandoffDetail](event.HandoffReassigned),
	event.HandoffClosed:      strict[event.HandoffDetail](event.HandoffClosed),
	event.RevenueAttributed:  strict[event.Attributed](event.RevenueAttributed),
	event.PolicyActivated:    strict[event.PolicyActivatedDetail](event.PolicyActivated),
}

func strict[T any](detailType string) func(*event.Envelope) error {
	return func(e *event.Envelope) error {
		_, err := event.Decode[T](e, detailType)
		return err
	}
}

func TestValidSamplesDecodeStrictly(t *testing.T) {
	n := 0
	for _, s := range samples(t) {
		if decode := decoders[s.folder]; decode != nil && s.valid {
			n++
			if err := decode(&s.event); err != nil {
				t.Errorf("%s: %v", s.file, err)
			}
		}
	}
	if n < len(event.DetailTypes) || len(decoders) != len(event.DetailTypes) {
		t.Errorf("%d samples of %d types were decoded, there are %d types", n, len(decoders), len(event.DetailTypes))
	}
}

// hears says which rules an event of ours must reach; every other detail type of ours is for other people's rules.
var hears = map[string][]string{
	event.TouchRecorded:      {"ScoreRule"},
	event.AccountEnriched:    {"ScoreRule"},
	event.EnrichmentWanted:   {"EnrichRule"},
	event.DecisionMade:       {"RouteRule"},
	event.ConversionRecorded: {"AttributionRule"},
	event.CreditsDue:         {"AttributionRule"},
}

// Each sample matches exactly the rules of template.yaml that it should: what tools send reaches ingest and nobody else,
// what we publish reaches its function alone, and an answer to a handoff reaches route beside score.
func TestSamplesMatchTheirRules(t *testing.T) {
	text, err := stack.FindTemplate()
	if err != nil {
		t.Fatal(err)
	}
	top, err := local.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	patterns := map[string]*pattern.Pattern{}
	own := top.Buses[slices.IndexFunc(top.Buses, func(b local.Bus) bool { return b.ID != "" })].Name
	for _, r := range top.Rules {
		if r.Pattern == nil || r.Bus != own {
			continue // the sweep, and what is forwarded from other buses
		}
		if patterns[r.ID], err = pattern.Compile(r.Pattern); err != nil {
			t.Fatalf("%s: %v", r.ID, err)
		}
		if len(r.Targets) != 1 || r.Targets[0].Queue == "" || r.Targets[0].DeadLetter == "" {
			t.Errorf("%s has targets %+v, want one queue with a dead-letter queue", r.ID, r.Targets)
		}
	}
	if len(patterns) != 6 {
		t.Fatalf("%d rules with a pattern, want one a function and one for what route hears of touches", len(patterns))
	}
	answers, others := 0, 0
	match := func(name string, raw []byte, e *event.Envelope) {
		t.Helper()
		want := []string{"IngestRule"}
		if e.Source == event.Source {
			want = slices.Clone(hears[e.DetailType])
			var d event.TouchDetail
			if e.DetailType == event.TouchRecorded && json.Unmarshal(e.Detail, &d) == nil && slices.Contains(touch.RouteKinds, d.Touch.Kind) {
				want = append(want, "FeedbackRule")
				answers++
			}
		} else {
			others++
		}
		var parsed pattern.Event
		if err := pattern.Parse(raw, &parsed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for id, p := range patterns {
			if p.Match(&parsed) {
				got = append(got, id)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (%s of %s) reaches: -want +got\n%s", name, e.DetailType, e.Source, d)
		}
	}
	for _, s := range samples(t) {
		if own := slices.Contains(event.DetailTypes, s.folder); own != (s.event.Source == event.Source) {
			t.Errorf("%s comes from %q", s.file, s.event.Source)
		}
		match(s.file, s.raw, &s.event)
	}
	// Each kind that route hears once, whatever samples there are.
	for _, kind := range touch.RouteKinds {
		e := event.Envelope{ID: "1", Source: event.Source, DetailType: event.TouchRecorded, Time: rig.Noon,
			Detail: json.RawMessage(`{"touch":{"kind":"` + kind + `"}}`)}
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		match("a touch of kind "+kind, raw, &e)
	}
	if answers < len(touch.RouteKinds) || others < 50 {
		t.Errorf("%d answers and %d events of tools were tried: too few", answers, others)
	}
}

// The partner buses that parameters name are forwarded to ours.
func TestPartnerBusesAreForwarded(t *testing.T) {
	text, err := stack.FindTemplate()
	if err != nil {
		t.Fatal(err)
	}
	params := map[string]string{"SegmentBus": "aws.partner/segment.com/abc", "StripeBus": "aws.partner/stripe.com/ed_1", "SalesforceBus": "aws.partner/salesforce.com/00D/0YL"}
	top, err := local.LoadWith(text, params)
	if err != nil {
		t.Fatal(err)
	}
	forwarded := map[string]int{}
	for _, r := range top.Rules {
		for _, target := range r.Targets {
			if target.Bus != "" {
				forwarded[r.Bus]++
			}
		}
	}
	for _, bus := range params {
		if forwarded[bus] != 1 {
			t.Errorf("%s is forwarded by %d rules, want 1", bus, forwarded[bus])
		}
	}
}

// Events of the tools' folders are read by the contract of that name; invalid ones fail by a code, valid ones do not.
func TestSourceSamplesAreReadByTheirContract(t *testing.T) {
	set, err := source.Load(events.Sources, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]int{}
	for _, c := range set.Contracts() {
		sources[c.Name] = 0
	}
	for _, s := range samples(t) {
		if _, ok := sources[s.folder]; !ok {
			continue
		}
		failed := false
		for _, o := range set.Read(&s.event) {
			if o.Failure != nil {
				failed = true
				if !slices.Contains(source.Codes, o.Failure.Code) || o.Failure.Reason == "" {
					t.Errorf("%s: fails as %+v, want a known code and a reason", s.file, o.Failure)
				}
			}
			if name, _, _ := strings.Cut(o.Contract, "@"); name != s.folder {
				t.Errorf("%s is read by %q", s.file, o.Contract)
			}
		}
		if failed == s.valid {
			t.Errorf("%s: valid by its folder: %v, failed: %v", s.file, s.valid, failed)
		}
		sources[s.folder]++
	}
	for name, n := range sources {
		if n < 2 && name != "import" && name != "canonical" && name != "operator" { // their samples stand under their detail types
			t.Errorf("the source %s has %d samples", name, n)
		}
	}
}

// A detail type is one constant: written out anywhere else, it could be misspelt there and nobody would hear the event.
func TestDetailTypesAreWrittenOnce(t *testing.T) {
	root := "../.."
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (strings.HasPrefix(name, ".") && file != root || name == "testdata" || name == "tests") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.ToSlash(file), root+"/shared/event/") {
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			return err
		}
		files++
		ast.Inspect(tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if s, err := strconv.Unquote(lit.Value); err == nil && (slices.Contains(event.DetailTypes, s) || s == event.Sweep) {
				t.Errorf("%s: %q is written out: use the constant of shared/event", set.Position(lit.Pos()), s)
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files read: %v", files, err)
	}
}
