package attribution

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/shared/money"
	"handoff/shared/span"
	"handoff/shared/touch"
)

// day 0 is the start of the stories below.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func day(d int) time.Time { return start.AddDate(0, 0, d) }

func policy() Config {
	return Config{
		Conversions: map[string]Conversion{
			"new":       {LookBack: 90 * span.Day, Source: Opportunity},
			"expansion": {LookBack: 60 * span.Day, Source: Opportunity},
			"renewal":   {LookBack: 30 * span.Day, Source: Invoice},
		},
		Touches: Kinds{
			Marketing: []string{touch.AdClicked, touch.WebinarAttended, touch.FormSubmitted},
			Sales:     []string{touch.MeetingBooked},
			Visits:    []string{touch.PageViewed},
			Lead:      []string{touch.FormSubmitted, touch.LeadCreated},
		},
		Channels: Channels{ByKind: map[string]string{touch.WebinarAttended: "webinar"}},
	}
}

func models(t testing.TB, change func(*Config)) *Models {
	t.Helper()
	c := policy()
	if change != nil {
		change(&c)
	}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func id(n int) touch.ID { return touch.NewID("test", "touch", fmt.Sprint(n), 0) }

// step is a touch of a story on a day, numbered from 1 in order of the story.
type step struct {
	day     int
	kind    string
	channel string
}

func story(t testing.TB, m *Models, steps []step) []Touch {
	t.Helper()
	var out []Touch
	for i, s := range steps {
		tt, ok := m.Read(&touch.Touch{ID: id(i + 1), Kind: s.kind, Time: day(s.day), Subject: "email:ann@initech.com", Channel: s.channel})
		if ok {
			out = append(out, tt)
		}
	}
	return out
}

func won(d int, minor int64, created int) event.Conversion {
	c := event.Conversion{
		ID: "opportunity:salesforce/006A", Account: "account:initech.com", Type: "new", Time: day(d),
		Amount: money.Amount{Minor: minor, Currency: "USD"}, Revision: "r1", Sequence: 1,
	}
	if created >= 0 {
		c.Created = day(created)
	}
	return c
}

func TestModels(t *testing.T) {
	ad, form, webinar, meeting, lead, page := touch.AdClicked, touch.FormSubmitted, touch.WebinarAttended, touch.MeetingBooked, touch.LeadCreated, touch.PageViewed
	cases := []struct {
		name       string
		steps      []step
		conversion event.Conversion
		want       map[string][]int64 // nil: unattributed
	}{
		{
			name:       "one touch gets all",
			steps:      []step{{0, ad, "paid_search"}},
			conversion: won(10, 10001, -1),
			want: map[string][]int64{
				First: {10001}, Last: {10001}, LastNonDirect: {10001}, Linear: {10001}, TimeDecay: {10001},
				UShaped: {10001}, WShaped: {10001}, FullPath: {10001},
			},
		},
		{
			// Ages 14, 7, 0 days: weights 1, 2, 4 of 7. 700 cents: 100, 200, 400.
			// U: no lead known, so first and last 40, the middle 20. W: first 30 and the others 10, of 40.
			// Full path: first and closing 22.5, the other 10, of 55: 700*22.5/55 = 286.36…, 700*10/55 = 127.27….
			name:       "three touches without milestones",
			steps:      []step{{0, ad, "paid_search"}, {7, webinar, ""}, {14, ad, "direct"}},
			conversion: won(14, 700, -1),
			want: map[string][]int64{
				First: {700, 0, 0}, Last: {0, 0, 700}, LastNonDirect: {0, 700, 0}, Linear: {234, 233, 233},
				TimeDecay: {100, 200, 400}, UShaped: {280, 140, 280},
				WShaped:  {525, 88, 87}, // 75 % = 525, 12.5 % each = 87.5: the earlier takes the cent
				FullPath: {287, 127, 286},
			},
		},
		{
			// Lead creation is the form (2nd), the opportunity opened on day 21: the meeting on day 20 brought it
			// about (4th). The closing touch is the 6th.
			name: "every milestone on a touch of its own",
			steps: []step{
				{0, ad, "paid_search"}, {5, form, "organic_search"}, {10, webinar, ""}, {20, meeting, ""}, {30, ad, "email"}, {40, meeting, ""},
			},
			conversion: won(41, 10000, 21),
			want: map[string][]int64{
				First: {10000, 0, 0, 0, 0, 0}, Last: {0, 0, 0, 0, 0, 10000}, LastNonDirect: {0, 0, 0, 0, 0, 10000},
				Linear: {1667, 1667, 1667, 1667, 1666, 1666},
				// U: 40, 40, the other four share 20.
				UShaped: {4000, 4000, 500, 500, 500, 500},
				// W: 30, 30, 30, the other three share 10: 333.33….
				WShaped: {3000, 3000, 334, 3000, 333, 333},
				// Full path: 22.5 four times, the other two share 10.
				FullPath: {2250, 2250, 500, 2250, 500, 2250},
			},
		},
		{
			// The first touch is the form: it is first and lead creation. Opportunity on the day of the second.
			name:       "coinciding roles add up",
			steps:      []step{{0, form, "paid_search"}, {5, meeting, ""}, {6, webinar, ""}},
			conversion: won(6, 10000, 5),
			want: map[string][]int64{
				First: {10000, 0, 0}, Last: {0, 0, 10000}, LastNonDirect: {0, 0, 10000}, Linear: {3334, 3333, 3333},
				// U: 80 to the form, the others share 20.
				UShaped: {8000, 1000, 1000},
				// W: 60, 30, the other 10.
				WShaped: {6000, 3000, 1000},
				// Full path: 45, 22.5, closing 22.5, no others: of 90.
				FullPath: {5000, 2500, 2500},
			},
		},
		{
			name:       "two touches share U evenly",
			steps:      []step{{0, ad, "paid_search"}, {3, ad, "email"}},
			conversion: won(4, 101, -1),
			want: map[string][]int64{
				First: {101, 0}, Last: {0, 101}, LastNonDirect: {0, 101}, Linear: {51, 50},
				UShaped: {51, 50}, WShaped: {76, 25}, FullPath: {51, 50}, // W: 30 to 10
			},
		},
		{
			// The CRM says when the lead came to be; the touch before it brought it about.
			name:       "a milestone that may not be credited falls to the touch before it",
			steps:      []step{{0, ad, "paid_search"}, {4, webinar, ""}, {5, lead, ""}, {9, meeting, ""}},
			conversion: won(9, 1000, -1),
			want:       map[string][]int64{UShaped: {400, 400, 200}},
		},
		{
			name:       "a lead and an opportunity from before the first touch are unknown",
			steps:      []step{{1, lead, ""}, {5, ad, "paid_search"}, {6, ad, "email"}},
			conversion: won(9, 1000, 0),
			want:       map[string][]int64{UShaped: {500, 500}, WShaped: {750, 250}},
		},
		{
			name:       "a refund beyond the price is negative",
			steps:      []step{{0, ad, "paid_search"}, {1, ad, "email"}, {2, ad, "social"}},
			conversion: won(3, -100, -1),
			want:       map[string][]int64{First: {-100, 0, 0}, Linear: {-34, -33, -33}, UShaped: {-40, -20, -40}},
		},
		{
			name:       "a lost deal credits nothing",
			steps:      []step{{0, ad, "paid_search"}, {1, ad, "email"}},
			conversion: won(3, 0, -1),
			want:       map[string][]int64{First: {0, 0}, TimeDecay: {0, 0}},
		},
		{
			name:       "no touches",
			conversion: won(3, 100, -1),
			want:       map[string][]int64{First: nil, Linear: nil, TimeDecay: nil, UShaped: nil, FullPath: nil},
		},
		{
			// 90 days back from day 91 at the same hour is day 1: inclusive at both ends.
			name:       "touches outside the look-back",
			steps:      []step{{0, ad, "a"}, {1, ad, "b"}, {91, ad, "c"}, {92, ad, "d"}},
			conversion: won(91, 100, -1),
			want:       map[string][]int64{Linear: {50, 50}},
		},
		{
			name:       "direct traffic alone",
			steps:      []step{{0, ad, "direct"}, {1, ad, "direct"}},
			conversion: won(2, 100, -1),
			want:       map[string][]int64{LastNonDirect: {0, 100}},
		},
		{
			name:       "page views without a channel are no touches",
			steps:      []step{{0, page, ""}, {1, page, "organic_search"}},
			conversion: won(2, 100, -1),
			want:       map[string][]int64{First: {100}},
		},
	}
	m := models(t, nil)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := m.Attribute(c.conversion, story(t, m, c.steps))
			for model, want := range c.want {
				if diff := cmp.Diff(want, a.Shares[model]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", model, diff)
				}
			}
		})
	}
}

