package validate

import "testing"

func TestCountry(t *testing.T) {
	for name, want := range map[string]string{
		"AT": "", "aut": "", "Austria": "", "österreich": "", " Kenya ": "", "Côte d’Ivoire": "", "United Kingdom": "", "USA": "",
		"Austira": `, did you mean "Austria"?`, "Belgum": `, did you mean "Belgium"?`, "XQ": "none", "EMEA region": "none",
	} {
		known, near := country(name)
		if known != (want == "") {
			t.Errorf("country(%q) is known: %t", name, known)
		} else if !known && want != "none" && near != want {
			t.Errorf("country(%q) suggests %q, want %q", name, near, want)
		}
	}
}
