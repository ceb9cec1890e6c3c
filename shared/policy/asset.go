package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/problem"
)

// Assets choose the content of a play, before its asset: by industry, or by rules of which the first that holds counts.
type Assets struct {
	ByIndustry map[string]string
	Rules      []AssetRule
}

// AssetRule chooses a content for accounts of which a condition holds.
type AssetRule struct {
	When  *condition.Condition `yaml:"when" json:"when"`
	Asset string               `yaml:"asset" json:"asset"`
}

func (a *Assets) form(list bool) any {
	if list {
		return &a.Rules
	}
	return &a.ByIndustry
}

// IsZero reports whether there is nothing to choose.
func (a Assets) IsZero() bool { return len(a.ByIndustry) == 0 && len(a.Rules) == 0 }

// MarshalJSON writes the form that the policy has.
func (a Assets) MarshalJSON() ([]byte, error) {
	if len(a.Rules) > 0 {
		return json.Marshal(a.Rules)
	}
	return json.Marshal(a.ByIndustry)
}

func (a *Assets) compile(path string, comp *condition.Compiler, out *problem.List) []condition.Test {
	var tests []condition.Test
	for i := range a.Rules {
		r, at := &a.Rules[i], fmt.Sprintf("%s[%d]", path, i)
		if r.Asset == "" {
			out.Add(at, "the rule chooses no asset; write asset: and its name")
		}
		if r.When == nil {
			out.Add(at, "the rule never says when; what is sent where no rule holds is the play's own asset:")
			tests = append(tests, condition.Test{})
			continue
		}
		tests = append(tests, comp.Compile(r.When, at+".when", condition.OfStages, out))
	}
	return tests
}

// check reports what is wrong with what the policy adds to a play.
func (p *Play) check(path string, out *problem.List) {
	if s := p.Missing; len([]rune(s)) > maxMissing || strings.HasSuffix(s, ".") || strings.Contains(s, "\n") {
		out.Add(path+".missing", "missing: goes on after the account's name (has not finished onboarding), in one line of %d characters at most and without a full stop", maxMissing)
	}
	if p.Packet && p.Outcome != "" && p.Outcome != "handoff" {
		out.Add(path+".packet", "play %s has outcome %s; only who takes a handoff over reads a packet", p.Name, p.Outcome)
	}
}

// Asset chooses the content of a play for an account, and says why; both are empty for a play without content.
func (p *Policy) Asset(v *account.View, play string) (asset, because string) {
	i := slices.IndexFunc(p.Plays, func(c Play) bool { return c.Name == play })
	if i < 0 || p.Plays[i].Asset == "" && p.Plays[i].Assets.IsZero() {
		return "", ""
	}
	c := &p.Plays[i]
	if len(c.Assets.Rules) > 0 {
		f := p.frame(v)
		defer p.done(f)
		for j := range p.assets[i] {
			t := &p.assets[i][j]
			if !t.Holds(f) {
				continue
			}
			var why condition.Cause
			t.Because(f, (*explainer)(p), &why)
			because = fmt.Sprintf("rule %d of %d, %s, is the first that holds", j+1, len(p.assets[i]), words(c.Assets.Rules[j].When))
			if len(why.Texts) > 0 {
				because += ": " + strings.Join(why.Texts, "; ")
			}
			return c.Assets.Rules[j].Asset, because
		}
		return c.Asset, fmt.Sprintf("none of the %d rules holds", len(p.assets[i]))
	}
	industry := strings.TrimSpace(v.Facts.Field("industry"))
	switch asset = c.AssetFor(industry); {
	case len(c.Assets.ByIndustry) == 0:
		return asset, "the play has no other"
	case industry == "":
		return asset, "the industry is unknown"
	case asset == c.Asset:
		return asset, "there is none for the industry " + industry
	}
	return asset, "the industry is " + industry
}

// AssetFor chooses the content for an industry: the play's own for that industry, else its asset.
func (p *Play) AssetFor(industry string) string {
	for name, asset := range p.Assets.ByIndustry {
		if strings.EqualFold(name, strings.TrimSpace(industry)) {
			return asset
		}
	}
	return p.Asset
}
