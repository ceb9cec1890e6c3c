package attribution

import "math/big"

// decayBits is the fixed point of weights. A journey may hold 2^23 touches before their sum overflows.
const decayBits = 40

// decay is 2^(-h/H) for whole hours h, in fixed point: a table of one half-life; each further one is a shift.
type decay []uint64

func (d decay) at(hours int64) uint64 {
	h := int64(len(d))
	if hours/h > decayBits {
		return 0
	}
	return d[hours%h] >> uint(hours/h)
}

// ln2 is the natural logarithm of 2, times 2^160, rounded down.
var ln2, _ = new(big.Int).SetString("b17217f7d1cf79abc9e3b39803f2f6af40f34326", 16)

// newDecay computes the table for a half-life of H hours in integers alone: one hour's factor exp(-ln 2 / H) by its
// series in 160 bits, then its powers. The error of a power stays far below the 40 bits that are kept.
func newDecay(halfLife int64) decay {
	const bits = 160
	unit := new(big.Int).Lsh(big.NewInt(1), bits)
	x := new(big.Int).Div(ln2, big.NewInt(halfLife))
	factor, term := new(big.Int).Set(unit), new(big.Int).Set(unit)
	for k := int64(1); term.Sign() != 0; k++ {
		term.Rsh(term.Mul(term, x), bits).Div(term, big.NewInt(k))
		if k%2 == 1 {
			factor.Sub(factor, term)
		} else {
			factor.Add(factor, term)
		}
	}
	d := make(decay, halfLife)
	half := new(big.Int).Lsh(big.NewInt(1), bits-decayBits-1)
	for i, p := 0, new(big.Int).Set(unit); i < len(d); i++ {
		d[i] = new(big.Int).Rsh(new(big.Int).Add(p, half), bits-decayBits).Uint64()
		p.Rsh(p.Mul(p, factor), bits)
	}
	return d
}
