package explain

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"handoff/infra/prose"
)

// PrintPolicy writes the text of all that the answer rests on, each part once, as it was written and with its place. A
// line that is longer than the screen goes on in the next one, behind a colon.
func (a *Answer) PrintPolicy(w io.Writer) error {
	p := &printer{Answer: a}
	type place struct {
		epoch int64
		file  string
		line  int
	}
	told := map[place]bool{}
	epoch, first := int64(0), true
	show := func(list []Passage) {
		for _, x := range list {
			at := place{x.Epoch, x.File, x.Line}
			if told[at] {
				continue
			}
			told[at] = true
			if first || x.Epoch != epoch {
				first, epoch = false, x.Epoch
				p.gap()
				p.line("", "", "The policy of epoch %d, as it was written, as far as this rests on it:", epoch)
			}
			p.gap()
			what, silent := strings.CutSuffix(x.What, notCounted)
			what += " " + x.Name
			if silent {
				what += " (did not count)"
			}
			p.line("", "  ", "%s:%d %s", x.File, x.Line, strings.TrimSpace(what))
			for _, l := range strings.Split(x.Text, "\n") {
				p.verbatim(l)
			}
		}
	}
	for i := range a.Decisions {
		show(a.Decisions[i].Policy.Text)
	}
	if p.standingSays() {
		show(a.Standing.Text)
	}
	if first {
		p.gap()
		p.line("", "", "Nothing of a policy is at hand that this rests on.")
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// verbatim writes a line of a file.
func (p *printer) verbatim(l string) {
	lead := "  | "
	for {
		n := 0
		for width := text.StringWidth(lead); n < len(l); {
			r, size := utf8.DecodeRuneInString(l[n:])
			if width += text.RuneWidth(r); width > prose.Width {
				break
			}
			n += size
		}
		fmt.Fprintf(&p.b, "%s\n", strings.TrimRight(lead+l[:n], " "))
		if l, lead = l[n:], "  : "; l == "" {
			return
		}
	}
}

// PrintHints says what was left out, and by which clocks times are told.
func (a *Answer) PrintHints(w io.Writer) error {
	p := &printer{Answer: a}
	p.gap()
	text := "Times are UTC; --zone Europe/Berlin tells them by other clocks."
	if zoneName(a.Now) != "UTC" {
		text = ""
	}
	p.line("", "", "%s --policy shows the text of the policy that this rests on.", text)
	_, err := io.WriteString(w, p.b.String())
	return err
}
