package pattern

import "testing"

type matchCase struct {
	name           string
	pattern, event string
	want           bool
}

func runMatches(t *testing.T, cases []matchCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := Compile([]byte(c.pattern))
			if err != nil {
				t.Fatalf("Compile(%s): %v", c.pattern, err)
			}
			got, err := p.MatchJSON([]byte(c.event))
			if err != nil {
				t.Fatalf("event %s: %v", c.event, err)
			}
			if got != c.want {
				t.Errorf("pattern %s, event %s: got %t, want %t", c.pattern, c.event, got, c.want)
			}
		})
	}
}

func TestMatchEquality(t *testing.T) {
	runMatches(t, []matchCase{
		{"string", `{"a":["x"]}`, `{"a":"x"}`, true},
		{"case matters", `{"a":["x"]}`, `{"a":"X"}`, false},
		{"second of two", `{"a":["x","y"]}`, `{"a":"y"}`, true},
		{"none of two", `{"a":["x","y"]}`, `{"a":"z"}`, false},
		{"many strings, last", `{"a":["1","2","3","4","5","6","7","8","9","10","11"]}`, `{"a":"11"}`, true},
		{"many strings, none", `{"a":["1","2","3","4","5","6","7","8","9","10","11"]}`, `{"a":"12"}`, false},
		{"empty string", `{"a":[""]}`, `{"a":""}`, true},
		{"empty string is not null", `{"a":[""]}`, `{"a":null}`, false},
		{"empty string is not missing", `{"a":[""]}`, `{"b":""}`, false},
		{"null", `{"a":[null]}`, `{"a":null}`, true},
		{"null is not the text null", `{"a":[null]}`, `{"a":"null"}`, false},
		{"null is not missing", `{"a":[null]}`, `{}`, false},
		{"true", `{"a":[true]}`, `{"a":true}`, true},
		{"true is not false", `{"a":[true]}`, `{"a":false}`, false},
		{"false", `{"a":[false]}`, `{"a":false}`, true},
		{"false is not the text", `{"a":[false]}`, `{"a":"false"}`, false},
		{"escapes on both sides", `{"a":["\u0041\n"]}`, `{"a":"A\u000a"}`, true},
		{"escaped key", `{"\u0061":["x"]}`, `{"a":"x"}`, true},
		{"surrogate pair", `{"a":["\ud83d\ude00"]}`, `{"a":"😀"}`, true},
		{"no Unicode normalisation", `{"a":["\u00e9"]}`, `{"a":"e\u0301"}`, false},
		{"two fields", `{"a":["x"],"b":[1]}`, `{"b":1,"a":"x"}`, true},
		{"two fields, one off", `{"a":["x"],"b":[1]}`, `{"b":2,"a":"x"}`, false},
		{"two fields, one missing", `{"a":["x"],"b":[1]}`, `{"a":"x"}`, false},
		{"nested", `{"a":{"b":{"c":["x"]}}}`, `{"a":{"b":{"c":"x","d":1}}}`, true},
		{"not at that depth", `{"a":{"b":["x"]}}`, `{"b":"x"}`, false},
		{"object where a value is due", `{"a":["x"]}`, `{"a":{"x":"x"}}`, false},
		{"value where an object is due", `{"a":{"b":["x"]}}`, `{"a":"x"}`, false},
		{"mixed alternatives", `{"a":["x",1,null]}`, `{"a":null}`, true},
		{"white space", " { \"a\" :\t[ \"x\" ,\n1 ] } ", " {\r\n\"a\" : 1 } ", true},
	})
}

