package contract

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The reader of payloads agrees with encoding/json on what is JSON and what it says; only nesting is bounded more
// tightly.
func FuzzParseDoc(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ` [1, -0, 0.5, 1e3, 1E-7, "a\\b\"\u00e9\ud83d\ude00\/\n", null, true, false, {"a":{"b":[]}, "a":2}] `,
		`{"a"}`, `{"a":1,}`, `[1,]`, `01`, `-`, `1.`, `1e`, `"\x"`, `"\u12g4"`, "\"\n\"", `"abc`, `tru`, `{"a":1}x`, "\"\xff\"", `"\ud800"`, `"\ud800\ud800"`, `"\ud800\u0041"`, ``, ` `,
		strings.Repeat("[", 150) + strings.Repeat("]", 150),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want any
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		err := d.Decode(&want)
		if err == nil && !json.Valid(data) {
			return // encoding/json reads the first of several values
		}
		got, gotErr := parseDoc(data)
		if gotErr != nil && strings.Contains(gotErr.Error(), "nested deeper") {
			return
		}
		if (err == nil) != (gotErr == nil) {
			t.Fatalf("encoding/json: %v; parseDoc: %v", err, gotErr)
		}
		if err != nil {
			return
		}
		if n := got.native(); !reflect.DeepEqual(n, want) {
			t.Fatalf("read %#v, encoding/json reads %#v", n, want)
		}
		again, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		// Written anew, by another writer with another order of fields, it has the same digest, unless a key was
		// repeated: encoding/json keeps one of them.
		rewritten, err := parseDoc(again)
		if err != nil {
			t.Fatal(err)
		}
		if !repeats(&got) && digest(&got) != digest(&rewritten) {
			t.Errorf("another digest after writing it anew: %s", again)
		}
	})
}

func repeats(v *value) bool {
	keys := map[string]bool{}
	for i := range v.members {
		m := &v.members[i]
		if v.kind == object && keys[m.key] || repeats(&m.val) {
			return true
		}
		keys[m.key] = true
	}
	return false
}

func TestNormalNumber(t *testing.T) {
	for _, group := range [][]string{
		{"25", "25.0", "2.5e1", "250E-1", "25.000"}, {"0", "-0", "0.00", "0e5"}, {"100", "1e2", "1.00e+2"}, {"-1.5", "-15e-1", "-1.50"},
		{"0.001", "1e-3", "10e-4"}, {"12345678901234567890.5", "123456789012345678905e-1"},
	} {
		for _, s := range group[1:] {
			if a, b := normalNumber(group[0]), normalNumber(s); a != b {
				t.Errorf("%s is %s and %s is %s", group[0], a, s, b)
			}
		}
	}
	for _, pair := range [][2]string{{"1", "10"}, {"1", "-1"}, {"0.1", "0.01"}, {"12345678901234567890", "12345678901234567891"}} {
		if normalNumber(pair[0]) == normalNumber(pair[1]) {
			t.Errorf("%s and %s are the same", pair[0], pair[1])
		}
	}
}
