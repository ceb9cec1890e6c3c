// Package subject is about who an event concerns: the ids that tools use for a person or a company, the links
// between them, and the pure resolution of an id at a time to the account that its touches belong to.
package subject

import "strings"

// Kinds of subject. An id is written kind:key; keys that only one tool gives out carry that tool's name first
// (contact:salesforce/0035g…), so two tools' numbers cannot meet.
const (
	Anonymous   = "anon"        // a browser or device: anon:segment/<anonymousId>
	User        = "user"        // the product's own user id: user:<id>
	Customer    = "customer"    // a billing customer: customer:stripe/cus_…
	Contact     = "contact"     // a CRM lead or contact: contact:salesforce/003…
	Email       = "email"       // a person by address: email:ann@initech.com
	Group       = "group"       // a workspace or tenant of the product: group:<id>
	CRMAccount  = "crm"         // an account by the CRM's id: crm:salesforce/001…
	Account     = "account"     // a company by registrable domain: account:initech.com
	Opportunity = "opportunity" // a deal: opportunity:salesforce/006…
	Campaign    = "campaign"    // what money is spent on; nobody's account, and never linked: campaign:google/brand
)

// New makes an id; an empty key makes none.
func New(kind, key string) string {
	if key == "" {
		return ""
	}
	return kind + ":" + key
}

// KindOf is the part before the colon, "" if there is none.
func KindOf(id string) string {
	k, _, ok := strings.Cut(id, ":")
	if !ok {
		return ""
	}
	return k
}

// KeyOf is the part after the colon.
func KeyOf(id string) string {
	_, k, _ := strings.Cut(id, ":")
	return k
}

// rank orders kinds along the way from a device to a company; a link leads to a rank that is higher, or equal
// between ids of persons (an alias).
var rank = map[string]int{Anonymous: 1, User: 2, Customer: 2, Contact: 2, Email: 3, Opportunity: 3, Group: 4, CRMAccount: 4, Account: 5}

// Valid reports whether id has a known kind and a key.
func Valid(id string) bool { return rank[KindOf(id)] > 0 && KeyOf(id) != "" }

// IsPerson reports whether id stands for a person known by more than a device.
func IsPerson(id string) bool { r := rank[KindOf(id)]; return r == 2 || KindOf(id) == Email }

// IsCompany reports whether id stands for a company rather than a person.
func IsCompany(id string) bool { return rank[KindOf(id)] >= 4 }