func TestMatchNumbers(t *testing.T) {
	runMatches(t, []matchCase{
		{"integer", `{"a":[300]}`, `{"a":300}`, true},
		{"with a point", `{"a":[300]}`, `{"a":300.0}`, true},
		{"with an exponent", `{"a":[300]}`, `{"a":3.0e2}`, true},
		{"exponent with plus", `{"a":[300]}`, `{"a":3E+2}`, true},
		{"negative exponent", `{"a":[0.003]}`, `{"a":3e-3}`, true},
		{"the other way round", `{"a":[3.0e2]}`, `{"a":300}`, true},
		{"string is not a number", `{"a":[1]}`, `{"a":"1"}`, false},
		{"number is not a string", `{"a":["1"]}`, `{"a":1}`, false},
		{"one is not true", `{"a":[1]}`, `{"a":true}`, false},
		{"zeros", `{"a":[0]}`, `{"a":-0.00e5}`, true},
		{"sign", `{"a":[5]}`, `{"a":-5}`, false},
		{"beyond float64, equal", `{"a":[9007199254740993]}`, `{"a":9007199254740993}`, true},
		{"beyond float64, off by one", `{"a":[9007199254740993]}`, `{"a":9007199254740992}`, false},
		{"account number", `{"a":[123456789012]}`, `{"a":123456789012.0}`, true},
		{"huge exponent in the event", `{"a":[1]}`, `{"a":1e400}`, false},
		{"huge exponents, equal", `{"a":[1e400]}`, `{"a":10e399}`, true},
		{"absurd exponent", `{"a":[1]}`, `{"a":1e99999999999999999999}`, false},
		{"absurd negative exponent", `{"a":[0]}`, `{"a":1e-99999999999999999999}`, false},

		{"equals", `{"a":[{"numeric":["=",3.018e2]}]}`, `{"a":301.8}`, true},
		{"equals, off", `{"a":[{"numeric":["=",301.8]}]}`, `{"a":301.80001}`, false},
		{"less", `{"a":[{"numeric":["<",10]}]}`, `{"a":9.99}`, true},
		{"less, at", `{"a":[{"numeric":["<",10]}]}`, `{"a":10}`, false},
		{"at most, at", `{"a":[{"numeric":["<=",10]}]}`, `{"a":10.0}`, true},
		{"at most, above", `{"a":[{"numeric":["<=",10]}]}`, `{"a":10.000001}`, false},
		{"more", `{"a":[{"numeric":[">",-1]}]}`, `{"a":-0.5}`, true},
		{"more, at", `{"a":[{"numeric":[">",-1]}]}`, `{"a":-1}`, false},
		{"at least, at", `{"a":[{"numeric":[">=",-1]}]}`, `{"a":-1e0}`, true},
		{"at least, below", `{"a":[{"numeric":[">=",-1]}]}`, `{"a":-1.5}`, false},
		{"range, inside", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5}`, true},
		{"range, at the open end", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":0}`, false},
		{"range, above", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5.1}`, false},
		{"range closed and open", `{"a":[{"numeric":[">=",0,"<",5]}]}`, `{"a":0}`, true},
		{"range, other magnitude", `{"a":[{"numeric":[">",9,"<",11]}]}`, `{"a":100}`, false},
		{"range over zero", `{"a":[{"numeric":[">",-5,"<",5]}]}`, `{"a":-4.9}`, true},
		{"range over zero, below", `{"a":[{"numeric":[">",-5,"<",5]}]}`, `{"a":-5.1}`, false},
		{"numeric wants a number", `{"a":[{"numeric":[">",0]}]}`, `{"a":"1"}`, false},
		{"numeric and null", `{"a":[{"numeric":["<",1]}]}`, `{"a":null}`, false},
		{"huge event number", `{"a":[{"numeric":[">",0]}]}`, `{"a":1e400}`, true},
		{"tiny event number", `{"a":[{"numeric":[">",0]}]}`, `{"a":1e-400}`, true},
		{"the limits themselves", `{"a":[{"numeric":[">=",-5000000000,"<=",5.0e9]}]}`, `{"a":5e9}`, true},
	})
}

func TestMatchStrings(t *testing.T) {
	runMatches(t, []matchCase{
		{"prefix", `{"a":[{"prefix":"eu-"}]}`, `{"a":"eu-west"}`, true},
		{"prefix, whole", `{"a":[{"prefix":"eu-"}]}`, `{"a":"eu-"}`, true},
		{"prefix, longer than the text", `{"a":[{"prefix":"eu-"}]}`, `{"a":"eu"}`, false},
		{"prefix, case", `{"a":[{"prefix":"eu-"}]}`, `{"a":"EU-west"}`, false},
		{"prefix wants a string", `{"a":[{"prefix":"1"}]}`, `{"a":12}`, false},
		{"empty prefix", `{"a":[{"prefix":""}]}`, `{"a":"x"}`, true},
		{"empty prefix, empty text", `{"a":[{"prefix":""}]}`, `{"a":""}`, true},
		{"empty prefix, number", `{"a":[{"prefix":""}]}`, `{"a":1}`, false},
		{"suffix", `{"a":[{"suffix":".png"}]}`, `{"a":"x.png"}`, true},
		{"suffix, not at the end", `{"a":[{"suffix":".png"}]}`, `{"a":"x.png.bak"}`, false},
		{"prefix ignoring case", `{"a":[{"prefix":{"equals-ignore-case":"EventB"}}]}`, `{"a":"eVENTbridge"}`, true},
		{"prefix ignoring case, too short", `{"a":[{"prefix":{"equals-ignore-case":"EventB"}}]}`, `{"a":"event"}`, false},
		{"suffix ignoring case", `{"a":[{"suffix":{"equals-ignore-case":".PNG"}}]}`, `{"a":"x.png"}`, true},
		{"suffix ignoring case, other", `{"a":[{"suffix":{"equals-ignore-case":".PNG"}}]}`, `{"a":"x.pmg"}`, false},
		{"ignoring case", `{"a":[{"equals-ignore-case":"alice"}]}`, `{"a":"ALICE"}`, true},
		{"ignoring case, not a prefix", `{"a":[{"equals-ignore-case":"alice"}]}`, `{"a":"alicea"}`, false},
		{"ignoring case, beyond ASCII", `{"a":[{"equals-ignore-case":"ÉCOLE"}]}`, `{"a":"école"}`, true},
		{"ignoring case, empty", `{"a":[{"equals-ignore-case":""}]}`, `{"a":""}`, true},

		{"wildcard", `{"a":[{"wildcard":"dir/*.png"}]}`, `{"a":"dir/sub/x.png"}`, true},
		{"wildcard stands for nothing too", `{"a":[{"wildcard":"dir/*.png"}]}`, `{"a":"dir/.png"}`, true},
		{"wildcard, no overlap of ends", `{"a":[{"wildcard":"aba*aba"}]}`, `{"a":"aba"}`, false},
		{"wildcard, overlap too short by one", `{"a":[{"wildcard":"aba*aba"}]}`, `{"a":"ababa"}`, false},
		{"wildcard, ends meet", `{"a":[{"wildcard":"aba*aba"}]}`, `{"a":"abaaba"}`, true},
		{"wildcard, pieces in order", `{"a":[{"wildcard":"*a*b*c*"}]}`, `{"a":"xaxxbxc"}`, true},
		{"wildcard, pieces out of order", `{"a":[{"wildcard":"*a*b*c*"}]}`, `{"a":"xbxaxc"}`, false},
		{"wildcard, needs backtracking if naive", `{"a":[{"wildcard":"*ab*abc"}]}`, `{"a":"abababc"}`, true},
		{"wildcard alone", `{"a":[{"wildcard":"*"}]}`, `{"a":""}`, true},
		{"wildcard alone, number", `{"a":[{"wildcard":"*"}]}`, `{"a":5}`, false},
		{"wildcard without asterisk", `{"a":[{"wildcard":"x"}]}`, `{"a":"xx"}`, false},
		{"wildcard, empty", `{"a":[{"wildcard":""}]}`, `{"a":""}`, true},
		{"wildcard, empty, some text", `{"a":[{"wildcard":""}]}`, `{"a":"x"}`, false},
		{"escaped asterisk", `{"a":[{"wildcard":"5\\**"}]}`, `{"a":"5*3"}`, true},
		{"escaped asterisk is literal", `{"a":[{"wildcard":"5\\*"}]}`, `{"a":"53"}`, false},
		{"escaped backslash", `{"a":[{"wildcard":"c:\\\\*"}]}`, `{"a":"c:\\x"}`, true},
		{"no other special character", `{"a":[{"wildcard":"a.c?*"}]}`, `{"a":"abcde"}`, false},

		{"cidr v4", `{"a":[{"cidr":"10.0.0.0/24"}]}`, `{"a":"10.0.0.255"}`, true},
		{"cidr v4, outside", `{"a":[{"cidr":"10.0.0.0/24"}]}`, `{"a":"10.0.1.0"}`, false},
		{"cidr, host bits set", `{"a":[{"cidr":"10.0.0.77/24"}]}`, `{"a":"10.0.0.1"}`, true},
		{"cidr, all", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":"255.1.2.3"}`, true},
		{"cidr v6", `{"a":[{"cidr":"2001:db8::/32"}]}`, `{"a":"2001:DB8:1::5"}`, true},
		{"cidr v6, outside", `{"a":[{"cidr":"2001:db8::/32"}]}`, `{"a":"2001:db9::"}`, false},
		{"cidr v4 does not take v6", `{"a":[{"cidr":"0.0.0.0/0"}]}`, `{"a":"::1"}`, false},
		{"cidr v6 does not take v4", `{"a":[{"cidr":"::/0"}]}`, `{"a":"10.0.0.1"}`, false},
		{"cidr, v4 mapped into v6", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"::ffff:10.1.2.3"}`, true},
		{"cidr, no address", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"10.0.0"}`, false},
		{"cidr, octet too large", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"10.0.0.256"}`, false},
		{"cidr, five parts", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"10.0.0.1.2"}`, false},
		{"cidr, trailing dot", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"10.0.0.1."}`, false},
		{"cidr, host name", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"localhost"}`, false},
		{"cidr, number", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":10}`, false},
	})
}

