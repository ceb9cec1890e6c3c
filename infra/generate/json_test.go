package generate

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/money"
)

func TestAppendJSON(t *testing.T) {
	got := string(appendJSON(nil, o("b", 1, "a", list{"x", true, null{}}, "gone", nil, "in", o("amount", json.Number("12.50")), "big", int64(1<<40))))
	want := `{"b":1,"a":["x",true,null],"in":{"amount":12.50},"big":1099511627776}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAppendStringIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		var got, want string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(s)
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}

func TestWithCopies(t *testing.T) {
	was := o("a", o("b", 1, "c", 2), "d", 3)
	now := was.with(9, "a", "b").with("new", "e").with(nil, "d")
	if got, want := string(appendJSON(nil, was)), `{"a":{"b":1,"c":2},"d":3}`; got != want {
		t.Errorf("the original changed to %s", got)
	}
	if got, want := string(appendJSON(nil, now)), `{"a":{"b":9,"c":2},"e":"new"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := was.renamed("nope", "x"); ok {
		t.Error("a missing member was renamed")
	}
}

func TestDecimal(t *testing.T) {
	for _, tc := range []struct {
		sum  money.Amount
		want json.Number
	}{
		{money.Amount{Minor: 12_000_000, Currency: "USD"}, "120000"},
		{money.Amount{Minor: 7_980_050, Currency: "EUR"}, "79800.50"},
		{money.Amount{Minor: 7_980_005, Currency: "EUR"}, "79800.05"},
		{money.Amount{Minor: 37_300, Currency: "JPY"}, "37300"},
	} {
		if got := decimal(tc.sum); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc.sum, got, tc.want)
		}
	}
}

func TestCompanyNamesAreUnique(t *testing.T) {
	names, domains := map[string]int{}, map[string]int{}
	for n := range 200_000 {
		name, domain := companyName(42, n)
		if m, twice := domains[domain]; twice {
			t.Fatalf("companies %d and %d share %s", m, n, domain)
		}
		if m, twice := names[name]; twice {
			t.Fatalf("companies %d and %d are called %s", m, n, name)
		}
		names[name], domains[domain] = n, n
	}
	for _, tale := range tales {
		if n, taken := domains[tale.domain]; taken {
			t.Errorf("company %d has the domain of the tale %s", n, tale.name)
		}
	}
}

func TestStreamsAreTheirOwn(t *testing.T) {
	draw := func(seed, concern, n uint64) []uint64 {
		r := stream(seed, concern, n)
		return []uint64{r.Uint64(), r.Uint64()}
	}
	base := draw(1, 2, 3)
	if cmp.Diff(base, draw(1, 2, 3)) != "" {
		t.Error("a stream is not repeatable")
	}
	for _, other := range [][3]uint64{{2, 2, 3}, {1, 3, 3}, {1, 2, 4}} {
		if cmp.Diff(base, draw(other[0], other[1], other[2])) == "" {
			t.Errorf("stream %v equals stream {1 2 3}", other)
		}
	}
}
