package policy_test

import (
	"testing"

	"handoff/shared/account"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// busy is an account of the usual kind: visited, used the product, has people and a deal.
func busy(p *policy.Policy) *account.View {
	var ts []touch.Touch
	for d := range 20 {
		for _, k := range []string{touch.PageViewed, touch.PricingViewed, touch.FeatureUsed, touch.InviteSent} {
			ts = append(ts, happened(k, at(d, d)))
		}
	}
	ts = append(ts, happened(touch.WebinarAttended, at(3, 1)), happened(touch.Activated, at(4, 2)), company(at(2, 0), "employees", "250", "industry", "SaaS", "renewal_date", "2026-09-01"))
	v := view(p, at(20, 0), ts...)
	v.People = []account.Person{person("title", "Head of Sales"), person("title", "Senior Software Engineer")}
	v.Deals = []account.Deal{{ID: "opportunity:x", Status: "lost"}}
	return v
}

func BenchmarkOutcome(b *testing.B) {
	p := shipped(b)
	v := busy(p)
	b.ReportAllocs()
	for b.Loop() {
		p.Outcome(v)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	p := shipped(b)
	v := busy(p)
	b.ReportAllocs()
	for b.Loop() {
		p.Evaluate(v)
	}
}

func BenchmarkReviewAt(b *testing.B) {
	p := shipped(b)
	v := busy(p)
	b.ReportAllocs()
	for b.Loop() {
		p.ReviewAt(v)
	}
}

func BenchmarkReviewAtWithDecay(b *testing.B) {
	p := with(b, "scoring.yaml", "within: 90d           #", "half_life: 30d           #")
	v := busy(p)
	b.ReportAllocs()
	for b.Loop() {
		p.ReviewAt(v)
	}
}

func BenchmarkMatch(b *testing.B) {
	p := shipped(b)
	t := happened(touch.PricingViewed, at(0, 0))
	var dst []account.Keep
	b.ReportAllocs()
	for b.Loop() {
		dst = p.Fold.Match(&t, dst[:0])
	}
}

func BenchmarkCompile(b *testing.B) {
	files := shipped(b).Text
	for b.Loop() {
		if _, err := policy.Compile(files); err != nil {
			b.Fatal(err)
		}
	}
}
