package scoring

import (
	"math/bits"
	"sync"
)

// maxHours is the longest half-life or fade: ten years.
const maxHours = 10 * 365 * 24

// one is 1 in the fixed point of the tables: 32 bits behind the point.
const one = 1 << 32

// Curve says which share of a touch's points is left after a number of whole hours. It never rises. All arithmetic is
// on integers, so every machine gets the same points.
type Curve struct {
	hours  int64    // half-life, or the length of an even fade
	shares []uint64 // per hour of the first half-life, in units of 1/one; nil for an even fade
}

// Linear goes down evenly to nothing over the hours given.
func Linear(hours int64) *Curve { return &Curve{hours: hours} }

var (
	curvesMu sync.Mutex
	curves   = map[int64]*Curve{}
)

// HalfLife halves every so many hours: share(h) = 2^(-h/hours). The table is the same for every policy and is kept.
func HalfLife(hours int64) *Curve {
	curvesMu.Lock()
	defer curvesMu.Unlock()
	if c := curves[hours]; c != nil {
		return c
	}
	c := &Curve{hours: hours, shares: make([]uint64, hours)}
	for h := range c.shares {
		c.shares[h] = halving(uint64(h), uint64(hours))
		if h > 0 {
			c.shares[h] = min(c.shares[h], c.shares[h-1]) // roundings never make it rise
		}
	}
	curves[hours] = c
	return c
}

// roots[k] is 2^(-1/2^(k+1)) with 63 bits behind the point: each is the square root of the one before.
var roots = func() (r [40]uint64) {
	x := uint64(1) << 62 // one half
	for k := range r {
		x = sqrt63(x)
		r[k] = x
	}
	return r
}()

// sqrt63 is the root of x/2^63, in the same units, rounded down: the largest y with y*y <= x*2^63.
func sqrt63(x uint64) uint64 {
	var y uint64
	for bit := uint64(1) << 63; bit > 0; bit >>= 1 {
		try := y | bit
		hi, lo := bits.Mul64(try, try)
		whi, wlo := x>>1, x<<63
		if hi < whi || hi == whi && lo <= wlo {
			y = try
		}
	}
	return y
}

// halving is 2^(-h/n) for 0 <= h < n, in units of 1/one: the binary digits of h/n choose among the roots.
func halving(h, n uint64) uint64 {
	acc := uint64(1) << 63
	rest := h
	for k := range roots {
		rest *= 2
		if rest >= n {
			rest -= n
			hi, lo := bits.Mul64(acc, roots[k])
			acc = hi<<1 | lo>>63
		}
	}
	return (acc + 1<<30) >> 31
}

// Points is what is left of so many points after the hours, rounded half away from zero.
func (c *Curve) Points(points, hours int64) int64 {
	switch {
	case points < 0:
		return -c.Points(-points, hours)
	case hours <= 0:
		return points
	case c.shares == nil && hours >= c.hours:
		return 0
	case c.shares == nil:
		return (2*points*(c.hours-hours) + c.hours) / (2 * c.hours)
	}
	halvings := hours / c.hours
	if halvings > 20 { // more than any points survive
		return 0
	}
	fixed := uint64(points) * c.shares[hours%c.hours] // at most 14 + 33 bits
	shift := 32 + uint(halvings)
	return int64((fixed + 1<<(shift-1)) >> shift)
}

// NextChange is the least number of hours after the given one at which the points left are others; ok is false where
// that never happens.
func (c *Curve) NextChange(points, hours int64) (at int64, ok bool) {
	hours = max(hours, 0)
	now := c.Points(points, hours)
	lo, hi := hours, hours+1
	for step := int64(1); c.Points(points, hi) == now; step *= 2 {
		if hi > c.hours*22 {
			return 0, false
		}
		lo, hi = hi, hi+step
	}
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		if c.Points(points, mid) == now {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi, true
}
