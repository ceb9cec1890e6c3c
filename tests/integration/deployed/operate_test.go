package deployed

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/events"
	"handoff/infra/local"
	policyfiles "handoff/infra/policy"
	embeddedstack "handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/shared/wire"
	"handoff/shared/wire/pipeline"
	"handoff/tests/rig"
)

// told is what an account's item says of its last evaluation.
func (r *remote) told(name string) account.Told {
	r.t.Helper()
	rec, err := r.parts.Accounts.Get(r.t.Context(), account.Key("account:"+name+".example"))
	if err != nil {
		r.t.Fatalf("%s: %v", name, err)
	}
	it, err := account.FromRecord(rec)
	if err != nil {
		r.t.Fatal(err)
	}
	return it.Told
}

// dearer is a folder with the policy that ships, but another number of points for a view of the prices.
func dearer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, policyfiles.Default); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "scoring.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const is, becomes = "points: 30 ", "points: 33 "
	if strings.Count(string(b), is) != 1 {
		t.Fatalf("%s has %q %d times, want it once", path, is, strings.Count(string(b), is))
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), is, becomes, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A policy that is activated on a stack is the functions' from the next event on, and so is the one that is gone back to.
func TestPolicyOfADeployedStack(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Second)
	r := remoteStack(t, at)
	dir := dearer(t)
	type shown struct {
		Active     int64
		Fold, Eval string
		Epochs     []struct {
			Epoch    int64
			By, Why  string
			State    string
			Eval     string
			Restores *int64
		}
	}
	show := func() (s shown) {
		t.Helper()
		if err := json.Unmarshal([]byte(r.ask("policy", "show")), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	// Each account sees the prices once, so what it scores is the points of that rule, by the functions' own word.
	seen := func(name, eval string, points int) {
		t.Helper()
		r.now = r.now.Add(wire.PolicyAge + time.Second) // functions that run hear of it by then
		r.ask("send", r.write([]event.Envelope{rig.Say("v-"+name, touch.PricingViewed, "email:p@"+name+".example", at.Add(-time.Hour))}))
		r.pump()
		if got := r.told(name); got.Eval != eval || got.Score != points {
			t.Errorf("%s was evaluated to %d points under %s, want %d under %s", name, got.Score, got.Eval, points, eval)
		}
	}
	before := show()
	if before.Active != 0 || len(before.Epochs) != 0 || before.Eval == "" {
		t.Fatalf("before any: %+v", before)
	}
	seen("before", before.Eval, 30)

	if _, errs, exit := r.run("--stack", stackName, "policy", "activate", t.TempDir(), "--why", "empty"); exit != 1 || !strings.Contains(errs, "Nothing was changed") {
		t.Errorf("a folder without a policy: exit %d, %s", exit, errs)
	}
	if got := r.ask("policy", "activate", dir, "--why", "prices tell more", "--by", "ann", "--dry-run"); !strings.Contains(got, `"dry_run": true`) || !strings.Contains(got, `"33"`) {
		t.Errorf("a dry run says %s", got)
	}
	if got := show(); got.Active != 0 || len(got.Epochs) != 0 {
		t.Errorf("after a dry run: %+v", got)
	}
	r.ask("policy", "activate", dir, "--why", "prices tell more", "--by", "ann")
	first := show()
	if first.Active != 1 || len(first.Epochs) != 2 || first.Epochs[1].By != "ann" || first.Epochs[1].Why != "prices tell more" || first.Eval == before.Eval || first.Fold != before.Fold {
		t.Errorf("after it was activated: %+v", first)
	}
	if got := r.ask("policy", "show", "1", "--text"); !strings.Contains(got, "points: 33 ") {
		t.Errorf("its text: %.400s", got)
	}
	seen("during", first.Eval, 33)

	r.ask("policy", "rollback", "--why", "too many calls", "--by", "bob")
	second := show()
	if second.Active != 2 || len(second.Epochs) != 3 || second.Eval != before.Eval || second.Epochs[2].Restores == nil || *second.Epochs[2].Restores != 0 || second.Epochs[2].By != "bob" {
		t.Errorf("after it was rolled back: %+v", second)
	}
	seen("after", before.Eval, 30)
	if _, errs, exit := r.run("--stack", stackName, "policy", "rollback", "7", "--why", "none"); exit != 1 || !strings.Contains(errs, "7") {
		t.Errorf("back to an epoch that never was: exit %d, %s", exit, errs)
	}
	if got := show(); got.Active != 2 {
		t.Errorf("after a rollback that was refused: %+v", got)
	}
}

// A list that is imported into a stack makes what it makes in a folder.
func TestImportIntoADeployedStack(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Hour)
	r := remoteStack(t, at)
	list := filepath.Join(t.TempDir(), "attendees.csv")
	// The third has no address: it is accepted, and ingest puts it aside.
	if err := os.WriteFile(list, []byte("email,name,company\nann@initech.example,Ann,Initech\nbob@globex.example,Bob,Globex\n,Nobody,Nowhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	words := []string{"import", list, "--set", "list=Spring webinar", "--set", "type=webinar", "--set", "status=attended", "--set", "at=" + at.AddDate(0, 0, -9).Format(time.DateOnly)}
	dir := filepath.Join(t.TempDir(), "data")
	here, err := embeddedstack.Open(t.Context(), embeddedstack.Config{Dir: dir, Clock: local.NewVirtual(at)})
	if err != nil {
		t.Fatal(err)
	}
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	want, errs, exit := r.run(append([]string{"--data", dir, "--format", "json"}, words...)...)
	if exit != 3 || !strings.Contains(want, `"accepted": 3`) {
		t.Fatalf("on the folder: exit %d, %s%s", exit, want, errs)
	}
	got, errs, exit := r.run(append([]string{"--stack", stackName, "--format", "json"}, words...)...)
	if exit != 3 || got != want {
		t.Errorf("import says %s%s, exit %d; on the folder %s", got, errs, exit, want)
	}
	r.pump()
	when := at.Add(30 * time.Minute).Format(time.RFC3339)
	for _, name := range []string{"initech.example", "globex.example"} {
		args := []string{"account", name, "--at", when}
		want, errs, _ := r.run(append([]string{"--data", dir, "--format", "json"}, args...)...)
		if !strings.Contains(want, "Spring webinar") || !strings.Contains(want, "Webinar attended") {
			t.Fatalf("%s on the folder: %s%s", name, want, errs)
		}
		if d := cmp.Diff(strings.Split(comparable(want), "\n"), strings.Split(comparable(r.ask(args...)), "\n")); d != "" {
			t.Errorf("%s (-folder +stack):\n%s", name, d)
		}
	}
	if got := r.ask("quarantine", "list", "--contract", "import"); !strings.Contains(got, "Nobody") || strings.Contains(got, "Initech") {
		t.Errorf("in quarantine is %s, want the row without an address", got)
	}
	// Again: what came twice changes nothing.
	before := r.ask("account", "initech.example", "--at", when)
	r.run(append([]string{"--stack", stackName}, words...)...)
	r.pump()
	if d := cmp.Diff(before, r.ask("account", "initech.example", "--at", when)); d != "" {
		t.Errorf("after it was imported again (-before +after):\n%s", d)
	}
}

// strict is the contracts as they ship, but that one asks of every touch for a tag.
func strict(t *testing.T) *contract.Set {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(events.Sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(events.Sources, path)
		if path == "sources/canonical.yaml" {
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

// What a function's contract refused is put on the bus again, and taken once the function has the contract that was mended.
func TestQuarantineRetryOnADeployedStack(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Second)
	r := remoteStack(t, at)
	r.read(strict(t))
	r.ask("send", r.write([]event.Envelope{
		rig.Say("v-1", touch.PricingViewed, "email:ann@initech.example", at.Add(-time.Hour)),
		rig.Say("v-2", touch.PricingViewed, "email:bob@globex.example", at.Add(-time.Hour)),
		rig.Say("v-3", "no_such_kind", "email:bob@globex.example", at.Add(-time.Hour)),
	}))
	r.pump()
	aside := func(want ...string) []string {
		t.Helper()
		var list []struct {
			ID    string
			Event event.Envelope
		}
		if err := json.Unmarshal([]byte(r.ask("quarantine", "list")), &list); err != nil {
			t.Fatal(err)
		}
		var ids, of []string
		for _, e := range list {
			var d struct{ ID string }
			if err := json.Unmarshal(e.Event.Detail, &d); err != nil {
				t.Fatal(err)
			}
			ids, of = append(ids, e.ID), append(of, d.ID)
		}
		if d := cmp.Diff(want, slices.Sorted(slices.Values(of))); d != "" {
			t.Errorf("in quarantine (-want +got)\n%s", d)
		}
		return ids
	}
	retry := func(put int, args ...string) {
		t.Helper()
		var out struct{ Put, Resolved int }
		if err := json.Unmarshal([]byte(r.ask(append([]string{"quarantine", "retry"}, args...)...)), &out); err != nil {
			t.Fatal(err)
		}
		if out.Put != put || out.Resolved != 0 { // the functions go on by themselves: nothing is known yet
			t.Errorf("retry %v: %+v, want %d put", args, out, put)
		}
		r.pump()
	}
	ids := aside("v-1", "v-2", "v-3")
	if len(ids) != 3 {
		t.FailNow()
	}
	retry(3, "--all")
	aside("v-1", "v-2", "v-3") // refused again: the same rows

	mended, err := pipeline.Contracts()
	if err != nil {
		t.Fatal(err)
	}
	r.read(mended)
	var first string
	for _, id := range ids {
		if got := r.ask("quarantine", "show", id); strings.Contains(got, `"v-1"`) {
			first = id
		}
	}
	retry(1, first)
	aside("v-2", "v-3")
	retry(2, "--all")
	aside("v-3")
	for _, name := range []string{"initech", "globex"} {
		if got := r.told(name); got.Score != 30 {
			t.Errorf("%s scores %d, want the 30 points of a view of the prices", name, got.Score)
		}
	}
}
