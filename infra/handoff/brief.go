package main

import (
	"fmt"
	"io"

	"handoff/infra/explain"
	"handoff/infra/stack"
	"handoff/shared/event"
)

type briefCmd struct {
	Who string `arg:"" help:"A handoff or decision id, a domain, e-mail address, company name, CRM or user id."`
	At  string `help:"A day or a moment: last thursday, 12 March, 2026-03-12." default:""`
}

func (briefCmd) Help() string {
	return `What somebody must know who takes an account over: who is who, what was bought and why, how it
came to that, what nobody knows yet and who else is in touch, as it was when the handoff was decided on.
Plays with packet: true in plays.yaml have one; kick_off does.

  handoff brief hof_bxtsacp944gbn18k
  handoff brief meridianloom.example --at "12 March"
  handoff brief meridianloom.example --format json`
}

// brief is the answer for programs.
type brief struct {
	Decision string        `json:"decision"`
	Handoff  string        `json:"handoff,omitempty"`
	Account  string        `json:"account"`
	Play     string        `json:"play"`
	Owner    string        `json:"owner,omitempty"`
	Reason   string        `json:"reason"`
	Packet   *event.Packet `json:"packet"`
}

func (c briefCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		a, err := explain.Ask(e.ctx, s, explain.Question{Who: c.Who, At: c.At})
		if err != nil {
			return err
		}
		// The day asked about may have been another; what was decided last with a packet is what is meant.
		if c.At == "" && !packed(a) {
			for _, l := range a.Others {
				b, err := explain.Ask(e.ctx, s, explain.Question{Who: l.ID})
				if err != nil {
					return err
				}
				if packed(b) {
					a = b
					break
				}
			}
		}
		if !packed(a) {
			return fmt.Errorf("no decision about %s brings a packet; plays with packet: true in plays.yaml do, and handoff explain tells about the others", c.Who)
		}
		var out []brief
		for i := range a.Decisions {
			d := &a.Decisions[i]
			if d.Decision.Packet == nil {
				continue
			}
			b := brief{Decision: d.Decision.ID, Account: d.Decision.Account, Play: d.Decision.Play, Owner: d.Owner, Reason: d.Decision.Reason, Packet: d.Decision.Packet}
			if d.Outcome != nil {
				b.Handoff, b.Packet.Handoffs = d.Outcome.Handoff, d.Outcome.Open
			}
			out = append(out, b)
		}
		return e.answer(out, func(w io.Writer) error {
			_, err := a.Brief(w)
			return err
		})
	})
}

func packed(a *explain.Answer) bool {
	for i := range a.Decisions {
		if a.Decisions[i].Decision.Packet != nil {
			return true
		}
	}
	return false
}
