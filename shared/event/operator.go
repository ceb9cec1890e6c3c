package event

// Operator is the envelope's source on what an operator's command puts on the bus for the pipeline to do. It goes the way
// of every event: archived, recorded by ingest under the contract events/sources/operator.yaml, proved by conserve.
const Operator = "handoff.operator"

// Detail types of an operator's requests. Each has a schema in events/schemas and a sample in events/samples.
const (
	SubjectsLinked     = "SubjectsLinked"     // a subject is, or belongs to, another
	SubjectsUnlinked   = "SubjectsUnlinked"   // it is not, whatever tools say
	TouchesRevised     = "TouchesRevised"     // the ledger has other revisions of a subject's touches
	ReassignmentWanted = "ReassignmentWanted" // a handoff is to be another's
)

// Relation is the detail of SubjectsLinked and SubjectsUnlinked.
type Relation struct {
	ID      string `json:"id"`
	At      string `json:"at"`             // when the operator said so: RFC 3339
	Subject string `json:"subject"`        // such as user:7
	Target  string `json:"target"`         // such as account:initech.com
	From    string `json:"from,omitempty"` // when it takes effect: RFC 3339; none: of a link at, of an unlink the beginning of time
	By      string `json:"by"`
	Why     string `json:"why,omitempty"`
}

// Revised is the detail of TouchesRevised.
type Revised struct {
	ID      string `json:"id"`
	At      string `json:"at"`      // of the newest revision: RFC 3339
	Subject string `json:"subject"` // in whose timeline the revisions stand
	Mapping string `json:"mapping"` // the contract by which they were read
	Touches int    `json:"touches"` // how many have revisions there
	By      string `json:"by"`
	Why     string `json:"why,omitempty"`
}

// Reassignment is the detail of ReassignmentWanted.
type Reassignment struct {
	ID      string `json:"id"`
	At      string `json:"at"`      // RFC 3339
	Account string `json:"account"` // of the handoff
	Handoff string `json:"handoff"`
	From    string `json:"from"`         // who has it; where it is another's by then, nothing is done
	To      string `json:"to,omitempty"` // who is to have it; else the policy says
	By      string `json:"by"`
	Why     string `json:"why,omitempty"`
}
