package pattern

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompileRejects(t *testing.T) {
	for _, c := range []struct{ name, pattern, want string }{
		{"nothing", ``, "pattern: it is not JSON: line 1, column 1"},
		{"not JSON", `{"a":[1}`, "pattern: it is not JSON: line 1, column 8"},
		{"not JSON, second line", "{\n \"a\":[tru]}", "pattern: it is not JSON: line 2, column 7"},
		{"cut off", `{"a":["x`, "pattern: it is not JSON: line 1, column 9: the string has no closing quote"},
		{"trailing comma", `{"a":[1,]}`, "pattern: it is not JSON"},
		{"trailing data", `{"a":[1]} {}`, "pattern: it is not JSON: line 1, column 11: data after"},
		{"leading zero", `{"a":[01]}`, "pattern: it is not JSON"},
		{"single quotes", `{'a':[1]}`, "pattern: it is not JSON"},
		{"comment", `{"a":[1] /*x*/}`, "pattern: it is not JSON"},
		{"bad UTF-8", "{\"a\":[\"\xff\"]}", "pattern: it is not JSON"},
		{"a list", `[1]`, "pattern: a pattern is a JSON object"},
		{"null", `null`, "pattern: a pattern is a JSON object"},
		{"a string", `"{}"`, "pattern: a pattern is a JSON object"},
		{"empty", `{}`, "pattern: an empty object {}"},
		{"empty object", `{"a":{"b":{}}}`, "a.b: an empty object {}"},
		{"empty list", `{"a":{"b":[]}}`, "a.b: an empty list []"},
		{"second field empty", `{"a":[1],"b":[]}`, "b: an empty list []"},
		{"string without list", `{"a":"x"}`, "a: want a list of values"},
		{"number without list", `{"a":{"b":1}}`, "a.b: want a list of values"},
		{"null without list", `{"a":null}`, "a: want a list of values"},
		{"list in a list", `{"a":[1,[2]]}`, "a[1]: a list inside a list"},
		{"empty object in a list", `{"a":[{}]}`, "a[0]: an empty object {}"},
		{"unknown operator", `{"a":["x",{"begins":"x"}]}`, `a[1].begins: unknown operator "begins"`},
		{"regex", `{"a":[{"regex":"x"}]}`, `a[0].regex: unknown operator`},
		{"operator in the wrong case", `{"a":[{"Prefix":"x"}]}`, `a[0].Prefix: unknown operator`},
		{"two operators", `{"a":[{"prefix":"x","suffix":"y"}]}`, `a[0]: an operator's object has one key, this has 2 ("prefix", "suffix")`},
		{"the same operator twice", `{"a":[{"prefix":"x","prefix":"y"}]}`, "a[0]: an operator's object has one key"},

		{"prefix of a number", `{"a":[{"prefix":3}]}`, "a[0].prefix: want a string; this is a number"},
		{"prefix of a list", `{"a":[{"prefix":["x"]}]}`, "a[0].prefix: want a string; this is an array"},
		{"prefix of null", `{"a":[{"prefix":null}]}`, "a[0].prefix: want a string; this is null"},
		{"prefix of another operator", `{"a":[{"prefix":{"wildcard":"x"}}]}`, "a[0].prefix.wildcard: want a string, or"},
		{"prefix of two", `{"a":[{"prefix":{"equals-ignore-case":"x","b":1}}]}`, "a[0].prefix: an operator's object has one key"},
		{"prefix of an empty object", `{"a":[{"prefix":{}}]}`, "a[0].prefix: an empty object {}"},
		{"prefix ignoring case of a number", `{"a":[{"prefix":{"equals-ignore-case":5}}]}`, "a[0].prefix.equals-ignore-case: want a string"},
		{"prefix ignoring case of a list", `{"a":[{"prefix":{"equals-ignore-case":["x"]}}]}`, "a[0].prefix.equals-ignore-case: want a string"},
		{"suffix of a bool", `{"a":[{"suffix":true}]}`, "a[0].suffix: want a string; this is true"},
		{"suffix of another operator", `{"a":[{"suffix":{"prefix":"x"}}]}`, "a[0].suffix.prefix: want a string, or"},
		{"ignoring case of a list", `{"a":[{"equals-ignore-case":["x"]}]}`, "a[0].equals-ignore-case: want a string"},
		{"ignoring case of a number", `{"a":[{"equals-ignore-case":5}]}`, "a[0].equals-ignore-case: want a string"},

		{"wildcard of a list", `{"a":[{"wildcard":["x"]}]}`, "a[0].wildcard: want a string"},
		{"two asterisks", `{"a":[{"wildcard":"x**y"}]}`, "a[0].wildcard: consecutive *"},
		{"asterisks alone", `{"a":[{"wildcard":"**"}]}`, "a[0].wildcard: consecutive *"},
		{"unknown escape", `{"a":[{"wildcard":"a\\d"}]}`, "a[0].wildcard: a backslash escapes only"},
		{"backslash at the end", `{"a":[{"wildcard":"a*\\"}]}`, "a[0].wildcard: a backslash escapes only"},

		{"numeric of a number", `{"a":[{"numeric":5}]}`, "a[0].numeric: want a list"},
		{"numeric, empty", `{"a":[{"numeric":[]}]}`, "a[0].numeric: want one or two comparisons, this list has 0"},
		{"numeric, sign alone", `{"a":[{"numeric":[">"]}]}`, "a[0].numeric: want one or two comparisons"},
		{"numeric, three", `{"a":[{"numeric":[">",0,"<"]}]}`, "a[0].numeric: want one or two comparisons"},
		{"numeric, five", `{"a":[{"numeric":[">",0,"<",5,false]}]}`, "a[0].numeric: want one or two comparisons"},
		{"numeric, text", `{"detail":{"amount":[{"numeric":[">","0"]}]}}`, "detail.amount[0].numeric[1]: want a number without quotes; this is a string"},
		{"numeric, true", `{"a":[{"numeric":["=",true]}]}`, "a[0].numeric[1]: want a number"},
		{"numeric, number first", `{"a":[{"numeric":[0,">"]}]}`, "a[0].numeric[0]: want a comparison sign"},
		{"numeric, not equal", `{"a":[{"numeric":["!=",0]}]}`, `a[0].numeric[0]: "!=" cannot stand here`},
		{"numeric, unknown sign", `{"a":[{"numeric":["==",0]}]}`, `a[0].numeric[0]: "==" cannot stand here`},
		{"numeric, upper bound first", `{"a":[{"numeric":["<",5,">",0]}]}`, `a[0].numeric[0]: "<" cannot stand here`},
		{"numeric, two lower bounds", `{"a":[{"numeric":[">",0,">=",5]}]}`, `a[0].numeric[2]: ">=" cannot stand here`},
		{"numeric, equals in a range", `{"a":[{"numeric":["=",0,"<",5]}]}`, `a[0].numeric[0]: "=" cannot stand here`},
		{"numeric, no room", `{"a":[{"numeric":[">",1,"<",1]}]}`, "a[0].numeric: the lower bound 1 is not below the upper bound 1"},
		{"numeric, upside down", `{"a":[{"numeric":[">",30,"<",1e0]}]}`, "a[0].numeric: the lower bound 30 is not below the upper bound 1"},
		{"numeric, too large", `{"a":[{"numeric":["<",5000000001]}]}`, "a[0].numeric[1]: 5000000001 is out of range"},
		{"numeric, too small", `{"a":[{"numeric":[">=",-5.1e9,"<",0]}]}`, "a[0].numeric[1]: -5100000000 is out of range"},
		{"numeric, absurd", `{"a":[{"numeric":["=",1e400]}]}`, "a[0].numeric[1]: 1e400 is out of range"},
		{"numeric and another", `{"a":[{"numeric":["=",1],"exists":true}]}`, "a[0]: an operator's object has one key"},

		{"cidr of a number", `{"a":[{"cidr":10}]}`, "a[0].cidr: want a string like"},
		{"cidr without mask", `{"a":[{"cidr":"10.0.0.0"}]}`, `a[0].cidr: "10.0.0.0" has no mask`},
		{"cidr, no address", `{"a":[{"cidr":"foo/8"}]}`, `a[0].cidr: "foo" is no IPv4`},
		{"cidr, three parts", `{"a":[{"cidr":"10.0.0/8"}]}`, `a[0].cidr: "10.0.0" is no IPv4`},
		{"cidr, mask of text", `{"a":[{"cidr":"10.0.0.0/x"}]}`, `a[0].cidr: the mask "x" is not`},
		{"cidr, negative mask", `{"a":[{"cidr":"10.0.0.0/-1"}]}`, `a[0].cidr: the mask "-1" is not`},
		{"cidr, two masks", `{"a":[{"cidr":"10.0.0.0/8/9"}]}`, `a[0].cidr: the mask "8/9" is not`},
		{"cidr, mask of a whole address", `{"a":[{"cidr":"10.0.0.0/32"}]}`, `a[0].cidr: the mask "32" is not a number of bits from 0 to 31`},
		{"cidr, v6 mask", `{"a":[{"cidr":"2001:db8::/128"}]}`, `a[0].cidr: the mask "128" is not a number of bits from 0 to 127`},
		{"cidr, v6 malformed", `{"a":[{"cidr":"2001:::1/64"}]}`, `a[0].cidr: "2001:::1" is no IPv4`},

		{"exists of text", `{"a":[{"exists":"true"}]}`, "a[0].exists: want true or false; this is a string"},
		{"exists of null", `{"a":[{"exists":null}]}`, "a[0].exists: want true or false"},

		{"but null", `{"a":[{"anything-but":null}]}`, "a[0].anything-but: want a string, a number"},
		{"but true", `{"a":[{"anything-but":true}]}`, "a[0].anything-but: want a string, a number"},
		{"but nothing", `{"a":[{"anything-but":[]}]}`, "a[0].anything-but: an empty list []"},
		{"but mixed", `{"a":[{"anything-but":["x",1]}]}`, "a[0].anything-but[1]: the list must be all strings or all numbers"},
		{"but mixed, number first", `{"a":[{"anything-but":[1,"x"]}]}`, "a[0].anything-but[1]: the list must be all strings or all numbers"},
		{"but a list with null", `{"a":[{"anything-but":[null]}]}`, "a[0].anything-but[0]: the list must be all strings or all numbers"},
		{"but a list with an operator", `{"a":[{"anything-but":[{"prefix":"x"}]}]}`, "a[0].anything-but[0]: the list must be all strings"},
		{"but an unknown operator", `{"a":[{"anything-but":{"numeric":["=",1]}}]}`, "a[0].anything-but.numeric: anything-but takes values or one of"},
		{"but two operators", `{"a":[{"anything-but":{"prefix":"x","suffix":"y"}}]}`, "a[0].anything-but: an operator's object has one key"},
		{"but an empty object", `{"a":[{"anything-but":{}}]}`, "a[0].anything-but: an empty object {}"},
		{"but an empty prefix", `{"a":[{"anything-but":{"prefix":""}}]}`, "a[0].anything-but.prefix: an empty string here excludes every string"},
		{"but an empty suffix in a list", `{"a":[{"anything-but":{"suffix":["x",""]}}]}`, "a[0].anything-but.suffix[1]: an empty string"},
		{"but a prefix of numbers", `{"a":[{"anything-but":{"prefix":[1]}}]}`, "a[0].anything-but.prefix[0]: want a string or a list of strings"},
		{"but a prefix ignoring case", `{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]}`, "a[0].anything-but.prefix: want a string or a list of strings"},
		{"but no prefixes", `{"a":[{"anything-but":{"prefix":[]}}]}`, "a[0].anything-but.prefix: an empty list []"},
		{"but a bad wildcard", `{"a":[{"anything-but":{"wildcard":["x","y**"]}}]}`, "a[0].anything-but.wildcard[1]: consecutive *"},

		{"$or of one", `{"$or":[{"a":[1]}]}`, "$or: $or wants at least two objects to choose from; this list has 1"},
		{"$or of none", `{"$or":[]}`, "$or: $or wants at least two objects"},
		{"$or of text", `{"$or":"x"}`, "$or: $or wants a list of at least two objects; this is a string"},
		{"$or with a list", `{"d":{"$or":[{"a":[1]},[{"b":[1]}]]}}`, "d.$or[1]: $or wants a list of objects; this is an array"},
		{"$or with an empty object", `{"$or":[{"a":[1]},{}]}`, "$or[1]: an empty object {}"},
		{"$or with an empty list", `{"$or":[{"a":[1]},{"b":[]}]}`, "$or[1].b: an empty list []"},
		{"$or with an operator's name", `{"$or":[{"numeric":123},{"prefix":"abc"}]}`, `$or[0].numeric: "numeric" is the name of an operator`},
		{"$or within $or of one", `{"$or":[{"a":[1]},{"$or":[{"b":[1]}]}]}`, "$or[1].$or: $or wants at least two objects"},
		{"$or with an error inside", `{"$or":[{"a":[1]},{"b":[{"prefix":1}]}]}`, "$or[1].b[0].prefix: want a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile([]byte(c.pattern))
			if err == nil {
				t.Fatalf("Compile(%s) succeeded, want the error %s", c.pattern, c.want)
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("Compile(%s)\n got %s\nwant %s…", c.pattern, err, c.want)
			}
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrInvalid) {
				t.Errorf("Compile(%s): error %T is not an *Error that wraps ErrInvalid", c.pattern, err)
			}
		})
	}
}

