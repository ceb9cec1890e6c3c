package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"handoff/shared/account"
	"handoff/shared/pattern"
	"handoff/shared/problem"
	"handoff/shared/touch"
)

// compile makes a contract of its YAML. schemas reads a JSON Schema file by name.
func compile(s *spec, schemas func(string) ([]byte, error), bad *problem.List) *Contract {
	c := &Contract{
		Name: s.Name, Version: s.Version, Owner: s.Owner, About: s.About,
		id:        fmt.Sprintf("%s@%d", s.Name, s.Version),
		recognise: compilePattern(s.Recognise, "$.recognise", bad),
		test:      compilePattern(s.Test, "$.test", bad),
		producer:  compileIdentity(s.ID, "$.id", bad),
		clocks:    compileClocks(s.Time, "$.time", bad),
		otherwise: s.Otherwise,
	}
	if s.Name == "" || words(s.Name) != strings.ReplaceAll(s.Name, "-", " ") {
		bad.Add("$.name", "want a name in lower case with hyphens, such as salesforce")
	}
	if s.Version < 1 {
		bad.Add("$.version", "want a version of 1 or more; raise it when a mapping changes what touches say")
	}
	if s.Owner == "" {
		bad.Add("$.owner", "name the team that mends this contract when it breaks")
	}
	if c.recognise == nil {
		bad.Add("$.recognise", "want an EventBridge pattern that the source's envelopes match")
	}
	if s.Record != "" {
		c.record = compilePath(s.Record, "$.record", bad)
	}
	for i, r := range s.Refuse {
		at := fmt.Sprintf("$.refuse[%d]", i)
		c.refuse = append(c.refuse, refusal{when: mustPattern(r.When, at, bad), field: r.Field, reason: mustReason(r.Reason, at, bad)})
	}
	for i, r := range s.Ignore {
		at := fmt.Sprintf("$.ignore[%d]", i)
		c.ignore = append(c.ignore, exclusion{when: mustPattern(r.When, at, bad), reason: mustReason(r.Reason, at, bad)})
	}
	for i, r := range s.Require {
		c.require = append(c.require, compileRequirement(r, fmt.Sprintf("$.require[%d]", i), bad))
	}
	for i, v := range s.Volatile {
		if p := compilePath(v, fmt.Sprintf("$.volatile[%d]", i), bad); p != nil {
			c.volatile = append(c.volatile, *p)
		}
	}
	c.schemas = compileSchemas(s.Schema, schemas, bad)
	if len(s.Map) == 0 {
		bad.Add("$.map", "want at least one rule that makes a touch")
	}
	common := compileMapping(&s.Common, "$.common", bad)
	for i := range s.Map {
		c.rules = append(c.rules, compileRule(c, &s.Map[i], &common, fmt.Sprintf("$.map[%d]", i), bad))
	}
	return c
}

// compileSchemas reads a file's name, or a map from detail-type to one. Schemas are compiled at their first use, so
// that a function's start does not wait for those that it will not need.
func compileSchemas(y any, read func(string) ([]byte, error), bad *problem.List) map[string]func() (*validator, error) {
	files, ok := y.(map[string]any)
	switch name, one := y.(string); {
	case y == nil:
		return nil
	case one:
		files = map[string]any{"": name}
	case !ok:
		bad.Add("$.schema", "want the name of a file in events/schemas, or a map from detail-type to one")
	}
	out := map[string]func() (*validator, error){}
	for detailType, f := range files {
		name := fmt.Sprint(f)
		body, err := read(name)
		if err != nil {
			bad.Add("$.schema", "cannot read the JSON Schema: %v", err)
		}
		out[detailType] = sync.OnceValues(func() (*validator, error) { return newValidator(name, body) })
	}
	return out
}

