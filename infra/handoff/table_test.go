package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestGrid(t *testing.T) {
	for _, c := range []struct {
		name string
		grid grid
		want string
	}{
		{"numbers stand right, what fits stays whole", grid{
			columns: []column{{head: "NAME", flex: true}, {head: "N", right: true}},
			rows:    [][]string{{"a", "1"}, {"bcd", "1,000"}}, notes: [][]string{nil, nil},
		}, "NAME      N\n───────────\na         1\nbcd   1,000\n"},
		{"an empty column goes", grid{
			columns: []column{{}, {head: "NAME"}, {head: "WHY", flex: true}},
			rows:    [][]string{{"", "a", ""}}, notes: [][]string{nil},
		}, "NAME\n────\na\n"},
		{"notes and a total", grid{
			columns: []column{{head: "NAME"}, {head: "N", right: true}},
			rows:    [][]string{{"a", "1"}, {"b", "2"}}, notes: [][]string{{"Because."}, nil}, foot: []string{"total", "3"},
		}, "NAME   N\n────────\na      1\n    Because.\nb      2\n────────\ntotal  3\n"},
		{"line ends and escapes of strangers do not break the line", grid{
			columns: []column{{head: "NAME"}, {head: "X"}},
			rows:    [][]string{{oneLine("a\nb\x1b[31m"), "y"}}, notes: [][]string{nil},
		}, "NAME      X\n───────────\na b [31m  y\n"},
		{"indented", grid{columns: []column{{head: "A"}, {head: "B"}}, rows: [][]string{{"1", "2"}}, notes: [][]string{nil}, indent: 2},
			"  A  B\n  ────\n  1  2\n"},
	} {
		var b strings.Builder
		c.grid.print(&b)
		if d := cmp.Diff(c.want, b.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestGridKeepsToTheLine(t *testing.T) {
	cell := rapid.OneOf(rapid.SampledFrom([]string{"", "1", "1,234,567.89 USD", "株式会社ヒカリ通信サービス", "naïve café", "👩‍💻 ops", "e\u0301"}), rapid.StringN(0, 60, 200))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "columns")
		g := grid{indent: rapid.IntRange(0, 4).Draw(t, "indent")}
		for range n {
			g.columns = append(g.columns, column{head: rapid.StringMatching(`[A-Z ]{0,12}`).Draw(t, "head"), right: rapid.Bool().Draw(t, "right"), flex: rapid.Bool().Draw(t, "flex")})
		}
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			var row []string
			for range n {
				row = append(row, cell.Draw(t, "cell"))
			}
			g.add(row...)
			g.note(cell.Draw(t, "note"))
		}
		var b strings.Builder
		g.print(&b)
		title(&b, cell.Draw(t, "title"), cell.Draw(t, "aside"))
		fits(t, b.String())
	})
}

func TestWords(t *testing.T) {
	now := time.Date(2026, 3, 12, 14, 5, 0, 0, time.UTC)
	for _, c := range []struct{ name, got, want string }{
		{"minutes", span(59), "0 min"},
		{"an hour", span(3600), "1 h 0 min"},
		{"a day and a half", span(36 * 3600), "1 d 12 h"},
		{"many days", span(10*86400 + 3600), "10 d"},
		{"ahead of now", span(-5), "0 min"},
		{"thousands", number(-1234567), "-1,234,567"},
		{"small", number(999), "999"},
		{"two thirds", percent(2, 3), "66.7 %"},
		{"of nothing", percent(0, 0), "–"},
		{"yen", bare(1234567, "JPY"), "1,234,567"},
		{"cents", bare(-5, "USD"), "-0.05"},
		{"this year", when(now, now), "Thu 12 Mar 14:05"},
		{"another year", when(now.AddDate(-1, 0, 0), now), "12 Mar 2025 14:05"},
		{"never", when(time.Time{}, now), "–"},
		{"one", count(1, "event", "events"), "1 event"},
		{"none", count(0, "event", "events"), "0 events"},
		{"few", list([]string{"a", "b"}, 2), "a, b"},
		{"many", list([]string{"a", "b", "c", "d"}, 2), "a, b and 2 more"},
		{"one domain", persons([]string{"ann@x.example", "bob@x.example"})("ann@x.example"), "ann"},
		{"two domains", persons([]string{"ann@x.example", "bob@y.example"})("ann@x.example"), "ann@x.example"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2026, 3, 12, 14, 5, 0, 0, time.UTC)
	for _, s := range []string{"2026-03-12 14:05", "2026-03-12T14:05", "2026-03-12T14:05:00Z", "2026-03-12T16:05:00+02:00"} {
		if got, err := parseTime(s); err != nil || !got.Equal(want) {
			t.Errorf("parseTime(%q): got %s, %v, want %s", s, got, err, want)
		}
	}
	if got, err := parseTime(""); err != nil || !got.IsZero() {
		t.Errorf("parseTime of nothing: got %s, %v, want the zero time", got, err)
	}
	for _, s := range []string{"yesterday", "12.3.2026", "2026-13-01"} {
		if _, err := parseTime(s); err == nil {
			t.Errorf("parseTime(%q) was taken", s)
		}
	}
}