func TestCompileLimits(t *testing.T) {
	of := func(characters int, filler string) []byte {
		frame := len(`{"a":[""]}`)
		return []byte(`{"a":["` + strings.Repeat(filler, characters-frame) + `"]}`)
	}
	if _, err := Compile(of(2048, "x")); err != nil {
		t.Errorf("2,048 characters: %v", err)
	}
	if _, err := Compile(of(2048, "é")); err != nil {
		t.Errorf("2,048 characters of two bytes: %v", err)
	}
	if _, err := Compile(of(2049, "x")); !errors.Is(err, ErrInvalid) {
		t.Errorf("2,049 characters: got %v, want ErrInvalid", err)
	}
	if _, err := CompileUnbounded(of(2049, "x")); err != nil {
		t.Errorf("unbounded: %v", err)
	}
	if _, err := CompileUnbounded([]byte(`{"a":[{"numeric":[">",1e10]}]}`)); err != nil {
		t.Errorf("unbounded numeric: %v", err)
	}
	if _, err := Compile([]byte(`{"a":[6000000000,{"anything-but":6000000000}]}`)); err != nil {
		t.Errorf("large numbers as values: %v", err)
	}

	ors := func(n int) []byte { // 2^n combinations
		var members []string
		for i := range n {
			members = append(members, fmt.Sprintf(`"k%d":{"$or":[{"a":[1]},{"b":[1]}]}`, i))
		}
		return []byte("{" + strings.Join(members, ",") + "}")
	}
	if _, err := Compile(ors(9)); err != nil {
		t.Errorf("512 combinations: %v", err)
	}
	var e *Error
	if _, err := Compile(ors(10)); !errors.As(err, &e) || e.Place != "k9.$or" {
		t.Errorf("1,024 combinations: got %v, want an error at k9.$or", err)
	}
	if _, err := CompileUnbounded([]byte(strings.Repeat(`{"a":`, 5000))); !errors.Is(err, ErrInvalid) {
		t.Errorf("deep nesting: got %v, want ErrInvalid", err)
	}
}

