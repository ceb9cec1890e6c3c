package attribution

import (
	"cmp"
	"math/bits"
	"slices"
)

// split divides amount in proportion to the weights so that the parts sum to it exactly: each part is rounded towards
// zero, and the minor units that remain go one each to the largest remainders, the earlier first where equal. A
// negative amount is split as its opposite. nil where the weights sum to 0.
func split(amount int64, weights []uint64) []int64 {
	var total uint64
	for _, w := range weights {
		total += w
	}
	if total == 0 {
		return nil
	}
	size, negative := uint64(amount), amount < 0
	if negative {
		size = -size // also right for the smallest int64
	}
	parts := make([]uint64, len(weights))
	remainders := make([]uint64, len(weights))
	left := size
	for i, w := range weights {
		hi, lo := bits.Mul64(size, w)
		parts[i], remainders[i] = bits.Div64(hi, lo, total) // size <= 2^63 and w <= total, so hi < total
		left -= parts[i]
	}
	if left > 0 {
		order := make([]int, len(weights))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
		for _, i := range order[:left] {
			parts[i]++
		}
	}
	out := make([]int64, len(parts))
	for i, p := range parts {
		if negative {
			p = -p
		}
		out[i] = int64(p)
	}
	return out
}
