package contract

// spec is a source contract as YAML writes it; events/sources/README.md is its manual. Fields of type any are read by
// the compiler, which says what they may be.
type spec struct {
	Name      string        `json:"name"`
	Version   int           `json:"version"`
	Owner     string        `json:"owner"`
	About     string        `json:"about"`
	Like      string        `json:"like"`      // another contract, whose sections hold where this one has none
	Recognise any           `json:"recognise"` // an EventBridge pattern over the whole envelope
	Record    string        `json:"record"`    // where the record stands in the detail: an array is split, an object unwrapped
	Test      any           `json:"test"`      // a pattern: what matches comes from a test, not from a buyer
	Refuse    []refuseSpec  `json:"refuse"`
	Require   []requireSpec `json:"require"`
	Schema    any           `json:"schema"` // a JSON Schema file for the record, or one per detail-type
	ID        any           `json:"id"`
	Time      []timeSpec    `json:"time"`
	Volatile  []string      `json:"volatile"`
	Ignore    []ignoreSpec  `json:"ignore"`
	Common    mapping       `json:"common"`
	Map       []mapSpec     `json:"map"`
	Otherwise string        `json:"otherwise"` // why what no rule maps is ignored; without it, it is quarantined
}

type refuseSpec struct {
	When   any    `json:"when"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

type requireSpec struct {
	When  any    `json:"when"`
	Field any    `json:"field"`
	Type  string `json:"type"`
	In    []any  `json:"in"`
	Why   string `json:"why"`
	Code  string `json:"code"` // of the failure: schema unless told
}

type ignoreSpec struct {
	When   any    `json:"when"`
	Reason string `json:"reason"`
}

type timeSpec struct {
	Path string `json:"path"`
	As   string `json:"as"`
}

type mapSpec struct {
	Name string     `json:"name"`
	When any        `json:"when"`
	Also bool       `json:"also"` // the rules after it are tried too
	Each string     `json:"each"` // an array: a touch for each element, which is read as item
	ID   any        `json:"id"`
	Time []timeSpec `json:"time"`
	mapping
}

// mapping says how a touch's fields are read. A rule's own come before the contract's common ones.
type mapping struct {
	Kind        any              `json:"kind"`
	Source      any              `json:"source"`
	SourceType  any              `json:"source_type"`
	Subject     []any            `json:"subject"` // the first that holds
	Links       []any            `json:"links"`   // all that hold
	Person      map[string]any   `json:"person"`
	Company     map[string]any   `json:"company"`
	Opportunity *opportunitySpec `json:"opportunity"`
	Money       *moneySpec       `json:"money"`
	Feedback    *feedbackSpec    `json:"feedback"`
	Channel     any              `json:"channel"`
	Campaign    any              `json:"campaign"`
	URL         any              `json:"url"`
	Props       map[string]any   `json:"props"`
	PropsFrom   []string         `json:"props_from"` // objects whose scalars become props
	Test        any              `json:"test"`       // an expression that yields true for a test lead
}

type moneySpec struct {
	Minor     any            `json:"minor"`     // a whole number of minor units
	Major     any            `json:"major"`     // a decimal number of major units
	Currency  any            `json:"currency"`  // an ISO 4217 code
	Exponents map[string]int `json:"exponents"` // currencies whose minor unit is another than ISO's to this tool
	Optional  bool           `json:"optional"`  // no amount, no money; without it that is a broken contract
}

type opportunitySpec struct {
	ID        []any      `json:"id"`
	Name      any        `json:"name"`
	Stage     any        `json:"stage"`
	Status    any        `json:"status"`
	Type      any        `json:"type"`
	Amount    *moneySpec `json:"amount"`
	CloseDate any        `json:"close_date"`
	Owner     any        `json:"owner"`
	Invoice   any        `json:"invoice"`
	Sequence  any        `json:"sequence"`
}

type feedbackSpec struct {
	Handoff any `json:"handoff"`
	Play    any `json:"play"`
	Rep     any `json:"rep"`
	Reason  any `json:"reason"`
}
