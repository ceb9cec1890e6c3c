package local

import "fmt"

// holds evaluates a condition by name.
func (r *resolver) holds(name string) (bool, error) {
	n, ok := r.conditions[name]
	if !ok {
		return false, fmt.Errorf("condition %q is not declared", name)
	}
	if r.open[name] {
		return false, fmt.Errorf("condition %q refers to itself", name)
	}
	r.open[name] = true
	defer delete(r.open, name)
	v, err := r.condition(n)
	if err != nil {
		return false, fmt.Errorf("condition %s: %w", name, err)
	}
	return v, nil
}

func (r *resolver) condition(n *node) (bool, error) {
	var args []*node
	if n.arg != nil {
		args = n.arg.list
	}
	switch {
	case n.object() && len(n.keys) == 1 && n.keys[0] == "Condition":
		return r.holds(n.get("Condition").text())
	case n.fn == "Condition":
		return r.holds(n.arg.text())
	case n.fn == "Equals" && len(args) == 2:
		a, err := r.eval(args[0])
		if err != nil {
			return false, err
		}
		b, err := r.eval(args[1])
		if err != nil {
			return false, err
		}
		return fmt.Sprint(a) == fmt.Sprint(b), nil
	case n.fn == "Not" && len(args) == 1:
		v, err := r.condition(args[0])
		return !v, err
	case n.fn == "And" || n.fn == "Or":
		out := n.fn == "And"
		for _, a := range args {
			v, err := r.condition(a)
			if err != nil {
				return false, err
			}
			if n.fn == "And" {
				out = out && v
			} else {
				out = out || v
			}
		}
		return out, nil
	}
	return false, fmt.Errorf("line %d: not a condition that the local runtime can evaluate", n.line)
}
