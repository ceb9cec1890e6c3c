package contract

// spec is a source contract as YAML writes it; events/sources/README.md is its manual. Fields of type any are read by
// the compiler, which says what they may be.
type spec struct {
	Name      string        `json:"name,omitempty"`
	Version   int           `json:"version,omitempty"`
	Owner     string        `json:"owner,omitempty"`
	About     string        `json:"about,omitempty"`
	Like      string        `json:"like,omitempty"`      // another contract, whose sections hold where this one has none
	Recognise any           `json:"recognise,omitempty"` // an EventBridge pattern over the whole envelope
	Record    string        `json:"record,omitempty"`    // where the record stands in the detail: an array is split, an object unwrapped
	Test      any           `json:"test,omitempty"`      // a pattern: what matches comes from a test, not from a buyer
	Refuse    []refuseSpec  `json:"refuse,omitempty"`
	Require   []requireSpec `json:"require,omitempty"`
	Schema    any           `json:"schema,omitempty"` // a JSON Schema file for the record, or one per detail-type
	ID        any           `json:"id,omitempty"`
	Time      []timeSpec    `json:"time,omitempty"`
	Volatile  []string      `json:"volatile,omitempty"`
	Ignore    []ignoreSpec  `json:"ignore,omitempty"`
	Common    mapping       `json:"common"`
	Map       []mapSpec     `json:"map,omitempty"`
	Otherwise string        `json:"otherwise,omitempty"` // why what no rule maps is ignored; without it, it is quarantined
}

type refuseSpec struct {
	When   any    `json:"when,omitempty"`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason,omitempty"`
}

type requireSpec struct {
	When  any    `json:"when,omitempty"`
	Field any    `json:"field,omitempty"`
	Type  string `json:"type,omitempty"`
	In    []any  `json:"in,omitempty"`
	Why   string `json:"why,omitempty"`
	Code  string `json:"code,omitempty"` // of the failure: schema unless told
}

type ignoreSpec struct {
	When   any    `json:"when,omitempty"`
	Reason string `json:"reason,omitempty"`
}

type timeSpec struct {
	Path string `json:"path,omitempty"`
	As   string `json:"as,omitempty"`
}

type mapSpec struct {
	Name string     `json:"name,omitempty"`
	When any        `json:"when,omitempty"`
	Also bool       `json:"also,omitempty"` // the rules after it are tried too
	Each string     `json:"each,omitempty"` // an array: a touch for each element, which is read as item
	ID   any        `json:"id,omitempty"`
	Time []timeSpec `json:"time,omitempty"`
	mapping
}

// mapping says how a touch's fields are read. A rule's own come before the contract's common ones.
type mapping struct {
	Kind        any              `json:"kind,omitempty"`
	Source      any              `json:"source,omitempty"`
	SourceType  any              `json:"source_type,omitempty"`
	Subject     []any            `json:"subject,omitempty"` // the first that holds
	Links       []any            `json:"links,omitempty"`   // all that hold
	Person      map[string]any   `json:"person,omitempty"`
	Company     map[string]any   `json:"company,omitempty"`
	Opportunity *opportunitySpec `json:"opportunity,omitempty"`
	Money       *moneySpec       `json:"money,omitempty"`
	Feedback    *feedbackSpec    `json:"feedback,omitempty"`
	Channel     any              `json:"channel,omitempty"`
	Campaign    any              `json:"campaign,omitempty"`
	URL         any              `json:"url,omitempty"`
	Props       map[string]any   `json:"props,omitempty"`
	PropsFrom   []string         `json:"props_from,omitempty"` // objects whose scalars become props
	Test        any              `json:"test,omitempty"`       // an expression that yields true for a test lead
}

type moneySpec struct {
	Minor     any            `json:"minor,omitempty"`     // a whole number of minor units
	Major     any            `json:"major,omitempty"`     // a decimal number of major units
	Currency  any            `json:"currency,omitempty"`  // an ISO 4217 code
	Exponents map[string]int `json:"exponents,omitempty"` // currencies whose minor unit is another than ISO's to this tool
	Optional  bool           `json:"optional,omitempty"`  // no amount, no money; without it that is a broken contract
}

type opportunitySpec struct {
	ID        []any      `json:"id,omitempty"`
	Name      any        `json:"name,omitempty"`
	Stage     any        `json:"stage,omitempty"`
	Status    any        `json:"status,omitempty"`
	Type      any        `json:"type,omitempty"`
	Amount    *moneySpec `json:"amount,omitempty"`
	CloseDate any        `json:"close_date,omitempty"`
	Owner     any        `json:"owner,omitempty"`
	Invoice   any        `json:"invoice,omitempty"`
	Sequence  any        `json:"sequence,omitempty"`

	Answers map[string]any `json:"answers,omitempty"`
}

type feedbackSpec struct {
	Handoff any `json:"handoff,omitempty"`
	Play    any `json:"play,omitempty"`
	Rep     any `json:"rep,omitempty"`
	Reason  any `json:"reason,omitempty"`
	// Persons says that the answer is to the handoff of the person who is the subject, where the tool cannot name it.
	Persons bool `json:"persons,omitempty"`
}