func compileRule(c *Contract, s *mapSpec, common *rule, at string, bad *problem.List) rule {
	r := compileMapping(&s.mapping, at, bad)
	r.name, r.also, r.when = s.Name, s.Also, compilePattern(s.When, at+".when", bad)
	r.producer, r.clocks = compileIdentity(s.ID, at+".id", bad), compileClocks(s.Time, at+".time", bad)
	if s.Each != "" {
		r.each = compilePath(s.Each, at+".each", bad)
	}
	r.inherit(common)
	if r.producer == nil {
		r.producer = c.producer
	}
	if r.clocks == nil {
		r.clocks = c.clocks
	}
	if r.producer == nil {
		bad.Add(at, "say what identifies an event: id: path, or id: {digest: true}, here or for the whole contract")
	}
	if r.clocks == nil {
		bad.Add(at, "say when an event happened: time: [{path: …, as: iso}], here or for the whole contract")
	}
	if r.kind == nil {
		bad.Add(at, "say what kind of touch it makes: kind: {value: …}")
	}
	if r.sourceType == nil {
		bad.Add(at, "say what the tool calls it: source_type: path, here or under common")
	}
	if len(r.subject) == 0 {
		bad.Add(at, "say whom it concerns: subject: […], here or under common")
	}
	r.kind.eachText(func(k string) {
		if !slices.Contains(touch.Kinds, k) {
			bad.Add(at+".kind", "unknown kind of touch %q: shared/touch/kinds.go lists them", k)
		}
	})
	return r
}

// inherit fills what the rule does not say itself from the contract's common mapping.
func (r *rule) inherit(common *rule) {
	for _, f := range []struct{ own, from **expr }{
		{&r.kind, &common.kind}, {&r.source, &common.source}, {&r.sourceType, &common.sourceType}, {&r.channel, &common.channel},
		{&r.campaign, &common.campaign}, {&r.url, &common.url}, {&r.test, &common.test},
	} {
		if *f.own == nil {
			*f.own = *f.from
		}
	}
	if len(r.subject) == 0 {
		r.subject = common.subject
	}
	r.links = slices.Concat(r.links, common.links)
	r.person, r.company = inheritFields(r.person, common.person), inheritFields(r.company, common.company)
	if r.opportunity == nil {
		r.opportunity = common.opportunity
	}
	if r.money == nil {
		r.money = common.money
	}
	if r.feedback == nil {
		r.feedback = common.feedback
	}
	for _, p := range common.props {
		if !slices.ContainsFunc(r.props, func(own prop) bool { return own.name == p.name }) {
			r.props = append(r.props, p)
		}
	}
	r.propsFrom = slices.Concat(r.propsFrom, common.propsFrom)
}

func inheritFields(own, common []field) []field {
	for _, f := range common {
		if !slices.ContainsFunc(own, func(o field) bool { return o.name == f.name }) {
			own = append(own, f)
		}
	}
	return own
}

func compileMapping(m *mapping, at string, bad *problem.List) rule {
	r := rule{
		kind: compileExpr(m.Kind, at+".kind", bad), source: compileExpr(m.Source, at+".source", bad),
		sourceType: compileExpr(m.SourceType, at+".source_type", bad),
		channel:    compileExpr(m.Channel, at+".channel", bad), campaign: compileExpr(m.Campaign, at+".campaign", bad),
		url: compileExpr(m.URL, at+".url", bad), test: compileExpr(m.Test, at+".test", bad),
		subject: compileIDs(m.Subject, at+".subject", bad), links: compileRefs(m.Links, at+".links", bad),
		person:  compileFields(m.Person, account.PersonFields, at+".person", bad),
		company: compileFields(m.Company, account.CompanyFields, at+".company", bad),
		money:   compileAmount(m.Money, at+".money", bad),
	}
	for _, k := range sortedKeys(m.Props) {
		e := compileExpr(m.Props[k], at+".props."+k, bad)
		p := prop{name: k, of: e}
		if e != nil && e.path != nil && e.steps == nil && e.table == nil && e.begins == nil && e.unless == nil {
			p.path = e.path
		}
		r.props = append(r.props, p)
	}
	for i, f := range m.PropsFrom {
		if p := compilePath(f, fmt.Sprintf("%s.props_from[%d]", at, i), bad); p != nil {
			r.propsFrom = append(r.propsFrom, *p)
		}
	}
	if f := m.Feedback; f != nil {
		r.feedback = &feedback{persons: f.Persons,
			handoff: compileExpr(f.Handoff, at+".feedback.handoff", bad), play: compileExpr(f.Play, at+".feedback.play", bad),
			rep: compileExpr(f.Rep, at+".feedback.rep", bad), reason: compileExpr(f.Reason, at+".feedback.reason", bad),
		}
	}
	if o := m.Opportunity; o != nil {
		at += ".opportunity"
		r.opportunity = &opportunity{
			id: compileIDs(o.ID, at+".id", bad), name: compileExpr(o.Name, at+".name", bad),
			stage: compileExpr(o.Stage, at+".stage", bad), status: compileExpr(o.Status, at+".status", bad),
			typ: compileExpr(o.Type, at+".type", bad), closed: compileExpr(o.CloseDate, at+".close_date", bad),
			owner: compileExpr(o.Owner, at+".owner", bad), invoice: compileExpr(o.Invoice, at+".invoice", bad),
			number: compileExpr(o.Sequence, at+".sequence", bad), amount: compileAmount(o.Amount, at+".amount", bad),
			answers: compileFields(o.Answers, account.DealFields, at+".answers", bad),
		}
		if len(o.ID) == 0 && o.Invoice == nil {
			bad.Add(at+".id", "say which deal it is: id: [{kind: opportunity, ns: …, of: path}], or which invoice: …")
		}
	}
	return r
}

