package rig

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
)

// Diff says which entries differ, at most four of them; "" if none does. Facts are shown decoded.
func Diff(want, got map[string]string) string {
	keys := map[string]bool{}
	for k := range want {
		keys[k] = true
	}
	for k := range got {
		keys[k] = true
	}
	var out []string
	n := 0
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		w, inWant := want[k]
		g, inGot := got[k]
		if inWant && inGot && w == g {
			continue
		}
		if n++; n > 4 {
			continue
		}
		switch {
		case !inGot:
			out = append(out, fmt.Sprintf("%s: missing (want %.160q)", k, w))
		case !inWant:
			out = append(out, fmt.Sprintf("%s: should not be there (%.160q)", k, g))
		default:
			out = append(out, fmt.Sprintf("%s: -want +got\n%s", k, parted(w, g)))
		}
	}
	if n > 4 {
		out = append(out, fmt.Sprintf("and %d more", n-4))
	}
	return strings.Join(out, "\n")
}

func parted(want, got string) string {
	a, errA := account.DecodeFacts([]byte(want))
	b, errB := account.DecodeFacts([]byte(got))
	if errA == nil && errB == nil {
		return cmp.Diff(a, b)
	}
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	from := max(0, i-80)
	return fmt.Sprintf("- …%.160q\n+ …%.160q", want[from:], got[from:])
}
