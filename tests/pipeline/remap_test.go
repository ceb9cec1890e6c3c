package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"handoff/infra/local"
	"handoff/infra/remap"
	"handoff/infra/stack"
	"handoff/infra/transit"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

// acme is a tool's contract, valid and wrong: the visitor's number is taken for the user's, a look at prices for any page,
// the mail's topic for the title, the workspace for one of its own, and pings for use.
const acme = `name: acme
version: 1
owner: web
about: A tool of one's own.
recognise: {source: [acme.web]}
id: detail.id
time: [{path: detail.at, as: iso}]
map:
  - when: {detail: {what: [hello]}}
    source_type: {value: web}
    kind: {value: identified}
    subject: [{kind: user, of: detail.visitor}]
    links: [{kind: email, of: detail.email}, {kind: account, of: detail.site}]
    person: {title: detail.topic}
  - when: {detail: {what: [deal]}}
    source_type: {value: web}
    kind: {value: opportunity_updated}
    subject: [{id: detail.deal}]
    links: [{kind: account, of: detail.site}]
    opportunity: {id: [{id: detail.deal}], status: detail.status, amount: {minor: detail.cents, currency: {value: USD}}}
  - source_type: {value: web}
    kind: {path: detail.what, table: {ping: feature_used, demo: demo_requested}, else: page_viewed}
    subject: [{kind: user, of: detail.visitor}]
    channel: {value: direct}
`

// mended says the same of the tool as it should be.
var mended = strings.NewReplacer(
	"version: 1", "version: 2",
	"subject: [{kind: user, of: detail.visitor}]", "subject: [{kind: user, of: detail.user}]",
	"{kind: account, of: detail.site}]\n    person", "{kind: account, of: detail.company}]\n    person",
	"title: detail.topic", "title: detail.title",
	"minor: detail.cents", "minor: detail.amount",
	"{ping: feature_used, demo: demo_requested}, else: page_viewed", "{prices: pricing_viewed, demo: demo_requested}, else: page_viewed",
	"map:\n", "ignore: [{when: {detail: {what: [ping]}}, reason: A ping is not a visit.}]\nmap:\n",
	"channel: {value: direct}", "channel: {value: email}",
).Replace(acme)

