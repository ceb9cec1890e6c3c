package pattern

import (
	"fmt"
	"strconv"
	"strings"
)

// condition adds one alternative of a field's list.
func (c *compiler) condition(f *field, at string, n node) error {
	switch n.kind {
	case nodeNull:
		f.null = true
	case nodeTrue:
		f.yes = true
	case nodeFalse:
		f.no = true
	case nodeString:
		f.texts = append(f.texts, n.text)
	case nodeNumber:
		f.numbers = append(f.numbers, n.num)
	case nodeArray:
		return invalid(at, "a list inside a list is not allowed; write the values in one list")
	case nodeObject:
		return c.operator(f, at, n)
	}
	f.values = append(f.values, string(n.canonical()))
	return nil
}

const operatorNames = "prefix, suffix, equals-ignore-case, wildcard, numeric, cidr, exists, anything-but"

// sole returns the one member of an operator's object.
func sole(at string, n node, known string) (entry, error) {
	switch len(n.members) {
	case 1:
		return n.members[0], nil
	case 0:
		return entry{}, invalid(at, "an empty object {} is no value; write a value or one operator of: %s", known)
	}
	return entry{}, invalid(at, "an operator's object has one key, this has %d (%s); write one object per operator, "+
		"each is an alternative", len(n.members), n.keys())
}

func (n node) keys() string {
	var keys []string
	for _, m := range n.members {
		keys = append(keys, strconv.Quote(m.key))
	}
	return strings.Join(keys, ", ")
}

func (c *compiler) operator(f *field, at string, n node) error {
	m, err := sole(at, n, operatorNames)
	if err != nil {
		return err
	}
	at += "." + m.key
	var o operator
	switch m.key {
	case "exists":
		switch m.node.kind {
		case nodeTrue:
			f.exists = true
		case nodeFalse:
			f.absent = true
		default:
			return invalid(at, "want true or false; this is %v", m.node.kind)
		}
		f.values = append(f.values, fmt.Sprintf(`{"exists":%t}`, m.node.kind == nodeTrue))
		return nil
	case "prefix", "suffix":
		o, err = affix(at, m)
	case "equals-ignore-case":
		o, err = texts(at, m.node, opEqualsFold, false)
	case "wildcard":
		o, err = texts(at, m.node, opWildcard, false)
	case "numeric":
		return c.numeric(f, at, m.node)
	case "cidr":
		o, err = network(at, m.node)
	case "anything-but":
		o, err = anythingBut(at, m.node)
	default:
		return invalid(at, "unknown operator %q; EventBridge knows %s", m.key, operatorNames)
	}
	if err != nil {
		return err
	}
	f.operators = append(f.operators, o)
	f.values = append(f.values, o.canonical())
	return nil
}

// affix reads prefix and suffix: a string, or a string under equals-ignore-case.
func affix(at string, m entry) (operator, error) {
	plain, fold := opPrefix, opPrefixFold
	if m.key == "suffix" {
		plain, fold = opSuffix, opSuffixFold
	}
	if m.node.kind != nodeObject {
		return texts(at, m.node, plain, false)
	}
	inner, err := sole(at, m.node, "equals-ignore-case")
	if err != nil {
		return operator{}, err
	}
	if inner.key != "equals-ignore-case" {
		return operator{}, invalid(at+"."+inner.key, "want a string, or {\"equals-ignore-case\": a string}")
	}
	return texts(at+"."+inner.key, inner.node, fold, false)
}

// texts reads a string, or with list also a list of strings.
func texts(at string, n node, op op, list bool) (operator, error) {
	o := operator{op: op, but: list}
	elems, place := []node{n}, func(int) string { return at }
	if list && n.kind == nodeArray {
		if len(n.elems) == 0 {
			return o, invalid(at, "an empty list [] is not allowed; give at least one string")
		}
		elems, place = n.elems, func(i int) string { return fmt.Sprintf("%s[%d]", at, i) }
	}
	for i, e := range elems {
		switch {
		case e.kind != nodeString && list:
			return o, invalid(place(i), "want a string or a list of strings; this is %v", e.kind)
		case e.kind != nodeString:
			return o, invalid(place(i), "want a string; this is %v", e.kind)
		case e.text == "" && list && (op == opPrefix || op == opSuffix):
			return o, invalid(place(i), "an empty string here excludes every string; give at least one character")
		}
		if op == opWildcard {
			pieces, err := globPieces(place(i), e.text)
			if err != nil {
				return o, err
			}
			o.globs = append(o.globs, pieces)
		}
		o.texts = append(o.texts, []byte(e.text))
	}
	return o, nil
}

