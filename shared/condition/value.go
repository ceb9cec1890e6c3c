package condition

import (
	"strings"
	"time"
)

// number reads a whole number as tools write it: 250, "1,200", "250.0" (decimals are cut), "1 200". Of a range as
// directories give it, "51-200" or "1000+", it is the lower bound: what is certain.
func number(s string) (n int64, ok bool) {
	s = strings.TrimSpace(s)
	neg := strings.HasPrefix(s, "-")
	if neg {
		s = s[1:]
	}
	const tooLarge = 1 << 58
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if n > tooLarge/10 {
				return 0, false
			}
			n, ok = n*10+int64(c-'0'), true
		case !ok:
			return 0, false
		case c == ',' || c == '\'' || c == '_':
		case c == ' ' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
		case c == '.' || c == '-' || c == '+' || c == ' ' || c == 0xe2: // 0xe2 begins an en dash
			i = len(s)
		default:
			return 0, false
		}
	}
	if neg {
		n = -n
	}
	return n, ok
}

// date reads a day, YYYY-MM-DD, from a date or a timestamp, as the unix milliseconds of its midnight UTC. It is asked
// after every touch, hence without time.Parse.
func date(s string) (ms int64, ok bool) {
	if len(s) < len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, ok1 := digits(s[:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t.UnixMilli(), t.Day() == d && t.Month() == time.Month(m) // 31 February would be in March
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
