package wire

import (
	"context"
	"sync"

	"handoff/functions/attribution"
	credit "handoff/shared/attribution"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/routing"
)

// rosters gives route the plays and teams of the policy in force, compiled once per policy.
type rosters struct {
	source policy.Source
	mu     sync.Mutex
	of     *policy.Policy
	made   *routing.Roster
}

// Roster reads the plays and teams of the policy in force, as route does.
func Roster(ctx context.Context, s policy.Source) (*routing.Roster, error) {
	return newRosters(s).Roster(ctx)
}

func newRosters(s policy.Source) *rosters { return &rosters{source: s} }

// Roster implements route.Rosters.
func (r *rosters) Roster(ctx context.Context) (*routing.Roster, error) {
	p, err := r.source.Active(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == p {
		return r.made, nil
	}
	plays := make([]routing.Play, len(p.Plays))
	for i := range p.Plays {
		plays[i] = p.Plays[i].Play
		plays[i].ByIndustry = p.Plays[i].Assets.ByIndustry
	}
	made, err := routing.NewRoster(p.Ref(), plays, &p.Teams)
	if err != nil {
		return nil, err
	}
	r.of, r.made = p, made
	return made, nil
}

// newModels gives attribution the models of the policy in force.
func newModels(s policy.Source) attribution.Policy {
	var mu sync.Mutex
	var of *policy.Policy
	var made *credit.Models
	return func(ctx context.Context) (*credit.Models, event.PolicyRef, error) {
		p, err := s.Active(ctx)
		if err != nil {
			return nil, event.PolicyRef{}, err
		}
		mu.Lock()
		defer mu.Unlock()
		if of != p {
			m, err := credit.New(p.Attribution)
			if err != nil {
				return nil, event.PolicyRef{}, err
			}
			of, made = p, m
		}
		return made, p.Ref(), nil
	}
}