func TestVisitsCountOnce(t *testing.T) {
	m := models(t, nil)
	view := func(n int, minute int, subject, channel string) Touch {
		tt, _ := m.Read(&touch.Touch{ID: id(n), Kind: touch.PageViewed, Time: start.Add(time.Duration(minute) * time.Minute), Subject: subject, Channel: channel})
		return tt
	}
	a := m.Attribute(won(1, 400, -1), []Touch{
		view(1, 0, "anon:s/1", "email"), view(2, 25, "anon:s/1", "email"), view(3, 50, "anon:s/1", "email"), // one visit: no gap over 30 minutes
		view(4, 26, "anon:s/2", "email"),                                    // another person
		view(5, 27, "anon:s/1", "paid_search"),                              // another channel
		view(6, 81, "anon:s/1", "email"), view(7, 111, "anon:s/1", "email"), // 31 minutes later: a new visit
	})
	var got []touch.ID
	for _, tt := range a.Touches {
		got = append(got, tt.ID)
	}
	if diff := cmp.Diff([]touch.ID{id(1), id(4), id(5), id(6)}, got); diff != "" {
		t.Errorf("visits (-want +got):\n%s", diff)
	}
}

func TestRevisionsReplaceEachOther(t *testing.T) {
	m := models(t, nil)
	read := func(revision int, d int, kind, channel string, withdrawn bool) Touch {
		tt, ok := m.Read(&touch.Touch{ID: id(1), Revision: revision, Kind: kind, Time: day(d), Channel: channel, Withdrawn: withdrawn})
		if !ok {
			t.Fatalf("revision %d of %s was not read", revision, kind)
		}
		return tt
	}
	cases := []struct {
		name    string
		touches []Touch
		want    []string // channels credited
	}{
		{"the higher revision counts", []Touch{read(1, 1, touch.AdClicked, "b", false), read(0, 1, touch.AdClicked, "a", false)}, []string{"b"}},
		{"a withdrawn touch counts no more", []Touch{read(0, 1, touch.AdClicked, "a", false), read(1, 1, touch.AdClicked, "", true)}, nil},
		{"a moved touch counts where it stands", []Touch{read(0, 1, touch.AdClicked, "a", false), read(1, 1, touch.AdClicked, "", true), read(1, 3, touch.AdClicked, "c", false)}, []string{"c"}},
		{"a revision to a kind without credit takes it away", []Touch{read(0, 1, touch.AdClicked, "a", false), read(1, 1, touch.SignedIn, "a", false)}, nil},
		{"twice the same", []Touch{read(0, 1, touch.AdClicked, "a", false), read(0, 1, touch.AdClicked, "a", false)}, []string{"a"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, tt := range m.Attribute(won(5, 100, -1), c.touches).Touches {
				got = append(got, tt.Channel)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("channels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadLeavesTestLeadsOut(t *testing.T) {
	m := models(t, nil)
	if _, ok := m.Read(&touch.Touch{ID: id(1), Kind: touch.AdClicked, Channel: "x", Time: start, Test: true}); ok {
		t.Error("a test lead's touch was read; it may not be credited")
	}
	tt, _ := m.Read(&touch.Touch{ID: id(1), Kind: touch.WebinarAttended, Time: start})
	if tt.Channel != "webinar" {
		t.Errorf("channel of a webinar = %q, want the policy's for the kind", tt.Channel)
	}
	tt, _ = m.Read(&touch.Touch{ID: id(1), Kind: touch.AdClicked, Time: start})
	if tt.Channel != Unknown {
		t.Errorf("channel of an ad that names none = %q, want %q", tt.Channel, Unknown)
	}
}

// Every entry must be the rounding of 2^(40 - r/H): its neighbours half a unit away lie on both sides. Raised to the
// H-th power that is a comparison of integers.
func TestDecayTableIsRounded(t *testing.T) {
	for _, h := range []int64{1, 2, 24, 168, 500} {
		d := newDecay(h)
		for r, got := range d {
			// (2*got ± 1)^H against 2^(41*H - r)
			want := new(big.Int).Lsh(big.NewInt(1), uint(41*h-int64(r)))
			low := new(big.Int).Exp(new(big.Int).SetUint64(2*got-1), big.NewInt(h), nil)
			high := new(big.Int).Exp(new(big.Int).SetUint64(2*got+1), big.NewInt(h), nil)
			if low.Cmp(want) > 0 || high.Cmp(want) < 0 {
				t.Fatalf("half-life %d h, hour %d: %d is not the nearest", h, r, got)
			}
		}
	}
	d := newDecay(168)
	for hours, want := range map[int64]uint64{0: 1 << 40, 168: 1 << 39, 336: 1 << 38, 168 * 40: 1, 168 * 41: 0, 168 * 1000: 0} {
		if got := d.at(hours); got != want {
			t.Errorf("weight after %d h = %d, want %d", hours, got, want)
		}
	}
}

func TestDecayOfOldTouchesIsRelative(t *testing.T) {
	m := models(t, func(c *Config) { c.HalfLife = span.Hour })
	a := m.Attribute(won(80, 300, -1), []Touch{
		{Time: day(1).UnixMilli(), ID: id(1), Credited: true, Channel: "a"},
		{Time: day(1).Add(time.Hour).UnixMilli(), ID: id(2), Credited: true, Channel: "b"},
	})
	if diff := cmp.Diff([]int64{100, 200}, a.Shares[TimeDecay]); diff != "" {
		t.Errorf("79 half-lives ago, one apart (-want +got):\n%s", diff)
	}
}

func TestSplit(t *testing.T) {
	cases := []struct {
		name    string
		amount  int64
		weights []uint64
		want    []int64
	}{
		{"no weights", 5, nil, nil},
		{"weights of 0", 5, []uint64{0, 0}, nil},
		{"the earlier of equal remainders", 2, []uint64{1, 1, 1}, []int64{1, 1, 0}},
		{"the larger remainder first", 10, []uint64{1, 2, 4}, []int64{1, 3, 6}}, // 1.43, 2.86, 5.71
		{"nothing to one without weight", 7, []uint64{0, 1, 1}, []int64{0, 4, 3}},
		{"negative", -2, []uint64{1, 1, 1}, []int64{-1, -1, 0}},
		{"the largest", math.MaxInt64, []uint64{1 << 40, 1 << 40}, []int64{1 << 62, 1<<62 - 1}},
		{"the smallest", math.MinInt64, []uint64{1}, []int64{math.MinInt64}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, split(c.amount, c.weights)); diff != "" {
				t.Errorf("split (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMoneyIsConservedWhateverTheOrder(t *testing.T) {
	m := models(t, nil)
	kinds := []string{touch.AdClicked, touch.FormSubmitted, touch.MeetingBooked, touch.PageViewed, touch.LeadCreated, touch.SignedIn}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "touches")
		var touches []Touch
		for i := range n {
			tt, ok := m.Read(&touch.Touch{
				ID: id(i), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Channel: rapid.SampledFrom([]string{"", "direct", "email"}).Draw(t, "channel"),
				Time:     start.Add(time.Duration(rapid.IntRange(-100, 110*24).Draw(t, "hour")) * time.Hour),
				Subject:  rapid.SampledFrom([]string{"user:1", "user:2"}).Draw(t, "subject"),
				Revision: rapid.IntRange(0, 2).Draw(t, "revision"), Withdrawn: rapid.IntRange(0, 9).Draw(t, "withdrawn") == 0,
			})
			if ok {
				touches = append(touches, tt)
			}
		}
		c := won(100, rapid.Int64().Draw(t, "amount"), rapid.IntRange(-1, 100).Draw(t, "created"))
		a := m.Attribute(c, touches)
		body, err := a.Row(event.PolicyRef{Epoch: 3})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, said := range []event.Attributed{stored.Attributed, Roll(stored.Attributed)} {
			for _, name := range Names {
				mc, ok := said.Models[name]
				if !ok {
					t.Fatalf("%s is missing", name)
				}
				sum := mc.Unattributed
				for _, cr := range mc.Credits {
					sum += cr.Minor
				}
				if sum != c.Amount.Minor {
					t.Fatalf("%s: credits and unattributed sum to %d, want %d", name, sum, c.Amount.Minor)
				}
				if len(a.Touches) > 0 && mc.Unattributed != 0 {
					t.Fatalf("%s: %d unattributed although there are touches", name, mc.Unattributed)
				}
			}
		}

		again := slices.Concat(touches, touches[:len(touches)/2])
		if len(again) > 1 {
			again = rapid.Permutation(again).Draw(t, "order")
		}
		if diff := cmp.Diff(a, m.Attribute(c, again)); diff != "" {
			t.Fatalf("shuffled and doubled (-in order +shuffled):\n%s", diff)
		}
	})
}

func TestDigestCoversItsInputs(t *testing.T) {
	steps := []step{{0, touch.AdClicked, "a"}, {3, touch.FormSubmitted, "b"}}
	m := models(t, nil)
	base := m.Attribute(won(9, 100, 5), story(t, m, steps)).Digest
	conversion := func(change func(*event.Conversion)) event.Conversion {
		c := won(9, 100, 5)
		change(&c)
		return c
	}
	differ := map[string]string{
		"revision":   m.Attribute(conversion(func(c *event.Conversion) { c.Revision = "r2" }), story(t, m, steps)).Digest,
		"amount":     m.Attribute(conversion(func(c *event.Conversion) { c.Amount.Minor = 101 }), story(t, m, steps)).Digest,
		"currency":   m.Attribute(conversion(func(c *event.Conversion) { c.Amount.Currency = "EUR" }), story(t, m, steps)).Digest,
		"account":    m.Attribute(conversion(func(c *event.Conversion) { c.Account = "account:other.com" }), story(t, m, steps)).Digest,
		"created":    m.Attribute(conversion(func(c *event.Conversion) { c.Created = day(1) }), story(t, m, steps)).Digest,
		"late touch": m.Attribute(won(9, 100, 5), story(t, m, append(slices.Clone(steps), step{4, touch.AdClicked, "c"}))).Digest,
	}
	half := models(t, func(c *Config) { c.HalfLife = span.Day })
	differ["half-life"] = half.Attribute(won(9, 100, 5), story(t, half, steps)).Digest
	seen := map[string]string{base: "the base"}
	for what, d := range differ {
		if other, taken := seen[d]; taken {
			t.Errorf("a changed %s has the digest of %s", what, other)
		}
		seen[d] = what
	}
	same := map[string]string{
		"sequence":        m.Attribute(conversion(func(c *event.Conversion) { c.Sequence = 9 }), story(t, m, steps)).Digest,
		"uncredited kind": m.Attribute(won(9, 100, 5), story(t, m, append(slices.Clone(steps), step{4, touch.SignedIn, ""}))).Digest,
		"touch too old":   m.Attribute(won(9, 100, 5), story(t, m, append(slices.Clone(steps), step{-90, touch.AdClicked, "x"}))).Digest,
	}
	other := models(t, func(c *Config) {
		c.Conversions["renewal"] = Conversion{LookBack: span.Day, Source: Opportunity}
	})
	same["another type's look-back"] = other.Attribute(won(9, 100, 5), story(t, other, steps)).Digest
	for what, d := range same {
		if d != base {
			t.Errorf("a changed %s changed the digest; it has no part in the credits", what)
		}
	}
}

func TestParseRefusesADamagedRow(t *testing.T) {
	for _, body := range []string{
		`{`, `{"touches":["0000000000000000"],"channels":[0],"campaigns":[0],"names":[]}`,
		`{"models":{"first":{"touches":[0],"minor":[5]}}}`, `{"lead":0}`,
		`{"lead":-1,"opportunity":-1,"models":{"first":{"touches":[],"minor":[5]}}}`,
	} {
		if s, err := Parse([]byte(body)); err == nil {
			t.Errorf("Parse(%s) = %+v, want an error", body, s)
		}
	}
}

func TestRowIsCompact(t *testing.T) {
	m := models(t, nil)
	var touches []Touch
	for i := range 500 {
		touches = append(touches, Touch{Time: start.Add(time.Duration(i) * time.Hour).UnixMilli(), ID: id(i), Credited: true, Channel: "paid_search", Campaign: "spring"})
	}
	a := m.Attribute(won(30, 123_456_78, 10), touches)
	body, err := a.Row(event.PolicyRef{})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := json.Marshal(stored.Attributed)
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 60_000 || len(body)*2 > len(whole) {
		t.Errorf("a row of 500 touches takes %d bytes, its announcement %d; want less than half and at most 60,000", len(body), len(whole))
	}
	rolled, err := json.Marshal(Roll(stored.Attributed))
	if err != nil || len(rolled) > 4_000 {
		t.Errorf("rolled up it takes %d bytes, %v; want at most 4,000 for one channel", len(rolled), err)
	}
}

func BenchmarkAttribute(b *testing.B) {
	m := models(b, nil)
	var touches []Touch
	for i := range 500 {
		touches = append(touches, Touch{Time: start.Add(time.Duration(i) * time.Hour).UnixMilli(), ID: id(i), Credited: true, Channel: "paid_search"})
	}
	c := won(30, 123_456_78, 10)
	for b.Loop() {
		m.Attribute(c, touches)
	}
}

func BenchmarkNew(b *testing.B) {
	c := policy()
	for b.Loop() {
		if _, err := New(c); err != nil {
			b.Fatal(err)
		}
	}
}
