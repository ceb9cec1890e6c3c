package pattern

import (
	"strings"
	"testing"
)

func TestMatchLists(t *testing.T) {
	const people = `{"p":[{"f":"John","l":"Doe"},{"f":"Anna","l":"Smith"},{"f":"Peter","l":"Jones"}]}`
	const teams = `{"t":[{"n":"red","m":[{"f":"Anna","r":"lead"},{"f":"Ben","r":"dev"}]},{"n":"blue","m":[{"f":"Cleo","r":"lead"}]}]}`
	const grid = `{"p":[[{"f":"John","l":"Doe"},{"f":"Anna","l":"Smith"}],[{"f":"Peter","l":"Jones"}]]}`
	runMatches(t, []matchCase{
		{"any element", `{"a":["x"]}`, `{"a":["y","x"]}`, true},
		{"no element", `{"a":["x"]}`, `{"a":["y","z"]}`, false},
		{"lists within lists", `{"a":[3]}`, `{"a":[[1,2],[[3]]]}`, true},
		{"mixed types", `{"a":[null]}`, `{"a":["x",1,{"b":2},null]}`, true},
		{"object beside values", `{"a":{"b":[2]}}`, `{"a":["x",{"b":2}]}`, true},
		{"two lists of values are apart", `{"a":[1],"b":[2]}`, `{"a":[0,1],"b":[2,0]}`, true},

		{"one field", `{"p":{"f":["Anna"]}}`, people, true},
		{"same element", `{"p":{"f":["Anna"],"l":["Smith"]}}`, people, true},
		{"different elements", `{"p":{"f":["Anna"],"l":["Jones"]}}`, people, false},
		{"different elements, dotted", `{"p.f":["Anna"],"p.l":["Jones"]}`, people, false},
		{"alternatives choose the element", `{"p":{"f":["Anna","Peter"],"l":["Jones"]}}`, people, true},
		{"with a field outside", `{"p":{"f":["Anna"],"l":["Smith"]},"s":[1]}`, `{"s":1,` + people[1:], true},
		{"lists within lists, same element", `{"p":{"f":["Anna"],"l":["Smith"]}}`, grid, true},
		{"lists within lists, same inner list", `{"p":{"f":["Anna"],"l":["Doe"]}}`, grid, false},
		{"lists within lists, different inner lists", `{"p":{"f":["John"],"l":["Jones"]}}`, grid, false},

		{"nested, same", `{"t":{"n":["red"],"m":{"f":["Ben"],"r":["dev"]}}}`, teams, true},
		{"nested, inner differs", `{"t":{"m":{"f":["Ben"],"r":["lead"]}}}`, teams, false},
		{"nested, outer differs", `{"t":{"n":["blue"],"m":{"f":["Anna"]}}}`, teams, false},
		{"nested, inner of the second outer", `{"t":{"n":["blue"],"m":{"r":["lead"]}}}`, teams, true},
		{"nested, first inner fits outer only", `{"t":{"n":["blue"],"m":{"f":["Cleo"],"r":["dev"]}}}`, teams, false},
		{"values in the element's own list", `{"a":{"k":["x"],"v":[2]}}`, `{"a":[{"k":["y"],"v":[2]},{"k":["z","x"],"v":[1,2]}]}`, true},
		{"values in different elements' lists", `{"a":{"k":["x"],"v":[2]}}`, `{"a":[{"k":["y"],"v":[2]},{"k":["z","x"],"v":[1]}]}`, false},

		{"two lists are apart", `{"a":{"x":[1]},"b":{"y":[2]}}`, `{"a":[{"x":0},{"x":1}],"b":[{"y":2},{"y":3}]}`, true},
		{"two lists, one fails", `{"a":{"x":[1],"z":[1]},"b":{"y":[2]}}`, `{"a":[{"x":1},{"z":1}],"b":[{"y":2}]}`, false},
		{"three elements, the last fits", `{"a":{"x":[{"exists":true}],"y":[{"exists":true}]}}`, `{"a":[{"x":1},{"y":1},{"x":1,"y":1}]}`, true},
		{"one element short of a field", `{"a":{"x":[1],"y":[1],"z":[1]}}`, `{"a":[{"x":1,"y":1},{"y":1,"z":1},{"x":1,"z":1}]}`, false},

		{"$or within an element", `{"p":{"f":["Anna"],"$or":[{"l":["Jones"]},{"l":["Smith"]}]}}`, people, true},
		{"$or across elements", `{"p":{"f":["Anna"],"$or":[{"l":["Jones"]},{"l":["Doe"]}]}}`, people, false},
		{"$or outside of the list", `{"$or":[{"p":{"f":["Anna"],"l":["Jones"]}},{"p":{"f":["John"],"l":["Doe"]}}]}`, people, true},

		{"anything-but with a sibling", `{"u":{"s":[{"anything-but":"off"}],"n":["a"]}}`, `{"u":[{"n":"a","s":"off"},{"n":"b","s":"on"}]}`, false},
		{"absent with a sibling", `{"u":{"n":["a"],"z":[{"exists":false}]}}`, `{"u":[{"n":"a"},{"n":"b","z":1}]}`, true},
		{"absent with a sibling that has it", `{"u":{"n":["b"],"z":[{"exists":false}]}}`, `{"u":[{"n":"a"},{"n":"b","z":1}]}`, false},
		{"absent alone looks at all elements", `{"u":{"z":[{"exists":false}]}}`, `{"u":[{"n":"a"},{"n":"b","z":1}]}`, false},
		{"absent before any element is taken looks at all", `{"u":{"b":[{"exists":false}],"n":["a"]}}`, `{"u":[{"n":"a"},{"n":"c","b":1}]}`, false},
		{"absent, another element may be taken", `{"u":{"n":[{"exists":true}],"z":[{"exists":false}]}}`, `{"u":[{"n":"a","z":1},{"n":"b"}]}`, true},
		{"absent, in a list with no element taken", `{"u":{"n":["a"]},"v":{"z":[{"exists":false}]}}`, `{"u":[{"n":"a"}],"v":[{"z":1}]}`, false},
		{"absent or a value, with a sibling: absent", `{"u":{"n":["a"],"z":[{"exists":false},2]}}`, `{"u":[{"n":"a"},{"n":"b","z":1}]}`, true},
		{"absent or a value, with a sibling: value", `{"u":{"n":["b"],"z":[{"exists":false},1]}}`, `{"u":[{"n":"a"},{"n":"b","z":1}]}`, true},
		{"absent or a value, with a sibling: neither", `{"u":{"n":["b"],"z":[{"exists":false},2]}}`, `{"u":[{"n":"a"},{"n":"b","z":1}]}`, false},
		{"absent, deeper", `{"u":{"m":{"a":[1],"z":[{"exists":false}]}}}`, `{"u":[{"m":[{"a":1,"z":1},{"a":1}]}]}`, true},

		{"one path in two lists", `{"a":{"b":{"x":[1],"y":[1]}}}`, `{"a":{"b":[{"x":1}]},"a.b":[{"x":1,"y":1}]}`, true},
		{"one path in two lists that agree", `{"a":{"b":{"x":[1],"y":[1]}}}`, `{"a":{"b":[{"x":1}]},"a.b":[{"y":1}]}`, true},
		{"repeated key drops its elements", `{"p":{"f":["Anna"],"l":["Smith"]}}`, `{"p":[{"f":"Anna","l":"Smith"}],"p":[{"f":"Anna"}]}`, false},
	})
}

// An event of many elements costs in proportion to its size: with the product of three lists this would take days.
func TestManyElements(t *testing.T) {
	const n = 20000
	list := func(key string) string {
		return `"` + key + `":[` + strings.Repeat(`{"x":1},{"y":1},`, n) + `{"z":1}]`
	}
	event := `{` + list("a") + `,` + list("b") + `,` + list("c") + `}`
	p := MustCompile(`{"a":{"x":[1]},"b":{"x":[1]},"c":{"x":[1],"y":[1]}}`)
	if got, err := p.MatchJSON([]byte(event)); got || err != nil {
		t.Errorf("got %t, %v; want false", got, err)
	}
	p = MustCompile(`{"a":{"x":[1],"y":[{"exists":false}]},"b":{"x":[1]},"c":{"y":[1],"z":[{"exists":false},2]}}`)
	if got, err := p.MatchJSON([]byte(event)); !got || err != nil {
		t.Errorf("got %t, %v; want true", got, err)
	}
}
