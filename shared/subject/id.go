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
	Name        = "name"        // a company's name as two spellings of it are equal: name:initech; see Match
	Campaign    = "campaign"    // what money is spent on; nobody's account, and never linked: campaign:google/brand
)

// What a touch may say of its subject among its links, besides who it is.
const (
	Country = "country" // where it is, by ISO 3166 code: country:de
	Parent  = "parent"  // the company that it belongs to, by any id: parent:crm:salesforce/001…
)

// Linked is the subject that a link's target names: of a parent that one, of a country none.
func Linked(target string) string {
	switch KindOf(target) {
	case Country:
		return ""
	case Parent:
		return KeyOf(target)
	}
	return target
}

// attribute reports whether targets of a kind say something of a subject rather than who it is.
func attribute(kind string) bool { return kind == Name || kind == Country || kind == Parent }

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
var rank = map[string]int{Anonymous: 1, User: 2, Customer: 2, Contact: 2, Email: 3, Opportunity: 3, Name: 4, Group: 5, CRMAccount: 5, Account: 6}

// Valid reports whether id has a known kind and a key.
func Valid(id string) bool { return rank[KindOf(id)] > 0 && KeyOf(id) != "" }

// IsPerson reports whether id stands for a person known by more than a device.
func IsPerson(id string) bool { r := rank[KindOf(id)]; return r == 2 || KindOf(id) == Email }

// IsCompany reports whether id stands for a company rather than a person.
func IsCompany(id string) bool { return rank[KindOf(id)] >= 4 }

// IsIndividual reports whether id stands for a person, a device or a deal.
func IsIndividual(id string) bool { r := rank[KindOf(id)]; return r > 0 && r < 4 }

func isStated(id string) bool  { return IsCompany(id) && KindOf(id) != Name }
func isName(id string) bool    { return KindOf(id) == Name }
func isCountry(id string) bool { return KindOf(id) == Country }
func isParent(id string) bool  { return KindOf(id) == Parent }
