package attribution

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/problem"
	"handoff/shared/span"
	"handoff/shared/touch"
)

// Config is the attribution part of the policy. What is left out has the default named beside it.
type Config struct {
	Models   []string  `yaml:"models"`    // all
	HalfLife span.Span `yaml:"half_life"` // of time_decay, in whole hours: 7d
	// VisitGap makes one touch of the arrivals by which one person comes through one channel and campaign, as long as
	// no two are further apart: page views are not touches, visits are. 30m.
	VisitGap    span.Span             `yaml:"visit_gap"`
	Conversions map[string]Conversion `yaml:"conversions"` // per type: new, expansion, renewal
	Touches     Kinds                 `yaml:"touches"`
	Channels    Channels              `yaml:"channels"`
}

// Conversion is what the policy says of one type of conversion.
type Conversion struct {
	LookBack span.Span `yaml:"look_back"` // 90d
	// Source names the one record that money of this type is counted by, opportunity or invoice: a deal won in the
	// CRM and paid in billing is one conversion.
	Source string `yaml:"source"`
}

// Kinds sorts the kinds of touch. A kind in none of the lists gets no credit.
type Kinds struct {
	Marketing []string `yaml:"marketing"`
	Sales     []string `yaml:"sales"`
	Visits    []string `yaml:"visits"` // credited only where they name a channel, once per visit
	Lead      []string `yaml:"lead"`   // their first occurrence creates the lead; may be in another list too
}

// Channels says how touches are told apart by channel.
type Channels struct {
	Direct []string          `yaml:"direct"`  // channels that are no marketing channel, for last_non_direct: [direct]
	ByKind map[string]string `yaml:"by_kind"` // the channel of a kind's touches that name none
}

// The canonical sources of revenue.
const (
	Opportunity = "opportunity"
	Invoice     = "invoice"
)

// ConversionTypes are the types of conversion.
var ConversionTypes = []string{"new", "expansion", "renewal"}

// Unknown is the channel of credit to a touch that names none and whose kind has none.
const Unknown = "unknown"

// Limits that keep a mistyped policy from costing a scan of years or a table of megabytes.
const (
	maxLookBack = 2 * 366 * span.Day
	maxHalfLife = 366 * span.Day
)

// Validate reports everything that is wrong. Paths are those of a file whose top-level key is attribution.
func (c *Config) Validate() problem.List {
	var l problem.List
	for i, name := range c.Models {
		at := fmt.Sprintf("$.attribution.models[%d]", i)
		switch {
		case !slices.Contains(Names, name):
			l.Add(at, "there is no model %q; the models are %s", name, strings.Join(Names, ", "))
		case slices.Contains(c.Models[:i], name):
			l.Add(at, "the model %s is listed twice; remove one", name)
		}
	}
	if c.HalfLife%span.Hour != 0 || c.HalfLife < 0 || c.HalfLife > maxHalfLife {
		l.Add("$.attribution.half_life", "the half-life is %s; give whole hours, from 1h to 366d", c.HalfLife)
	}
	if c.VisitGap < 0 || c.VisitGap > span.Day {
		l.Add("$.attribution.visit_gap", "the gap between visits is %s; give at most 1d", c.VisitGap)
	}
	for _, typ := range ConversionTypes {
		at := "$.attribution.conversions." + typ
		conv, ok := c.Conversions[typ]
		if !ok {
			l.Add("$.attribution.conversions", "the type %s is missing; name its look_back and its source, opportunity or invoice", typ)
			continue
		}
		if conv.LookBack < 0 || conv.LookBack > maxLookBack {
			l.Add(at+".look_back", "the look-back is %s; give at most %s", conv.LookBack, maxLookBack)
		}
		if conv.Source != Opportunity && conv.Source != Invoice {
			l.Add(at+".source", "the source of %s revenue is %q; say opportunity or invoice, so that money is counted once", typ, conv.Source)
		}
	}
	for _, typ := range sorted(c.Conversions) {
		if !slices.Contains(ConversionTypes, typ) {
			l.Add("$.attribution.conversions."+typ, "there is no type of conversion %q; the types are %s", typ, strings.Join(ConversionTypes, ", "))
		}
	}
	c.Touches.validate(&l)
	for i, ch := range c.Channels.Direct {
		if ch == "" {
			l.Add(fmt.Sprintf("$.attribution.channels.direct[%d]", i), "the channel is empty; name it or remove the line")
		}
	}
	for _, kind := range sorted(c.Channels.ByKind) {
		at := "$.attribution.channels.by_kind." + kind
		if !slices.Contains(touch.Kinds, kind) {
			l.Add(at, "there is no kind of touch %q%s", kind, closest(kind))
		}
		if c.Channels.ByKind[kind] == "" {
			l.Add(at, "the channel of %s is empty; name it or remove the line", kind)
		}
	}
	return l
}

func (k *Kinds) validate(l *problem.List) {
	if len(k.Marketing)+len(k.Sales)+len(k.Visits) == 0 {
		l.Add("$.attribution.touches", "no kind of touch may be credited; list some under marketing, sales or visits")
	}
	credited := map[string]string{}
	for _, list := range []struct {
		name  string
		kinds []string
	}{{"marketing", k.Marketing}, {"sales", k.Sales}, {"visits", k.Visits}, {"lead", k.Lead}} {
		for i, kind := range list.kinds {
			at := fmt.Sprintf("$.attribution.touches.%s[%d]", list.name, i)
			switch {
			case !slices.Contains(touch.Kinds, kind):
				l.Add(at, "there is no kind of touch %q%s", kind, closest(kind))
			case slices.Contains(list.kinds[:i], kind):
				l.Add(at, "the kind %s is listed twice; remove one", kind)
			case list.name == "lead":
			case credited[kind] != "":
				l.Add(at, "the kind %s is already under %s; a touch is credited once", kind, credited[kind])
			default:
				credited[kind] = list.name
			}
		}
	}
}

// closest suggests a kind that shares the beginning.
func closest(kind string) string {
	stem, _, _ := strings.Cut(kind, "_")
	for _, k := range touch.Kinds {
		if stem != "" && strings.HasPrefix(k, stem) {
			return "; did you mean " + k + "?"
		}
	}
	return "; see the list of kinds in events/schemas"
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if len(c.Models) == 0 {
		c.Models = Names
	}
	if c.HalfLife == 0 {
		c.HalfLife = span.Week
	}
	if c.VisitGap == 0 {
		c.VisitGap = 30 * span.Minute
	}
	conversions := make(map[string]Conversion, len(c.Conversions))
	for typ, conv := range c.Conversions {
		if conv.LookBack == 0 {
			conv.LookBack = 90 * span.Day
		}
		conversions[typ] = conv
	}
	c.Conversions = conversions
	if c.Channels.Direct == nil {
		c.Channels.Direct = []string{"direct"}
	}
	return c
}

// LookBack is how far before a conversion of the type a touch may be credited. A type that the policy does not know
// is treated as new.
func (m *Models) LookBack(typ string) time.Duration {
	conv, ok := m.config.Conversions[typ]
	if !ok {
		conv = m.config.Conversions["new"]
	}
	return conv.LookBack.Duration()
}

// Source is the canonical record of a conversion type's revenue: Opportunity or Invoice.
func (m *Models) Source(typ string) string {
	conv, ok := m.config.Conversions[typ]
	if !ok {
		conv = m.config.Conversions["new"]
	}
	return conv.Source
}