func TestMatchExistsAndAnythingBut(t *testing.T) {
	runMatches(t, []matchCase{
		{"exists", `{"a":[{"exists":true}]}`, `{"a":0}`, true},
		{"exists, null", `{"a":[{"exists":true}]}`, `{"a":null}`, true},
		{"exists, missing", `{"a":[{"exists":true}]}`, `{"b":1}`, false},
		{"exists, an object is no leaf", `{"a":[{"exists":true}]}`, `{"a":{"b":1}}`, false},
		{"exists, a list of objects is none", `{"a":[{"exists":true}]}`, `{"a":[{"b":1}]}`, false},
		{"exists, a list of values", `{"a":[{"exists":true}]}`, `{"a":[1]}`, true},
		{"exists, the empty list", `{"a":[{"exists":true}]}`, `{"a":[]}`, false},
		{"exists, the empty object", `{"a":[{"exists":true}]}`, `{"a":{}}`, false},
		{"absent", `{"a":[{"exists":false}]}`, `{"b":1}`, true},
		{"absent, the empty event", `{"a":[{"exists":false}]}`, `{}`, true},
		{"absent, null is there", `{"a":[{"exists":false}]}`, `{"a":null}`, false},
		{"absent, an object is no leaf", `{"a":[{"exists":false}]}`, `{"a":{"b":1}}`, true},
		{"absent, the empty list", `{"a":[{"exists":false}]}`, `{"a":[]}`, true},
		{"absent below a value", `{"a":{"b":[{"exists":false}]}}`, `{"a":1}`, true},
		{"absent or a value: absent", `{"a":[{"exists":false},"x"]}`, `{"b":1}`, true},
		{"absent or a value: the value", `{"a":[{"exists":false},"x"]}`, `{"a":"x"}`, true},
		{"absent or a value: another", `{"a":[{"exists":false},"x"]}`, `{"a":"y"}`, false},
		{"absent with another field", `{"a":[{"exists":false}],"b":[1]}`, `{"b":1}`, true},
		{"there or not", `{"a":[{"exists":false},{"exists":true}]}`, `{}`, true},

		{"but a string", `{"a":[{"anything-but":"x"}]}`, `{"a":"y"}`, true},
		{"but that string", `{"a":[{"anything-but":"x"}]}`, `{"a":"x"}`, false},
		{"but, missing", `{"a":[{"anything-but":"x"}]}`, `{"b":"y"}`, false},
		{"but, null", `{"a":[{"anything-but":"x"}]}`, `{"a":null}`, true},
		{"but, number", `{"a":[{"anything-but":"1"}]}`, `{"a":1}`, true},
		{"but, bool", `{"a":[{"anything-but":"true"}]}`, `{"a":true}`, true},
		{"but, object", `{"a":[{"anything-but":"x"}]}`, `{"a":{"b":"y"}}`, false},
		{"but, empty list", `{"a":[{"anything-but":"x"}]}`, `{"a":[]}`, false},
		{"but the empty string", `{"a":[{"anything-but":""}]}`, `{"a":""}`, false},
		{"but a number", `{"a":[{"anything-but":123}]}`, `{"a":124}`, true},
		{"but that number in another spelling", `{"a":[{"anything-but":123}]}`, `{"a":1.230e2}`, false},
		{"but a number, its text", `{"a":[{"anything-but":123}]}`, `{"a":"123"}`, true},
		{"but a number, null", `{"a":[{"anything-but":[123]}]}`, `{"a":null}`, true},
		{"but a number, missing", `{"a":[{"anything-but":[123]}]}`, `{}`, false},
		{"but strings, third", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"z"}`, true},
		{"but strings, second", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"y"}`, false},
		{"but numbers, second", `{"a":[{"anything-but":[100,200]}]}`, `{"a":200.0}`, false},
		{"but prefix", `{"a":[{"anything-but":{"prefix":"in"}}]}`, `{"a":"out"}`, true},
		{"but that prefix", `{"a":[{"anything-but":{"prefix":"in"}}]}`, `{"a":"inner"}`, false},
		{"but prefix, number", `{"a":[{"anything-but":{"prefix":"1"}}]}`, `{"a":12}`, true},
		{"but prefix, missing", `{"a":[{"anything-but":{"prefix":"in"}}]}`, `{}`, false},
		{"but prefixes, second", `{"a":[{"anything-but":{"prefix":["in","out"]}}]}`, `{"a":"outer"}`, false},
		{"but suffix", `{"a":[{"anything-but":{"suffix":".png"}}]}`, `{"a":"x.jpg"}`, true},
		{"but that suffix", `{"a":[{"anything-but":{"suffix":".png"}}]}`, `{"a":"x.png"}`, false},
		{"but suffixes, first", `{"a":[{"anything-but":{"suffix":[".png",".jpg"]}}]}`, `{"a":"x.png"}`, false},
		{"but ignoring case", `{"a":[{"anything-but":{"equals-ignore-case":"Stop"}}]}`, `{"a":"stopped"}`, true},
		{"but that, ignoring case", `{"a":[{"anything-but":{"equals-ignore-case":"Stop"}}]}`, `{"a":"STOP"}`, false},
		{"but list ignoring case", `{"a":[{"anything-but":{"equals-ignore-case":["a","b"]}}]}`, `{"a":"B"}`, false},
		{"but wildcard", `{"a":[{"anything-but":{"wildcard":"*/lib/*"}}]}`, `{"a":"/bin/x"}`, true},
		{"but that wildcard", `{"a":[{"anything-but":{"wildcard":"*/lib/*"}}]}`, `{"a":"/lib/x"}`, false},
		{"but wildcards, second", `{"a":[{"anything-but":{"wildcard":["*.a","*.b"]}}]}`, `{"a":"x.b"}`, false},
		{"but the wildcard for all, null", `{"a":[{"anything-but":{"wildcard":"*"}}]}`, `{"a":null}`, true},
		{"two buts are alternatives", `{"a":[{"anything-but":"x"},{"anything-but":"y"}]}`, `{"a":"x"}`, true},
		{"but in a list: one other is enough", `{"a":[{"anything-but":"x"}]}`, `{"a":["x","y"]}`, true},
		{"but in a list: all the same", `{"a":[{"anything-but":"x"}]}`, `{"a":["x","x"]}`, false},
	})
}

