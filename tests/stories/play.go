package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"handoff/functions/enrich"
	"handoff/functions/route"
	"handoff/infra/aside"
	"handoff/infra/local"
	policyfiles "handoff/infra/policy"
	"handoff/infra/reassign"
	"handoff/infra/unmerge"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/tests/rig"
)

// Times is how often each event is delivered.
type Times int

// Once and Twice: twice must come to the same.
const (
	Once  Times = 1
	Twice Times = 2
)

// play is one performance of a story.
type play struct {
	*rig.Rig
	t     *testing.T
	story *Story
	times Times
	down  string                    // which function cannot write
	sent  map[string]event.Envelope // by the id that the story gives
	files map[string]string         // of the policy in force

	seen        map[string]int // records that were there before, by their JSON
	quarantined int
}

// companies is whom enrichment can ask.
type companies map[string]map[string]string

func (c companies) Lookup(_ context.Context, domain string) (map[string]string, bool, error) {
	f, ok := c[domain]
	return f, ok, nil
}

// Play performs a story and fails the test where something else comes of it than is expected.
func Play(t *testing.T, s *Story, times Times) {
	t.Helper()
	p := &play{t: t, story: s, times: times, sent: map[string]event.Envelope{}, seen: map[string]int{}}
	var err error
	if p.files, err = shipped(); err == nil {
		p.files, err = patched(p.files, s.Patches)
	}
	if err != nil {
		t.Fatalf("%s: %v", s.File, err)
	}
	p.Rig = rig.Open(t, rig.Config{Start: s.Scenes[0].At, Policy: folder(p.files), Dataset: enrich.Provider(companies(s.Companies)),
		Table: func(tb store.Table) store.Table { return outage{tb, &p.down} }, Wire: p.wire})
	for i := range s.Scenes {
		sc := &s.Scenes[i]
		p.AdvanceTo(sc.At)
		if err := p.perform(sc); err != nil {
			t.Fatalf("%s:%d: %v", s.File, sc.Line, err)
		}
		p.check(sc)
	}
	p.end()
}

func (p *play) wire(top *local.Topology) {
	if p.story.Silent {
		top.Rules = slices.DeleteFunc(top.Rules, func(r local.Rule) bool { return r.ID == "EnrichRule" })
	}
}

// perform does what a scene says.
func (p *play) perform(sc *Scene) error {
	switch {
	case sc.Who == "time":
		return nil // it has passed
	case sc.Who == "score" || sc.Who == "route":
		return p.outage(sc)
	case sc.Who == "operator":
		return p.operate(sc)
	case strings.HasPrefix(sc.Who, "event "):
		e, ok := p.sent[strings.TrimPrefix(sc.Who, "event ")]
		if !ok || sc.What.Phrase != "comes again" {
			return fmt.Errorf("an event that was given an id before can come again, and nothing else")
		}
		p.put(rig.Late(e, sc.At))
		return nil
	}
	e, err := p.envelope(sc)
	if err != nil {
		return err
	}
	if id := sc.What.Get("id"); id != "" && p.sent[id].Detail == nil {
		p.sent[id] = e
	}
	p.put(e)
	return nil
}

func (p *play) put(e event.Envelope) {
	for range p.times {
		p.Send(e)
	}
}

// operate does what an operator does, by what the operator's command calls.
func (p *play) operate(sc *Scene) error {
	ctx := context.Background()
	why := sc.What.Get("why")
	w := routing.Switch{At: sc.At.UTC(), By: "operator", Why: why}
	does, what, _ := strings.Cut(sc.What.Phrase, " ")
	switch {
	case does == "pauses":
		return route.Pause(ctx, p.Accounts, what, w)
	case does == "resumes":
		return route.Resume(ctx, p.Accounts, what, w)
	case does == "sets":
		name, mode, _ := strings.Cut(what, " to ")
		return route.SetMode(ctx, p.Accounts, name, routing.Mode(mode), w)
	case sc.What.Phrase == "activates a policy":
		files, err := patched(p.files, sc.Patches)
		if err != nil {
			return err
		}
		p.files = files
		_, err = p.Policies.Activate(ctx, files, "operator", why)
		return err
	case sc.What.Phrase == "rolls back":
		to, err := p.Policies.Previous(ctx)
		if err != nil {
			return err
		}
		a, err := p.Policies.Rollback(ctx, to, "operator", why)
		if err == nil {
			p.files = a.Files
		}
		return err
	case does == "reassigns":
		from, to, _ := strings.Cut(what, " to ")
		plan, err := reassign.Do(ctx, p.Stack, reassign.Ask{From: from, To: to, By: "operator", Why: why})
		if err == nil && !plan.Settled {
			err = fmt.Errorf("it is not settled: %+v", plan)
		}
		return err
	case does == "releases" || does == "drops":
		return p.release(what, routing.Word{Switch: w, Drop: does == "drops"})
	case does == "unmerges" || does == "merges":
		who, from, _ := strings.Cut(what, map[string]string{"unmerges": " from ", "merges": " with "}[does])
		ask := unmerge.Ask{From: from, Link: does == "merges", By: "operator", Why: why}
		var err error
		if ask.Who, err = subjectOf(who); err != nil {
			return err
		}
		plan, err := unmerge.Do(ctx, p.Stack, ask)
		if err == nil && !plan.Settled {
			err = fmt.Errorf("it is not settled: %+v", plan)
		}
		return err
	case sc.What.Phrase == "replays the dead letters":
		letters, err := aside.Letters(ctx, p.Stack, "")
		if err != nil {
			return err
		}
		_, err = aside.Replay(ctx, p.Stack, letters)
		return err
	case sc.What.Phrase == "retries the quarantine":
		events, err := aside.Quarantined(ctx, p.Stack, aside.Filter{})
		if err != nil {
			return err
		}
		_, err = aside.Retry(ctx, p.Stack, events)
		return err
	}
	return fmt.Errorf("an operator does not %q here", sc.What.Phrase)
}