func TestFields(t *testing.T) {
	p := MustCompile(`{"source":["a"],"detail":{"touch.kind":["b"],"$or":[{"n":[1],"source":[1]},{"m":[{"exists":false}]}]}}`)
	want := [][]string{{"detail", "m"}, {"detail", "n"}, {"detail", "source"}, {"detail", "touch", "kind"}, {"source"}}
	if diff := cmp.Diff(want, p.Fields()); diff != "" {
		t.Errorf("Fields (-want +got):\n%s", diff)
	}
}

func TestOverridden(t *testing.T) {
	for pattern, want := range map[string][]string{
		`{"a":[1],"b":[2]}`:                                     nil,
		`{"a":[1],"a":[2]}`:                                     {"a"},
		`{"a":{"b":[1]},"a.b":[2]}`:                             {"a.b"},
		`{"a":{"b":[1]},"a":{"c":[2]}}`:                         nil,
		`{"$or":[{"a":[1]},{"a":[2]}]}`:                         nil,
		`{"a":[1],"$or":[{"a":[1]},{"b":[2]}]}`:                 {"a"},
		`{"$or":[{"a":[1]},{"b":[2]}],"a":[1]}`:                 {"a"},
		`{"$or":[{"a":[1]},{"b":[1]}],"c":[1],"b":[2],"c":[2]}`: {"b", "c"},
	} {
		if diff := cmp.Diff(want, MustCompile(pattern).Overridden()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", pattern, diff)
		}
	}
}

