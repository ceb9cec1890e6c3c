package ledger_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/embedded"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

func table(t *testing.T) *embedded.Table {
	t.Helper()
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Table("ledger")
}

func date(s string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func row(owner, at, id string) ledger.Row {
	return ledger.Row{Owner: owner, Type: ledger.Touch, Time: date(at), ID: id, RecordedAt: date("2026-03-04T05:06:07.008Z"),
		Body: json.RawMessage(`{"kind":"page_viewed","id":"` + id + `"}`)}
}

func appendAll(t *testing.T, l *ledger.Ledger, rows ...ledger.Row) {
	t.Helper()
	for i, res := range l.Append(t.Context(), rows) {
		if res.Err != nil || res.Existing != nil {
			t.Fatalf("Append row %d: %+v", i, res)
		}
	}
}

func ids(t *testing.T, rows iter.Seq2[*ledger.Row, error]) []string {
	t.Helper()
	var out []string
	for r, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.ID)
	}
	return out
}

func TestRowComesBackWhole(t *testing.T) {
	for _, r := range []ledger.Row{
		row("user:ann", "2026-01-02T03:04:05.678Z", "abc"),
		{Owner: "user:ann", Type: ledger.Decision, Time: date("1969-12-31T23:59:59.999Z"), ID: "old", RecordedAt: date("2026-01-01T00:00:00Z"), Body: json.RawMessage(`"x"`)},
		{Owner: "account:é/😀", Type: ledger.Handoff, Time: date("2026-01-01T00:00:00Z"), ID: "a#b#007", Revision: 999, RecordedAt: date("2026-01-01T00:00:00Z"), Body: json.RawMessage(`{}`)},
		{Owner: "account:initech.com", Type: ledger.Link, Time: date("2026-01-01T00:00:00.001Z"), ID: "email:a#b@c.d", Revision: 3, RecordedAt: date("2026-01-01T00:00:00Z"), Body: json.RawMessage(`[1]`)},
		{Owner: "ignored:2026-01-01/03", Type: ledger.Ignored, ID: "no body, no times"},
	} {
		l := &ledger.Ledger{Table: table(t)}
		appendAll(t, l, r)
		got, err := l.Get(t.Context(), ledger.Row{Owner: r.Owner, Type: r.Type, Time: r.Time, ID: r.ID, Revision: r.Revision})
		if err != nil {
			t.Errorf("Get %s: %v", r.ID, err)
			continue
		}
		if d := cmp.Diff(&r, got); d != "" {
			t.Errorf("Get %s (-want +got):\n%s", r.ID, d)
		}
	}
}

// What the key says is not stored again: 20 bytes at most beside key and body.
func TestRowIsStoredCompactly(t *testing.T) {
	tab := table(t)
	l := &ledger.Ledger{Table: tab}
	r := row("user:ann", "2026-01-02T03:04:05.678Z", "abc")
	appendAll(t, l, r)
	rec, err := tab.Get(t.Context(), r.Key())
	if err != nil {
		t.Fatal(err)
	}
	if extra := len(rec.Body) - len(r.Body); extra > 20 {
		t.Errorf("%d bytes beside the body", extra)
	}
	if want := "t#20260102T030405.678#touch#abc#000"; rec.Sort != want {
		t.Errorf("sort key %q, want %q", rec.Sort, want)
	}
}

func TestSecondAppendIsShownTheFirst(t *testing.T) {
	l := &ledger.Ledger{Table: table(t)}
	first := row("user:ann", "2026-01-02T03:04:05.678Z", "abc")
	appendAll(t, l, first)
	again := first
	again.RecordedAt, again.Body = first.RecordedAt.Add(time.Hour), json.RawMessage(`{"other":true}`)
	other := row("user:ann", "2026-01-02T03:04:05.678Z", "abd")
	revision := first
	revision.Revision = 1
	res := l.Append(t.Context(), []ledger.Row{again, other, revision})
	if d := cmp.Diff([]ledger.Result{{Existing: &first}, {}, {}}, res); d != "" {
		t.Errorf("Append (-want +got):\n%s", d)
	}
	if existing, err := l.AppendOne(t.Context(), again); err != nil || cmp.Diff(&first, existing) != "" {
		t.Errorf("AppendOne: got %+v, %v, want the first", existing, err)
	}
	if d := cmp.Diff([]string{"abc", "abc", "abd"}, ids(t, l.Timeline(t.Context(), "user:ann", time.Time{}, time.Time{}))); d != "" {
		t.Errorf("timeline (-want +got):\n%s", d)
	}
}