// globPieces splits a wildcard at its asterisks.
func globPieces(at, text string) ([][]byte, error) {
	pieces, star := [][]byte{nil}, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '*' && star:
			return nil, invalid(at, "consecutive * are not allowed; one * already stands for any characters (\\* is the asterisk itself)")
		case c == '*':
			pieces, star = append(pieces, nil), true
			continue
		case c == '\\':
			if i++; i >= len(text) || text[i] != '*' && text[i] != '\\' {
				return nil, invalid(at, `a backslash escapes only * and \ here; write \\ for the backslash itself`)
			}
			c = text[i]
		}
		star = false
		last := len(pieces) - 1
		pieces[last] = append(pieces[last], c)
	}
	return pieces, nil
}

// network reads a CIDR block, with the bounds that EventBridge has: fewer mask bits than the address has.
func network(at string, n node) (operator, error) {
	if n.kind != nodeString {
		return operator{}, invalid(at, `want a string like "10.0.0.0/24"; this is %v`, n.kind)
	}
	address, mask, found := strings.Cut(n.text, "/")
	if !found {
		return operator{}, invalid(at, `%q has no mask; write an address and its mask bits, like "10.0.0.0/24"`, n.text)
	}
	addr, ok := parseAddr([]byte(address))
	if !ok {
		return operator{}, invalid(at, `%q is no IPv4 or IPv6 address`, address)
	}
	bits, err := strconv.ParseUint(mask, 10, 8)
	if err != nil || int(bits) >= addr.BitLen() {
		return operator{}, invalid(at, "the mask %q is not a number of bits from 0 to %d; for a single address write the address "+
			"as a plain value", mask, addr.BitLen()-1)
	}
	prefix, err := addr.Prefix(int(bits))
	if err != nil {
		return operator{}, invalid(at, "%q: %v", n.text, err)
	}
	return operator{op: opNetwork, network: prefix}, nil
}

func anythingBut(at string, n node) (operator, error) {
	switch n.kind {
	case nodeObject:
		const known = "prefix, suffix, equals-ignore-case, wildcard"
		m, err := sole(at, n, known)
		if err != nil {
			return operator{}, err
		}
		ops := map[string]op{"prefix": opPrefix, "suffix": opSuffix, "equals-ignore-case": opEqualsFold, "wildcard": opWildcard}
		op, ok := ops[m.key]
		if !ok {
			return operator{}, invalid(at+"."+m.key, "anything-but takes values or one of: %s", known)
		}
		return texts(at+"."+m.key, m.node, op, true)
	case nodeString:
		return texts(at, n, opEquals, true)
	case nodeNumber:
		return butNumbers([]node{n}, at)
	case nodeArray:
		if len(n.elems) > 0 && n.elems[0].kind == nodeNumber {
			return butNumbers(n.elems, at)
		}
		if len(n.elems) == 0 {
			return operator{}, invalid(at, "an empty list [] excludes nothing; give strings or numbers, or use {\"exists\":true}")
		}
		for i, e := range n.elems {
			if e.kind != nodeString {
				return operator{}, invalid(fmt.Sprintf("%s[%d]", at, i), "the list must be all strings or all numbers; this is %v", e.kind)
			}
		}
		return texts(at, n, opEquals, true)
	}
	return operator{}, invalid(at, "want a string, a number, a list of either, or an operator; this is %v", n.kind)
}

func butNumbers(elems []node, at string) (operator, error) {
	o := operator{op: opEquals, but: true}
	for i, e := range elems {
		if e.kind != nodeNumber {
			return o, invalid(fmt.Sprintf("%s[%d]", at, i), "the list must be all strings or all numbers; this is %v", e.kind)
		}
		o.numbers = append(o.numbers, e.num)
	}
	return o, nil
}
