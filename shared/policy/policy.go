// Package policy is the YAML that RevOps edits, compiled: what facts keep, how they score, the funnels, the plays, the
// teams and attribution. A Policy is immutable and safe for concurrent use. Its evaluation is a pure function of an
// account's view: integers only, so that two machines agree on it bit for bit.
package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	"handoff/shared/account"
	"handoff/shared/attribution"
	"handoff/shared/condition"
	"handoff/shared/event"
	"handoff/shared/funnel"
	"handoff/shared/routing"
	"handoff/shared/scoring"
)

// Policy is a compiled policy.
type Policy struct {
	Epoch       int64
	Fold        *Fold  // what facts keep
	FoldHash    string // changes with patterns, K and milestones: only then facts are folded again
	EvalHash    string // changes with points, bands, playbooks, funnels and plays
	Teams       routing.Teams
	Plays       []Play // in the policy's order
	Attribution attribution.Config
	Scoring     scoring.Config
	Funnels     funnel.Config
	Text        map[string]string // the files as they were written, by name

	plan   *condition.Plan
	score  *scoring.Model
	funnel *funnel.Model
	plays  []condition.Test
	assets [][]condition.Test // per play, of the rules that choose its content
	of     []int              // per play, the index of its funnel
	timed  []*condition.Test  // all questions whose answer time alone can change
	names  condition.Vocabulary
	frames sync.Pool // of *condition.Frame
	stages sync.Map  // of [condition.MaxFunnels]int to map[string]string, shared and never changed
}

// Play is what to do and when.
type Play struct {
	routing.Play `yaml:",inline"`
	// When holds, the play is due. bands: narrows it.
	When *condition.Condition `yaml:"when" json:"when,omitempty"`
	// WaitForEnrichment lets a decision wait until the company is known, or the hold expires.
	WaitForEnrichment bool `yaml:"wait_for_enrichment" json:"wait_for_enrichment,omitempty"`
	// Assets, by industry or by rules, go before Asset.
	Assets Assets `yaml:"assets" json:"assets,omitzero"`
	// Packet lets a handoff bring the account's story along: see event.Packet.
	Packet bool `yaml:"packet" json:"packet,omitempty"`
	// Missing is what a rep is told to be missing, after the account's name: has not finished onboarding. Of what is absent
	// conditions say nothing by themselves.
	Missing string `yaml:"missing" json:"missing,omitempty"`
}

// Play finds a play by name; nil where there is none.
func (p *Policy) Play(name string) *Play {
	for i := range p.Plays {
		if p.Plays[i].Name == name {
			return &p.Plays[i]
		}
	}
	return nil
}

// Memory is what facts keep.
func (p *Policy) Memory() account.Memory { return p.Fold }

// Keep is how many elements facts keep for a rule of the fold; 0 for a name the fold does not know.
func (p *Policy) Keep(rule string) int { return p.Fold.Keep(rule) }

// Ref names this policy in evaluations.
func (p *Policy) Ref() event.PolicyRef {
	return event.PolicyRef{Epoch: p.Epoch, Fold: p.FoldHash, Eval: p.EvalHash}
}

// At is the same policy under another epoch.
func (p *Policy) At(epoch int64) *Policy {
	q := &Policy{
		Epoch: epoch, Fold: p.Fold, FoldHash: p.FoldHash, EvalHash: p.EvalHash, Teams: p.Teams, Plays: p.Plays,
		Attribution: p.Attribution, Scoring: p.Scoring, Funnels: p.Funnels, Text: p.Text,
		plan: p.plan, score: p.score, funnel: p.funnel, plays: p.plays, assets: p.assets, of: p.of, timed: p.timed, names: p.names,
	}
	q.frames.New = func() any { return new(condition.Frame) }
	return q
}

// Canonical reports whether money of a conversion type (new, expansion, renewal) is counted from this kind of record:
// opportunity or invoice.
func (p *Policy) Canonical(conversionType, record string) bool {
	return p.Attribution.Conversions[conversionType].Source == record
}

// Stage finds the configuration of a stage of an active funnel; nil where there is none.
func (p *Policy) Stage(funnel, stage string) *funnel.Stage { return p.funnel.Stage(funnel, stage) }

// hash is 16 hex digits of SHA-256 over the JSON of v, whose types all can be encoded.
func hash(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}
