package report_test

import (
	"encoding/json"
	"testing"

	"handoff/shared/store"
	"handoff/tests/rig"
)

func put(t *testing.T, r *rig.Rig, k store.Key, v any) {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	recs, err := r.Accounts.GetMany(t.Context(), []store.Key{k})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Accounts.Put(t.Context(), store.Record{Key: k, Version: recs[0].Version, Body: body}); err != nil {
		t.Fatal(err)
	}
}
