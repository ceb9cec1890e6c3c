package pattern

import (
	"slices"
	"strings"
)

// Canonical returns the pattern's text in one normal form, itself a pattern of the same meaning: paths dotted and
// sorted, alternatives sorted and without repetition, $or multiplied out, numbers and CIDR blocks in one spelling, no
// white space. Patterns that differ in those ways only have the same canonical text: hash that. The caller must not
// change it.
func (p *Pattern) Canonical() []byte { return p.canonical }

// Fields returns the paths that the pattern reads, sorted, each as its steps: {"detail":{"kind":[…]}} reads
// ["detail" "kind"]. A dotted key is several steps.
func (p *Pattern) Fields() [][]string {
	seen := map[string]bool{}
	var paths []string
	for _, b := range p.branches {
		for _, f := range b.fields {
			if !seen[f.path.text] {
				seen[f.path.text] = true
				paths = append(paths, f.path.text)
			}
		}
	}
	slices.Sort(paths)
	steps := make([][]string, len(paths))
	for i, path := range paths {
		steps[i] = strings.Split(path, ".")
	}
	return steps
}

// Overridden returns the paths that the pattern's text gives more than once where both would apply. EventBridge lets
// the last one replace the earlier ones, which is rarely meant.
func (p *Pattern) Overridden() []string { return p.overrides }

func (b branch) canonical() []byte {
	to := []byte{'{'}
	for i, f := range b.fields {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendQuoted(to, f.path.text), ":["...)
		to = append(to, strings.Join(f.values, ",")...)
		to = append(to, ']')
	}
	return append(to, '}')
}

// canonical writes a scalar.
func (n node) canonical() []byte {
	switch n.kind {
	case nodeTrue:
		return []byte("true")
	case nodeFalse:
		return []byte("false")
	case nodeString:
		return appendQuoted(nil, n.text)
	case nodeNumber:
		return n.num.append(nil)
	}
	return []byte("null")
}

func (o *operator) canonical() string {
	switch o.op {
	case opNumeric:
		var ends []string
		for _, end := range []struct {
			sign  string
			bound *bound
		}{{">", o.low}, {"<", o.top}} {
			if end.bound == nil {
				continue
			}
			if !end.bound.open {
				end.sign += "="
			}
			ends = append(ends, `"`+end.sign+`",`+string(end.bound.num.append(nil)))
		}
		return `{"numeric":[` + strings.Join(ends, ",") + `]}`
	case opNetwork:
		return `{"cidr":"` + o.network.String() + `"}`
	}
	var values []string
	for _, t := range o.texts {
		values = append(values, string(appendQuoted(nil, string(t))))
	}
	for _, n := range o.numbers {
		values = append(values, string(n.append(nil)))
	}
	slices.Sort(values)
	list := strings.Join(slices.Compact(values), ",")
	if o.but {
		list = "[" + list + "]"
	}
	around := map[op]string{
		opEquals: "", opEqualsFold: `{"equals-ignore-case":`, opPrefix: `{"prefix":`, opSuffix: `{"suffix":`,
		opWildcard: `{"wildcard":`, opPrefixFold: `{"prefix":{"equals-ignore-case":`, opSuffixFold: `{"suffix":{"equals-ignore-case":`,
	}[o.op]
	text := around + list + strings.Repeat("}", strings.Count(around, "{"))
	if o.but {
		return `{"anything-but":` + text + `}`
	}
	return text
}

// appendQuoted writes a JSON string, escaping only what JSON demands.
func appendQuoted(to []byte, text string) []byte {
	const hex = "0123456789abcdef"
	to = append(to, '"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			to = append(to, '\\', c)
		case c < ' ':
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			to = append(to, c)
		}
	}
	return append(to, '"')
}
