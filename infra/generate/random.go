package generate

import (
	"math/rand/v2"
)

// random is one stream of choices. Only integers are drawn: floats could round differently on another processor.
type random struct{ *rand.Rand }

// stream makes the stream of one concern, so that adding a draw to one company changes no other.
func stream(seed uint64, concern, n uint64) random {
	return random{rand.New(rand.NewPCG(mix(seed^mix(concern)), mix(n+0x9e3779b97f4a7c15*concern)))}
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// chance is true in percent of a hundred draws.
func (r random) chance(percent int) bool { return r.IntN(100) < percent }

// between is uniform in [low, high].
func (r random) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + r.IntN(high-low+1)
}

// pick takes one of a list.
func pick[T any](r random, list []T) T { return list[r.IntN(len(list))] }

const (
	hexDigits = "0123456789abcdef"
	base62    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

func (r random) text(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// uuid looks like a version 4 UUID.
func (r random) uuid() string {
	h := []byte(r.text(hexDigits, 32))
	h[12], h[16] = '4', "89ab"[r.IntN(4)]
	return string(h[:8]) + "-" + string(h[8:12]) + "-" + string(h[12:16]) + "-" + string(h[16:20]) + "-" + string(h[20:])
}
