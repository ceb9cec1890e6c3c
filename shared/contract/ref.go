package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"handoff/shared/company"
	"handoff/shared/problem"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// ref reads a subject's id from a record.
type ref struct {
	kind     string
	ns       *expr // tells one tool's numbers from another's
	of       *expr
	whole    bool // of is a complete id: kind:key
	begins   []string
	matching *regexp.Regexp
	first    []ref // an item of a list of links: the first that holds
}

var refKinds = []string{
	subject.Anonymous, subject.User, subject.Customer, subject.Contact, subject.Email, subject.Group, subject.CRMAccount,
	subject.Account, subject.Opportunity, subject.Campaign,
}

// sayKinds may stand among links only: what an event says of its subject rather than who it is.
var sayKinds = []string{subject.Name, subject.Country, subject.Parent}

func isRefKind(kind string) bool {
	return slices.Contains(refKinds, kind) || slices.Contains(sayKinds, kind)
}

// maxKey bounds a subject's key: with its kind it is a table's partition key (DynamoDB: 2,048 bytes).
const maxKey = 512

// blocked are ids that tools write where they have none. Taken for ids they would merge strangers.
var blocked = map[string]bool{
	"null": true, "undefined": true, "anonymous": true, "unknown": true, "none": true, "nil": true, "nan": true, "n/a": true,
	"na": true, "-1": true, "guest": true, "false": true, "true": true, "test": true, "[object object]": true,
}

// usable reports whether s can be somebody's id.
func usable(s string) bool {
	return s != "" && len(s) <= maxKey && strings.Trim(s, "0-. ") != "" && !blocked[strings.ToLower(s)] &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F || r == 0xFFFD })
}

// Usable reports whether a word can be somebody's id: what tools write where they have none cannot.
func Usable(word string) bool { return usable(word) }

// read is the subject's id, or "".
func (f *ref) read(r *record) string {
	if f.first != nil {
		for i := range f.first {
			if id := f.first[i].read(r); id != "" {
				return id
			}
		}
		return ""
	}
	key, kind := f.of.eval(r), f.kind
	if f.whole {
		var ok bool
		if kind, key, ok = strings.Cut(key, ":"); !ok || !isRefKind(kind) {
			return ""
		}
	}
	if len(f.begins) > 0 && !slices.ContainsFunc(f.begins, func(b string) bool { return strings.HasPrefix(key, b) }) ||
		f.matching != nil && !f.matching.MatchString(key) {
		return ""
	}
	return f.id(kind, key, r)
}

// id makes the id of a key as its kind has it.
func (f *ref) id(kind, key string, r *record) string {
	switch kind {
	case subject.Name:
		return subject.New(kind, company.MatchName(key))
	case subject.Country:
		return subject.New(kind, company.Country(key))
	case subject.Parent: // an account of the CRM, unless its whole id is given
		of := subject.CRMAccount
		if f.whole {
			of, key, _ = strings.Cut(key, ":")
			if !slices.Contains(refKinds, of) || !subject.IsCompany(of+":") {
				return ""
			}
		}
		return subject.New(kind, f.id(of, key, r))
	case subject.Email:
		key = email(key)
	case subject.Account:
		key = business(key)
	}
	bare := key
	if f.whole {
		if _, after, ok := strings.Cut(key, "/"); ok && kind != subject.Campaign {
			bare = after
		}
	}
	if !usable(bare) {
		return ""
	}
	if f.ns != nil {
		ns := f.ns.eval(r)
		if ns == "" {
			return ""
		}
		key = ns + "/" + key
	}
	if !usable(key) {
		return ""
	}
	return subject.New(kind, key)
}

func (f *ref) places() []string {
	if f.first == nil {
		return f.of.places()
	}
	return refPlaces(f.first)
}

