package condition

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A text is matched by its words: runs of letters and digits, in lower case, plural taken off. So "cto" is in "CTO &
// co-founder" and in "CTOs", and not in "director".

const maxWord = 64 // bytes of a word that are compared

// phrase is one needle: the words that must follow each other.
type phrase struct {
	words []string
	text  string // as the policy wrote it
}

func newPhrase(s string) phrase {
	p := phrase{text: s}
	var buf [maxWord]byte
	for rest := s; ; {
		var w []byte
		if w, rest = nextWord(rest, buf[:0]); len(w) == 0 {
			return p
		}
		p.words = append(p.words, string(w))
	}
}

// phraseIn finds the first of the phrases, in their order, whose words stand in s one after the other. It reads s once
// and allocates nothing.
func phraseIn(phrases []phrase, s string) *phrase {
	var buf [maxWord]byte
	best := len(phrases)
	for rest := s; rest != ""; {
		var w []byte
		if w, rest = nextWord(rest, buf[:0]); len(w) == 0 {
			break
		}
		for i := range best {
			if p := &phrases[i]; len(p.words) > 0 && string(w) == p.words[0] && p.follow(rest) {
				best = i
				break
			}
		}
	}
	if best == len(phrases) {
		return nil
	}
	return &phrases[best]
}

func (p *phrase) follow(rest string) bool {
	var buf [maxWord]byte
	for _, want := range p.words[1:] {
		var w []byte
		if w, rest = nextWord(rest, buf[:0]); string(w) != want {
			return false
		}
	}
	return true
}

// nextWord appends the first normalised word of s to dst and returns it with what follows; an empty word ends s.
func nextWord(s string, dst []byte) (word []byte, rest string) {
	i := 0
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if letter[c] != 0 {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			break
		}
		i += n
	}
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if letter[c] == 0 {
				break
			}
			if len(dst) < maxWord {
				dst = append(dst, letter[c])
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			break
		}
		if len(dst)+utf8.UTFMax <= maxWord {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += n
	}
	return singular(dst), s[i:]
}

// letter is the lower case of the ASCII letters and digits, 0 for all else.
var letter = func() (t [utf8.RuneSelf]byte) {
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = c, c
	}
	return t
}()

// singular takes a simple English plural off, the same way from needle and text, so that a word it mistakes for a
// plural (sales) still meets itself.
func singular(w []byte) []byte {
	n := len(w)
	switch {
	case n > 4 && string(w[n-3:]) == "ies":
		return append(w[:n-3], 'y')
	case n > 3 && w[n-1] == 's' && w[n-2] != 's':
		return w[:n-1]
	}
	return w
}

// same compares two values without regard to case and to space around them.
func same(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }
