// Package company tells which company a host name, an address or an e-mail belongs to: the registrable domain, whether
// that domain is a business at all, and the account that a business e-mail implies. There is this one place for it, so
// routing, enrichment and reports cannot match a lead to an account in two ways.
//
// Everything is a pure function of its text and of the lists compiled in: the Public Suffix List (golang.org/x/net),
// freemail.txt and disposable.txt.
package company

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"handoff/shared/subject"
)

// Class is what stands behind a domain.
type Class uint8

// The classes. The zero value is the one to distrust.
const (
	Invalid    Class = iota // no registrable domain: an IP, localhost, a bare suffix, nonsense
	Business                // none of the others: may be taken for a company's own
	FreeMail                // anybody's mailbox, or a relay that hides one: says nothing about an employer
	Disposable              // an address made to be thrown away
)

func (c Class) String() string {
	switch c {
	case Business:
		return "business"
	case FreeMail:
		return "free_mail"
	case Disposable:
		return "disposable"
	}
	return "invalid"
}

// Domain finds the registrable domain (public suffix plus one label) of a host name, URL or e-mail address, in lower
// case and in punycode where it is international: "https://Shop.Bücher.de:443/x" → "xn--bcher-kva.de". Suffixes of
// the list's private part count, so two shops on one shop builder are two companies.
//
// ok is false for what belongs to no company: IP addresses, localhost and other names of private networks, public
// suffixes themselves, top-level domains that do not exist, and text that is no host name.
func Domain(hostOrURLOrEmail string) (registrable string, ok bool) {
	host, ok := hostOf(hostOrURLOrEmail)
	if !ok {
		return "", false
	}
	return registrableOf(host)
}

// ClassOf tells what stands behind a host name, URL or e-mail address. The lists may name hosts below a registrable
// domain: users.noreply.github.com is a relay, github.com a business.
func ClassOf(hostOrURLOrEmail string) Class {
	host, ok := hostOf(hostOrURLOrEmail)
	if !ok {
		return Invalid
	}
	reg, ok := registrableOf(host)
	if !ok {
		return Invalid
	}
	return classOf(host, reg)
}

// AccountOf names the account that an e-mail address implies: "Ann@mail.initech.com" → "account:initech.com". ok is
// false unless the text is an address at a business domain.
func AccountOf(email string) (accountSubject string, ok bool) {
	email = strings.TrimSpace(email)
	local, after, found := strings.Cut(email, "@")
	if !found || local == "" || strings.ContainsAny(email, " \t\r\n/\\,;<>()") || strings.Contains(after, "@") {
		return "", false
	}
	host, ok := hostOf(after)
	if !ok {
		return "", false
	}
	reg, ok := registrableOf(host)
	if !ok || classOf(host, reg) != Business {
		return "", false
	}
	return subject.New(subject.Account, reg), true
}

// classOf looks the host up, and every name above it down to the registrable domain.
func classOf(host, registrable string) Class {
	for name := host; ; {
		if c, listed := lists[name]; listed {
			return c
		}
		if len(name) <= len(registrable) {
			return Business
		}
		_, name, _ = strings.Cut(name, ".")
	}
}

// hostOf cuts the host name out of a URL or an e-mail address and normalises it. It allocates only for text that has
// upper case or is not ASCII.
func hostOf(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	if i := strings.IndexAny(s, "/?#\\"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 { // an address, or a URL's user name
		s = strings.TrimSuffix(s[i+1:], ">")
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		if strings.Trim(s[i+1:], "0123456789") != "" {
			return "", false // no port: a scheme without //, or an IPv6 address
		}
		s = s[:i]
	}
	ascii, lower := true, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		ascii = ascii && c < 0x80
		lower = lower && (c < 'A' || c > 'Z')
	}
	switch {
	case !ascii:
		if !utf8.ValidString(s) {
			return "", false
		}
		a, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return "", false
		}
		s = a
	case !lower:
		s = strings.ToLower(s)
	}
	s = strings.TrimSuffix(s, ".")
	if len(s) == 0 || len(s) > 253 {
		return "", false
	}
	return s, wellFormed(s)
}

// wellFormed holds a host to the letters, digits and hyphens of RFC 1123; underscores pass, since real hosts below a
// registrable domain have them.
func wellFormed(host string) bool {
	label := 0
	for i := 0; i < len(host); i++ {
		c := host[i]
		switch {
		case c == '.':
			if label == 0 || host[i-1] == '-' {
				return false
			}
			label = 0
			continue
		case c == '-' && label == 0:
			return false
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
		if label++; label > 63 {
			return false
		}
	}
	return label > 0 && host[len(host)-1] != '-'
}

// unmanaged are the top-level domains that nobody runs and that are nevertheless accepted: RFC 2606 keeps them for
// documentation and tests, so samples can name companies that cannot exist.
var unmanaged = map[string]bool{"example": true, "test": true}

func registrableOf(host string) (string, bool) {
	suffix, icann := publicsuffix.PublicSuffix(host)
	if len(host) <= len(suffix)+1 {
		return "", false
	}
	// A suffix with a dot that ICANN does not run is in the list's private part. One without is an invented top level
	// ("printer.local", "gmail.con", the last number of an IPv4 address).
	if !icann && strings.IndexByte(suffix, '.') < 0 && !unmanaged[suffix] {
		return "", false
	}
	rest := host[:len(host)-len(suffix)-1]
	reg := host[strings.LastIndexByte(rest, '.')+1:]
	if strings.IndexByte(reg, '_') >= 0 {
		return "", false
	}
	return reg, true
}
