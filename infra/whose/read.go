package whose

import (
	"context"
	"fmt"
	"slices"

	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/subject"
)

// Read reads an account and all who were ever counted in it, each by one query for their links and their timeline together,
// and answers who they are. Each row of a timeline is given to take. Who only asked by a company's name that the account
// carries, and never was of it for sure, is not of it and is not read; of a name there is nothing but who asked for it.
func Read(ctx context.Context, g *graph.Graph, r *graph.Reader, root string, take func(*ledger.Row) error) (members []string, err error) {
	queue, met := []string{root}, map[string]bool{root: true}
	byName := map[string]bool{} // found by way of a name
	for i := 0; i < len(queue); i++ {
		id := queue[i]
		named := subject.KindOf(id) == subject.Name
		if byName[id] && !named {
			ivs, err := r.Intervals(ctx, id)
			if err != nil {
				return nil, fmt.Errorf("whose is %s: %w", id, err)
			}
			if !slices.ContainsFunc(ivs, func(iv subject.Interval) bool { return iv.Root == root }) {
				continue
			}
		}
		rows := g.Ledger.Whole(ctx, id)
		if named {
			rows = g.Ledger.Links(ctx, id)
		} else {
			members = append(members, id)
		}
		for row, err := range rows {
			switch {
			case err != nil:
				return nil, err
			case row.Type != ledger.Link:
				if err := take(row); err != nil {
					return nil, err
				}
			case !met[row.ID]:
				met[row.ID] = true
				byName[row.ID] = named || byName[id]
				queue = append(queue, row.ID)
			}
		}
	}
	return members, nil
}
