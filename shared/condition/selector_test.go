package condition

import (
	"slices"
	"testing"

	"handoff/shared/problem"
)

func TestSelectorRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		kinds   []string
		pattern map[string]any
		want    string
	}{
		{"an unknown kind", []string{"page_veiwed"}, nil, `there is no kind of touch "page_veiwed", did you mean "page_viewed"?`},
		{"an unknown field", nil, map[string]any{"chanel": []any{"email"}}, `a touch has no field "chanel", did you mean "channel"?`},
		{"kinds twice", []string{"page_viewed"}, map[string]any{"kind": []any{"ad_clicked"}}, "touch: and the pattern both name kinds; write them once"},
		{"what comes from the delivery", nil, map[string]any{"recorded_at": []any{map[string]any{"exists": true}}},
			`a pattern cannot read "recorded_at": it comes from the delivery, and facts would depend on the order of arrival`},
		{"the same inside $or", []string{"page_viewed"}, map[string]any{"$or": []any{map[string]any{"event_id": []any{"x"}}, map[string]any{"url": []any{"y"}}}},
			`a pattern cannot read "event_id": it comes from the delivery, and facts would depend on the order of arrival`},
	} {
		var out problem.List
		selector(c.kinds, c.pattern, "$", &out)
		if !slices.ContainsFunc(out, func(p problem.Problem) bool { return p.Text == c.want }) {
			t.Errorf("%s: got %v, want %q", c.name, out, c.want)
		}
	}
}

func TestSelectorsAreToldApartByMeaning(t *testing.T) {
	var c Compiler
	var out problem.List
	a, _ := c.Select([]string{"ad_clicked", "page_viewed"}, nil, 1, "$", &out)
	b, _ := c.Select([]string{"page_viewed", "ad_clicked", "page_viewed"}, nil, 4, "$", &out)
	d, _ := c.Select([]string{"page_viewed"}, nil, 2, "$", &out)
	if a != b || a == d || len(out) > 0 {
		t.Errorf("slots %v, %v, %v, problems %v; want the first two alike", a, b, d, out)
	}
	if rules := c.Plan().Rules; len(rules) != 2 || rules[0].K != 4 || rules[1].K != 2 || rules[0].Name == rules[1].Name || len(rules[0].Name) != 5 {
		t.Errorf("kept %+v; want two rules, K 4 and 2, named in 5 letters", rules)
	}
}
