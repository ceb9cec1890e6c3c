package condition

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/touch"
)

// Selector picks touches: by kind, by a raw pattern over the touch's JSON, or both.
type Selector struct {
	Name    string          // what facts call it: short, for it is stored with every account
	Kinds   []string        // sorted; empty: every kind
	Pattern json.RawMessage // nil: the kind alone decides
	K       int             // how many of the latest to keep; 0 for a milestone
	Label   string          // for people: pricing viewed
}

// Canonical is the selector as a pattern of the bus's language over a touch, in one spelling: what folds are told
// apart by.
func (s *Selector) Canonical() string {
	if s.Pattern == nil {
		kinds, _ := json.Marshal(s.Kinds) // strings cannot fail
		return `{"kind":` + string(kinds) + `}`
	}
	if len(s.Kinds) == 0 {
		return string(s.Pattern)
	}
	kinds, _ := json.Marshal(s.Kinds)
	return `{"kind":` + string(kinds) + `,"and":` + string(s.Pattern) + `}`
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

// selector builds a selector; it reports what is wrong as sentences.
func selector(kinds []string, pattern map[string]any) (Selector, []string) {
	var s Selector
	var bad []string
	for _, k := range kinds {
		if !slices.Contains(touch.Kinds, k) {
			bad = append(bad, fmt.Sprintf("there is no kind of touch %q%s", k, DidYouMean(k, touch.Kinds)))
		}
	}
	s.Kinds = slices.Compact(slices.Sorted(slices.Values(kinds)))
	s.Label = strings.ReplaceAll(strings.Join(kinds, " or "), "_", " ")
	if len(pattern) == 0 {
		return s, bad
	}
	for f := range pattern {
		switch {
		case slices.Contains(fromDelivery, f):
			bad = append(bad, fmt.Sprintf("a pattern cannot read %q: it comes from the delivery, and facts would depend on the order of arrival", f))
		case f != "$or" && !slices.Contains(touchFields, strings.SplitN(f, ".", 2)[0]):
			bad = append(bad, fmt.Sprintf("a touch has no field %q%s", f, DidYouMean(f, touchFields)))
		}
	}
	b, err := json.Marshal(pattern) // sorts keys: one spelling
	if err != nil {
		return s, append(bad, fmt.Sprintf("the pattern is not JSON: %v", err))
	}
	s.Pattern = b
	if s.Label == "" {
		s.Label = "touch that matches a pattern"
		if names := patternKinds(pattern); names != nil {
			s.Kinds = slices.Compact(slices.Sorted(slices.Values(names)))
			s.Label = strings.ReplaceAll(strings.Join(names, " or "), "_", " ")
		}
	}
	return s, bad
}

// patternKinds are the kinds a pattern names outright, nil where it says more than that. They index the pattern.
func patternKinds(pattern map[string]any) []string {
	list, ok := pattern["kind"].([]any)
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
	best, at := max(2, len(word)/3)+1, ""
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < best {
			best, at = d, k
		}
	}
	if at == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", at)
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
