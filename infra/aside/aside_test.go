package aside_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"handoff/events"
	"handoff/infra/aside"
	"handoff/infra/prove"
	"handoff/shared/account"
	"handoff/shared/contract"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

const ann = "email:ann@initech.example"

// refusing makes the writes of one subject's item fail while it is on.
type refusing struct {
	store.Table
	on *bool
}

func (t refusing) PutMany(ctx context.Context, rs []store.Record) []error {
	for _, r := range rs {
		if *t.on && r.Key == account.Key(ann) {
			errs := make([]error, len(rs))
			for i := range errs {
				errs[i] = store.ErrUnavailable
			}
			return errs
		}
	}
	return t.Table.PutMany(ctx, rs)
}

func TestDeadLetterIsShownAndReplayed(t *testing.T) {
	ctx, on := context.Background(), true
	r := rig.Open(t, rig.Config{Table: func(t store.Table) store.Table { return refusing{t, &on} }})
	r.Send(rig.Say("v-1", touch.DemoRequested, ann, rig.Noon))
	r.Advance(6 * time.Hour)
	list, err := aside.Letters(ctx, r.Stack, "score")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Function != "ScoreFunction" || !strings.Contains(list[0].Reason, "unavailable") || list[0].Age <= 0 {
		t.Fatalf("listed %+v, want one letter of the score function with its error and age", list)
	}
	if other, err := aside.Letters(ctx, r.Stack, "route"); err != nil || len(other) != 0 {
		t.Errorf("of route: %+v, %v; want none", other, err)
	}
	l, err := aside.LetterOf(ctx, r.Stack, list[0].ID)
	if err != nil || l.Event.ID != list[0].Event.ID {
		t.Errorf("show: %+v, %v", l, err)
	}
	if _, err := aside.LetterOf(ctx, r.Stack, "ScoreDeadLetterQueue/zzz"); !errors.Is(err, aside.ErrUnknown) {
		t.Errorf("a letter that is not there: %v, want ErrUnknown", err)
	}
	back, err := aside.Replay(ctx, r.Stack, list)
	if err != nil || len(back.Again) != 1 || len(back.Done) != 0 {
		t.Fatalf("replayed while it still fails: %+v, %v; want it tried on", back, err)
	}
	r.Advance(6 * time.Hour)
	if list, err = aside.Letters(ctx, r.Stack, ""); err != nil || len(list) != 1 {
		t.Fatalf("dead again: %+v, %v", list, err)
	}
	on = false
	r.Advance(72 * time.Hour) // longer than the play's act_within
	back, err = aside.Replay(ctx, r.Stack, list)
	if err != nil || len(back.Done) != 1 || len(back.Again) != 0 || len(back.Dead) != 0 {
		t.Fatalf("replayed: %+v, %v; want it done", back, err)
	}
	if got := len(r.Offered()); got != 0 {
		t.Errorf("%d handoffs after an old dead letter was replayed, want none", got)
	}
}

// strict is the contracts as they ship, but one that refuses a tool's views without a tag; mended, with the requirement
// gone, as somebody would correct it.
func strict(t *testing.T, refuse bool) *contract.Set {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(events.Sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(events.Sources, path)
		if path == "sources/canonical.yaml" && refuse {
			b = append(b, "\nrequire:\n  - {field: detail.props.tag, why: the tag says which page it was}\n"...)
		}
		files[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := contract.Load(files, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestQuarantineIsProcessedAgainAfterTheContractWasMended(t *testing.T) {
	ctx := context.Background()
	r := rig.Open(t, rig.Config{})
	shipped := *r.Contracts
	*r.Contracts = *strict(t, true) // ingest holds the same set
	r.Send(
		rig.Say("v-1", touch.PricingViewed, ann, rig.Noon),
		rig.Say("v-2", touch.PricingViewed, ann, rig.Noon.Add(-26*time.Hour)),
		rig.Say("v-3", touch.PricingViewed, ann, rig.Noon, rig.With{"props": map[string]any{"tag": "p"}}),
		rig.Say("v-4", "no_such_kind", ann, rig.Noon),
	)
	list := func(f aside.Filter) []aside.Event {
		t.Helper()
		out, err := aside.Quarantined(ctx, r.Stack, f)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct {
		name string
		f    aside.Filter
		want int
	}{
		{"all", aside.Filter{}, 3},
		{"by contract", aside.Filter{Contract: "canonical"}, 3},
		{"by contract and version", aside.Filter{Contract: "canonical@1"}, 3},
		{"of another contract", aside.Filter{Contract: "stripe"}, 0},
		{"of another code", aside.Filter{Code: contract.NoID}, 0},
		{"of the day", aside.Filter{Day: rig.Noon}, 2},
		{"of the day before", aside.Filter{Day: rig.Noon.AddDate(0, 0, -1)}, 1},
	} {
		if got := list(c.f); len(got) != c.want {
			t.Errorf("%s: %d in quarantine, want %d: %+v", c.name, len(got), c.want, got)
		}
	}
	all := list(aside.Filter{})
	back, err := aside.Retry(ctx, r.Stack, all)
	if err != nil || back.Put != 3 || back.Resolved != 0 || len(back.Left) != 3 {
		t.Fatalf("before the contract is mended: %+v, %v; want all three left", back, err)
	}
	if got := list(aside.Filter{}); len(got) != 3 {
		t.Errorf("%d in quarantine after a retry that changed nothing, want the same 3", len(got))
	}
	*r.Contracts = shipped
	back, err = aside.Retry(ctx, r.Stack, all)
	if err != nil || back.Put != 3 || back.Resolved != 2 || len(back.Left) != 1 {
		t.Fatalf("mended: %+v, %v; want two resolved and the unknown kind left", back, err)
	}
	if got := list(aside.Filter{}); len(got) != 1 || got[0].Reason == "" {
		t.Errorf("unresolved: %+v, want the unknown kind", got)
	}
	if got := list(aside.Filter{Resolved: true}); len(got) != 3 {
		t.Errorf("%d rows in all, want 3: a row is never taken away", len(got))
	}
	views := 0
	for row := range r.Rows() {
		if row.Type == ledger.Touch {
			views++
		}
	}
	if views != 3 {
		t.Errorf("%d touches, want 3: nothing lost, nothing doubled", views)
	}
	found, err := aside.Find(ctx, r.Stack, all[0].ID, all[1].EventID[:8])
	if err != nil || len(found) != 2 {
		t.Errorf("found %+v, %v; want two", found, err)
	}
	if _, err := aside.Find(ctx, r.Stack, "nothing-like-it"); !errors.Is(err, aside.ErrUnknown) {
		t.Errorf("found %v, want ErrUnknown", err)
	}
	// Every delivery, the six retried ones too, is accounted for.
	c, err := prove.Conserve(ctx, r.Stack)
	if err != nil || c.Unexplained() != 0 || c.Events.Total != 10 {
		t.Errorf("%d events, %d unexplained, %v; want 10 and 0: %+v", c.Events.Total, c.Unexplained(), err, c.Events)
	}
}
