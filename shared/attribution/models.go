package attribution

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"slices"

	"handoff/shared/touch"
)

// ErrInvalid is wrapped by the error about a configuration that Validate objects to.
var ErrInvalid = errors.New("invalid attribution policy")

// Models is a compiled Config. It is never changed and may be shared.
type Models struct {
	config   Config
	names    []string // in the order of Names
	decay    decay
	visitGap int64 // milliseconds
	kinds    map[string]role
	direct   map[string]bool
	params   map[string]string // per conversion type: what of the configuration its credits depend on
}

type role struct{ credited, visit, lead bool }

// New compiles a configuration; the error names all that Validate reports.
func New(c Config) (*Models, error) {
	if l := c.Validate(); len(l) > 0 {
		err := ErrInvalid
		for _, p := range l {
			err = fmt.Errorf("%w; %s: %s", err, p.Path, p.Text)
		}
		return nil, err
	}
	c = c.withDefaults()
	m := &Models{
		config:   c,
		decay:    newDecay(int64(c.HalfLife.Duration().Hours())),
		visitGap: c.VisitGap.Duration().Milliseconds(),
		kinds:    map[string]role{},
		direct:   map[string]bool{},
		params:   map[string]string{},
	}
	for _, name := range Names {
		if slices.Contains(c.Models, name) {
			m.names = append(m.names, name)
		}
	}
	for _, ch := range c.Channels.Direct {
		m.direct[ch] = true
	}
	for _, kind := range slices.Concat(c.Touches.Marketing, c.Touches.Sales) {
		m.kinds[kind] = role{credited: true}
	}
	for _, kind := range c.Touches.Visits {
		m.kinds[kind] = role{credited: true, visit: true}
	}
	for _, kind := range c.Touches.Lead {
		r := m.kinds[kind]
		r.lead = true
		m.kinds[kind] = r
	}
	for _, typ := range append([]string{""}, ConversionTypes...) {
		p, err := m.paramsOf(typ)
		if err != nil {
			return nil, err
		}
		m.params[typ] = p
	}
	return m, nil
}

// paramsOf writes down what the credits of one type depend on. Canonical sources and other types' look-backs are not
// in it: changing those restates nothing here.
func (m *Models) paramsOf(typ string) (string, error) {
	sortedCopy := func(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s }
	b, err := json.Marshal(struct {
		Version                                int // of the models' code: raise it when their meaning changes
		Models                                 []string
		HalfLife, LookBack                     string
		VisitGap                               int64
		Marketing, Sales, Visits, Lead, Direct []string
		ByKind                                 map[string]string
	}{
		1, m.names, m.config.HalfLife.String(), m.LookBack(typ).String(), m.visitGap,
		sortedCopy(m.config.Touches.Marketing), sortedCopy(m.config.Touches.Sales), sortedCopy(m.config.Touches.Visits),
		sortedCopy(m.config.Touches.Lead), sortedCopy(m.config.Channels.Direct), m.config.Channels.ByKind,
	})
	return string(b), err
}

// Names lists the models that the policy asks for, in the order of Names.
func (m *Models) Names() []string { return slices.Clone(m.names) }

// Read takes from a touch what the models need; ok is false for one that plays no part. A later revision is always
// taken, if only to replace the one before.
func (m *Models) Read(t *touch.Touch) (out Touch, ok bool) {
	r := m.kinds[t.Kind]
	if t.Test || t.Withdrawn {
		r = role{}
	}
	out = Touch{
		Time: t.Time.UnixMilli(), ID: t.ID, Revision: t.Revision, Withdrawn: t.Withdrawn,
		Subject: t.Subject, Channel: t.Channel, Campaign: t.Campaign, Lead: r.lead, Visit: r.visit,
		Credited: r.credited && !(r.visit && t.Channel == ""),
	}
	if out.Channel == "" {
		out.Channel = m.config.Channels.ByKind[t.Kind]
	}
	if out.Channel == "" {
		out.Channel = Unknown
	}
	out.Direct = m.direct[out.Channel]
	return out, out.Credited || out.Lead || t.Revision > 0
}

// digest covers all that the credits depend on: the conversion's revision, the touches with their revisions, which of
// them are the milestones, and the models' parameters.
func (m *Models) digest(j *journey) string {
	c := j.conversion
	h := sha256.New()
	for _, s := range []string{c.ID, c.Account, c.Type, c.Revision, c.Amount.Currency} {
		text(h, s)
	}
	params, ok := m.params[c.Type]
	if !ok {
		params = m.params[""]
	}
	text(h, params)
	created := int64(-1)
	if !c.Created.IsZero() {
		created = c.Created.UnixMilli()
	}
	number(h, c.Time.UnixMilli())
	number(h, c.Amount.Minor)
	number(h, created)
	number(h, int64(len(j.touches)))
	for i := range j.touches {
		t := &j.touches[i]
		h.Write(t.ID[:])
		number(h, t.Time)
		number(h, int64(t.Revision))
	}
	number(h, int64(j.lead))
	number(h, int64(j.opportunity))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func text(h hash.Hash, s string) {
	number(h, int64(len(s)))
	h.Write([]byte(s))
}

func number(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}