func contracts(t *testing.T, text string) *contract.Set {
	t.Helper()
	files := fstest.MapFS{"sources/acme.yaml": {Data: []byte(text)}}
	for _, name := range []string{"operator.yaml", "canonical.yaml"} {
		files["sources/"+name] = &fstest.MapFile{Data: source(t, "sources/"+name)}
	}
	for _, name := range []string{"Touch", "SubjectsLinked", "SubjectsUnlinked", "TouchesRevised", "ReassignmentWanted"} {
		files["schemas/"+name+".schema.json"] = &fstest.MapFile{Data: source(t, "schemas/"+name+".schema.json")}
	}
	set, err := contract.Load(files, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// visited is what three persons of two companies did, and a deal, as the tool tells of them.
func visited() []event.Envelope {
	n := 0
	say := func(minutes int, what, user, visitor string, more string) event.Envelope {
		n++
		at := rig.Noon.Add(time.Duration(minutes) * time.Minute)
		return rig.Raw("acme.web", "Seen", fmt.Sprintf(`{"id":"e%d","at":%q,"what":%q,"user":%q,"visitor":%q%s}`, n, at.Format(time.RFC3339), what, user, visitor, more), at)
	}
	return []event.Envelope{
		say(0, "hello", "ann", "v1", `,"email":"ann@initech.example","company":"initech.example","site":"hooli.example","title":"CTO","topic":"Intern"`),
		say(1, "prices", "ann", "v1", ""),
		say(2, "ping", "ann", "v1", ""),
		say(3, "hello", "bob", "v1", `,"email":"bob@globex.example","company":"globex.example","site":"globex.example","title":"Buyer","topic":"Buyer"`),
		say(4, "prices", "bob", "v1", ""),
		say(5, "page", "cy", "v2", ""),
		say(6, "demo", "cy", "v2", ""),
		say(7, "hello", "cy", "v2", `,"email":"cy@initech.example","company":"initech.example","site":"initech.example","title":"VP Engineering","topic":"News"`),
		say(60, "deal", "", "", `,"deal":"opportunity:acme/1","site":"initech.example","status":"won","cents":100,"amount":250000`),
		say(61, "prices", "cy", "v2", ""),
	}
}

var askAll = remap.Ask{Source: "acme", Since: rig.Noon.Add(-time.Hour), By: "rita", Why: "the visitor is not the user"}

var digests = regexp.MustCompile(`"(digest|revision|causation_id|correlation_id)":"?[^",}]*"?`)

// money are the credits, but for what names the revisions they were made of.
func money(r *rig.Rig) map[string]string {
	out := map[string]string{}
	for id, text := range r.Credits() {
		out[id] = digests.ReplaceAllString(text, "")
	}
	return out
}

// like compares two runs at one time.
func like(t *testing.T, what string, want, got *rig.Rig, at time.Time) {
	t.Helper()
	// What a provider has answered about a company goes on being true of it, though nobody of it was ever here.
	known := func(all map[string]string) map[string]string {
		delete(all, "account:hooli.example")
		return all
	}
	for part, d := range map[string]string{
		"facts": rig.Diff(known(want.Facts()), known(got.Facts())), "facts folded again": rig.Diff(got.Rebuilt(), got.Facts()),
		"evaluations": rig.Diff(known(want.Evaluations(at)), known(got.Evaluations(at))), "credits": rig.Diff(money(want), money(got)),
	} {
		if d != "" {
			t.Errorf("%s: %s differ: -want +got\n%s", what, part, d)
		}
	}
}

// After a remap everything is as if the mapping had been right from the beginning, and a second remap does nothing.
func TestRemapIsAsIfItHadBeenRight(t *testing.T) {
	end := rig.Noon.Add(80 * time.Hour)
	right := rig.Open(t, rig.Config{Dataset: known, Contracts: contracts(t, mended)})
	right.Play(visited())
	r := rig.Open(t, rig.Config{Dataset: known, Contracts: contracts(t, acme)})
	r.Play(visited())
	if rig.Diff(right.Facts(), r.Facts()) == "" {
		t.Fatal("the mapping makes no difference: mending it shows nothing")
	}
	r.Mend(contracts(t, mended))
	before := r.Facts()
	look, err := remap.Look(context.Background(), r.Stack, askAll)
	if err != nil {
		t.Fatal(err)
	}
	if d := rig.Diff(before, r.Facts()); d != "" {
		t.Errorf("looking changed something\n%s", d)
	}
	// Worked out by hand: of ten touches the ping is withdrawn, the deal has another amount, the eight others another subject.
	if look.Events != 10 || look.Moved != 8 || look.Changed != 1 || look.Withdrawn != 1 || look.Same+look.Added+look.Refused+look.Others != 0 {
		t.Errorf("%+v", look)
	}
	if len(look.Handoffs) == 0 || look.Handoffs[0].Owner == "" || look.Handoffs[0].Account == "" {
		t.Errorf("handoffs that went the wrong way: %+v", look.Handoffs)
	}
	did, err := remap.Do(context.Background(), r.Stack, askAll)
	if err != nil || !did.Settled {
		t.Fatalf("%+v %v", did, err)
	}
	r.Drain()
	again, err := remap.Do(context.Background(), r.Stack, askAll)
	if err != nil || !again.Nothing() || again.Applied || again.Same != 9 {
		t.Errorf("a second time: %+v %v; want nothing to do", again, err)
	}
	// A tool that sends again what it sent finds it recorded.
	r.Send(visited()...)
	for _, one := range []*rig.Rig{right, r} {
		one.AdvanceTo(end)
		one.Quiet()
	}
	like(t, "after the remap", right, r, end)
	if len(right.Credits()) == 0 {
		t.Error("no deal was credited")
	}
	whole(t, r)
}

// over is a stack as its command sees it, by another way to its bus and its ledger.
func over(r *rig.Rig, t stack.Transit, l *ledger.Ledger) *stack.Stack {
	return &stack.Stack{Transit: t, Ledger: l, Now: r.Runtime.Now, Accounts: r.Accounts, History: r.History, Graph: r.Graph, Gates: r.Gates,
		Policy: r.Policy, Policies: r.Policies, Contracts: r.Contracts, Topology: r.Topology, Log: r.Log}
}

// dying lets a command's own writes and puts fail.
type dying struct {
	stack.Transit
	fuse *storetest.Fuse
}

func (d dying) Put(ctx context.Context, batch []event.Envelope) (taken transit.Taken, err error) {
	err = d.fuse.Publisher(publisher(func(ctx context.Context, events []event.Envelope) error {
		taken, err = d.Transit.Put(ctx, events)
		return err
	})).Publish(ctx, batch)
	return taken, err
}

type publisher func(context.Context, []event.Envelope) error

func (p publisher) Publish(ctx context.Context, events []event.Envelope) error { return p(ctx, events) }

// Whatever the command dies at, and whatever score dies at, the same command again ends the same.
func TestRemapAtEveryCrash(t *testing.T) {
	end := rig.Noon.Add(6 * time.Hour)
	play := func(command, functions *storetest.Fuse) (r *rig.Rig, from, to int) {
		r = rig.Open(t, rig.Config{Dataset: known, Contracts: contracts(t, acme), Fuse: functions})
		r.Play(visited())
		r.Mend(contracts(t, mended))
		from = functions.Steps()
		mortal := over(r, dying{r.Transit, command}, &ledger.Ledger{Table: command.Table(r.History)})
		ended := func(err error) {
			switch {
			case errors.Is(err, local.ErrCrashed):
				r.Restart()
			case err != nil && !errors.Is(err, store.ErrUnavailable):
				t.Fatalf("the command ends in %v", err)
			}
		}
		_, err := remap.Do(context.Background(), mortal, askAll)
		ended(err)
		r.Drain()
		command.Reset()
		_, err = remap.Do(context.Background(), r.Stack, askAll)
		ended(err)
		r.Drain()
		to = functions.Steps()
		r.AdvanceTo(end)
		r.Quiet()
		return r, from, to
	}
	never := func() *storetest.Fuse { return storetest.NewFuse(0, storetest.NotStored) }
	command := never()
	want, from, to := play(command, never())
	if steps := command.Steps(); steps != 2 || to-from < 30 {
		t.Fatalf("the command took %d steps, the functions %d", steps, to-from)
	}
	for step := 1; step <= command.Steps(); step++ {
		for _, mode := range storetest.Modes {
			fuse := storetest.NewFuse(step, mode)
			r, _, _ := play(fuse, never())
			if !fuse.Blown() {
				t.Fatalf("step %d was not reached", step)
			}
			like(t, fmt.Sprintf("the command died at step %d, %v", step, mode), want, r, end)
			r.Close()
		}
	}
	stride := 4 // another mode each time
	if phase.Part(t, "every 32nd death") {
		stride = 32
	}
	for step := from + 1; step <= to; step += stride {
		mode := storetest.Modes[step%len(storetest.Modes)]
		fuse := storetest.NewFuse(step, mode)
		r, _, _ := play(never(), fuse)
		if !fuse.Blown() {
			t.Fatalf("step %d was not reached", step)
		}
		like(t, fmt.Sprintf("the functions died at step %d of %d to %d, %v", step, from+1, to, mode), want, r, end)
		r.Close()
	}
}

// untold is a stack whose archive cannot be listed.
type untold struct{ stack.Transit }

func (untold) Archived(context.Context, time.Time, time.Time) iter.Seq2[event.Envelope, error] {
	return func(yield func(event.Envelope, error) bool) {
		yield(event.Envelope{}, fmt.Errorf("the archive: %w", transit.ErrUntold))
	}
}

// Where the archive cannot be listed, raw events are given; without them it is said what to do.
func TestRemapOfGivenEvents(t *testing.T) {
	r := rig.Open(t, rig.Config{Dataset: known, Contracts: contracts(t, acme)})
	r.Play(visited())
	var raw []event.Envelope
	for e, err := range r.Transit.Archived(context.Background(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Source == "acme.web" {
			raw = append(raw, e)
		}
	}
	r.Mend(contracts(t, mended))
	cloud := over(r, untold{r.Transit}, r.Ledger)
	if _, err := remap.Look(context.Background(), cloud, askAll); !errors.Is(err, remap.ErrUntold) || !strings.Contains(err.Error(), "FilterArns") || !strings.Contains(err.Error(), "--events FILE") {
		t.Errorf("without events: %v", err)
	}
	ask := askAll
	ask.Events = func(yield func(event.Envelope, error) bool) {
		for _, e := range raw[:2] {
			if !yield(e, nil) {
				return
			}
		}
	}
	p, err := remap.Look(context.Background(), cloud, ask)
	if err != nil || p.Events != 2 || p.Moved != 2 || p.Withdrawn != 0 {
		t.Errorf("%+v %v: want the two touches of the two events alone", p, err)
	}
	if _, err := remap.Look(context.Background(), cloud, remap.Ask{Source: "acne"}); err == nil || !strings.Contains(err.Error(), "acme") {
		t.Errorf("a contract that is not there: %v", err)
	}
}

// source is a file of events.
func source(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../events/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
