package pattern

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Few keys and values, so that patterns and events meet often.
var (
	drawKey   = rapid.SampledFrom([]string{"a", "a", "b", "b", "c", "a.b"})
	drawValue = rapid.SampledFrom([]string{`"x"`, `"y"`, `"xy"`, `"X"`, `""`, `1`, `1.0`, `"1"`, `2`, `-3e1`, `null`, `true`, `false`, `"10.0.0.1"`})
	drawTest  = rapid.SampledFrom([]string{
		`"x"`, `"y"`, `1`, `10e-1`, `2`, `null`, `true`, `""`, `"1"`,
		`{"prefix":"x"}`, `{"suffix":"y"}`, `{"prefix":{"equals-ignore-case":"X"}}`, `{"suffix":{"equals-ignore-case":"Y"}}`,
		`{"equals-ignore-case":"x"}`, `{"wildcard":"x*"}`, `{"wildcard":"*"}`, `{"wildcard":"*x*y"}`,
		`{"numeric":["=",1]}`, `{"numeric":["<",2]}`, `{"numeric":[">",-30,"<=",1.0]}`, `{"cidr":"10.0.0.0/8"}`,
		`{"exists":true}`, `{"exists":true}`, `{"exists":false}`, `{"exists":false}`, `{"anything-but":"x"}`,
		`{"anything-but":1}`, `{"anything-but":["x","y"]}`, `{"anything-but":[1,2]}`, `{"anything-but":{"prefix":["x","y"]}}`,
		`{"anything-but":{"suffix":"y"}}`, `{"anything-but":{"equals-ignore-case":"X"}}`, `{"anything-but":{"wildcard":"x*"}}`,
	})
)

func drawEvent(t *rapid.T, depth int) string {
	var members []string
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		members = append(members, fmt.Sprintf("%q:%s", drawKey.Draw(t, "key"), drawNode(t, depth)))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func drawNode(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	switch {
	case depth == 0 || kind <= 1:
		return drawValue.Draw(t, "value")
	case kind <= 3:
		return drawEvent(t, depth-1)
	}
	var elems []string
	for range rapid.IntRange(0, 3).Draw(t, "elements") {
		elems = append(elems, drawNode(t, depth-1))
	}
	return "[" + strings.Join(elems, ",") + "]"
}

func drawPattern(t *rapid.T, depth int) string {
	var members []string
	for range rapid.IntRange(1, 3).Draw(t, "fields") {
		switch kind := rapid.IntRange(0, 8).Draw(t, "kind"); {
		case depth > 0 && kind == 0 && len(members) < 2:
			members = append(members, `"$or":[`+drawPattern(t, depth-1)+","+drawPattern(t, depth-1)+"]")
		case depth > 0 && kind <= 5:
			members = append(members, fmt.Sprintf("%q:%s", drawKey.Draw(t, "key"), drawPattern(t, depth-1)))
		default:
			tests := rapid.SliceOfN(drawTest, 1, 2).Draw(t, "tests")
			members = append(members, fmt.Sprintf("%q:[%s]", drawKey.Draw(t, "key"), strings.Join(tests, ",")))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// Match agrees with the naive matcher, and the canonical text matches what the pattern matches.
func TestMatchAgreesWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := drawPattern(t, 3)
		p, err := CompileUnbounded([]byte(pattern))
		if err != nil && strings.Contains(err.Error(), "combinations") {
			t.Skip("too many combinations")
		}
		if err != nil {
			t.Fatalf("Compile(%s): %v", pattern, err)
		}
		canonical, err := CompileUnbounded(p.Canonical())
		if err != nil {
			t.Fatalf("Compile(%s): %v", p.Canonical(), err)
		}
		naive, err := naiveDecode([]byte(pattern))
		if err != nil {
			t.Fatal(err)
		}
		var e Event
		for range 5 {
			event := drawEvent(t, 4)
			if err := Parse([]byte(event), &e); err != nil {
				t.Fatalf("Parse(%s): %v", event, err)
			}
			decoded, err := naiveDecode([]byte(event))
			if err != nil {
				t.Fatal(err)
			}
			got := p.Match(&e)
			if want, sure := naiveMatch(naive, decoded, true); sure && got != want {
				t.Fatalf("pattern %s\nevent %s\ngot %t, want %t", pattern, event, got, want)
			}
			if again := canonical.Match(&e); again != got {
				t.Fatalf("pattern %s\ncanonical %s\nevent %s\ngot %t, canonical %t", pattern, p.Canonical(), event, got, again)
			}
		}
	})
}

// A set answers exactly the patterns that match alone, in ascending order, after what is in dst.
func TestSetAgreesWithPatterns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var patterns []*Pattern
		for range rapid.IntRange(0, 90).Draw(t, "patterns") {
			patterns = append(patterns, MustCompile(drawPattern(t, 1)))
		}
		set := NewSet(patterns)
		if set.Len() != len(patterns) {
			t.Fatalf("Len: got %d, want %d", set.Len(), len(patterns))
		}
		var e Event
		for range 4 {
			event := drawEvent(t, 3)
			if err := Parse([]byte(event), &e); err != nil {
				t.Fatalf("Parse(%s): %v", event, err)
			}
			want := []int{-1}
			for i, p := range patterns {
				if p.Match(&e) {
					want = append(want, i)
				}
			}
			if got := set.Match(&e, []int{-1}); !slices.Equal(got, want) {
				t.Fatalf("event %s: got %v, want %v", event, got, want)
			}
		}
	})
}

// Patterns and events may be shared between goroutines.
func TestConcurrentMatch(t *testing.T) {
	patterns := []*Pattern{
		MustCompile(`{"a":{"x":[1],"y":[2]}}`), MustCompile(`{"a":{"x":[2],"y":[2]}}`), MustCompile(`{"b":[{"prefix":"z"}]}`),
	}
	set := NewSet(patterns)
	var e Event
	if err := Parse([]byte(`{"a":[{"x":2,"y":1},{"x":1,"y":2}],"b":"zz"}`), &e); err != nil {
		t.Fatal(err)
	}
	done := make(chan []int)
	for range 8 {
		go func() {
			var got []int
			for range 200 {
				got = set.Match(&e, got[:0])
			}
			done <- got
		}()
	}
	for range 8 {
		if got := <-done; !slices.Equal(got, []int{0, 2}) {
			t.Errorf("got %v, want [0 2]", got)
		}
	}
}