// One delivery can hold one event twice.
func TestRepeatsInOneAppend(t *testing.T) {
	l := &ledger.Ledger{Table: table(t)}
	first := row("user:ann", "2026-01-02T03:04:05.678Z", "abc")
	first.RecordedAt = first.RecordedAt.Add(123 * time.Microsecond)
	again := first
	again.Body = json.RawMessage(`{"other":true}`)
	kept := first
	kept.RecordedAt = date("2026-03-04T05:06:07.008Z")
	bad := row("", "2026-01-02T03:04:05.678Z", "abc")

	res := l.Append(t.Context(), []ledger.Row{first, bad, again, first})
	if res[0].Existing != nil || res[0].Err != nil {
		t.Errorf("the first: got %+v", res[0])
	}
	if !errors.Is(res[1].Err, store.ErrInvalid) {
		t.Errorf("the bad one: got %+v, want ErrInvalid", res[1])
	}
	for _, i := range []int{2, 3} {
		if d := cmp.Diff(ledger.Result{Existing: &kept}, res[i]); d != "" {
			t.Errorf("row %d (-want +got):\n%s", i, d)
		}
	}
	res = l.Append(t.Context(), []ledger.Row{again, again})
	if d := cmp.Diff([]ledger.Result{{Existing: &kept}, {Existing: &kept}}, res); d != "" {
		t.Errorf("both later (-want +got):\n%s", d)
	}

	dead := &ledger.Ledger{Table: storetest.NewFuse(1, storetest.NotStored).Table(table(t))}
	for i, r := range dead.Append(t.Context(), []ledger.Row{first, again}) {
		if !errors.Is(r.Err, storetest.ErrDead) || r.Existing != nil {
			t.Errorf("row %d on a dead store: got %+v", i, r)
		}
	}
}

func TestRefusedRows(t *testing.T) {
	good := row("user:ann", "2026-01-02T03:04:05.678Z", "abc")
	for name, change := range map[string]func(*ledger.Row){
		"no owner":          func(r *ledger.Row) { r.Owner = "" },
		"no type":           func(r *ledger.Row) { r.Type = "" },
		"no id":             func(r *ledger.Row) { r.ID = "" },
		"# in type":         func(r *ledger.Row) { r.Type = "a#b" },
		"negative revision": func(r *ledger.Row) { r.Revision = -1 },
		"revision 1000":     func(r *ledger.Row) { r.Revision = 1000 },
		"year 10000":        func(r *ledger.Row) { r.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"year 0":            func(r *ledger.Row) { r.Time = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) },
		"id too long":       func(r *ledger.Row) { r.ID = strings.Repeat("x", store.MaxSort) },
		"id not UTF-8":      func(r *ledger.Row) { r.ID = "\xff" },
		"chunks given":      func(r *ledger.Row) { r.Chunks = 1 },
	} {
		tab := table(t)
		bad := good
		change(&bad)
		res := (&ledger.Ledger{Table: tab}).Append(t.Context(), []ledger.Row{bad, good})
		if !errors.Is(res[0].Err, store.ErrInvalid) {
			t.Errorf("%s: got %+v, want ErrInvalid", name, res[0])
		}
		if res[1].Err != nil || res[1].Existing != nil {
			t.Errorf("%s: its neighbour: got %+v", name, res[1])
		}
	}
}

