package pattern

import (
	"bytes"
	"regexp"
	"testing"
	"unicode/utf8"
)

var seeds = []struct{ pattern, event string }{
	{`{"a":[1]}`, `{"a":1.0}`},
	{`{"a":{"b":["x",null,{"prefix":"y"}]}}`, `{"a":[{"b":"yy"},{"c":null}]}`},
	{`{"a.b":[{"numeric":[">",0,"<=",5e0]}]}`, `{"a":{"b":[[1,2],3e-1]}}`},
	{`{"$or":[{"a":[true]},{"b":[{"exists":false}],"c":[{"exists":true}]}]}`, `{"c":{"d":1},"c":false}`},
	{`{"a":[{"anything-but":{"wildcard":["*.a","b\\*"]}},{"cidr":"10.0.0.0/8"},{"cidr":"::/1"}]}`, `{"a":["10.1.2.3","::1","x.a"]}`},
	{`{"a":[{"suffix":{"equals-ignore-case":"É"}},{"equals-ignore-case":"\ud83d\ude00"}]}`, `{"a":"\u00e9\ud800"}`},
	{`{"$or":[{"prefix":"a"},{"anything-but":[1,2]}]}`, `{"$or":3}`},
	{`{"p":{"f":["A"],"l":[{"exists":false},"D"]}}`, `{"p":[{"f":"A","l":"B"},[{"f":"A"}]]}`},
	{`{"a":[-0,1e400,1E-400,123456789012345678901234567890]}`, `{"a":1e99999999999999999999}`},
	{`{"":[""]}`, `{"":""}`},
	{`{"a":[`, `{"a":"\u12`},
}

// Compile never panics, and what it accepts has a canonical text that means itself.
func FuzzCompile(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s.pattern))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Compile(text)
		if err != nil {
			return
		}
		again, err := CompileUnbounded(p.Canonical())
		if err != nil {
			t.Fatalf("canonical text %s of %s: %v", p.Canonical(), text, err)
		}
		if !bytes.Equal(again.Canonical(), p.Canonical()) {
			t.Errorf("canonical text %s becomes %s", p.Canonical(), again.Canonical())
		}
	})
}

// hugeNumber is what the naive matcher cannot write out as a fraction.
var hugeNumber = regexp.MustCompile(`[eE][+-]?[0-9]{4,}`)

// Parse and Match never panic; Parse takes what encoding/json takes; Match agrees with the naive matcher, Set with Match.
func FuzzMatch(f *testing.F) {
	for _, s := range seeds {
		for _, o := range seeds {
			f.Add([]byte(s.pattern), []byte(o.event))
		}
	}
	var e Event
	f.Fuzz(func(t *testing.T, pattern, event []byte) {
		parseErr := Parse(event, &e)
		p, compileErr := Compile(pattern)
		if compileErr != nil {
			return
		}
		got := p.Match(&e)
		if in := len(NewSet([]*Pattern{p}).Match(&e, nil)) == 1; in != got {
			t.Errorf("pattern %s, event %s: alone %t, in a set %t", pattern, event, got, in)
		}
		decoded, err := naiveDecode(event)
		if _, object := decoded.([]naiveMember); parseErr != nil {
			if err == nil && object && utf8.Valid(event) && bytes.Count(event, []byte{'['})+bytes.Count(event, []byte{'{'}) < maxDepth {
				t.Errorf("event %q: %v, but encoding/json reads it", event, parseErr)
			}
			return
		} else if err != nil {
			t.Fatalf("event %q: encoding/json: %v", event, err)
		}
		if hugeNumber.Match(pattern) || hugeNumber.Match(event) || len(pattern)+len(event) > 400 {
			return
		}
		decodedPattern, err := naiveDecode(pattern)
		if err != nil {
			t.Fatalf("pattern %q: encoding/json: %v", pattern, err)
		}
		root, _ := parseTree(pattern)
		if want, sure := naiveMatch(decodedPattern, decoded, findMisuse(root, "", false) == nil); sure && got != want {
			t.Errorf("pattern %s, event %s: got %t, want %t", pattern, event, got, want)
		}
	})
}

// Filter never panics and answers every line that is not blank.
func FuzzFilter(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(`{"pattern":` + s.pattern + `,"event":` + s.event + "}\n\nx\n"))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		if err := Filter(bytes.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, line := range bytes.Split(in, []byte{'\n'}) {
			if len(bytes.TrimSpace(line)) > 0 {
				want++
			}
		}
		if got := bytes.Count(out.Bytes(), []byte{'\n'}); got != want {
			t.Errorf("%q: %d answers, want %d", in, got, want)
		}
	})
}
