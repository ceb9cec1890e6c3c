package contract

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"handoff/shared/company"
	"handoff/shared/problem"
)

// step turns a text into another; "" means that it has none.
type step func(string) string

// steps are the transforms that a contract may name.
var steps = map[string]step{
	"lower":     strings.ToLower,
	"upper":     strings.ToUpper,
	"words":     words,
	"domain":    registrable,
	"business":  business,
	"label":     label,
	"url_path":  urlPath,
	"email":     email,
	"date":      date,
	"digits":    digits,
	"record_id": recordID,
	"no_query":  noQuery,
	"remark":    remark,
}

func compileSteps(y any, at string, bad *problem.List) []step {
	var names []any
	switch y := y.(type) {
	case string:
		names = []any{y}
	case []any:
		names = y
	}
	var out []step
	for _, n := range names {
		f, ok := steps[fmt.Sprint(n)]
		if !ok {
			bad.Add(at, "unknown transform %v: use lower, upper, words, domain, business, label, url_path, email, date, digits, record_id, no_query or remark", n)
			continue
		}
		out = append(out, f)
	}
	if len(names) == 0 {
		bad.Add(at, "want the name of a transform or a list of them")
	}
	return out
}

// words is how names are compared: "Pricing Viewed", "pricing_viewed" and "PricingViewed" are "pricing viewed".
func words(s string) string {
	var b strings.Builder
	var before rune
	gap := false
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap, before = true, 0
			continue
		}
		if gap || unicode.IsUpper(r) && (unicode.IsLower(before) || unicode.IsDigit(before)) {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
		}
		gap, before = false, r
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// registrable is the registrable domain of a URL, a host or an e-mail address.
func registrable(s string) string {
	d, _ := company.Domain(s)
	return d
}

// business is registrable, of businesses alone: free-mail and disposable domains are nobody's company.
func business(s string) string {
	if company.ClassOf(s) != company.Business {
		return ""
	}
	return registrable(s)
}

// label is what stands before the first dot: google for google.co.uk.
func label(s string) string {
	l, _, _ := strings.Cut(s, ".")
	return l
}

// urlPath is the path of a URL, or of a path with a query, in lower case.
func urlPath(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Path)
}

// noQuery cuts a URL's query and fragment, where personal data and click ids hide.
func noQuery(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// email is an address in lower case, or nothing if it is none.
func email(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	local, host, ok := strings.Cut(s, "@")
	if !ok || local == "" || !strings.Contains(host, ".") || strings.ContainsAny(host, "@/") ||
		strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == ',' || r == ';' || r == '<' || r == '>' || r == 0xFFFD }) {
		return ""
	}
	return s
}

// date is the day of a date, a time or milliseconds since 1970: YYYY-MM-DD in UTC.
func date(s string) string {
	for _, f := range []string{"date_or_iso", "millis"} {
		if t, err := timeFormats[f](s); err == nil {
			return t.UTC().Format(time.DateOnly)
		}
	}
	return ""
}

// digits cuts a number's text to its whole part, and thousands separators out: "1,200" and 1200.0 are 1200.
func digits(s string) string {
	s, _, _ = strings.Cut(s, ".")
	s = strings.NewReplacer(",", "", " ", "", "'", "").Replace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// recordID cuts a Salesforce id of 18 characters to its first 15, which are the whole id: the rest is a checksum that
// some exports leave out. Ids of other tools pass as they are.
func recordID(s string) string {
	if len(s) != 18 || strings.ContainsFunc(s, func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') }) {
		return s
	}
	return s[:15]
}

// remark is what stands behind the first colon: the reason in "Rejected: no budget". Nothing behind it, nothing said.
func remark(s string) string {
	_, after, _ := strings.Cut(s, ":")
	return strings.TrimSpace(after)
}
