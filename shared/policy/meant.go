package policy

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"handoff/shared/span"
)

// maxFile is far more than anybody writes by hand.
const maxFile = 4 << 20

// readable looks at a file's text as a whole.
func (d *document) readable(text []byte) {
	if len(text) > maxFile {
		d.unsure.Add("$", "the file has %d KB; a policy's has %d KB at most, so say it in fewer rules, or take comments out", len(text)>>10, maxFile>>10)
	}
	for n, line := range bytes.Split(text, []byte("\n")) {
		if utf8.Valid(line) && !bytes.ContainsRune(line, 0) {
			continue
		}
		d.lines["$text"] = n + 1
		d.unsure.Add("$text", "this line is not text in UTF-8; save the file as UTF-8")
		return
	}
}

// tabbed reports whether a line, from 1, is indented with a tab.
func tabbed(text []byte, line int) bool {
	lines := strings.Split(string(text), "\n")
	for _, n := range []int{line, line + 1} { // the parser names the token before
		if n < 1 || n > len(lines) {
			continue
		}
		indent, _, _ := strings.Cut(lines[n-1], strings.TrimLeft(lines[n-1], " \t"))
		if strings.Contains(indent, "\t") {
			return true
		}
	}
	return false
}

var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// positive are the spans of which none is as good as not written, and not what 0 says.
var positive = []string{"within", "older_than", "due_within", "but_not_within", "no_touch_for", "over", "half_life", "fades_over"}

// meant looks at a single value that could be read.
func (d *document) meant(path, text string, v reflect.Value) {
	key := path[strings.LastIndexByte(path, '.')+1:]
	switch x := v.Interface().(type) {
	case span.Span:
		if x == 0 && slices.Contains(positive, key) {
			d.unsure.Add(path, "%s: %s is no time at all; write how long, such as 7d, or leave %s out", key, text, key)
		}
	case int, int32, int64:
		if key == "weight" && v.Int() == 0 {
			d.unsure.Add(path, "weight is 1 to 1000, and 0 would count as 1; who takes nothing for a time has days under out:, who takes nothing any more is no member")
		}
		if !decimal.MatchString(text) {
			d.unsure.Add(path, "%s is read as the number %d; write it so", text, x)
		}
	case string:
		if i := strings.IndexFunc(text, unseen); i >= 0 {
			r, _ := utf8.DecodeRuneInString(text[i:])
			d.unsure.Add(path, "this holds a character that cannot be seen (%U); take it out", r)
		}
	}
}

// unseen are control characters, and those that turn the direction of what follows.
func unseen(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || unicode.In(r, unicode.Bidi_Control, unicode.Noncharacter_Code_Point)
}
