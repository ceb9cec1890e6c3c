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
	At      string `help:"A day, days or a moment: last thursday, yesterday 14:00, last week, 12 March, 2026-03-10 to 2026-03-14." default:""`
	AsKnown string `help:"By what was known at this time; else as known then, compared with now." default:"" placeholder:"TIME"`
	Event   string `help:"What became of one event: the id of its envelope, its touch, or the tool's own." default:"" placeholder:"ID"`
	Policy  bool   `help:"Show the text of the policy of then that the answer rests on, with file and line."`
	Zone    string `help:"Whose days and hours are meant and told: Europe/Berlin, local." default:"UTC"`
}

func (explainCmd) Help() string {
	return `Why somebody was contacted, or nobody: by which play, because of which score, from which
touches, under which policy; who else could have got it; what came of it; and whether what
has been heard since would have changed it. Days and hours are UTC unless --zone says
otherwise, or a zone behind the time: --at "yesterday 14:00 Europe/Berlin".

  handoff explain meridianloom.example --at "12 March"
  handoff explain nora.castillo@meridianloom.example --at "last thursday"
  handoff explain meridianloom.example --at "last week" --zone Europe/Berlin
  handoff explain hof_bxtsacp944gbn18k --format json
  handoff explain --event ajs-next-35ddd2873921838b3c93`
}

func (c explainCmd) Run(e *env) error {
	if (c.Who == "") == (c.Event == "") {
		return errors.New("say who: a domain, an e-mail address or an id; or an event with --event")
	}
	if c.Event != "" && (c.At != "" || c.AsKnown != "" || c.Policy) {
		return errors.New("--at, --as-known and --policy are about somebody; of an event everything is told that became of it")
	}
	zone, err := explain.Zone(c.Zone)
	if err != nil {
		return err
	}
	return e.existing(func(s *stack.Stack) error {
		if c.Event != "" {
			a, err := explain.Event(e.ctx, s, c.Event)
			if err != nil {
				return err
			}
			return e.answer(a, func(w io.Writer) error { return a.Print(w) })
		}
		q := explain.Question{Who: c.Who, At: c.At, Zone: zone}
		if c.AsKnown != "" {
			now, err := report.Now(e.ctx, s)
			if err != nil {
				return err
			}
			w, err := explain.ParseAt(c.AsKnown, now.In(zone))
			if err != nil {
				return err
			}
			q.AsKnown = w.Until
		}
		a, err := explain.Ask(e.ctx, s, q)
		if err != nil {
			return err
		}
		return e.answer(a, func(w io.Writer) error {
			if err := a.Print(w); err != nil {
				return err
			}
			if c.Policy {
				return a.PrintPolicy(w)
			}
			return a.PrintHints(w)
		})
	})
}