func compileFields(m map[string]any, known []string, at string, bad *problem.List) []field {
	var out []field
	for _, k := range sortedKeys(m) {
		if !slices.Contains(known, k) {
			bad.Add(at+"."+k, "unknown field %q: use %s, or put it under props", k, strings.Join(known, ", "))
		}
		out = append(out, field{k, compileExpr(m[k], at+"."+k, bad)})
	}
	return out
}

func compileAmount(s *moneySpec, at string, bad *problem.List) *amount {
	if s == nil {
		return nil
	}
	a := &amount{
		minor: compileExpr(s.Minor, at+".minor", bad), major: compileExpr(s.Major, at+".major", bad),
		currency: compileExpr(s.Currency, at+".currency", bad), exponents: s.Exponents, optional: s.Optional,
	}
	if a.minor == nil && a.major == nil {
		bad.Add(at, "say where the amount stands: minor for whole minor units, major for a decimal number, or both of which the first there counts")
	}
	if a.currency == nil {
		bad.Add(at+".currency", "say where the currency stands; {value: USD} for a tool that has only one")
	}
	return a
}

func compileIdentity(y any, at string, bad *problem.List) *identity {
	if m, ok := y.(map[string]any); ok && len(m) == 1 && m["digest"] == true {
		return &identity{digest: true}
	}
	if e := compileExpr(y, at, bad); e != nil {
		return &identity{of: e}
	}
	return nil
}

func compileRequirement(s requireSpec, at string, bad *problem.List) requirement {
	r := requirement{when: compilePattern(s.When, at+".when", bad), field: compileExpr(s.Field, at+".field", bad), typ: s.Type, why: s.Why, code: s.Code}
	if r.code == "" {
		r.code = Schema
	}
	if !slices.Contains(Codes, r.code) {
		bad.Add(at+".code", "unknown code %q: use %s", s.Code, strings.Join(Codes, ", "))
	}
	if r.typ == "" {
		r.typ = "any"
	}
	if !slices.Contains(requireTypes, r.typ) {
		bad.Add(at+".type", "unknown type %q: use %s", s.Type, strings.Join(requireTypes, ", "))
	}
	for _, v := range s.In {
		r.in = append(r.in, fmt.Sprint(v))
	}
	if r.field == nil {
		bad.Add(at+".field", "name the field that is required")
		return r
	}
	for _, text := range r.field.places() {
		if p, err := parsePath(text); err == nil {
			r.paths = append(r.paths, p)
		}
	}
	return r
}

func compilePath(s, at string, bad *problem.List) *path {
	p, err := parsePath(s)
	if err != nil {
		bad.Add(at, "%v", err)
		return nil
	}
	return &p
}

// compilePattern compiles a pattern that YAML wrote; nil makes nil, which matches everything.
func compilePattern(y any, at string, bad *problem.List) *pattern.Pattern {
	if y == nil {
		return nil
	}
	text, err := json.Marshal(y)
	if err != nil {
		bad.Add(at, "cannot be written as JSON: %v", err)
		return nil
	}
	p, err := pattern.CompileUnbounded(text)
	if err != nil {
		bad.Add(at, "%v", err)
		return nil
	}
	return p
}

func mustPattern(y any, at string, bad *problem.List) *pattern.Pattern {
	if y == nil {
		bad.Add(at+".when", "want an EventBridge pattern that says which events are meant")
	}
	return compilePattern(y, at+".when", bad)
}

func mustReason(s, at string, bad *problem.List) string {
	if len(strings.Fields(s)) < 3 {
		bad.Add(at+".reason", "want a sentence that says why, for whoever asks where the event went")
	}
	return s
}
