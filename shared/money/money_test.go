package money_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"handoff/shared/money"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		decimal, currency string
		minor             int64
		printed           string
	}{
		{"1200", "USD", 120000, "1,200.00 USD"},
		{"1200.50", "usd", 120050, "1,200.50 USD"},
		{" 1200.5 ", " eur ", 120050, "1,200.50 EUR"},
		{"-3.1", "USD", -310, "-3.10 USD"},
		{"+3.1", "USD", 310, "3.10 USD"},
		{"1.2e3", "USD", 120000, "1,200.00 USD"},
		{"1.2E+3", "USD", 120000, "1,200.00 USD"},
		{"12345e-2", "USD", 12345, "123.45 USD"},
		{"5.", "USD", 500, "5.00 USD"},
		{".05", "USD", 5, "0.05 USD"},
		{"0", "USD", 0, "0.00 USD"},
		{"-0.00", "USD", 0, "0.00 USD"},
		{"0.000000", "USD", 0, "0.00 USD"},
		{"0e-30", "USD", 0, "0.00 USD"},
		{"1.10000", "USD", 110, "1.10 USD"},
		{"1500", "JPY", 1500, "1,500 JPY"},
		{"1500.00", "JPY", 1500, "1,500 JPY"},
		{"1.234", "KWD", 1234, "1.234 KWD"},
		{"0.001", "BHD", 1, "0.001 BHD"},
		{"0.0001", "CLF", 1, "0.0001 CLF"},
		{"000000000000000000000000007", "USD", 700, "7.00 USD"},
		{"92233720368547758.07", "USD", math.MaxInt64, "92,233,720,368,547,758.07 USD"},
		{"999.99", "USD", 99999, "999.99 USD"},
		{"1000000", "JPY", 1000000, "1,000,000 JPY"},
	} {
		got, err := money.Parse(c.decimal, c.currency)
		if err != nil {
			t.Errorf("Parse(%q, %q): %v", c.decimal, c.currency, err)
			continue
		}
		if got.Minor != c.minor || got.String() != c.printed {
			t.Errorf("Parse(%q, %q): got %d, %q, want %d, %q", c.decimal, c.currency, got.Minor, got, c.minor, c.printed)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, decimal, currency, says string }{
		{"nothing", "", "USD", "not a number"},
		{"a point", ".", "USD", "not a number"},
		{"a sign", "-", "USD", "not a number"},
		{"two signs", "--5", "USD", "not a number"},
		{"contrary signs", "-+5", "USD", "not a number"},
		{"contrary signs, the other way", "+-5", "USD", "not a number"},
		{"two points", "1.2.3", "USD", "not a number"},
		{"thousands", "1,200", "USD", "not a number"},
		{"a space", "1 200", "USD", "not a number"},
		{"words", "twelve", "USD", "not a number"},
		{"NaN", "NaN", "USD", "not a number"},
		{"Inf", "Inf", "USD", "not a number"},
		{"hexadecimal", "0x10", "USD", "not a number"},
		{"digits of another script", "１２", "USD", "not a number"},
		{"no exponent", "1e", "USD", "not a number"},
		{"no mantissa", "e5", "USD", "not a number"},
		{"a huge exponent", "1e999999999", "USD", "not a number"},
		{"half a cent", "1.005", "USD", "more decimals"},
		{"a tenth of a yen", "1.5", "JPY", "more decimals"},
		{"a tiny exponent", "1e-3", "USD", "more decimals"},
		{"too large", "92233720368547758.08", "USD", "too large"},
		{"too large by its exponent", "1e30", "USD", "too large"},
		{"no currency", "1", "", "three letters"},
		{"two letters", "1", "US", "three letters"},
		{"four letters", "1", "USDT", "three letters"},
		{"digits", "1", "U5D", "three letters"},
		{"letters of another script", "1", "ÜSD", "three letters"},
	} {
		got, err := money.Parse(c.decimal, c.currency)
		if !errors.Is(err, money.ErrInvalid) || !strings.Contains(err.Error(), c.says) || got != (money.Amount{}) {
			t.Errorf("%s: Parse(%q, %q): got %+v, %v, want an error saying %q", c.name, c.decimal, c.currency, got, err, c.says)
		}
	}
}

// Any decimal is read exactly or refused; big.Rat is the judge.
func TestParseIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[+-]?[0-9]{0,18}(\.[0-9]{0,6})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "decimal")
		currency := rapid.SampledFrom([]string{"USD", "JPY", "KWD", "CLF"}).Draw(t, "currency")
		got, err := money.Parse(s, currency)

		exponent := map[string]int64{"USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}[currency]
		want, ok := new(big.Rat).SetString(s)
		if ok {
			want.Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(exponent), nil)))
		}
		exact := ok && want.IsInt() && want.Num().IsInt64()
		if err == nil && (!exact || want.Num().Int64() != got.Minor) {
			t.Errorf("Parse(%q, %s): got %d, want %v", s, currency, got.Minor, want)
		}
		if err != nil && exact && !farExponent(s) {
			t.Errorf("Parse(%q, %s): refused %v: %v", s, currency, want, err)
		}
	})
}

// farExponent: exponents beyond 30 are refused whatever the digits.
func farExponent(s string) bool {
	_, e, ok := strings.Cut(strings.ToLower(s), "e")
	var n int
	fmt.Sscanf(e, "%d", &n)
	return ok && (n > 30 || n < -30)
}

// What is printed is what was meant, for every amount.
func TestStringSaysTheAmount(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, a money.Amount) {
		number, currency, _ := strings.Cut(a.String(), " ")
		r, ok := new(big.Rat).SetString(strings.ReplaceAll(number, ",", ""))
		if ok {
			r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(money.Exponent(a.Currency))), nil)))
		}
		if !ok || currency != a.Currency || r.Cmp(new(big.Rat).SetInt64(a.Minor)) != 0 {
			t.Errorf("%d %s prints as %q", a.Minor, a.Currency, a.String())
		}
	}
	for _, n := range []int64{0, 1, -1, 99, 100, 101, -100, 99999, 100000, math.MaxInt64, math.MinInt64} {
		for _, cur := range []string{"USD", "JPY", "KWD"} {
			check(t, money.Amount{Minor: n, Currency: cur})
		}
	}
	if t.Failed() {
		return // rapid wants a test that has not failed yet
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, money.Amount{Minor: rapid.Int64().Draw(t, "minor"), Currency: rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency")})
	})
}

func TestJSON(t *testing.T) {
	b, err := json.Marshal(money.Amount{Minor: 120050, Currency: "USD"})
	if want := `{"minor":120050,"currency":"USD"}`; err != nil || string(b) != want {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
}

// An error about a hostile payload stays short.
func TestErrorsAreShort(t *testing.T) {
	for _, c := range [][2]string{{strings.Repeat("9", 1<<20), "USD"}, {"1", strings.Repeat("U", 1<<20)}} {
		if _, err := money.Parse(c[0], c[1]); err == nil || len(err.Error()) > 300 {
			t.Errorf("error has %d bytes", len(fmt.Sprint(err)))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1200.50", "USD")
	f.Add("-1e-3", "jpy")
	f.Fuzz(func(t *testing.T, decimal, currency string) {
		a, err := money.Parse(decimal, currency)
		if err != nil && !errors.Is(err, money.ErrInvalid) {
			t.Errorf("Parse(%q, %q): %v is not ErrInvalid", decimal, currency, err)
		}
		if err == nil && len(a.Currency) != 3 {
			t.Errorf("Parse(%q, %q): got %+v", decimal, currency, a)
		}
	})
}