func TestMatchKeys(t *testing.T) {
	runMatches(t, []matchCase{
		{"dotted pattern, nested event", `{"a.b":["x"]}`, `{"a":{"b":"x"}}`, true},
		{"nested pattern, dotted event", `{"a":{"b":["x"]}}`, `{"a.b":"x"}`, true},
		{"dotted in the middle", `{"a":{"b.c":["x"]}}`, `{"a.b":{"c":"x"}}`, true},
		{"one steps short", `{"a.b":["x"]}`, `{"a":{"c":"x"}}`, false},
		{"dotted event key beside a nested one", `{"a":{"b":["x"]}}`, `{"a":{"b":"y"},"a.b":"x"}`, true},
		{"empty key", `{"":["x"]}`, `{"":"x"}`, true},
		{"empty key below", `{"":{"a":["x"]}}`, `{"":{"a":"x"}}`, true},
		{"empty key below is not the top", `{"":{"a":["x"]}}`, `{"a":"x"}`, false},
		{"keys are case sensitive", `{"A":["x"]}`, `{"a":"x"}`, false},
		{"repeated key in the event: the last one", `{"a":[2]}`, `{"a":1,"a":2}`, true},
		{"repeated key in the event: not the first", `{"a":[1]}`, `{"a":1,"a":2}`, false},
		{"repeated object in the event", `{"a":{"b":[1]}}`, `{"a":{"b":1},"a":{"c":1}}`, false},
		{"repeated thrice", `{"a":[1]}`, `{"a":1,"a":2,"a":1}`, true},
		{"repeated in escapes", `{"a":[1]}`, `{"a":1,"\u0061":2}`, false},
		{"repeated key leaves nothing", `{"a":[{"exists":false}]}`, `{"a":1,"a":{}}`, true},
		{"same key in two objects is no repetition", `{"a":{"k":[1]},"b":{"k":[2]}}`, `{"a":{"k":1},"b":{"k":2}}`, true},
		{"repeated path in the pattern: the last one", `{"a":[1],"a":[2]}`, `{"a":2}`, true},
		{"repeated path in the pattern: not the first", `{"a":[1],"a":[2]}`, `{"a":1}`, false},
		{"repeated object in the pattern adds up", `{"a":{"b":[1]},"a":{"c":[2]}}`, `{"a":{"c":2}}`, false},
	})
}

