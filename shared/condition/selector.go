package condition

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"handoff/shared/pattern"
	"handoff/shared/problem"
	"handoff/shared/touch"
)

// Selector picks touches. It is a pattern of the bus's language over the touch's JSON; where that says nothing but
// the kind, no pattern is kept and the kind alone decides.
type Selector struct {
	Name      string           // what facts call it: short, for it is stored with every account
	Kinds     []string         // sorted; empty: every kind
	Pattern   *pattern.Pattern // nil: the kind alone decides
	Canonical string           // the pattern in one spelling: what selectors are told apart by
	K         int              // how many of the latest to keep; 0 for a milestone
	Label     string           // for people: pricing viewed
	Says      string           // of a milestone: became a customer; "" for what its kinds say
}

var shortText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// short is a name of n characters made of the canonical pattern alone, so that a policy with other rules beside it
// gives the same question the same name.
func short(canonical string, n int) string {
	sum := sha256.Sum256([]byte(canonical))
	return shortText.EncodeToString(sum[:])[:n]
}

// fromDelivery are the fields of a touch that come from its delivery and not from its payload. A pattern over them
// would make facts depend on the order of arrival.
var fromDelivery = []string{"recorded_at", "event_id", "contract", "digest", "revision", "withdrawn"}

// touchFields are the fields a pattern may read.
var touchFields = []string{
	"id", "kind", "time", "subject", "links", "source", "source_type", "producer_id", "ordinal", "person", "company",
	"opportunity", "money", "feedback", "channel", "campaign", "url", "props", "test",
}

// selector builds a selector and reports what is wrong with it.
func selector(kinds []string, raw map[string]any, path string, out *problem.List) (s Selector) {
	for _, k := range kinds {
		if !slices.Contains(touch.Kinds, k) {
			out.Add(path+".touch", "there is no kind of touch %q%s", k, DidYouMean(k, touch.Kinds))
		}
	}
	whole := maps.Clone(raw)
	switch _, twice := raw["kind"]; {
	case len(raw) == 0:
		whole = map[string]any{"kind": kinds}
	case twice && len(kinds) > 0:
		out.Add(path+".pattern", "touch: and the pattern both name kinds; write them once")
	case len(kinds) > 0:
		whole["kind"] = kinds
	}
	text, err := json.Marshal(whole)
	if err != nil {
		out.Add(path+".pattern", "the pattern is not JSON: %v", err)
		return s
	}
	p, err := pattern.CompileUnbounded(text)
	if err != nil {
		out.Add(path+".pattern", "the pattern does not compile: %v", err)
		return s
	}
	for _, f := range p.Fields() {
		switch {
		case slices.Contains(fromDelivery, f[0]):
			out.Add(path+".pattern", "a pattern cannot read %q: it comes from the delivery, and facts would depend on the order of arrival", f[0])
		case !slices.Contains(touchFields, f[0]):
			out.Add(path+".pattern", "a touch has no field %q%s", f[0], DidYouMean(f[0], touchFields))
		}
	}
	s.Canonical = string(p.Canonical())
	names := kinds
	if len(raw) > 0 {
		s.Pattern = p
		if len(kinds) == 0 {
			names = patternKinds(raw)
		}
	}
	s.Kinds = slices.Compact(slices.Sorted(slices.Values(names)))
	s.Label = strings.ReplaceAll(strings.Join(names, " or "), "_", " ")
	if s.Label == "" {
		s.Label = "touch that matches a pattern"
	}
	return s
}

// ofCompany reports whether the selector picks nothing but signals of a company.
func (s *Selector) ofCompany() bool {
	return len(s.Kinds) > 0 && !slices.ContainsFunc(s.Kinds, func(k string) bool { return !slices.Contains(touch.AccountKinds, k) })
}

// patternKinds are the kinds a pattern names outright, nil where it says more than that. They index the pattern.
func patternKinds(raw map[string]any) []string {
	list, ok := raw["kind"].([]any)
	if !ok {
		return nil
	}
	var out []string
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// DidYouMean is ", did you mean …?" for the nearest of the known words, or "" where none is near.
func DidYouMean(word string, known []string) string {
	at := Nearest(word, known)
	if at == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", at)
}

// Nearest is the known word that is spelt most alike, or "" where none is near.
func Nearest(word string, known []string) string {
	best, at := max(2, len(word)/3)+1, ""
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < best {
			best, at = d, k
		}
	}
	return at
}

// distance is Levenshtein's, by bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diag, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diag+cost)
		}
	}
	return row[len(b)]
}
