package event

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"handoff/shared/money"
)

// Packet is the story of an account for whoever takes it over: who is who, what was bought and why, how it came to that,
// and what nobody knows. It is frozen with the decision, so that it can be shown years later as it was. Only plays that
// ask for it have one.
type Packet struct {
	People   []PacketPerson    `json:"people,omitempty"`  // the latest active, at most 8
	Deals    []PacketDeal      `json:"deals,omitempty"`   // at most MaxDeals; the one that this is about first
	Answers  []PacketAnswer    `json:"answers,omitempty"` // what sales found out about the first deal, in the CRM's words
	Lists    []Checklist       `json:"checklists,omitempty"`
	Account  map[string]string `json:"account,omitempty"` // what else is known of it: its id in the CRM, its renewal, …
	History  []PacketLine      `json:"history,omitempty"` // at most MaxHistory, the earliest first
	Open     []string          `json:"open,omitempty"`    // questions that nobody has answered, at most MaxOpen
	Handoffs []PacketHandoff   `json:"handoffs,omitempty"`
}

// PacketPerson is somebody of the account, and the part they take in a purchase.
type PacketPerson struct {
	ID        string   `json:"id"`
	Name      string   `json:"name,omitempty"`
	Title     string   `json:"title,omitempty"`
	Email     string   `json:"email,omitempty"`
	Phone     string   `json:"phone,omitempty"`
	Confirmed []string `json:"confirmed,omitempty"` // roles that the CRM confirms
	Potential []string `json:"potential,omitempty"` // roles by their title
	Note      string   `json:"note,omitempty"`      // unsubscribed, mail bounces
}

// PacketDeal is a deal as the CRM has it.
type PacketDeal struct {
	ID     string       `json:"id"` // a subject: opportunity:<tool>/<the CRM's id>
	Name   string       `json:"name,omitempty"`
	Status string       `json:"status,omitempty"`
	Type   string       `json:"type,omitempty"`
	Stage  string       `json:"stage,omitempty"`
	Owner  string       `json:"owner,omitempty"`
	Amount money.Amount `json:"amount,omitzero"`
	Opened time.Time    `json:"opened,omitzero"`
	Closed time.Time    `json:"closed,omitzero"`
}

// PacketAnswer is a field of the deal and what it says.
type PacketAnswer struct {
	Field string `json:"field"`
	Text  string `json:"text"`
}

// PacketLine is something that happened.
type PacketLine struct {
	Time time.Time `json:"time"`
	Text string    `json:"text"`
}

// PacketHandoff is a handoff of the account that was open when this one was decided on.
type PacketHandoff struct {
	ID    string    `json:"id"`
	Play  string    `json:"play"`
	Owner string    `json:"owner"`
	State string    `json:"state"`
	DueAt time.Time `json:"due_at,omitzero"`
}

// Bounds of a packet.
const (
	MaxDeals       = 4
	MaxHistory     = 10
	MaxOpen        = 16
	MaxOpenHandoff = 8
	// MaxPacket is how many bytes of JSON a packet has at most. It is in the decision's row and event and in the offer's
	// event: 12 KB are 12 write units, once, of plays that are rare.
	MaxPacket = 12 << 10
	longest   = 240 // characters of one text, fewer where the whole would be too long
)

// Fit shortens the texts of a packet until the whole is MaxPacket bytes at most, and returns it.
func (p *Packet) Fit() *Packet {
	for n := longest; ; n /= 2 {
		p.shorten(n)
		if b, err := json.Marshal(p); err != nil || len(b) <= MaxPacket || n < 8 {
			return p
		}
	}
}

func (p *Packet) shorten(n int) {
	cut := func(texts ...*string) {
		for _, s := range texts {
			*s = short(*s, n)
		}
	}
	for i := range p.People {
		x := &p.People[i]
		cut(&x.Name, &x.Title, &x.Email, &x.Phone)
	}
	for i := range p.Deals {
		x := &p.Deals[i]
		cut(&x.Name, &x.Stage, &x.Owner)
	}
	for i := range p.Answers {
		cut(&p.Answers[i].Text)
	}
	for k, v := range p.Account {
		p.Account[k] = short(v, n)
	}
	for i := range p.History {
		cut(&p.History[i].Text)
	}
}

// short is a text on one line without characters that JSON must write longer, of n bytes at most.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(Plain(s)), " ")
	s = strings.NewReplacer("<", "‹", ">", "›", "&", "+").Replace(s)
	if len(s) <= n {
		return s
	}
	s = s[:max(n-len("…"), 0)]
	for s != "" && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return strings.TrimSpace(s) + "…"
}
