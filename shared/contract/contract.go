// Package contract reads what tools put on the bus as canonical touches. A source contract is YAML: a pattern that
// recognises the source, what is required of a payload, what is ignored and why, and how the rest maps to touches.
// Load compiles a folder of contracts; Set.Read is a pure function of the contracts and one event.
package contract

import "handoff/shared/pattern"

// Contract is one source's contract, compiled. It is never changed, so any number of goroutines may read by it.
type Contract struct {
	Name    string
	Version int
	Owner   string // the team whose contract it is
	About   string

	id        string // name@version
	recognise *pattern.Pattern
	record    *path
	test      *pattern.Pattern
	refuse    []refusal
	require   []requirement
	schemas   map[string]func() (*validator, error) // by detail-type, "" for any
	producer  *identity
	clocks    []clock
	volatile  []path
	ignore    []exclusion
	rules     []rule
	otherwise string
}

type refusal struct {
	when          *pattern.Pattern
	field, reason string
}

type exclusion struct {
	when   *pattern.Pattern
	reason string
}

type requirement struct {
	when  *pattern.Pattern
	field *expr
	paths []path
	typ   string
	in    []string
	why   string
	code  string
}

// identity reads the producer's id.
type identity struct {
	digest bool // the payload's digest is the id
	of     *expr
}

type rule struct {
	name     string
	when     *pattern.Pattern
	also     bool
	each     *path
	producer *identity
	clocks   []clock

	kind, source, sourceType, channel, campaign, url, test *expr
	subject, links                                         []ref
	person, company                                        []field
	opportunity                                            *opportunity
	money                                                  *amount
	feedback                                               *feedback
	props                                                  []prop
	propsFrom                                              []path
}

type field struct {
	name string
	of   *expr
}

type prop struct {
	name string
	path *path // keeps the value's type
	of   *expr
}

type opportunity struct {
	id                                                       []ref
	name, stage, status, typ, closed, owner, invoice, number *expr
	amount                                                   *amount
	answers                                                  []field
}

type feedback struct {
	handoff, play, rep, reason *expr
	persons                    bool
}

type amount struct {
	minor, major, currency *expr
	exponents              map[string]int
	optional               bool
}

var requireTypes = []string{"string", "number", "integer", "boolean", "object", "array", "any"}
