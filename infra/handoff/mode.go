package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/functions/route"
	"handoff/infra/prose"
	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
)

type modeCmd struct {
	Play string `arg:"" help:"The play's name, as status lists it."`
	Mode string `arg:"" optional:"" default:"" enum:"observe,hold,live,policy," help:"observe, hold, live, or policy: as the policy says again. Left out: only shows."`
	Why  string `help:"What to tell those who ask later." placeholder:"TEXT"`
	By   string `help:"Who does it; you, unless told." placeholder:"WHO"`
}

func (modeCmd) Help() string {
	return `Says how far a play goes, over what the policy says, until told otherwise. observe records
what would have been done; hold keeps each decision for a person's word (handoff release); live
acts. What is held already stays held. Without a mode it shows how far the play goes, and who
paused, resumed or changed it, when and why.

  handoff mode expansion
  handoff mode expansion hold --why "a week of looking at each"
  handoff mode expansion policy --why "the look is over"`
}

// does says what a play in a mode does.
var does = map[routing.Mode]string{
	routing.Observe: "only observes now: it records what it would have done.",
	routing.Hold:    "is on hold now: what it decides waits in handoff queue --held for handoff release.",
	routing.Live:    "is live now: it acts on what is decided from here on. What was held stays held.",
	"":              "goes as far as the policy says again.",
}

// Validate wants a reason for a change, and none for a look.
func (c modeCmd) Validate() error {
	switch {
	case c.Mode != "" && c.Why == "":
		return errors.New("missing flags: --why=TEXT")
	case c.Mode == "" && c.Why+c.By != "":
		return errors.New("--why and --by go with a mode: observe, hold, live or policy")
	}
	return nil
}

func (c modeCmd) Run(e *env) error {
	if c.Mode == "" {
		return c.show(e)
	}
	mode := routing.Mode(c.Mode)
	if c.Mode == "policy" {
		mode = ""
	}
	return e.existing(func(s *stack.Stack) error {
		if err := knownPlay(e.ctx, s, c.Play); err != nil {
			return err
		}
		w := routing.Switch{At: s.Now(), By: who(c.By), Why: c.Why, Did: strings.TrimSpace("mode " + c.Mode)}
		if err := route.SetMode(e.ctx, s.Accounts, c.Play, mode, w); err != nil {
			return err
		}
		return e.answer(switched{c.Play, true, w}, func(out io.Writer) error {
			_, err := fmt.Fprintln(out, prose.Wrap("", "", "The play "+c.Play+" "+does[mode]))
			return err
		})
	})
}

// show tells how far the play goes, and what operators did to it.
func (c modeCmd) show(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		if err := knownPlay(e.ctx, s, c.Play); err != nil {
			return err
		}
		snap, err := take(e.ctx, s, "")
		if err != nil {
			return err
		}
		plays, err := snap.Plays(e.ctx)
		if err != nil {
			return err
		}
		plays = slices.DeleteFunc(plays, func(p report.PlayStatus) bool { return p.Play != c.Play })
		return e.answer(plays[0], func(w io.Writer) error {
			title(w, "Play "+c.Play, moment(snap.At))
			writePlays(w, plays, snap.At)
			fmt.Fprintln(w)
			if len(plays[0].Changes) == 0 {
				para(w, 0, "No operator has paused, resumed or changed it.")
				return nil
			}
			g := grid{columns: []column{{head: "WHEN"}, {head: "DID"}, {head: "WHO", flex: true}}}
			for _, d := range slices.Backward(plays[0].Changes) {
				g.add(when(d.At, snap.At), d.Did, d.By)
				g.note(d.Why)
			}
			g.print(w)
			return nil
		})
	})
}

type releaseCmd struct {
	Decision string `arg:"" optional:"" help:"A decision's id, as handoff queue --held lists it."`
	Play     string `help:"All that this play holds." placeholder:"NAME"`
	Drop     bool   `help:"Decline it instead: nobody is contacted."`
	Why      string `help:"What to tell those who ask later." required:"" placeholder:"TEXT"`
	By       string `help:"Who does it; you, unless told." placeholder:"WHO"`
}

func (releaseCmd) Help() string {
	return `Within a minute what is released passes all gates as they are then, and is handed over or
stopped for good; a pause or a breaker leaves it held. Evidence grows old while it waits: past the
play's act_within it is never acted on. The first word counts: a second is refused. Where nothing
runs on the folder it is done when handoff local next runs.

  handoff release d-4f7a4488f55d4ae8eb06 --why "their CTO expects us"
  handoff release --play expansion --drop --why "last quarter's list"`
}

// released is the answer.
type released struct {
	Drop     bool           `json:"drop"`
	Did      routing.Switch `json:"did"`
	Runs     bool           `json:"runs"` // the pipeline, which does it within a minute; else when it next runs
	Released []heldBack     `json:"released"`
	Refused  []heldBack     `json:"refused"` // of a play's, those that somebody had spoken on already: that word counts
}