func TestMatchOr(t *testing.T) {
	const one = `{"$or":[{"a":[1]},{"b":[2]}]}`
	const within = `{"s":["x"],"d":{"$or":[{"a":[1]},{"b":[2]}]}}`
	const deep = `{"s":["x"],"$or":[{"a":[1]},{"b":[2],"$or":[{"c":[3]},{"d":[4]}]}]}`
	runMatches(t, []matchCase{
		{"first", one, `{"a":1}`, true},
		{"second", one, `{"b":2}`, true},
		{"both", one, `{"a":1,"b":2}`, true},
		{"neither", one, `{"a":2,"b":1}`, false},
		{"inside an object", within, `{"s":"x","d":{"b":2}}`, true},
		{"inside an object, not outside", within, `{"s":"x","b":2}`, false},
		{"and the rest must hold", within, `{"s":"y","d":{"b":2}}`, false},
		{"nested, short way", deep, `{"s":"x","a":1}`, true},
		{"nested, long way", deep, `{"s":"x","b":2,"d":4}`, true},
		{"nested, half of the long way", deep, `{"s":"x","b":2}`, false},
		{"two in parallel", `{"$or":[{"a":[1]},{"b":[1]}],"x":{"$or":[{"a":[1]},{"b":[1]}]}}`, `{"a":1,"x":{"b":1}}`, true},
		{"two in parallel, one holds", `{"$or":[{"a":[1]},{"b":[1]}],"x":{"$or":[{"a":[1]},{"b":[1]}]}}`, `{"a":1,"b":1}`, false},
		{"an alternative replaces a path before it", `{"n":["a"],"$or":[{"n":["b"]},{"c":["x"]}]}`, `{"n":"b"}`, true},
		{"the other alternative keeps it", `{"n":["a"],"$or":[{"n":["b"]},{"c":["x"]}]}`, `{"n":"b","c":"x"}`, true},
		{"the other alternative alone", `{"n":["a"],"$or":[{"n":["b"]},{"c":["x"]}]}`, `{"n":"c","c":"x"}`, false},
		{"a path after it replaces all", `{"$or":[{"n":["b"]},{"c":["x"]}],"n":["a"]}`, `{"n":"b"}`, false},
		{"a field called $or, values", `{"$or":["x"]}`, `{"$or":"x"}`, true},
		{"a field called $or, operators", `{"$or":[{"prefix":"a"},{"suffix":"z"}]}`, `{"$or":"xyz"}`, true},
		{"a field called $or, object", `{"$or":{"a":[1]}}`, `{"$or":{"a":1}}`, true},
		{"a field called $or, one operator", `{"d":{"$or":[{"cidr":"10.0.0.0/8"}]}}`, `{"d":{"$or":"10.1.1.1"}}`, true},
	})
}
