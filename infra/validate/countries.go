package validate

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"handoff/shared/company"
	"handoff/shared/condition"
)

// countries are the codes of two and three letters and the English names of all countries.
var countries = sync.OnceValue(func() (names []string) {
	english := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if r, err := language.ParseRegion(string([]rune{a, b})); err == nil && r.IsCountry() && r.String() == string([]rune{a, b}) {
				names = append(names, english.Name(r), r.String(), r.ISO3())
			}
		}
	}
	return names
})

// country reports whether a name or a code is that of a country, as the world or the build's own list has it, and else
// what may have been meant.
func country(name string) (known bool, near string) {
	name = strings.TrimSpace(name)
	if company.Country(name) != "" {
		return true, ""
	}
	var long []string // codes are too short to be near to anything
	for _, n := range countries() {
		if strings.EqualFold(n, name) {
			return true, ""
		}
		if len(n) > 3 {
			long = append(long, n)
		}
	}
	return false, condition.DidYouMean(name, long)
}
