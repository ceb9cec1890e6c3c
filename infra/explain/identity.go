package explain

import (
	"cmp"
	"fmt"
	"strings"

	"handoff/shared/touch"
)

// setRight are the sentences of what operators set right about who is whom, and about what touches say: without them,
// nobody could tell why touches that a decision counted belong elsewhere now.
func (p *past) setRight() []string {
	var out []string
	for _, t := range p.touches {
		word := func(name string) string {
			text, _ := t.Props[name].(string)
			return text
		}
		text := ""
		switch t.Kind {
		case touch.SubjectsUnlinked:
			text = fmt.Sprintf("%s unlinked %s from %s", cmp.Or(word("by"), "An operator"), t.Subject, strings.Join(t.Links, " and "))
		case touch.SubjectsLinked:
			text = fmt.Sprintf("%s linked %s to %s", cmp.Or(word("by"), "An operator"), t.Subject, strings.Join(t.Links, " and "))
		case touch.TouchesRevised:
			text = fmt.Sprintf("%s had touches of %s mapped anew by %s", cmp.Or(word("by"), "An operator"), t.Subject, word("mapping"))
		default:
			continue
		}
		text += " on " + t.Time.UTC().Format("2 January 2006")
		if from := word("from"); from != "" && t.Kind != touch.TouchesRevised {
			text += ", with effect from " + from
		}
		if why := word("why"); why != "" {
			text += ": " + why
		}
		out = append(out, text+".")
	}
	return out
}