func refPlaces(refs []ref) []string {
	var out []string
	for i := range refs {
		for _, p := range refs[i].places() {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// compileRefs reads a list of {kind, ns, of, begins, matching} or {id: path}; an element that is a list itself stands
// for the first of it that holds.
func compileRefs(list []any, at string, bad *problem.List) []ref {
	var out []ref
	for i, y := range list {
		here := fmt.Sprintf("%s[%d]", at, i)
		switch y := y.(type) {
		case []any:
			out = append(out, ref{first: compileRefs(y, here, bad)})
		case map[string]any:
			out = append(out, compileRef(y, here, bad))
		default:
			bad.Add(here, "want {kind: …, of: path}, {id: path} or a list of them")
		}
	}
	return out
}

func compileRef(y map[string]any, at string, bad *problem.List) ref {
	var f ref
	for _, k := range sortedKeys(y) {
		here, v := at+"."+k, y[k]
		switch k {
		case "kind":
			f.kind, _ = v.(string)
			if !isRefKind(f.kind) {
				bad.Add(here, "unknown kind of subject %v: use %s; among links also %s", v, strings.Join(refKinds, ", "), strings.Join(sayKinds, ", "))
			}
		case "ns":
			f.ns = compileExpr(v, here, bad)
		case "of":
			f.of = compileExpr(v, here, bad)
		case "id":
			f.of, f.whole = compileExpr(v, here, bad), true
		case "begins":
			list, _ := v.([]any)
			for _, b := range list {
				f.begins = append(f.begins, fmt.Sprint(b))
			}
		case "matching":
			re, err := regexp.Compile(fmt.Sprint(v))
			if err != nil {
				bad.Add(here, "not a regular expression: %v", err)
				continue
			}
			f.matching = re
		default:
			bad.Add(here, "unknown key %q: a subject has kind, ns, of, begins, matching, or id for a complete one", k)
		}
	}
	if f.of == nil {
		bad.Add(at, "say where the id stands: of: path, or id: path for a complete one")
	}
	if f.kind == "" && !f.whole {
		bad.Add(at, "say what kind of subject it is: kind: %s", strings.Join(refKinds, ", "))
	}
	if f.ns == nil {
		f.written(at, bad)
	}
	return f
}

// written refuses what a contract itself writes for an id, in a table say, and what can be nobody's: it would link to
// nothing, and nobody would be told.
func (f *ref) written(at string, bad *problem.List) {
	key := ".of"
	if f.whole {
		key = ".id"
	}
	at += key
	f.of.eachText(func(s string) {
		kind, key, id := f.kind, s, ""
		if f.whole {
			kind, key, _ = strings.Cut(s, ":")
		}
		if isRefKind(kind) {
			id = f.id(kind, key, nil)
		}
		if id != "" {
			return
		}
		account, isAccount := strings.CutPrefix(strings.TrimPrefix(s, subject.Parent+":"), subject.Account+":")
		switch {
		case isAccount || f.kind == subject.Account:
			bad.Add(at, "%q can be no account: %q is no company's domain (%s); write one as account:acme.com", s, account, company.ClassOf(account))
		case f.whole:
			bad.Add(at, "%q can be nobody's id; write kind:key, such as account:acme.com, or parent:account:acme.com of whom a subsidiary counts for", s)
		default:
			bad.Add(at, "%q can be nobody's %s; write another, or leave it out", s, f.kind)
		}
	})
}

// compileIDs reads what must be somebody's or something's id.
func compileIDs(list []any, at string, bad *problem.List) []ref {
	refs := compileRefs(list, at, bad)
	noSaying(refs, at, bad)
	return refs
}

// noSaying refuses, as an id, what only says something of one.
func noSaying(refs []ref, at string, bad *problem.List) {
	for i := range refs {
		noSaying(refs[i].first, fmt.Sprintf("%s[%d]", at, i), bad)
		if slices.Contains(sayKinds, refs[i].kind) {
			bad.Add(fmt.Sprintf("%s[%d].kind", at, i), "%s is nobody's id: it may stand among links only", refs[i].kind)
		}
	}
}

// unnamed leaves out by which name a person's company goes, and in which country it is asked for, where the event says
// who they are by an address at a business domain: a name is never asked where a domain answers.
func unnamed(t *touch.Touch) {
	if subject.IsCompany(t.Subject) {
		return
	}
	for _, id := range subject.Named(t) {
		if subject.KindOf(id) == subject.Email && company.ClassOf(subject.KeyOf(id)) == company.Business {
			t.Links = slices.DeleteFunc(t.Links, func(l string) bool { return slices.Contains(sayKinds, subject.KindOf(l)) })
			return
		}
	}
}
