// Package validate checks a policy against everything the build knows: the policy's own text, what the source contracts
// and the enrichment providers can tell, and the calendar.
package validate

import (
	"errors"
	"time"

	"handoff/functions/enrich"
	"handoff/shared/policy"
	"handoff/shared/touch"
	"handoff/shared/wire/pipeline"
)

// byMeaning are the fields of a person that score writes for what a kind of touch means, and those kinds.
var byMeaning = map[string][]string{
	"unsubscribed": {touch.Unsubscribed, touch.ConsentGiven}, "bounced": {touch.EmailBounced}, "consent": {touch.ConsentGiven, touch.ConsentWithdrawn},
}

// Carried is what the build's contracts and providers can tell.
func Carried() (*policy.Carried, error) {
	set, err := pipeline.Contracts()
	if err != nil {
		return nil, err
	}
	c := set.Carries()
	for _, f := range enrich.Fields {
		c.Company[f] = append(c.Company[f], "enrichment")
	}
	c.Kinds[touch.AccountEnriched] = append(c.Kinds[touch.AccountEnriched], "enrichment")
	for field, kinds := range byMeaning {
		for _, k := range kinds {
			c.Person[field] = append(c.Person[field], c.Kinds[k]...)
		}
	}
	return &policy.Carried{Sources: c.Sources, Kinds: c.Kinds, Open: c.Open, Person: c.Person, Company: c.Company}, nil
}

// Result is what validation found.
type Result struct {
	Valid    bool             `json:"valid"` // it can be built, activated and run
	Errors   int              `json:"errors"`
	Warnings int              `json:"warnings"`
	Findings []policy.Finding `json:"findings"`
	Policy   *policy.Policy   `json:"-"` // nil where it does not compile
}

// Files validates a policy's files as of a time. strict makes errors of warnings.
func Files(files map[string]string, now time.Time, strict bool) (*Result, error) {
	carried, err := Carried()
	if err != nil {
		return nil, err
	}
	p, found, err := policy.Check(files, policy.World{Carried: carried, Now: now, Country: country})
	out := &Result{Findings: []policy.Finding{}, Policy: p}
	if bad, ok := errors.AsType[*policy.Invalid](err); ok {
		found = bad.Found
	} else if err != nil {
		return nil, err
	}
	for _, f := range found {
		if strict {
			f.Severity = policy.Error
		}
		if f.Severity == policy.Error {
			out.Errors++
		} else {
			out.Warnings++
		}
		out.Findings = append(out.Findings, f)
	}
	out.Valid = out.Errors == 0
	return out, nil
}
