package attribution

// weights gives each touch of a journey its weight under a model: whole numbers, of which only the ratios count. nil
// where there is no touch.
//
// The shaped models are made of parts: a fixed share for each milestone, and one that all other touches divide
// equally, those after the last milestone included. A touch in several roles gets the sum of their shares. A part
// without a bearer (a milestone that is unknown, no other touches) is left out, and its share falls to the parts that
// have one, in proportion: the usual practice, by which a lone touch gets all and first and last alone get half each.
func (m *Models) weights(model string, j *journey) []uint64 {
	n := len(j.touches)
	if n == 0 {
		return nil
	}
	last := n - 1
	switch model {
	case First:
		return one(n, 0)
	case Last:
		return one(n, last)
	case LastNonDirect:
		if i := j.lastWhere(func(t *Touch) bool { return !t.Direct }); i >= 0 {
			return one(n, i)
		}
		return one(n, last)
	case Linear:
		w := make([]uint64, n)
		for i := range w {
			w[i] = 1
		}
		return w
	case TimeDecay:
		return m.decayed(j)
	case UShaped:
		second := j.lead
		if second < 0 {
			second = last
		}
		return shaped(n, 20, 40, 0, second)
	case WShaped:
		return shaped(n, 10, 30, 0, j.lead, j.opportunity)
	case FullPath:
		return shaped(n, 100, 225, 0, j.lead, j.opportunity, last)
	}
	return nil // not reached: New refuses other names
}

func one(n, i int) []uint64 {
	w := make([]uint64, n)
	w[i] = 1
	return w
}

// shaped gives share to each milestone that is known (0 or more) and rest to all other touches together. Everything is
// multiplied by the number of the others, so that their part divides evenly.
func shaped(n int, rest, share uint64, milestones ...int) []uint64 {
	w := make([]uint64, n)
	bearers := 0
	for _, i := range milestones {
		if i < 0 {
			continue
		}
		if w[i] == 0 {
			bearers++
		}
		w[i] += share
	}
	others := uint64(max(n-bearers, 1))
	for i := range w {
		if w[i] == 0 {
			w[i] = rest
		} else {
			w[i] *= others
		}
	}
	return w
}

const hour = 3_600_000 // milliseconds

// decayed weighs by age in whole hours at the conversion. Ages count from the youngest touch's: a common factor
// changes no ratio, and so the weights cannot all vanish, however short the half-life.
func (m *Models) decayed(j *journey) []uint64 {
	until := j.conversion.Time.UnixMilli()
	age := func(t *Touch) int64 { return (until - t.Time) / hour }
	youngest := age(&j.touches[len(j.touches)-1])
	w := make([]uint64, len(j.touches))
	for i := range w {
		w[i] = m.decay.at(age(&j.touches[i]) - youngest)
	}
	return w
}
