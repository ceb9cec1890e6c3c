package pattern

import "fmt"

// reserved names cannot be fields inside $or. Where one is, event-ruler takes $or for an ordinary field's name, so that
// {"$or":[{"prefix":"a"},{"suffix":"b"}]} still reads a field called "$or".
var reserved = map[string]bool{
	"exactly": true, "equals-ignore-case": true, "prefix": true, "suffix": true, "anything-but": true, "exists": true,
	"wildcard": true, "numeric": true, "cidr": true, "=": true, "<": true, "<=": true, ">": true, ">=": true,
	"regex": true, "not-wildcard": true, "not-equals-ignore-case": true, "date-after": true, "date-on-or-after": true,
	"date-before": true, "date-on-or-before": true, "in-date-range": true, "ip-address-in-range": true,
	"ip-address-not-in-range": true,
}

// misuse is the first $or that is no choice between two or more objects.
type misuse struct {
	err     *Error
	asField bool // it was meant as a field's name; what is wrong with it is what is wrong with that field
}

// explain chooses what to report of a pattern that is invalid also with $or as a field's name.
func (m *misuse) explain(err error) error {
	if m == nil || m.asField {
		return err
	}
	return m.err
}

// findMisuse looks through the objects of a pattern. One misused $or makes every $or of the pattern a field's name.
func findMisuse(n node, place string, inOr bool) *misuse {
	for _, m := range n.members {
		at := m.key
		if place != "" {
			at = place + "." + m.key
		}
		var found *misuse
		switch {
		case m.key == "$or":
			found = checkOr(m.node, at)
		case inOr && reserved[m.key]:
			found = &misuse{err: invalid(at, "%q is the name of an operator and cannot be a field inside $or", m.key)}
		case m.node.kind == nodeObject:
			found = findMisuse(m.node, at, inOr)
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func checkOr(n node, at string) *misuse {
	switch n.kind {
	case nodeObject:
		return &misuse{err: invalid(at, "$or wants a list of at least two objects"), asField: true}
	case nodeArray:
	default:
		return &misuse{err: invalid(at, "$or wants a list of at least two objects; this is %v", n.kind)}
	}
	if len(n.elems) < 2 {
		return &misuse{err: invalid(at, "$or wants at least two objects to choose from; this list has %d", len(n.elems))}
	}
	for i, e := range n.elems {
		place := fmt.Sprintf("%s[%d]", at, i)
		if e.kind != nodeObject {
			return &misuse{err: invalid(place, "$or wants a list of objects; this is %v", e.kind)}
		}
		if found := findMisuse(e, place, true); found != nil {
			return found
		}
	}
	return nil
}
