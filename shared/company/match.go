package company

import (
	_ "embed"
	"strings"
)

// fillers are what people and tools write where they have no company, in the form of NormaliseName. Taken for names they
// would make one company of strangers.
var fillers = set("none null nil na unknown undefined anonymous test testing demo company private privat privately self " +
	"selfemployed freelance freelancer freiberufler individual student retired home personal me myself my own other various x xx xxx " +
	"example sample asdf 1 0")

var fillerPhrases = map[string]bool{
	"not provided": true, "not applicable": true, "not available": true, "not known": true, "n a": true, "no company": true,
	"self employed": true, "private person": true, "privat person": true, "my company": true, "your company": true, "test company": true,
	"company name": true, "sole trader": true, "independent consultant": true, "in transition": true, "looking for work": true,
}

// MatchName is the name that a company is looked for by: as NormaliseName has it, "" for a filler, or where nothing is
// left to tell it from others by.
func MatchName(s string) string {
	name := NormaliseName(s)
	if len([]rune(name)) < 2 || len(name) > 120 || fillers[name] || fillerPhrases[name] || strings.Trim(name, "0123456789 ") == "" {
		return ""
	}
	return name
}

//go:embed countries.txt
var countryText string

// countries are the codes by what people write.
var countries = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(countryText) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Split(strings.TrimSpace(line), ",")
		for _, w := range words {
			if w = strings.Join(nameWords(w), " "); w != "" {
				m[w] = words[0]
			}
		}
	}
	return m
}()

// Country is the ISO 3166 code, in lower case, of a country as people write it: "USA", "United States", "Deutschland";
// "" where it is not known.
func Country(s string) string {
	return countries[strings.Join(nameWords(s), " ")]
}
