package event

import "strings"

// Plain is a text that can stand between the quotes of a JSON text as it is. Destinations are told by a rule's input
// transformer, which puts values into its template without escaping them; a quote, a backslash or a new line in one would
// make the whole call unreadable, and a handoff would be refused for somebody's nickname. So what route says to the outside
// is plain: straight quotes become typographic ones, the others a slash and a space. The ledger has the text as it was.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
func Plain(s string) string {
	if !strings.ContainsFunc(s, breaks) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '”'
		case r == '\\':
			return '/'
		case breaks(r):
			return ' '
		}
		return r
	}, s)
}

// breaks reports whether JSON does not allow a character within a text as it is.
func breaks(r rune) bool { return r == '"' || r == '\\' || r < ' ' }

// Plain makes plain what people read of a handoff: its reason, and whose it is. Ids stay what they are.
func (d *HandoffDetail) Plain() {
	for _, s := range []*string{&d.Team, &d.Owner, &d.To, &d.Reason} {
		*s = Plain(*s)
	}
}
