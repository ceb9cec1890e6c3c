package scoring

import (
	"testing"

	"pgregory.net/rapid"
)

func TestHalfLife(t *testing.T) {
	// By hand: 100 * 2^(-h/24) is 100, 97.15…, 70.71…, 51.47…, 50, 35.35…, 25, 12.5 (rounds up), 6.25, 0.78…, 0.39….
	for _, c := range []struct{ points, hours, want int64 }{
		{100, 0, 100}, {100, 1, 97}, {100, 12, 71}, {100, 23, 51}, {100, 24, 50}, {100, 36, 35}, {100, 48, 25},
		{100, 72, 13}, {100, 96, 6}, {100, 168, 1}, {100, 192, 0}, {100, 100_000, 0},
		{-100, 12, -71}, {-100, 72, -13}, {30, 24, 15}, {1, 24, 1}, {1, 25, 0}, {100, -5, 100}, {10_000, 24 * 14, 1}, {10_000, 24 * 15, 0},
	} {
		if got := HalfLife(24).Points(c.points, c.hours); got != c.want {
			t.Errorf("%d points after %d of 24 hours: got %d, want %d", c.points, c.hours, got, c.want)
		}
	}
}

func TestLinear(t *testing.T) {
	for _, c := range []struct{ points, hours, want int64 }{
		{30, 0, 30}, {30, 1, 29}, {30, 12, 15}, {30, 23, 1}, {30, 24, 0}, {30, 500, 0}, {-30, 12, -15}, {10, 6, 8}, {10, 7, 7},
	} { // 10 * 18/24 = 7.5, half away from zero; 10 * 17/24 = 7.08
		if got := Linear(24).Points(c.points, c.hours); got != c.want {
			t.Errorf("%d points after %d of 24 hours: got %d, want %d", c.points, c.hours, got, c.want)
		}
	}
}

// The table's entries: 2^(-1/2) and 2^(-1/4) in 32 bits, from their decimal expansions 0.70710678118654752 and
// 0.84089641525371454.
func TestTable(t *testing.T) {
	c := HalfLife(4)
	for h, want := range []uint64{1 << 32, 3611622603, 3037000500, 2553802834} {
		if c.shares[h] != want {
			t.Errorf("share after %d of 4 hours is %d, want %d", h, c.shares[h], want)
		}
	}
}

func TestCurvesNeverRiseAndKnowTheirNextChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.Int64Range(1, 400).Draw(t, "hours")
		c := rapid.SampledFrom([]*Curve{HalfLife(hours), Linear(hours)}).Draw(t, "curve")
		points := rapid.Int64Range(-300, 300).Draw(t, "points")
		from := rapid.Int64Range(-3, 15*hours).Draw(t, "from")
		at, ok := c.NextChange(points, from)
		now := c.Points(points, from)
		for h := max(from, 0); h < 25*hours; h++ {
			p := c.Points(points, h)
			if max(p, -p) > max(now, -now) {
				t.Fatalf("%d points rise from %d to %d at hour %d", points, now, p, h)
			}
			if p != now {
				if !ok || at != h {
					t.Fatalf("%d points change at hour %d, NextChange(%d) says %d, %t", points, h, from, at, ok)
				}
				return
			}
		}
		if ok {
			t.Fatalf("NextChange says %d; nothing changes", at)
		}
	})
}
