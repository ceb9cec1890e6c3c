package event

import (
	"time"

	"handoff/shared/money"
	"handoff/shared/touch"
)

// Detail types that we publish, past tense. Each has a schema in events/schemas and a sample in events/samples.
const (
	TouchRecorded      = "TouchRecorded"      // ingest → score, route (feedback kinds)
	EnrichmentWanted   = "EnrichmentWanted"   // score → enrich
	AccountEnriched    = "AccountEnriched"    // enrich → score
	DecisionMade       = "DecisionMade"       // score → route
	ConversionRecorded = "ConversionRecorded" // score → attribution
	CreditsDue         = "CreditsDue"         // score → attribution
	HandoffOffered     = "HandoffOffered"     // route → the team's tools
	NurtureEnrolled    = "NurtureEnrolled"    // route → the e-mail tool
	HandoffReminded    = "HandoffReminded"    // route: the deadline is near
	HandoffEscalated   = "HandoffEscalated"   // route: the deadline has passed
	HandoffClosed      = "HandoffClosed"      // route: rejected, completed or recycled
	HandoffReassigned  = "HandoffReassigned"  // route: it has another owner
	RevenueAttributed  = "RevenueAttributed"  // attribution → whoever reports
	PolicyActivated    = "PolicyActivated"    // the operator, by score → stage owners
)

// DetailTypes lists them all.
var DetailTypes = []string{
	TouchRecorded, EnrichmentWanted, AccountEnriched, DecisionMade, ConversionRecorded, CreditsDue, HandoffOffered,
	NurtureEnrolled, HandoffReminded, HandoffEscalated, HandoffClosed, HandoffReassigned, RevenueAttributed, PolicyActivated,
}

// TouchDetail is the detail of TouchRecorded and of AccountEnriched (an answer of the provider chain is recorded as
// a touch of kind account_enriched by the source "enrich", so facts have one way in).
type TouchDetail struct {
	Meta
	Touch touch.Touch `json:"touch"`
}

// EnrichmentWantedDetail asks for firmographics once per account.
type EnrichmentWantedDetail struct {
	Meta
	Account string    `json:"account"` // a subject: account:<domain>
	Domain  string    `json:"domain"`
	AsOf    time.Time `json:"as_of"`
}

// Decision is the detail of DecisionMade and the body of the ledger's decision row: that a play's condition came to
// hold for an account, and everything needed to explain it years later. Its ID is frozen with it.
type Decision struct {
	Meta
	ID         string     `json:"id"`
	Account    string     `json:"account"`
	Play       string     `json:"play"`
	Funnel     string     `json:"funnel"`
	HandRaise  bool       `json:"hand_raise,omitempty"` // beats bands
	AsOf       time.Time  `json:"as_of"`
	Newest     time.Time  `json:"newest"` // of the contributing touches: act_within counts from here
	Reason     string     `json:"reason"` // one sentence a rep would read
	Person     string     `json:"person,omitempty"`
	Evaluation Evaluation `json:"evaluation"`
	Context    Context    `json:"context"`
	// Asset is the content that the play chose, and AssetBecause by which of its rules.
	Asset        string  `json:"asset,omitempty"`
	AssetBecause string  `json:"asset_because,omitempty"`
	Packet       *Packet `json:"packet,omitempty"` // of plays that ask for one
	Test         bool    `json:"test,omitempty"`
	Impersonal   bool    `json:"impersonal,omitempty"` // by signals of the company alone: nobody is written to for them
}

// Context is what route needs to know of the account to choose an owner and to check gates, frozen at the decision.
// Route reads gates that can change (consent, open opportunity) again when it acts.
type Context struct {
	Name      string            `json:"name,omitempty"`
	Domain    string            `json:"domain,omitempty"`
	Country   string            `json:"country,omitempty"`
	Industry  string            `json:"industry,omitempty"`
	Employees int               `json:"employees,omitempty"`
	Owner     string            `json:"owner,omitempty"` // the CRM's owner of the account
	Fields    map[string]string `json:"fields,omitempty"`
}

// Evaluation is what the policy made of an account's facts at one as_of. It is a pure function of facts, people, open
// deals, policy and as_of; two machines agree on it bit for bit (no floats).
type Evaluation struct {
	AsOf     time.Time         `json:"as_of"` // whole hours
	Fit      int               `json:"fit"`
	Interest int               `json:"interest"`
	Score    int               `json:"score"` // fit + interest
	Band     string            `json:"band"`
	Quadrant string            `json:"quadrant"` // high/high, high/low, low/high, low/low: fit/interest
	Motion   string            `json:"motion,omitempty"`
	Stages   map[string]string `json:"stages"`          // funnel → stage
	PQL      map[string]bool   `json:"pql,omitempty"`   // playbook → holds
	Plays    []string          `json:"plays,omitempty"` // plays whose condition holds, sorted
	Rules    []Contribution    `json:"rules,omitempty"` // that fired, in policy order
	NotFired []string          `json:"not_fired,omitempty"`
	Unknown  []string          `json:"unknown,omitempty"` // fields a rule wanted and nobody has told us
	Policy   PolicyRef         `json:"policy"`
	// Who takes part in a purchase, and how far open deals are understood: shown, and part of the score only by a rule.
	Committee  *Committee  `json:"committee,omitempty"`
	Checklists []Checklist `json:"checklists,omitempty"`
	Signals    []Signal    `json:"signals,omitempty"`   // that hold, in policy order
	Playbooks  []Playbook  `json:"playbooks,omitempty"` // those that give points, in policy order
	Standings  []Standing  `json:"standings,omitempty"` // of funnels of which there is more to say than the stage
}