func TestTimeline(t *testing.T) {
	l := &ledger.Ledger{Table: table(t)}
	r := func(at, id string) ledger.Row { return row("user:ann", at, id) }
	decision := r("2026-01-01T00:00:00.001Z", "d")
	decision.Type = ledger.Decision
	revised := r("2026-01-01T00:00:00.001Z", "b")
	revised.Revision = 2
	link := r("2026-01-01T00:00:00Z", "anon:1")
	link.Type = ledger.Link
	appendAll(t, l, r("2026-01-01T00:00:00.001Z", "c"), r("2026-01-01T00:00:00.001Z", "b"), r("2026-01-01T00:00:00Z", "a"), decision, revised, link,
		r("2026-01-01T00:00:00.002Z", "e"), r("2025-12-31T23:59:59.999Z", "before"), r("0999-01-01T00:00:00Z", "ancient"), r("9999-12-31T23:59:59.999Z", "last"),
		row("user:bob", "2026-01-01T00:00:00Z", "bob"), row("user:an", "2026-01-01T00:00:00Z", "an"))
	all := []string{"ancient", "before", "a", "d", "b", "b", "c", "e", "last"} // decision sorts before touch
	for _, c := range []struct {
		name        string
		from, until string
		want        []string
	}{
		{"all", "", "", all},
		{"from is inclusive", "2026-01-01T00:00:00.002Z", "", []string{"e", "last"}},
		{"until is exclusive", "", "2026-01-01T00:00:00Z", []string{"ancient", "before"}},
		{"one millisecond", "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.002Z", []string{"d", "b", "b", "c"}},
		{"from within a millisecond", "2026-01-01T00:00:00.0015Z", "", []string{"e", "last"}},
		{"until within a millisecond", "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.0011Z", []string{"d", "b", "b", "c"}},
		{"another zone", "2026-01-01T01:00:00.002+01:00", "2026-01-01T02:00:00+01:00", []string{"e"}},
		{"nothing", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", nil},
		{"reversed", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", nil},
	} {
		var from, until time.Time
		if c.from != "" {
			from = date(c.from)
		}
		if c.until != "" {
			until = date(c.until)
		}
		if d := cmp.Diff(c.want, ids(t, l.Timeline(t.Context(), "user:ann", from, until))); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	far := time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	if d := cmp.Diff(all, ids(t, l.Timeline(t.Context(), "user:ann", time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), far))); d != "" {
		t.Errorf("years that do not sort (-want +got):\n%s", d)
	}
	for r, err := range l.Timeline(t.Context(), "user:ann", time.Time{}, time.Time{}) { // may be left early
		if err != nil || r.ID != "ancient" {
			t.Errorf("first of the timeline: got %+v, %v", r, err)
		}
		break
	}
}

// A timeline longer than a page.
func TestLongTimeline(t *testing.T) {
	l := &ledger.Ledger{Table: table(t)}
	start := date("2026-01-01T00:00:00Z")
	var rows []ledger.Row
	var want []string
	for i := range 2500 {
		r := row("user:ann", "2026-01-01T00:00:00Z", fmt.Sprintf("%04d", i))
		r.Time = start.Add(time.Duration(i) * time.Minute)
		rows, want = append(rows, r), append(want, r.ID)
	}
	appendAll(t, l, rows...)
	if d := cmp.Diff(want, ids(t, l.Timeline(t.Context(), "user:ann", time.Time{}, time.Time{}))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTimelineTellsWhatItCannotRead(t *testing.T) {
	for name, body := range map[string][]byte{"empty": nil, "another format": {9, 2, 0}, "cut off": {1, 0x80}, "negative chunks": {1, 0, 1}} {
		tab := table(t)
		key := store.Key{Partition: "user:ann", Sort: "t#20260101T000000.000#touch#x#000"}
		if err := tab.Put(t.Context(), store.Record{Key: key, Body: body}); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range (&ledger.Ledger{Table: tab}).Timeline(t.Context(), "user:ann", time.Time{}, time.Time{}) {
			if n++; err == nil || !strings.Contains(err.Error(), key.Sort) {
				t.Errorf("%s: got error %v, want one naming the row", name, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: yielded %d times, want once", name, n)
		}
	}
	dead := storetest.NewFuse(1, storetest.NotStored).Table(table(t))
	dead.Put(t.Context(), store.Record{Key: store.Key{Partition: "p", Sort: "s"}})
	for _, err := range (&ledger.Ledger{Table: dead}).Timeline(t.Context(), "user:ann", time.Time{}, time.Time{}) {
		if !errors.Is(err, storetest.ErrDead) {
			t.Errorf("got %v, want ErrDead", err)
		}
	}
}

func TestLinks(t *testing.T) {
	l := &ledger.Ledger{Table: table(t)}
	link := func(id, at string) ledger.Row {
		r := row("account:initech.com", at, id)
		r.Type = ledger.Link
		return r
	}
	first := link("user:2", "2026-01-01T00:00:00Z")
	appendAll(t, l, first, link("user:10", "2026-05-01T00:00:00Z"), link("anon:z", "2026-09-01T00:00:00Z"), row("account:initech.com", "2026-01-01T00:00:00Z", "t"))
	later := link("user:2", "2026-02-01T00:00:00Z") // a link's key has no time: the first stands
	if existing, err := l.AppendOne(t.Context(), later); err != nil || cmp.Diff(&first, existing) != "" {
		t.Errorf("a second link: got %+v, %v, want the first", existing, err)
	}
	if d := cmp.Diff([]string{"anon:z", "user:10", "user:2"}, ids(t, l.Links(t.Context(), "account:initech.com"))); d != "" {
		t.Errorf("links (-want +got):\n%s", d)
	}
}

// long is JSON of n bytes in which every part differs.
func long(n int, seed byte) json.RawMessage {
	b := bytes.Repeat([]byte{'x'}, n)
	b[0], b[n-1] = '"', '"'
	for i := 1; i < n-1; i++ {
		b[i] = 'a' + byte(i/1000+int(seed))%26
	}
	return b
}

func TestLongBodies(t *testing.T) {
	for _, n := range []int{300<<10 - 1, 300 << 10, 300<<10 + 1, 600 << 10, 1 << 20} {
		tab := table(t)
		l := &ledger.Ledger{Table: tab}
		r := row("quarantine:2026-01-01/03", "2026-01-01T00:00:00Z", "big")
		r.Type, r.Body = ledger.Quarantine, long(n, 0)
		appendAll(t, l, r)
		got, err := l.Get(t.Context(), r)
		if err != nil || !bytes.Equal(got.Body, r.Body) || got.Chunks != 0 {
			t.Errorf("%d bytes: Get differs: %v", n, err)
		}
		other := r
		other.Body = long(n, 7)
		if existing, err := l.AppendOne(t.Context(), other); err != nil || existing == nil || !bytes.Equal(existing.Body, r.Body) {
			t.Errorf("%d bytes: a second body under the key is not answered with the first: %v", n, err)
		}
		if got := ids(t, l.Timeline(t.Context(), r.Owner, time.Time{}, time.Time{})); len(got) != 1 {
			t.Errorf("%d bytes: the timeline has %q", n, got)
		}
		rows := 0
		for more, cursor := true, ""; more; more = cursor != "" {
			page, err := tab.Scan(t.Context(), 0, cursor)
			if err != nil {
				t.Fatal(err)
			}
			cursor = page.Cursor
			for _, rec := range page.Records {
				if got, ok, err := l.Decode(t.Context(), rec); err != nil {
					t.Error(err)
				} else if ok {
					if rows++; !bytes.Equal(got.Body, r.Body) {
						t.Errorf("%d bytes: Decode differs", n)
					}
				}
			}
		}
		if rows != 1 {
			t.Errorf("%d bytes: a scan shows %d rows, want 1", n, rows)
		}
	}
}

// At every write of a long row the process dies. Nothing half is ever shown, and the next try mends it.
func TestCrashWhileAppendingALongBody(t *testing.T) {
	short := row("user:ann", "2026-01-01T00:00:00Z", "short")
	r := row("user:ann", "2026-01-01T00:00:00Z", "long")
	r.Body = long(1<<20, 0)
	for _, mode := range storetest.Modes {
		for at := 1; ; at++ {
			fuse := storetest.NewFuse(at, mode)
			l := &ledger.Ledger{Table: fuse.Table(table(t))}
			l.Append(t.Context(), []ledger.Row{r, short})
			if !fuse.Blown() {
				if at != 3 { // the parts, then the rows
					t.Errorf("an append takes %d writes, want 2", at-1)
				}
				break
			}
			fuse.Reset()
			for got, err := range l.Timeline(t.Context(), "user:ann", time.Time{}, time.Time{}) {
				if err != nil {
					t.Errorf("%s at write %d: %v", mode, at, err)
				} else if got.ID == "long" && !bytes.Equal(got.Body, r.Body) {
					t.Errorf("%s at write %d: a row is shown that is not whole", mode, at)
				}
			}
			for i, res := range l.Append(t.Context(), []ledger.Row{r, short}) {
				if res.Err != nil || res.Existing != nil && !bytes.Equal(res.Existing.Body, [][]byte{r.Body, short.Body}[i]) {
					t.Errorf("%s at write %d, again: row %d: %v", mode, at, i, res.Err)
				}
			}
			if got, err := l.Get(t.Context(), r); err != nil || !bytes.Equal(got.Body, r.Body) {
				t.Errorf("%s at write %d: after the second try: %v", mode, at, err)
			}
		}
	}
}

// A body whose parts are gone is an error, not a row that does not exist.
func TestMissingPart(t *testing.T) {
	tab := table(t)
	l := &ledger.Ledger{Table: tab}
	r := row("user:ann", "2026-01-01T00:00:00Z", "long")
	r.Body = long(1<<20, 0)
	appendAll(t, l, r)
	page, err := tab.Query(t.Context(), store.Query{Partition: "user:ann", From: "b#", Until: "b$"})
	if err != nil || len(page.Records) != 4 { // 1 MB in parts of 300 KB
		t.Fatalf("got %d parts, %v, want 4", len(page.Records), err)
	}
	if err := tab.Delete(t.Context(), page.Records[2].Key); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Get(t.Context(), r); err == nil || errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "part 3 of 4") {
		t.Errorf("got %v, want an error naming part 3 of 4", err)
	}
}

func TestGetOfNothing(t *testing.T) {
	_, err := (&ledger.Ledger{Table: table(t)}).Get(t.Context(), row("user:ann", "2026-01-01T00:00:00Z", "x"))
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestDayOwners(t *testing.T) {
	day := date("2026-01-01T00:00:00Z")
	owners := ledger.DayOwners(ledger.Quarantine, day.Add(5*time.Hour))
	if len(owners) != store.Shards || owners[0] != "quarantine:2026-01-01/00" || owners[15] != "quarantine:2026-01-01/15" {
		t.Errorf("got %q", owners)
	}
	used := map[string]bool{}
	for i := range 400 {
		at := day.Add(time.Duration(i) * 3 * time.Minute)
		owner := ledger.DayOwner(ledger.Quarantine, at, fmt.Sprint("event-", i))
		if owner != ledger.DayOwner(ledger.Quarantine, at.In(time.FixedZone("", 3600)), fmt.Sprint("event-", i)) {
			t.Errorf("the owner depends on the zone of %v", at)
		}
		used[owner] = true
	}
	for _, o := range owners {
		if !used[o] {
			t.Errorf("no id of 400 went to %s", o)
		}
		delete(used, o)
	}
	if len(used) != 0 {
		t.Errorf("ids went to owners that DayOwners does not list: %v", used)
	}
}

// The order of keys is the order of time, then type, id and revision; and a key says all that went into it.
func TestKeysSortAsRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) ledger.Row {
			ms := rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, name+" time") // years 1 to 9999
			return ledger.Row{Owner: "o", Type: ledger.Touch, Time: time.UnixMilli(ms), ID: "i", Revision: rapid.IntRange(0, ledger.MaxRevision).Draw(t, name+" revision")}
		}
		a, b := draw("a"), draw("b")
		if rapid.Bool().Draw(t, "same time") {
			b.Time = a.Time
		}
		want := a.Time.Compare(b.Time)
		if want == 0 {
			want = a.Revision - b.Revision
		}
		got := strings.Compare(a.Key().Sort, b.Key().Sort)
		if got < 0 != (want < 0) || got > 0 != (want > 0) {
			t.Errorf("%s and %s: order %d, want the sign of %d", a.Key().Sort, b.Key().Sort, got, want)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	db, err := embedded.OpenMemory()
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	l := &ledger.Ledger{Table: db.Table("ledger")}
	body := long(400, 0)
	b.ReportAllocs()
	for n := 0; b.Loop(); {
		rows := make([]ledger.Row, 256)
		for i := range rows {
			n++
			rows[i] = ledger.Row{Owner: fmt.Sprint("user:", n%5000), Type: ledger.Touch, Time: time.UnixMilli(int64(n)), ID: "0123456789abcdef", Body: body}
		}
		for _, res := range l.Append(b.Context(), rows) {
			if res.Err != nil {
				b.Fatal(res.Err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/row")
}