// release puts a word on all that a play holds.
func (p *play) release(play string, w routing.Word) error {
	found := false
	for h, err := range route.Held(context.Background(), p.Accounts) {
		if err == nil && h.Decision.Play == play {
			found = true
			err = route.Release(context.Background(), p.Accounts, h.Account, h.Decision.ID, w)
		}
		if err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("nothing of the play %s is held", play)
	}
	return nil
}

// outage lets a function fail to write, or write again.
func (p *play) outage(sc *Scene) error {
	switch sc.What.Phrase {
	case "cannot write":
		p.down = sc.Who
	case "can write again":
		p.down = ""
	default:
		return fmt.Errorf("%s cannot write, or can write again", sc.Who)
	}
	return nil
}

// outage fails the writes of one function: of items where it is score's, of the plays' items where it is route's.
type outage struct {
	store.Table
	down *string
}

func (o outage) fails(r *store.Record) bool {
	switch *o.down {
	case "score":
		return r.Sort == "item" && !strings.HasPrefix(r.Partition, "play:") && !strings.HasPrefix(r.Partition, "team:")
	case "route":
		return strings.HasPrefix(r.Partition, "play:")
	}
	return false
}

func (o outage) Put(ctx context.Context, r store.Record) error {
	if o.fails(&r) {
		return store.ErrUnavailable
	}
	return o.Table.Put(ctx, r)
}

func (o outage) PutMany(ctx context.Context, rs []store.Record) []error {
	for i := range rs {
		if o.fails(&rs[i]) {
			return slices.Repeat([]error{store.ErrUnavailable}, len(rs))
		}
	}
	return o.Table.PutMany(ctx, rs)
}

// shipped is the policy that the build ships.
func shipped() (map[string]string, error) {
	out := map[string]string{}
	for _, name := range policy.Files {
		b, err := fs.ReadFile(policyfiles.Default, name)
		if err != nil {
			return nil, err
		}
		out[name] = string(b)
	}
	return out, nil
}

// patched merges patches into the files of a policy.
func patched(files map[string]string, patches []Patch) (map[string]string, error) {
	out := maps.Clone(files)
	for _, x := range patches {
		if out[x.File] == "" {
			return nil, fmt.Errorf("line %d: a policy has no file %s", x.Line, x.File)
		}
		text, err := merged(out[x.File], x.YAML)
		if err != nil {
			return nil, fmt.Errorf("line %d: patch of %s: %w", x.Line, x.File, err)
		}
		out[x.File] = text
	}
	return out, nil
}

func folder(files map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// end holds every story to what is true of all: nothing is under way or dead that the story does not tell, and the
// facts are those that the ledger alone gives.
func (p *play) end() {
	p.t.Helper()
	p.Quiet()
	if d := rig.Diff(p.Rebuilt(), p.Facts()); d != "" {
		p.t.Errorf("%s: rebuilt and incremental facts: %s", p.story.File, d)
	}
}

// news are the records that were not there before, the earliest first.
func (p *play) news() []routing.Record {
	now := map[string]int{}
	var out []routing.Record
	for _, r := range p.Records() {
		b, err := json.Marshal(r)
		if err != nil {
			p.t.Fatal(err)
		}
		now[string(b)]++
		if now[string(b)] > p.seen[string(b)] && !(p.times > Once && r.Outcome == routing.Repeated) {
			out = append(out, r)
		}
	}
	p.seen = now
	slices.SortStableFunc(out, func(a, b routing.Record) int {
		return strings.Compare(a.At.Format(time.RFC3339Nano)+a.Account+a.Play+a.Outcome, b.At.Format(time.RFC3339Nano)+b.Account+b.Play+b.Outcome)
	})
	return out
}
