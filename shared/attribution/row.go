package attribution

import (
	"encoding/json"
	"fmt"

	"handoff/shared/event"
	"handoff/shared/touch"
)

// row is the body of a credit row in the ledger: the journey once, then per model the touches that got something and
// how much. A touch that got nothing is kept too: it is part of the answer to "why that much?".
type row struct {
	Conversion  event.Conversion   `json:"conversion"`
	Digest      string             `json:"digest"`
	Policy      event.PolicyRef    `json:"policy"`
	Names       []string           `json:"names"` // of channels and campaigns, by index below
	Touches     []touch.ID         `json:"touches"`
	Channels    []int              `json:"channels"`
	Campaigns   []int              `json:"campaigns"`
	Lead        int                `json:"lead"` // index of the lead-creation touch, -1 where unknown
	Opportunity int                `json:"opportunity"`
	Models      map[string]portion `json:"models"`
}

type portion struct {
	Unattributed int64   `json:"unattributed,omitempty"`
	Touches      []int   `json:"touches,omitempty"`
	Minor        []int64 `json:"minor,omitempty"`
}

// Row encodes the attribution as the body of a credit row, with the policy that it was made under.
func (a *Attribution) Row(policy event.PolicyRef) (json.RawMessage, error) {
	r := row{
		Conversion: a.Conversion, Digest: a.Digest, Policy: policy, Lead: a.Lead, Opportunity: a.Opportunity,
		Models: make(map[string]portion, len(a.Shares)),
	}
	index := map[string]int{}
	name := func(s string) int {
		i, ok := index[s]
		if !ok {
			i = len(r.Names)
			index[s], r.Names = i, append(r.Names, s)
		}
		return i
	}
	for i := range a.Touches {
		t := &a.Touches[i]
		r.Touches = append(r.Touches, t.ID)
		r.Channels = append(r.Channels, name(t.Channel))
		r.Campaigns = append(r.Campaigns, name(t.Campaign))
	}
	for model, shares := range a.Shares {
		var p portion
		if shares == nil {
			p.Unattributed = a.Conversion.Amount.Minor
		}
		for i, minor := range shares {
			if minor != 0 {
				p.Touches, p.Minor = append(p.Touches, i), append(p.Minor, minor)
			}
		}
		r.Models[model] = p
	}
	return json.Marshal(r)
}

// Stored is what a credit row says.
type Stored struct {
	Conversion  event.Conversion
	Policy      event.PolicyRef
	Touches     []touch.ID // of the journey, in order, also those that got nothing
	Lead        *touch.ID  // the lead-creation touch, nil where unknown
	Opportunity *touch.ID  // likewise
	Attributed  event.Attributed
}

// Parse reads what Row wrote.
func Parse(body []byte) (*Stored, error) {
	var r row
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, fmt.Errorf("credit row: %w", err)
	}
	n := len(r.Touches)
	whole := len(r.Channels) == n && len(r.Campaigns) == n && r.Lead < n && r.Opportunity < n
	for i := 0; whole && i < n; i++ {
		whole = r.Channels[i] >= 0 && r.Channels[i] < len(r.Names) && r.Campaigns[i] >= 0 && r.Campaigns[i] < len(r.Names)
	}
	for _, p := range r.Models {
		whole = whole && len(p.Touches) == len(p.Minor)
		for _, i := range p.Touches {
			whole = whole && i >= 0 && i < n
		}
	}
	if !whole {
		return nil, fmt.Errorf("credit row of %s, digest %s: an index points outside the journey; the row is damaged", r.Conversion.ID, r.Digest)
	}
	s := &Stored{Conversion: r.Conversion, Policy: r.Policy, Touches: r.Touches, Attributed: announce(&r.Conversion, r.Digest)}
	if r.Lead >= 0 {
		s.Lead = &r.Touches[r.Lead]
	}
	if r.Opportunity >= 0 {
		s.Opportunity = &r.Touches[r.Opportunity]
	}
	for model, p := range r.Models {
		mc := event.ModelCredits{Unattributed: p.Unattributed}
		for k, i := range p.Touches {
			mc.Credits = append(mc.Credits, event.Credit{
				Touch: r.Touches[i], Channel: r.Names[r.Channels[i]], Campaign: r.Names[r.Campaigns[i]], Minor: p.Minor[k],
			})
		}
		s.Attributed.Models[model] = mc
	}
	return s, nil
}

func announce(c *event.Conversion, digest string) event.Attributed {
	return event.Attributed{
		Meta:       event.Meta{Correlation: c.Correlation, Causation: c.ID + "/" + c.Revision},
		Conversion: c.ID, Account: c.Account, Revision: c.Revision, Digest: digest, Amount: c.Amount, Time: c.Time,
		Models: map[string]event.ModelCredits{},
	}
}

// Roll sums an announcement's credits per channel and campaign, for the bus where those per touch would be too large.
// Sums stay exact. The order is that of first appearance.
func Roll(a event.Attributed) event.Attributed {
	models := make(map[string]event.ModelCredits, len(a.Models))
	for name, mc := range a.Models {
		at := map[[2]string]int{}
		var sums []event.Credit
		for _, c := range mc.Credits {
			key := [2]string{c.Channel, c.Campaign}
			i, ok := at[key]
			if !ok {
				i = len(sums)
				at[key], sums = i, append(sums, event.Credit{Channel: c.Channel, Campaign: c.Campaign})
			}
			sums[i].Minor += c.Minor
		}
		models[name] = event.ModelCredits{Unattributed: mc.Unattributed, Credits: sums}
	}
	a.Models, a.Rolled = models, true
	return a
}
