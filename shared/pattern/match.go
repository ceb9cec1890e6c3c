package pattern

import "sync"

// Match reports whether the event satisfies the pattern. It does not allocate.
func (p *Pattern) Match(e *Event) bool {
	for i := range p.branches {
		if e.satisfies(&p.branches[i]) {
			return true
		}
	}
	return false
}

var events = sync.Pool{New: func() any { return new(Event) }}

// MatchJSON parses one event and matches it. An error wraps ErrEvent.
func (p *Pattern) MatchJSON(event []byte) (bool, error) {
	e := events.Get().(*Event)
	defer func() {
		clear(e.leaves) // they hold on to the caller's data
		clear(e.nodes)
		clear(e.keys)
		e.reset(nil)
		events.Put(e)
	}()
	if err := Parse(event, e); err != nil {
		return false, err
	}
	return p.Match(e), nil
}

// satisfies decides a branch. Fields that hold outside of array elements, or lack altogether and may, are decided by
// themselves; only where elements are involved does it matter which element each field takes.
func (e *Event) satisfies(b *branch) bool {
	inElements, absences := 0, 0
	for _, f := range b.fields {
		switch e.look(f) {
		case fails:
			return false
		case inElement:
			inElements++
			if f.absent {
				absences++
			}
		}
	}
	if absences == 0 && inElements <= 1 {
		return true
	}
	return e.elements(b)
}

type outcome uint8

const (
	fails     outcome = iota
	stands            // whatever elements the other fields take
	inElement         // depends on the elements taken
)

// look tries one field on all leaves of its path.
func (e *Event) look(f *field) outcome {
	found, outside, inside := false, false, false
	for at := e.find(&f.path); at >= 0; at = e.leaves[at].next {
		l := &e.leaves[at]
		if l.kind == kindGone {
			continue
		}
		found = true
		outside = outside || l.scope == 0
		if (l.scope == 0 || !inside) && f.holds(l) {
			if l.scope == 0 {
				return stands
			}
			inside = true
		}
	}
	switch {
	case !found && f.absent:
		return stands
	case inside, found && f.absent && !outside:
		return inElement
	}
	return fails
}
