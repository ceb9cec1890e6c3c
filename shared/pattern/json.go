package pattern

import (
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep objects and arrays may nest, so that hostile input cannot exhaust the stack.
const maxDepth = 1000

// scanner reads JSON (RFC 8259, strictly) from data. Strings without escapes and numbers are slices of data; unescaped
// strings live in arena. Slices handed out stay valid until the arena is reset.
type scanner struct {
	data  []byte
	pos   int
	arena []byte
}

func (s *scanner) fail(text string) error { return &syntaxError{offset: s.pos, text: text} }

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek skips white space and returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *scanner) unexpected(want string) error {
	if s.pos >= len(s.data) {
		return s.fail("the text ends where " + want + " is due")
	}
	return s.fail("want " + want)
}

// key reads a member's name and its colon.
func (s *scanner) key() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.unexpected("a quoted key")
	}
	key, err := s.str()
	if err != nil {
		return nil, err
	}
	if s.peek() != ':' {
		return nil, s.unexpected("a colon")
	}
	s.pos++
	return key, nil
}

// more reads the comma before another member or element, or the closing byte.
func (s *scanner) more(closing byte) (bool, error) {
	switch s.peek() {
	case ',':
		s.pos++
		return true, nil
	case closing:
		s.pos++
		return false, nil
	}
	return false, s.unexpected("a comma or " + string(closing))
}

// end reports data after the value.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return s.fail("data after the end of the value")
	}
	return nil
}

// str reads a string; pos is at its opening quote.
func (s *scanner) str() ([]byte, error) {
	s.pos++
	start := s.pos
	for i := start; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			return s.data[start:i:i], nil
		case c == '\\':
			return s.escaped(start, i)
		case c < ' ':
			s.pos = i
			return nil, s.fail("a control character inside a string must be escaped")
		}
	}
	s.pos = len(s.data)
	return nil, s.fail("the string has no closing quote")
}

// escaped goes on with str from the first backslash, copying into the arena.
func (s *scanner) escaped(start, i int) ([]byte, error) {
	from := len(s.arena)
	s.arena = append(s.arena, s.data[start:i]...)
	for i < len(s.data) {
		c := s.data[i]
		switch {
		case c == '"':
			s.pos = i + 1
			return s.arena[from:len(s.arena):len(s.arena)], nil
		case c < ' ':
			s.pos = i
			return nil, s.fail("a control character inside a string must be escaped")
		case c != '\\':
			s.arena = append(s.arena, c)
			i++
			continue
		}
		if i+1 >= len(s.data) {
			break
		}
		if plain := unescape[s.data[i+1]]; plain != 0 {
			s.arena = append(s.arena, plain)
			i += 2
			continue
		}
		r, size := s.unicode(i)
		if size == 0 {
			s.pos = i
			return nil, s.fail(`unknown escape; JSON knows \" \\ \/ \b \f \n \r \t and \uXXXX`)
		}
		s.arena = utf8.AppendRune(s.arena, r)
		i += size
	}
	s.pos = len(s.data)
	return nil, s.fail("the string has no closing quote")
}

var unescape = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unicode reads \uXXXX, or a surrogate pair of them, at i; size 0 means malformed. A lone surrogate is U+FFFD, as in
// encoding/json.
func (s *scanner) unicode(i int) (r rune, size int) {
	first, ok := s.hex4(i)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	if second, ok := s.hex4(i + 6); ok {
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return r, 12
		}
	}
	return utf8.RuneError, 6
}

func (s *scanner) hex4(i int) (rune, bool) {
	if i+6 > len(s.data) || s.data[i] != '\\' || s.data[i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s.data[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// number reads a number's text.
func (s *scanner) number() ([]byte, error) {
	start := s.pos
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if !s.digits() {
		return nil, s.unexpected("a JSON value")
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			return nil, s.unexpected("a digit after the decimal point")
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			return nil, s.unexpected("a digit in the exponent")
		}
	}
	return s.data[start:s.pos:s.pos], nil
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

// word reads true, false or null.
func (s *scanner) word(word string) error {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		return s.unexpected("a JSON value")
	}
	s.pos += len(word)
	return nil
}