func (c releaseCmd) Run(e *env) error {
	if (c.Decision == "") == (c.Play == "") {
		return errors.New("name one decision by its id, or a play with --play; handoff queue --held lists both")
	}
	return e.existing(func(s *stack.Stack) error {
		all, err := heldIn(e.ctx, s)
		if err != nil {
			return err
		}
		chosen := slices.DeleteFunc(all, func(h heldBack) bool {
			return c.Decision != "" && h.ID != c.Decision || c.Play != "" && h.Play != c.Play
		})
		out := released{c.Drop, routing.Switch{At: s.Now(), By: who(c.By), Why: c.Why}, e.running(), []heldBack{}, []heldBack{}}
		var said *routing.SaidError
		for _, h := range chosen {
			err := route.Release(e.ctx, s.Accounts, h.Account, h.ID, routing.Word{Switch: out.Did, Drop: c.Drop})
			switch {
			case errors.Is(err, store.ErrNotFound): // it left the hold just now
			case errors.As(err, &said):
				h.speaks(&said.Word)
				out.Refused = append(out.Refused, h)
			case err != nil:
				return err
			default:
				out.Released = append(out.Released, h)
			}
		}
		switch {
		case len(out.Released) > 0:
		case len(out.Refused) > 0:
			h := &out.Refused[0]
			return fmt.Errorf("%s, and the first word counts: nothing was changed; handoff explain %s tells what comes of it", refusals(out.Refused), h.Name)
		default:
			return errors.New("nothing of that is held; handoff queue --held lists what is, handoff explain what became of the rest")
		}
		err = e.answer(out, func(w io.Writer) error {
			para(w, 0, out.text())
			if len(out.Refused) > 0 {
				para(w, 0, "Left as said before, as the first word counts: "+refusals(out.Refused)+".")
			}
			return nil
		})
		if err == nil && slices.ContainsFunc(out.Refused, func(h heldBack) bool { return h.Word.Drop != c.Drop }) {
			return errAct
		}
		return err
	})
}

// text says what was done, and when something comes of it.
func (r *released) text() string {
	n := count(len(r.Released), "decision", "decisions")
	switch {
	case r.Drop && r.Runs:
		return n + " dropped. Nobody is contacted."
	case r.Drop:
		return n + " dropped. Nobody is contacted. Nothing runs on this folder now: it is recorded when `handoff local` next runs."
	case r.Runs:
		return n + " released. Within a minute each is handed over, or stopped by a gate; handoff explain says which."
	}
	return n + " released. Nothing runs on this folder now: it is done when `handoff local` next runs. Each is then handed over, or stopped by a gate; handoff explain says which."
}

// refusals names decisions that somebody had spoken on already, and who.
func refusals(l []heldBack) string {
	var out []string
	for _, h := range l {
		out = append(out, h.ID+" is already "+h.Word.Says())
	}
	return list(out, 5)
}

// heldBack is a decision that waits for a person's word, for people and programs.
type heldBack struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Name    string    `json:"name"`
	Person  string    `json:"person,omitempty"`
	Play    string    `json:"play"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"held_at"`
	Until   time.Time `json:"until"`          // its evidence is too old after
	Said    string    `json:"said,omitempty"` // what somebody said of it, or why it is still here
	// Word is what somebody said and nothing came of yet.
	Word *routing.Word `json:"word,omitempty"`
}

// speaks enters a word that was said of it.
func (h *heldBack) speaks(w *routing.Word) { h.Word, h.Said = w, w.Says()+", not yet acted on" }

// heldIn lists what is held, the one that ends first before others.
func heldIn(ctx context.Context, s *stack.Stack) ([]heldBack, error) {
	out := []heldBack{}
	for h, err := range route.Held(ctx, s.Accounts) {
		if err != nil {
			return nil, err
		}
		d := &h.Decision
		name := cmp.Or(d.Context.Name, d.Context.Domain, h.Account)
		if kind := subject.KindOf(name); kind == subject.Account || kind == subject.Email {
			name = subject.KeyOf(name)
		}
		b := heldBack{ID: d.ID, Account: h.Account, Name: name, Person: d.Person, Play: d.Play, Reason: d.Reason, At: h.At, Until: h.Until, Said: h.Note}
		if h.Word != nil {
			b.speaks(h.Word)
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b heldBack) int {
		if c := a.Until.Compare(b.Until); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// heldQueue is all that is held, as JSON.
type heldQueue struct {
	At   time.Time  `json:"at"`
	Held []heldBack `json:"held"` // the one that ends first before others
}

func (c queueCmd) held(e *env, s *stack.Stack) error {
	if c.Rep != "" || c.Team != "" || c.Overdue || c.At != "" {
		return errors.New("what is held has no owner and no deadline yet: --held goes by itself")
	}
	all, err := heldIn(e.ctx, s)
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	return e.answer(heldQueue{now, all}, func(w io.Writer) error {
		title(w, "Held", moment(now))
		if len(all) == 0 {
			para(w, 0, "Nothing is held.")
			return nil
		}
		para(w, 0, "Read: each waits for handoff release, and is never acted on after UNTIL.")
		fmt.Fprintln(w)
		g := grid{columns: []column{{head: "DECISION"}, {head: "ACCOUNT", flex: true}, {head: "PLAY", flex: true}, {head: "AGE", right: true}, {head: "UNTIL"}}}
		for _, h := range all {
			g.add(h.ID, h.Name, h.Play, span(int64(now.Sub(h.At).Seconds())), when(h.Until, now))
			note := h.Reason
			if h.Said != "" {
				note += " (" + h.Said + ")"
			}
			g.note(note)
		}
		g.print(w)
		return nil
	})
}
