package contract_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/contract"
)

// What an event says of its subject beside who it is: its company's name, its country, its parent.
func TestLinksSayOfASubject(t *testing.T) {
	const says = `    links:
    - {kind: email, of: detail.email}
    - {kind: name, of: detail.company}
    - {kind: country, of: detail.country}
    - {id: {path: detail.site, as: business, table: {acme.de: "parent:account:acme.com"}}}
    - {id: detail.whose}
    - {kind: parent, ns: {value: sf}, of: detail.parent}
`
	for _, c := range []struct {
		name, detail string
		want         []string
	}{
		{"a name and a country, as people write them", `"company":"The Acme Group, Inc.","country":"Deutschland"`, []string{"name:acme group", "country:de"}},
		{"a filler is no name, and a place that is no country is none", `"company":"[not provided]","country":"Atlantis"`, nil},
		{"a free-mail address says nothing of the company", `"email":"kim@gmail.com","company":"Acme"`, []string{"email:kim@gmail.com", "name:acme"}},
		{"a name is not asked where a domain answers", `"email":"kim@acme.com","company":"Acme","country":"US"`, []string{"email:kim@acme.com"}},
		{"a parent by a mapping", `"site":"https://www.acme.de/x"`, []string{"parent:account:acme.com"}},
		{"a parent by the tool's own word", `"whose":"parent:account:acme.com"`, []string{"parent:account:acme.com"}},
		{"a parent is a company", `"whose":"parent:user:7"`, nil},
		{"a parent by the CRM's id", `"parent":"001A"`, []string{"parent:crm:sf/001A"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reader(t, says)(`{"id":"1","at":"2026-03-03T11:00:00Z","user":"7",` + c.detail + `}`)
			if len(got.Touches) != 1 {
				t.Fatalf("read %+v, want one touch", got)
			}
			if d := cmp.Diff(c.want, got.Touches[0].Links); d != "" {
				t.Errorf("links (-want +got):\n%s", d)
			}
		})
	}
	_, err := contract.Load(sources(strings.Replace(small, "kind: user", "kind: name", 1)), "sources", "schemas")
	if want := "$.common.subject[0].kind: name is nobody's id"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a name as a subject: %v, want an error with %q", err, want)
	}
}
