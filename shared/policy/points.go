package policy

import "handoff/shared/account"

// Rules lists the names of the scoring rules, in the order of Points.
func (p *Policy) Rules() []string {
	var out []string
	for i := range p.Scoring.Fit.Rules {
		out = append(out, p.Scoring.Fit.Rules[i].Name)
	}
	for i := range p.Scoring.Interest.Rules {
		out = append(out, p.Scoring.Interest.Rules[i].Name)
	}
	return out
}

// Points appends what each scoring rule gives an account, before any cap.
func (p *Policy) Points(v *account.View, dst []int64) []int64 {
	f := p.frame(v)
	defer p.done(f)
	return p.score.Points(f, dst)
}
