package pattern

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseRejects(t *testing.T) {
	for _, c := range []struct{ name, event, want string }{
		{"nothing", ``, "at byte 1: an event must be a JSON object"},
		{"white space", `  `, "at byte 3: an event must be"},
		{"a list", `[{}]`, "an event must be a JSON object"},
		{"a string", `"x"`, "an event must be a JSON object"},
		{"cut off in an object", `{"a":1`, "at byte 7: the text ends where a comma or } is due"},
		{"cut off after a colon", `{"a":`, "at byte 6: the text ends"},
		{"cut off in a list", `{"a":[1`, "at byte 8: the text ends"},
		{"cut off in a string", `{"a":"x`, "at byte 8: the string has no closing quote"},
		{"cut off in an escape", `{"a":"\`, "the string has no closing quote"},
		{"cut off in a word", `{"a":tru`, "want a JSON value"},
		{"trailing data", `{} {}`, "at byte 4: data after the end"},
		{"trailing brace", `{}}`, "data after the end"},
		{"trailing comma", `{"a":1,}`, "want a quoted key"},
		{"trailing comma in a list", `{"a":[1,]}`, "want a JSON value"},
		{"no comma", `{"a":1 "b":2}`, "want a comma or }"},
		{"no colon", `{"a" 1}`, "want a colon"},
		{"no key", `{1:2}`, "want a quoted key"},
		{"wrong bracket", `{"a":[1}`, "want a comma or ]"},
		{"leading zero", `{"a":01}`, "want a comma or }"},
		{"plus", `{"a":+1}`, "want a JSON value"},
		{"minus alone", `{"a":-}`, "want a JSON value"},
		{"no digit before the point", `{"a":.5}`, "want a JSON value"},
		{"no digit after the point", `{"a":1.}`, "want a digit after the decimal point"},
		{"no digit in the exponent", `{"a":1e}`, "want a digit in the exponent"},
		{"NaN", `{"a":NaN}`, "want a JSON value"},
		{"control character", "{\"a\":\"\n\"}", "a control character"},
		{"control character after an escape", "{\"a\":\"\\t\n\"}", "a control character"},
		{"unknown escape", `{"a":"\x"}`, "unknown escape"},
		{"short escape", `{"a":"\u12"}`, "unknown escape"},
		{"escape that is not hexadecimal", `{"a":"\u12g4"}`, "unknown escape"},
		{"bad UTF-8", "{\"a\":\"\xc3\"}", "not valid UTF-8"},
		{"zero byte", "{\"a\":\x00}", "want a JSON value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e Event
			err := Parse([]byte(c.event), &e)
			if !errors.Is(err, ErrEvent) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse(%q): got %v, want ErrEvent with %q", c.event, err, c.want)
			}
			if MustCompile(`{"a":[{"exists":true}]}`).Match(&e) {
				t.Errorf("Parse(%q) left a leaf behind", c.event)
			}
		})
	}
}

func TestParseDepth(t *testing.T) {
	nest := func(depth int) []byte {
		return []byte(`{"a":` + strings.Repeat("[", depth-1) + "1" + strings.Repeat("]", depth-1) + `}`)
	}
	var e Event
	if err := Parse(nest(maxDepth), &e); err != nil {
		t.Errorf("depth %d: %v", maxDepth, err)
	}
	if !MustCompile(`{"a":[1]}`).Match(&e) {
		t.Errorf("depth %d: the leaf is not found", maxDepth)
	}
	if err := Parse(nest(maxDepth+1), &e); !errors.Is(err, ErrEvent) {
		t.Errorf("depth %d: got %v, want ErrEvent", maxDepth+1, err)
	}
	if err := Parse([]byte(strings.Repeat(`{"a":`, 1_000_000)), &e); !errors.Is(err, ErrEvent) {
		t.Errorf("a million objects: got %v, want ErrEvent", err)
	}
}

// Reusing an Event leaves nothing of the one before, whatever their sizes.
func TestParseReuse(t *testing.T) {
	var e Event
	var large strings.Builder
	large.WriteString(`{"a":1,"l":[`)
	for i := range 500 {
		large.WriteString(`{"k` + strconv.Itoa(i) + `":"\u0041"},`)
	}
	large.WriteString(`{}]}`)
	a, k := MustCompile(`{"a":[1]}`), MustCompile(`{"l":{"k499":["A"]}}`)
	for range 3 {
		if err := Parse([]byte(large.String()), &e); err != nil {
			t.Fatal(err)
		}
		if !a.Match(&e) || !k.Match(&e) {
			t.Error("the large event lacks a leaf")
		}
		if err := Parse([]byte(`{"b":1}`), &e); err != nil {
			t.Fatal(err)
		}
		if a.Match(&e) || k.Match(&e) {
			t.Error("the small event has a leaf of the large one")
		}
	}
}

// A long key above many others is kept once: as text of every path this would take 25 GB.
func TestParseLongPaths(t *testing.T) {
	var event strings.Builder
	event.WriteString(`{"` + strings.Repeat("k", 500_000) + `":{"` + strings.Repeat(".", 300_000) + `":1`)
	for i := range 50_000 {
		event.WriteString(`,"` + strconv.Itoa(i) + `":1`)
	}
	event.WriteString(`}}`)
	var e Event
	if err := Parse([]byte(event.String()), &e); err != nil {
		t.Fatal(err)
	}
	deep, err := CompileUnbounded([]byte(`{"` + strings.Repeat("k", 500_000) + `.49999":[1]}`))
	if err != nil {
		t.Fatal(err)
	}
	if !deep.Match(&e) {
		t.Error("the last leaf is not found")
	}
}

func TestUnparsedEvent(t *testing.T) {
	var e Event
	if MustCompile(`{"a":[{"exists":true}]}`).Match(&e) {
		t.Error("an event never parsed has a leaf")
	}
	if !MustCompile(`{"a":[{"exists":false}]}`).Match(&e) {
		t.Error("an event never parsed is not empty")
	}
}

func number(text string) decimal {
	d, _ := parseDecimal([]byte(text), nil)
	return d
}

func TestDecimalText(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "0e9": "0", "7": "7", "-7.0": "-7", "700": "700", "7e2": "700", "0.07e4": "700",
		"1.25": "1.25", "125e-2": "1.25", "0.00125": "0.00125", "100.001": "100.001", "1e20": "100000000000000000000",
		"1e21": "1e21", "12e21": "1.2e22", "1e-6": "0.000001", "1e-7": "1e-7", "-12.5e-9": "-1.25e-8", "00": "0",
	} {
		if got := string(number(text).append(nil)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// Comparing decimals agrees with exact fractions, and their text reads back as the same number.
func TestDecimalExact(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,4})?(e[+-]?[0-9])?`).Draw(t, "number")
	})
	rapid.Check(t, func(t *rapid.T) {
		x, y := text.Draw(t, "x"), text.Draw(t, "y")
		rx, _ := new(big.Rat).SetString(x)
		ry, _ := new(big.Rat).SetString(y)
		if got, want := number(x).cmp(number(y)), rx.Cmp(ry); got != want {
			t.Errorf("%s against %s: got %d, want %d", x, y, got, want)
		}
		if got, want := number(x).equal(number(y)), rx.Cmp(ry) == 0; got != want {
			t.Errorf("%s equals %s: got %t, want %t", x, y, got, want)
		}
		back := string(number(x).append(nil))
		if again, ok := new(big.Rat).SetString(back); !ok || again.Cmp(rx) != 0 {
			t.Errorf("%s is written as %s", x, back)
		}
	})
}
