package main

import (
	"fmt"
	"io"
	"strings"

	"handoff/infra/prose"
	"handoff/infra/prove"
	"handoff/infra/stack"
	"handoff/shared/money"
)

type conserveCmd struct {
	List string `help:"Also list the events of a class: unaccounted, duplicates, ignored, quarantined, dead-lettered, in-flight, recorded." enum:",unaccounted,duplicates,ignored,quarantined,dead-lettered,in-flight,recorded" default:"" placeholder:"CLASS"`
}

func (conserveCmd) Help() string {
	return `Reads every accepted event, the ledger and the accounts, and shows for each hop that the
sum of what became of things is what came in, by evidence and with ids. Exit status 3
where something is unaccounted for.

  handoff conserve
  handoff conserve --list duplicates
  handoff conserve --format json`
}

// conserved is the answer with the list that was asked for.
type conserved struct {
	*prove.Conservation
	Unexplained int          `json:"unexplained"`
	Undecided   int          `json:"undecided,omitempty"` // without evidence, while queues hold what nobody can look into
	Listed      []prove.Item `json:"listed,omitempty"`
}

func (c conserveCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		var out conserved
		var each func(class string, it prove.Item)
		if class := strings.ReplaceAll(c.List, "-f", " f"); class != "" {
			each = func(of string, it prove.Item) {
				if of == class {
					out.Listed = append(out.Listed, it)
				}
			}
		}
		found, err := prove.Each(e.ctx, s, each)
		if err != nil {
			return err
		}
		out.Conservation, out.Unexplained, out.Undecided = found, found.Unexplained(), found.Open()
		if err := e.answer(out, func(w io.Writer) error { return out.print(w, c.List) }); err != nil {
			return err
		}
		if out.Unexplained > 0 {
			return errAct
		}
		return nil
	})
}

// listed is how many items the text shows of what is unaccounted for; JSON and --list show all.
const listed = 20

func (c *conserved) print(w io.Writer, list string) error {
	hops := []struct {
		name, what string
		hop        *prove.Hop
	}{
		{"Events", "accepted", &c.Events}, {"Touches", "in the ledger", &c.Touches},
		{"Decisions", "made", &c.Decisions}, {"Conversions", "told", &c.Conversions},
	}
	for _, h := range hops {
		var terms []string
		for _, t := range h.hop.Terms {
			if t.Count > 0 || t.Name == prove.Unaccounted || h.hop == &c.Events {
				terms = append(terms, prose.Count(t.Count)+" "+t.Name)
			}
		}
		fmt.Fprintln(w, prose.Wrap(fmt.Sprintf("%-12s", h.name), "            ", prose.Sum(h.hop.Total, h.what, terms...)))
		for _, t := range h.hop.Terms {
			if len(t.Of) == 0 || t.Name == prove.Ignored {
				continue
			}
			var of []string
			for _, o := range t.Of {
				of = append(of, prose.Count(o.Count)+" "+strings.ReplaceAll(o.Name, "_", " "))
			}
			fmt.Fprintln(w, prose.Wrap("              ", "              ", t.Name+": "+strings.Join(of, ", ")))
		}
	}
	c.printMoney(w)
	fmt.Fprintln(w)
	for _, says := range c.Untold {
		fmt.Fprintln(w, prose.Wrap("Not told: ", "          ", says+"."))
	}
	switch {
	case c.Unexplained == 0 && c.Undecided > 0:
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("Not decided: %s without evidence yet, which may be on the way.", prose.Of(c.Undecided, "thing"))))
	case c.Unexplained == 0 && len(c.Untold) > 0:
		fmt.Fprintln(w, prose.Wrap("", "", "Nothing was found lost: whatever left a row has all that must follow from it, and money adds up to the cent."))
	case c.Unexplained == 0:
		fmt.Fprintln(w, "Nothing is lost: every event is accounted for, and money adds up to the cent.")
	default:
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("%s without evidence. A runbook says what to do: infra/runbooks.", prose.Of(c.Unexplained, "thing"))))
		left := listed
		for _, h := range hops {
			for _, it := range h.hop.Lost {
				if left--; left >= 0 {
					item(w, strings.ToLower(h.name), it)
				}
			}
		}
		if left < 0 {
			fmt.Fprintf(w, "  … and %s more: --format json has them\n", prose.Count(-left))
		}
	}
	if list != "" && list != prove.Unaccounted {
		fmt.Fprintf(w, "\n%s, by the id of their envelope:\n", prose.Of(len(c.Listed), "event")+" "+list)
		for _, it := range c.Listed {
			item(w, "", it)
		}
	}
	return nil
}

func item(w io.Writer, hop string, it prove.Item) {
	text := it.ID + " " + it.Time.UTC().Format("2006-01-02 15:04") + " " + it.Kind
	for _, more := range []string{it.Source, it.Subject} {
		if more != "" {
			text += " " + more
		}
	}
	if it.Why != "" {
		text += ": " + it.Why
	}
	if hop != "" {
		text = hop + ": " + text
	}
	fmt.Fprintln(w, prose.Wrap("  ", "      ", text))
}

// printMoney prints a line per currency: the models have the same revenue, so the difference is what tells.
func (c *conserved) printMoney(w io.Writer) {
	first := "Money       "
	for i := 0; i < len(c.Money); {
		cur := c.Money[i].Currency
		revenue := money.Amount{Minor: c.Money[i].Revenue, Currency: cur}
		models, wrong := 0, []string{}
		for ; i < len(c.Money) && c.Money[i].Currency == cur; i++ {
			models++
			if m := c.Money[i]; m.Difference != 0 || len(m.Wrong) > 0 {
				wrong = append(wrong, fmt.Sprintf("%s is off by %s in %s", m.Model, money.Amount{Minor: m.Difference, Currency: cur}, prose.List(m.Wrong)))
			}
		}
		text := fmt.Sprintf("%s of revenue = credits + unattributed, to the cent, in each of %s", revenue, prose.Of(models, "model"))
		if len(wrong) > 0 {
			text = fmt.Sprintf("%s of revenue, but %s", revenue, strings.Join(wrong, "; "))
		}
		fmt.Fprintln(w, prose.Wrap(first, "            ", text))
		first = "            "
	}
}
