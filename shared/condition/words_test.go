package condition

import "testing"

func TestPhraseIn(t *testing.T) {
	for _, c := range []struct {
		phrases []string
		text    string
		want    string // the phrase found
	}{
		{[]string{"cto"}, "Director", ""},
		{[]string{"cto"}, "CTO", "cto"},
		{[]string{"cto"}, "CTOs", "cto"},
		{[]string{"cto"}, "Founder/CTO", "cto"},
		{[]string{"cto"}, "c-t-o", ""},
		{[]string{"Developers"}, "developer", "Developers"},
		{[]string{"Agencies"}, "Agency lead", "Agencies"},
		{[]string{"Vice President"}, "Senior Vice-President, Sales", "Vice President"},
		{[]string{"Vice President"}, "Vice and President", ""},
		{[]string{"Vice President"}, "vice vice president", "Vice President"},
		{[]string{"Architect", "Engineer"}, "Engineer and Architect", "Architect"},
		{[]string{"Ingénieur"}, "INGÉNIEURS logiciel", "Ingénieur"},
		{[]string{"boss"}, "bosses", ""}, // only the simplest plurals are taken off
		{[]string{"sales"}, "Sales", "sales"},
		{[]string{"engineer"}, "", ""},
		{[]string{"engineer"}, "\xff\xfe", ""},
	} {
		var ps []phrase
		for _, s := range c.phrases {
			ps = append(ps, newPhrase(s))
		}
		got := ""
		if p := phraseIn(ps, c.text); p != nil {
			got = p.text
		}
		if got != c.want {
			t.Errorf("%q in %q: got %q, want %q", c.phrases, c.text, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]int64{
		"250": 250, "1,200": 1200, "1 200": 1200, "1'200": 1200, " 12 ": 12, "250.9": 250, "51-200": 51, "51 – 200": 51, "1000+": 1000, "-5": -5, "0": 0,
	} {
		if got, ok := number(text); !ok || got != want {
			t.Errorf("number(%q) = %d, %t; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "many", "12k", "k12", "-", "99999999999999999999", "1e3"} {
		if got, ok := number(text); ok {
			t.Errorf("number(%q) = %d, want none", text, got)
		}
	}
}

func TestDate(t *testing.T) {
	for text, want := range map[string]int64{"1970-01-02": 86_400_000, "1970-01-01T23:59:59Z": 0, "2026-05-12": 1_778_544_000_000} {
		if got, ok := date(text); !ok || got != want {
			t.Errorf("date(%q) = %d, %t; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "2026-02-31", "2026-13-01", "12/05/2026", "2026-5-1", "20260512xx"} {
		if got, ok := date(text); ok {
			t.Errorf("date(%q) = %d, want none", text, got)
		}
	}
}