// Contribution is one rule's part of a score.
type Contribution struct {
	Rule     string     `json:"rule"`
	Group    string     `json:"group"` // fit or interest; of a playbook fit, usage or intent
	Points   int        `json:"points"`
	Text     string     `json:"text"` // "pricing page viewed twice, last on 12 May"
	Evidence []touch.ID `json:"evidence,omitempty"`
	Value    string     `json:"value,omitempty"` // the field's value, for fit rules
}

// PolicyRef names the policy that was in force.
type PolicyRef struct {
	Epoch int64  `json:"epoch"`
	Fold  string `json:"fold"`
	Eval  string `json:"eval"`
}

// Conversion is the detail of ConversionRecorded: revenue, once per deal or invoice, in its latest revision.
type Conversion struct {
	Meta
	ID       string       `json:"id"` // a subject of kind opportunity, or invoice:<tool>/<id>
	Account  string       `json:"account"`
	Type     string       `json:"type"` // new, expansion, renewal
	Time     time.Time    `json:"time"`
	Amount   money.Amount `json:"amount"`           // net of refunds; 0 when reopened, lost or fully refunded
	Revision string       `json:"revision"`         // digest of what it was computed from
	Created  time.Time    `json:"created,omitzero"` // of the opportunity, for W-shaped and full path
	// Sequence is 1 or more and rises with every revision of the conversion, whichever account emits it, so that an
	// older revision that arrives late cannot replace a newer: max(the last one + 1, unix milliseconds at the freeze).
	Sequence int64 `json:"sequence"`
}

// CreditsDueDetail tells attribution that the journey changed from a time on: a late touch, or a refold.
type CreditsDueDetail struct {
	Meta
	Account string    `json:"account"`
	From    time.Time `json:"from"`
	Cause   string    `json:"cause"` // touch id, or refold:<generation>
}

// HandoffDetail is the detail of HandoffOffered, NurtureEnrolled, HandoffReminded, HandoffEscalated, HandoffClosed,
// HandoffReassigned.
type HandoffDetail struct {
	Meta
	ID       string    `json:"id"` // the external id for the destination: CRM writes are upserts on it
	Decision string    `json:"decision"`
	Account  string    `json:"account"`
	Person   string    `json:"person,omitempty"`
	Funnel   string    `json:"funnel"`
	Play     string    `json:"play"`
	Mode     string    `json:"mode"`
	Team     string    `json:"team"`
	Owner    string    `json:"owner"`
	State    string    `json:"state"`
	Reason   string    `json:"reason"`
	OpenedAt time.Time `json:"opened_at"`
	DueAt    time.Time `json:"due_at,omitzero"`
	To       string    `json:"to,omitempty"`    // whom a reminder or an escalation addresses; of a reassignment, who had it
	Asset    string    `json:"asset,omitempty"` // the content a nurture sends
	Context  Context   `json:"context"`
	Packet   *Packet   `json:"packet,omitempty"` // of HandoffOffered, where the play asks for one
}

// Attributed is the detail of RevenueAttributed: every model's credits of one conversion revision, to the cent.
type Attributed struct {
	Meta
	Conversion string       `json:"conversion"`
	Account    string       `json:"account"`
	Revision   string       `json:"revision"`
	Digest     string       `json:"digest"` // of all inputs: the credit row's identity
	Amount     money.Amount `json:"amount"`
	Time       time.Time    `json:"time"`
	// Rolled: the credits per touch would not fit an event, so they are summed per channel and campaign and name no
	// touch. The ledger's credit row has them whole.
	Rolled bool                    `json:"rolled,omitempty"`
	Models map[string]ModelCredits `json:"models"`
}

// ModelCredits splits one conversion's amount. The sum of Credits and Unattributed is the amount, to the cent.
type ModelCredits struct {
	Unattributed int64    `json:"unattributed,omitempty"`
	Credits      []Credit `json:"credits,omitempty"`
}

// Credit is one touch's share, in minor units of the conversion's currency.
type Credit struct {
	Touch    touch.ID `json:"touch,omitzero"`
	Channel  string   `json:"channel"`
	Campaign string   `json:"campaign,omitempty"`
	Minor    int64    `json:"minor"`
}

// PolicyActivatedDetail announces a new active epoch. Its consumers dedupe on the epoch.
type PolicyActivatedDetail struct {
	Meta                    // both ids are policy:<epoch>: the operator's own act begins the chain
	Epoch    int64          `json:"epoch"`
	Fold     string         `json:"fold"`
	Eval     string         `json:"eval"`
	By       string         `json:"by"`
	Why      string         `json:"why"`
	At       time.Time      `json:"at"`
	Replaces int64          `json:"replaces"`           // the epoch that was in force before; 0: what the build ships
	Restores *int64         `json:"restores,omitempty"` // of a rollback: the epoch whose text is in force again
	Changed  []StageChanged `json:"changed,omitempty"`  // stages whose owners are told
}

// StageChanged is a stage of an active funnel that means something else now.
type StageChanged struct {
	Funnel string   `json:"funnel"`
	Stage  string   `json:"stage"`
	Owner  string   `json:"owner"`         // who answers for it; of a stage that was removed, who did
	Was    string   `json:"was,omitempty"` // who answered for it before, where that is somebody else
	Change string   `json:"change"`        // added, removed or changed
	What   []string `json:"what,omitempty"`
}
