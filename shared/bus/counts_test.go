package bus_test

import (
	"testing"

	"handoff/shared/metric"
)

func TestRetriesAndThrottlesAreCounted(t *testing.T) {
	var tally metric.Tally
	b := &eventBridge{
		verdict: func(name string, nth int) string { // one entry of ten is throttled twice, another fails once
			return map[string]string{"41": "ThrottlingException", "42": "ThrottlingException", "51": "InternalFailure"}[name+string(rune('0'+nth))]
		},
		request: func(n int) error { // and the whole request once, before
			if n == 4 {
				return api("ThrottlingException", 400)
			}
			return nil
		},
	}
	p := publisher(t, b)
	if err := p.Publish(metric.With(t.Context(), &tally), numbered(10)); err != nil { // requests 1 to 3
		t.Fatal(err)
	}
	if r, th := tally.Count(metric.PublishRetries), tally.Count(metric.PublishThrottles); r != 3 || th != 2 {
		t.Errorf("%d entries sent again and %d throttled, want three and two", r, th)
	}
	if err := p.Publish(metric.With(t.Context(), &tally), numbered(3)); err != nil { // requests 4 and 5
		t.Fatal(err)
	}
	if r, th := tally.Count(metric.PublishRetries), tally.Count(metric.PublishThrottles); r != 6 || th != 5 {
		t.Errorf("%d entries sent again and %d throttled, want six and five", r, th)
	}
}
