package policy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	policyfiles "handoff/infra/policy"
	"handoff/shared/account"
	"handoff/shared/policy"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// may is the month in which the tests play; at counts days and hours from its first midnight.
var may = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

func at(days, hours int) time.Time {
	return may.AddDate(0, 0, days).Add(time.Duration(hours) * time.Hour)
}

type failer interface {
	Helper()
	Fatal(...any)
}

// loaded is read once: a policy is never changed.
var loaded = sync.OnceValues(func() (*policy.Policy, error) { return policy.Load(policyfiles.Default) })

func shipped(t failer) *policy.Policy {
	t.Helper()
	p, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// with is the shipped policy with some of its files' text replaced: file, old, new, …
func with(t failer, edits ...string) *policy.Policy {
	t.Helper()
	files := maps.Clone(shipped(t).Text)
	for i := 0; i < len(edits); i += 3 {
		file, old, new := edits[i], edits[i+1], edits[i+2]
		if old == "" {
			files[file] = new
			continue
		}
		if !strings.Contains(files[file], old) {
			t.Fatal(fmt.Sprintf("%s does not contain %q", file, old))
		}
		files[file] = strings.Replace(files[file], old, new, 1)
	}
	p, err := policy.Compile(files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// happened makes a touch; its id comes from kind and time.
func happened(kind string, when time.Time) touch.Touch {
	id := touch.NewID("test", kind, when.String(), 0)
	return touch.Touch{ID: id, Kind: kind, Time: when, Subject: "account:initech.com", Source: "test"}
}

// view absorbs touches into the facts of an account.
func view(p *policy.Policy, asOf time.Time, touches ...touch.Touch) *account.View {
	v := &account.View{Account: "account:initech.com", Facts: &account.Facts{}, AsOf: asOf}
	var scratch []account.Keep
	for i := range touches {
		_, scratch = v.Facts.Absorb(&touches[i], subject.Heard{}, p.Memory(), scratch)
	}
	return v
}

// company writes firmographics: field, value, …
func company(when time.Time, fields ...string) touch.Touch {
	t := happened(touch.AccountEnriched, when)
	t.Company = map[string]string{}
	for i := 0; i < len(fields); i += 2 {
		t.Company[fields[i]] = fields[i+1]
	}
	return t
}

func person(fields ...string) account.Person {
	p := account.Person{ID: "email:ann@initech.com", Fields: map[string]string{}}
	for i := 0; i < len(fields); i += 2 {
		p.Fields[fields[i]] = fields[i+1]
	}
	return p
}

func held(o policy.Outcome) []string {
	var names []string
	for _, h := range o.Plays {
		names = append(names, h.Play)
	}
	return names
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
