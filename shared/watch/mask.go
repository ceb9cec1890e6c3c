package watch

import (
	"fmt"
	"hash/fnv"
	"strings"

	"handoff/shared/subject"
)

// Discreet names a subject in a log: companies, deals and workspaces by their id, people by a hash, which is the same
// wherever they are named.
func Discreet(id string) string {
	if id == "" || subject.IsCompany(id) {
		return id
	}
	return subject.KindOf(id) + ":" + hash(subject.KeyOf(id))
}

// people begin the subjects that stand for a person or a device.
var people = []string{subject.Email + ":", subject.User + ":", subject.Anonymous + ":", subject.Contact + ":", subject.Customer + ":"}

// Mask takes people out of a text that may name them, such as an error with the key that it concerns: their subjects and
// all e-mail addresses become hashes. Texts without any, and most have none, are returned as they are.
func Mask(s string) string {
	for _, p := range people {
		s = maskSubjects(s, p)
	}
	return maskAddresses(s)
}

// maskSubjects replaces the keys after a kind, up to what ends a key in a sentence of ours.
func maskSubjects(s, kind string) string {
	if !strings.Contains(s, kind) {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, kind)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i+len(kind)])
		begins := i == 0 || !letter(s[i-1]) // not the end of a longer word
		s = s[i+len(kind):]
		n := strings.IndexAny(s, " \t\n\",;)")
		if n < 0 {
			n = len(s)
		}
		key := strings.TrimSuffix(s[:n], ":")
		if !begins || key == "" || strings.HasPrefix(key, "#") {
			continue
		}
		b.WriteString(hash(key))
		s = s[len(key):]
	}
}

// maskAddresses replaces what stands around an @ as an address does.
func maskAddresses(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		from, until := at, at+1
		for from > 0 && (letter(s[from-1]) || s[from-1] >= '0' && s[from-1] <= '9' || strings.IndexByte("._%+'-", s[from-1]) >= 0 || s[from-1] >= 0x80) {
			from--
		}
		for until < len(s) && (letter(s[until]) || s[until] >= '0' && s[until] <= '9' || s[until] == '.' || s[until] == '-' || s[until] >= 0x80) {
			until++
		}
		domain := strings.TrimRight(s[at+1:until], ".-")
		if from == at || !strings.Contains(domain, ".") {
			b.WriteString(s[:at+1]) // no address: a version, segment@1
			s = s[at+1:]
			continue
		}
		b.WriteString(s[:from])
		b.WriteString(hash(s[from : at+1+len(domain)]))
		s = s[at+1+len(domain):]
	}
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func hash(s string) string {
	f := fnv.New64a()
	f.Write([]byte(s))
	return fmt.Sprintf("#%016x", f.Sum64())
}
