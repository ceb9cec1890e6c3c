package pattern

import "fmt"

// numericLimit is EventBridge's: numeric matching is limited to values between -5.0e9 and +5.0e9 inclusive.
var numericLimit = decimal{exp: 10, digits: []byte("5")}

func (c *compiler) bounded(at string, d decimal) error {
	size := d
	size.neg = false
	if c.bus && size.cmp(numericLimit) > 0 {
		return invalid(at, "%s is out of range; EventBridge compares numbers from -5e9 to 5e9", d.append(nil))
	}
	return nil
}

const numericForm = `write ["=", n], ["<", n], ["<=", n], [">", n], [">=", n], or a range with its lower bound first, like [">", 0, "<=", 5]`

// numeric reads the list under numeric: one comparison, or a lower and an upper bound.
func (c *compiler) numeric(f *field, at string, n node) error {
	if n.kind != nodeArray {
		return invalid(at, "want a list; %s", numericForm)
	}
	if len(n.elems) != 2 && len(n.elems) != 4 {
		return invalid(at, "want one or two comparisons, this list has %d values; %s", len(n.elems), numericForm)
	}
	o := operator{op: opNumeric}
	for i := 0; i < len(n.elems); i += 2 {
		sign, num := n.elems[i], n.elems[i+1]
		if sign.kind != nodeString {
			return invalid(fmt.Sprintf("%s[%d]", at, i), "want a comparison sign in quotes, this is %v; %s", sign.kind, numericForm)
		}
		if num.kind != nodeNumber {
			return invalid(fmt.Sprintf("%s[%d]", at, i+1), "want a number without quotes; this is %v", num.kind)
		}
		if err := c.bounded(fmt.Sprintf("%s[%d]", at, i+1), num.num); err != nil {
			return err
		}
		b := &bound{num: num.num, open: sign.text == "<" || sign.text == ">"}
		switch {
		case sign.text == "=" && len(n.elems) == 2:
			f.numbers = append(f.numbers, num.num)
			f.values = append(f.values, string(num.canonical()))
			return nil
		case (sign.text == ">" || sign.text == ">=") && i == 0:
			o.low = b
		case (sign.text == "<" || sign.text == "<=") && (i == 2 || len(n.elems) == 2):
			o.top = b
		default:
			return invalid(fmt.Sprintf("%s[%d]", at, i), "%q cannot stand here; %s", sign.text, numericForm)
		}
	}
	if o.low != nil && o.top != nil && o.low.num.cmp(o.top.num) >= 0 {
		return invalid(at, "the lower bound %s is not below the upper bound %s", o.low.num.append(nil), o.top.num.append(nil))
	}
	f.operators = append(f.operators, o)
	f.values = append(f.values, o.canonical())
	return nil
}
