// Package money holds amounts as whole minor units with an ISO 4217 currency. It never uses floats:
// what is parsed from a decimal string is exact or refused.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrInvalid is wrapped by every error about an amount that cannot be read exactly.
var ErrInvalid = errors.New("invalid amount")

// Amount is a sum of money: Minor counts the currency's smallest unit (cents for USD, yen for JPY).
type Amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"` // ISO 4217, upper case
}

// exponents lists the currencies whose minor unit is not a hundredth (ISO 4217, table A.1).
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// Exponent is the number of decimals of a currency's minor unit.
func Exponent(currency string) int {
	if e, ok := exponents[currency]; ok {
		return e
	}
	return 2
}

// Currency normalises an ISO code to upper case and refuses what is not three letters.
func Currency(s string) (string, error) {
	c := strings.ToUpper(strings.TrimSpace(s))
	if len(c) != 3 {
		return "", fmt.Errorf("%w: currency %.20q is not an ISO 4217 code of three letters", ErrInvalid, s)
	}
	for _, r := range c {
		if r < 'A' || r > 'Z' {
			return "", fmt.Errorf("%w: currency %.20q is not an ISO 4217 code of three letters", ErrInvalid, s)
		}
	}
	return c, nil
}

// Parse reads a decimal number of major units ("1200", "1200.50", "-3.1", "1.2e3") exactly. Decimals
// beyond the currency's minor unit are refused unless they are zero: rounding money is a decision, not a parse.
func Parse(decimal, currency string) (Amount, error) {
	cur, err := Currency(currency)
	if err != nil {
		return Amount{}, err
	}
	minor, err := scaled(strings.TrimSpace(decimal), Exponent(cur))
	if err != nil {
		return Amount{}, fmt.Errorf("%w: %.40q %s: %v", ErrInvalid, decimal, cur, err)
	}
	return Amount{Minor: minor, Currency: cur}, nil
}

// scaled returns decimal × 10^exp as an integer, or why it is not one.
func scaled(s string, exp int) (int64, error) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > 30 || e < -30 {
			return 0, errors.New("not a number")
		}
		s, exp = s[:i], exp+e
	}
	s, neg := strings.CutPrefix(s, "-")
	if !neg {
		s = strings.TrimPrefix(s, "+")
	}
	whole, frac, _ := strings.Cut(s, ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, errors.New("not a number")
	}
	exp -= len(frac)
	for ; exp < 0; exp++ {
		if digits == "" {
			break
		}
		if digits[len(digits)-1] != '0' {
			return 0, errors.New("more decimals than the currency has")
		}
		digits = digits[:len(digits)-1]
	}
	if exp > 0 {
		digits += strings.Repeat("0", exp)
	}
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, errors.New("too large")
	}
	if neg {
		n = -n
	}
	return n, nil
}

// String prints the amount for people: "1,234.50 USD".
func (a Amount) String() string {
	exp := Exponent(a.Currency)
	s, neg := strings.CutPrefix(strconv.FormatInt(a.Minor, 10), "-")
	sign := ""
	if neg {
		sign = "-"
	}
	frac := ""
	if exp > 0 {
		for len(s) <= exp {
			s = "0" + s
		}
		s, frac = s[:len(s)-exp], "."+s[len(s)-exp:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s + frac + " " + a.Currency
}
