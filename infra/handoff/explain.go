package main

import (
	"errors"
	"io"

	"handoff/infra/explain"
	"handoff/infra/report"
	"handoff/infra/stack"
)

type explainCmd struct {
	Who     string `arg:"" optional:"" help:"A domain, e-mail address, company name, CRM or user id, subject, handoff or decision id."`
	At      string `help:"A day or a moment: last thursday, 12 March, 2026-03-12, 2026-03-12T15:36:00Z." default:""`
	AsKnown string `help:"By what was known at this time; else as known then, compared with now." default:"" placeholder:"TIME"`
	Event   string `help:"What became of one event: the id of its envelope, its touch, or the tool's own." default:"" placeholder:"ID"`
}

func (explainCmd) Help() string {
	return `Why somebody was contacted, or nobody: by which play, because of which score, from which
touches, under which policy; who else could have got it; what came of it; and whether what
has been heard since would have changed it. Times are UTC.

  handoff explain meridianloom.example --at "12 March"
  handoff explain nora.castillo@meridianloom.example --at "last thursday"
  handoff explain hof_bxtsacp944gbn18k --format json
  handoff explain --event ajs-next-35ddd2873921838b3c93`
}

func (c explainCmd) Run(e *env) error {
	if (c.Who == "") == (c.Event == "") {
		return errors.New("say who: a domain, an e-mail address or an id; or an event with --event")
	}
	return e.existing(func(s *stack.Stack) error {
		if c.Event != "" {
			a, err := explain.Event(e.ctx, s, c.Event)
			if err != nil {
				return err
			}
			return e.answer(a, func(w io.Writer) error { return a.Print(w) })
		}
		q := explain.Question{Who: c.Who, At: c.At}
		if c.AsKnown != "" {
			now, err := report.Now(e.ctx, s)
			if err != nil {
				return err
			}
			w, err := explain.ParseAt(c.AsKnown, now)
			if err != nil {
				return err
			}
			q.AsKnown = w.Until
		}
		a, err := explain.Ask(e.ctx, s, q)
		if err != nil {
			return err
		}
		return e.answer(a, func(w io.Writer) error { return a.Print(w) })
	})
}
