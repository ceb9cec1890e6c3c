package span_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/shared/span"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Duration
		text string
	}{
		{"7d", 168 * time.Hour, "7d"},
		{"2w", 336 * time.Hour, "14d"},
		{"36h", 36 * time.Hour, "1d12h"},
		{"1d 12h", 36 * time.Hour, "1d12h"},
		{"90m", 90 * time.Minute, "1h30m"},
		{"250ms", 250 * time.Millisecond, "250ms"},
		{"0", 0, "0"},
	} {
		got, err := span.Parse(c.in)
		if err != nil || got.D() != c.want || got.String() != c.text {
			t.Errorf("Parse(%q) = %v (%s), %v; want %v (%s)", c.in, got.D(), got, err, c.want, c.text)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{"", " ", "7", "d", "7 days", "-7d", "7d7", "1.5h", "999999999999999999999d", "300000000w", "d7"} {
		if got, err := span.Parse(in); !errors.Is(err, span.ErrInvalid) {
			t.Errorf("Parse(%q) = %v, %v; want ErrInvalid", in, got, err)
		}
	}
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := span.Duration(rapid.Int64Range(0, int64(20*365*span.Day)/1e6).Draw(t, "ms") * 1e6)
		b, _ := want.MarshalText()
		var got span.Duration
		if err := got.UnmarshalText(b); err != nil || got != want {
			t.Fatalf("%s read back as %v, %v", b, got, err)
		}
	})
}
