package contract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting, so that what strangers send cannot exhaust the stack.
const maxDepth = 200

type kind uint8

const (
	absent kind = iota
	null
	boolean
	number
	text
	array
	object
)

var kindNames = [...]string{"absent", "null", "a boolean", "a number", "a string", "an array", "an object"}

func (k kind) String() string { return kindNames[k] }

// value is one JSON value of a payload, decoded once per event. Numbers keep their literal: nothing is ever a float.
type value struct {
	kind    kind
	text    string   // of a string, decoded; of a number, its literal; "true" or "false"
	raw     string   // source text of an object or array
	members []member // of an object in source order, or of an array
}

type member struct {
	key      string
	val      value
	volatile bool // left out of the digest
}

// get returns an object's field, the last one if the key is repeated, as encoding/json does.
func (v *value) get(key string) *value {
	if v.kind == object {
		for i := len(v.members) - 1; i >= 0; i-- {
			if v.members[i].key == key {
				return &v.members[i].val
			}
		}
	}
	return &missing
}

var missing value

// parseDoc reads one JSON document. Strings of the result share the memory of data's copy.
func parseDoc(data []byte) (value, error) {
	p := parser{s: string(data)}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return value{}, err
	}
	if p.space(); p.i < len(p.s) {
		return value{}, p.fail("text after the end of the JSON value")
	}
	return v, nil
}

type parser struct {
	s     string
	i     int
	stack []member // members of the objects and arrays still open
}

func (p *parser) fail(what string) error {
	if p.i >= len(p.s) {
		return errors.New("the JSON ends too early: is it cut off?")
	}
	return fmt.Errorf("%s at byte %d", what, p.i)
}

func (p *parser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (value, error) {
	if p.i >= len(p.s) {
		return value{}, p.fail("")
	}
	if depth > maxDepth {
		return value{}, fmt.Errorf("nested deeper than %d at byte %d", maxDepth, p.i)
	}
	switch c := p.s[p.i]; {
	case c == '{':
		return p.members('}', depth)
	case c == '[':
		return p.members(']', depth)
	case c == '"':
		s, err := p.str()
		return value{kind: text, text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.num()
	case strings.HasPrefix(p.s[p.i:], "true"):
		p.i += 4
		return value{kind: boolean, text: "true"}, nil
	case strings.HasPrefix(p.s[p.i:], "false"):
		p.i += 5
		return value{kind: boolean, text: "false"}, nil
	case strings.HasPrefix(p.s[p.i:], "null"):
		p.i += 4
		return value{kind: null}, nil
	}
	return value{}, p.fail("no JSON value")
}

// members reads an object or an array, to its closing character.
func (p *parser) members(end byte, depth int) (value, error) {
	v := value{kind: array}
	if end == '}' {
		v.kind = object
	}
	start, base := p.i, len(p.stack)
	p.i++
	for first := true; ; first = false {
		p.space()
		if p.i < len(p.s) && p.s[p.i] == end && first {
			break
		}
		var m member
		var err error
		if end == '}' {
			if p.i >= len(p.s) || p.s[p.i] != '"' {
				return v, p.fail("no field name")
			}
			if m.key, err = p.str(); err != nil {
				return v, err
			}
			if p.space(); p.i >= len(p.s) || p.s[p.i] != ':' {
				return v, p.fail("no colon after a field name")
			}
			p.i++
			p.space()
		}
		if m.val, err = p.value(depth + 1); err != nil {
			return v, err
		}
		p.stack = append(p.stack, m)
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ',' && p.s[p.i] != end {
			return v, p.fail("neither a comma nor the end")
		}
		if p.s[p.i] == end {
			break
		}
		p.i++
	}
	p.i++
	v.raw = p.s[start:p.i]
	if n := len(p.stack) - base; n > 0 {
		v.members = make([]member, n)
		copy(v.members, p.stack[base:])
		p.stack = p.stack[:base]
	}
	return v, nil
}

func (p *parser) num() (value, error) {
	start := p.i
	digits := func() bool {
		from := p.i
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
		return p.i > from
	}
	if p.s[p.i] == '-' {
		p.i++
	}
	zero := p.i < len(p.s) && p.s[p.i] == '0'
	from := p.i
	if !digits() || zero && p.i > from+1 {
		return value{}, p.fail("no number")
	}
	if p.i < len(p.s) && p.s[p.i] == '.' {
		if p.i++; !digits() {
			return value{}, p.fail("no digits after the decimal point")
		}
	}
	if p.i < len(p.s) && (p.s[p.i] == 'e' || p.s[p.i] == 'E') {
		if p.i++; p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		if !digits() {
			return value{}, p.fail("no digits in the exponent")
		}
	}
	return value{kind: number, text: p.s[start:p.i]}, nil
}

// str reads a string. Bytes that are not UTF-8 and lone surrogates become U+FFFD, as in encoding/json.
func (p *parser) str() (string, error) {
	p.i++
	start := p.i
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '"':
			s := p.s[start:p.i]
			p.i++
			return validText(s), nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.fail("a control character in a string")
		}
	}
	return "", p.fail("")
}

// validText puts U+FFFD in the place of each byte that is not UTF-8.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

func (p *parser) escaped(start int) (string, error) {
	var b strings.Builder
	b.WriteString(p.s[start:p.i])
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch {
		case c == '"':
			p.i++
			return validText(b.String()), nil
		case c < ' ':
			return "", p.fail("a control character in a string")
		case c != '\\':
			b.WriteByte(c)
			p.i++
			continue
		}
		if p.i+1 >= len(p.s) {
			p.i = len(p.s)
			return "", p.fail("")
		}
		p.i++
		if at := strings.IndexByte(`"\/bfnrt`, p.s[p.i]); at >= 0 {
			b.WriteByte("\"\\/\b\f\n\r\t"[at])
			p.i++
			continue
		}
		r, ok := p.hex()
		if !ok {
			return "", p.fail("an unknown escape in a string")
		}
		if utf16.IsSurrogate(r) {
			first := r
			r = utf8.RuneError
			if strings.HasPrefix(p.s[p.i:], `\u`) {
				keep := p.i
				p.i++
				if second, ok := p.hex(); ok {
					r = utf16.DecodeRune(first, second)
				}
				if r == utf8.RuneError {
					p.i = keep
				}
			}
		}
		b.WriteRune(r)
	}
	return "", p.fail("")
}

// hex reads uXXXX.
func (p *parser) hex() (rune, bool) {
	if len(p.s)-p.i < 5 || p.s[p.i] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.i+1:p.i+5], 16, 16)
	if err != nil {
		return 0, false
	}
	p.i += 5
	return rune(n), true
}