func TestCanonical(t *testing.T) {
	for pattern, want := range map[string]string{
		` { "b" : [ 1 ], "a":["y","x","y"] } `:                              `{"a":["x","y"],"b":[1]}`,
		`{"a":{"c":[1],"b.d":[2]}}`:                                         `{"a.b.d":[2],"a.c":[1]}`,
		`{"a":[3.0e2,300,-0,0.50,1e-7,1E+30,{"numeric":["=",7]}]}`:          `{"a":[0,0.5,1e-7,1e30,300,7]}`,
		`{"a":[{"numeric":[">=",1.50,"<",2e0]}]}`:                           `{"a":[{"numeric":[">=",1.5,"<",2]}]}`,
		`{"a":[{"numeric":["<=",-1]}]}`:                                     `{"a":[{"numeric":["<=",-1]}]}`,
		`{"a":[{"cidr":"10.1.2.3/8"},{"cidr":"2001:DB8:0::/32"}]}`:          `{"a":[{"cidr":"10.0.0.0/8"},{"cidr":"2001:db8::/32"}]}`,
		`{"a":[{"anything-but":"x"}]}`:                                      `{"a":[{"anything-but":["x"]}]}`,
		`{"a":[{"anything-but":[2,1.0,2]}]}`:                                `{"a":[{"anything-but":[1,2]}]}`,
		`{"a":[{"anything-but":{"suffix":["y","x"]}}]}`:                     `{"a":[{"anything-but":{"suffix":["x","y"]}}]}`,
		`{"a":[{"prefix":{"equals-ignore-case":"X"}},{"wildcard":"a\\*"}]}`: `{"a":[{"prefix":{"equals-ignore-case":"X"}},{"wildcard":"a\\*"}]}`,
		`{"a":[null,true,false,{"exists":false},"\u0041\n\"é"]}`:            `{"a":["A\u000a\"é",false,null,true,{"exists":false}]}`,
		`{"$or":[{"b":[1]},{"a":[1]}],"c":[2]}`:                             `{"$or":[{"a":[1],"c":[2]},{"b":[1],"c":[2]}]}`,
		`{"$or":[{"a":[1]},{"a":[1.0]}]}`:                                   `{"a":[1]}`,
		`{"x":{"$or":[{"a":[1]},{"$or":[{"b":[1]},{"c":[1]}]}]}}`:           `{"$or":[{"x.a":[1]},{"x.b":[1]},{"x.c":[1]}]}`,
		`{"$or":[{"suffix":"b"},{"prefix":"a"}]}`:                           `{"$or":[{"prefix":"a"},{"suffix":"b"}]}`,
		`{"a":[1],"a":[2]}`:                                                 `{"a":[2]}`,
	} {
		p := MustCompile(pattern)
		if got := string(p.Canonical()); got != want {
			t.Errorf("canonical text of %s\n got %s\nwant %s", pattern, got, want)
		}
		again, err := CompileUnbounded(p.Canonical())
		if err != nil {
			t.Errorf("canonical text of %s does not compile: %v", pattern, err)
			continue
		}
		if got := string(again.Canonical()); got != want {
			t.Errorf("canonical text of %s changes when compiled again: %s", want, got)
		}
	}
}
