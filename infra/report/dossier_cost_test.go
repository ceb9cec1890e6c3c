package report_test

import (
	"maps"
	"testing"

	"handoff/tests/rig"
)

// The account, its person and its deal: each is asked once, for its links and its touches together.
func TestDossierAsksEachSubjectOnce(t *testing.T) {
	r := world(t)
	snap := take(t, r.Stack)
	a := must(snap.Find(t.Context(), "initech.com"))(t)
	c := rig.Counted(r.Ledger.Table)
	r.Ledger.Table = c
	d := must(snap.Dossier(t.Context(), a, 2))(t)
	want := map[string]int{a.ID: 1}
	for _, m := range d.Members {
		want[m.ID] = 1
	}
	if len(want) < 3 || !maps.Equal(c.Queries, want) {
		t.Errorf("queries %v, want one each of %v", c.Queries, want)
	}
}
