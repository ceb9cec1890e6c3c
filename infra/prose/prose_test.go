package prose

import (
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	at := time.Date(2026, 3, 12, 15, 30, 9, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(-21504), "-21,504"}, {Count(1234567), "1,234,567"},
		{Of(1, "touch"), "1 touch"}, {Of(2, "touch"), "2 touches"}, {Of(0, "day"), "0 days"}, {Of(3, "entry"), "3 entries"},
		{Stamp(at, at), "Thu 12 Mar 15:30"}, {Stamp(at, at.AddDate(1, 0, 0)), "Thu 12 Mar 2026 15:30"},
		{Day(at), "Thursday, 12 March 2026"},
		{For(23 * time.Minute), "23 minutes"}, {For(59 * time.Second), "59 seconds"}, {For(-2 * time.Hour), "2 hours"},
		{For(26*time.Hour + 10*time.Minute), "1 day 2 hours"}, {For(20 * 24 * time.Hour), "20 days"}, {For(119*time.Minute + 40*time.Second), "2 hours"},
		{List([]string{"a"}), "a"}, {List([]string{"a", "b", "c"}), "a, b and c"}, {List(nil), ""},
		{Sum(5, "in all", "3 kept", "2 lost"), "5 in all = 3 kept + 2 lost"},
		{Wrap("  - ", "    ", strings.Repeat("word ", 20)), "  - word word word word word word word word word word word word word word word\n    word word word word word"},
		{Wrap("", "", strings.Repeat("x", 100)), strings.Repeat("x", 80) + "\n" + strings.Repeat("x", 20)},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestWrapKeepsTheMarginAndTheWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringOfN(rapid.SampledFrom([]rune("abcé日本😀-")), 1, 30, -1)).Draw(t, "words")
		s := strings.Join(words, " ")
		got := Wrap("> ", "  ", s)
		for _, line := range strings.Split(got, "\n") {
			if text.StringWidth(line) > Width {
				t.Fatalf("%d columns: %q", text.StringWidth(line), line)
			}
		}
		if a, b := strings.Join(strings.Fields(s), ""), strings.Join(strings.Fields(strings.TrimPrefix(got, "> ")), ""); a != b {
			t.Fatalf("the words changed: %q, %q", a, b)
		}
	})
}
