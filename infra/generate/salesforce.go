package generate

import (
	"encoding/json"
	"time"

	"handoff/shared/money"
)

// The CRM: Salesforce change data capture through Event Relay. A create carries the whole record, an update only the
// fields that changed.

// change emits one change event of a record.
func (s *script) change(at time.Time, entity, changeType, id string, fields object, cases ...string) {
	changed := list{}
	for _, f := range fields {
		if f.value != nil {
			changed = append(changed, f.key)
		}
	}
	if changeType == "CREATE" {
		changed = list{}
	}
	s.sequence++
	header := o("entityName", entity, "recordIds", list{id}, "changeType", changeType, "changeOrigin", "com/salesforce/api/soap/62.0;client=SfdcInternalAPI/",
		"transactionKey", s.r.uuid(), "sequenceNumber", 1, "commitTimestamp", at.UnixMilli(), "commitNumber", int64(1_100_000_000_000)+at.Unix()*100+s.sequence,
		"commitUser", s.a.rep.id, "nulledFields", list{}, "diffFields", list{}, "changedFields", changed)
	payload := append(o("ChangeEventHeader", header), fields...)
	payload = append(payload, field{"LastModifiedDate", iso(at)})
	s.emit(record{tool: "salesforce", source: salesforceSource, detailType: entity + "ChangeEvent", at: at, cases: cases,
		detail: o("schemaId", "kW3pQ1x"+entity[:2]+"9dZ0", "id", s.r.uuid(), "payload", payload)})
}

// crmAccount creates the account in the CRM. kind is Prospect, Customer or Competitor.
func (s *script) crmAccount(at time.Time, kind string, extra object, cases ...string) {
	a := s.a
	a.inCRM = true
	s.change(at, "Account", "CREATE", a.crm, append(o("Name", a.name, "Website", "https://www."+a.domain, "Industry", a.industry,
		"NumberOfEmployees", a.employees, "Type", kind, "OwnerId", a.rep.id, "Owner_Email__c", a.rep.email, "BillingAddress", o("Country", a.country, "City", a.city),
		"CreatedDate", iso(at)), extra...), cases...)
}

// crmUpdate changes fields of the account.
func (s *script) crmUpdate(at time.Time, fields object, cases ...string) {
	s.change(at, "Account", "UPDATE", s.a.crm, fields, cases...)
}

// crmLead is what a form makes of a person that the CRM does not know.
func (s *script) crmLead(p *person, at time.Time, from string, cases ...string) {
	a := p.company
	fields := o("Name", o("FirstName", p.first, "LastName", p.last), "Email", p.email, "Title", p.title, "Phone", p.phone)
	if a.business() {
		fields = append(fields, o("Company", a.name, "Website", "https://www."+a.domain)...)
	} else {
		fields = append(fields, field{"Company", "[not provided]"})
	}
	s.change(at, "Lead", "CREATE", p.lead, append(fields, o("LeadSource", from, "Status", "Open - Not Contacted", "OwnerId", a.rep.id,
		"Country", a.country, "CreatedDate", iso(at))...), cases...)
}

// crmContact makes the person a contact of the account.
func (s *script) crmContact(p *person, at time.Time, cases ...string) {
	s.change(at, "Contact", "CREATE", p.contact, o("Name", o("FirstName", p.first, "LastName", p.last), "AccountId", p.company.crm,
		"Email", p.email, "Title", p.title, "Phone", p.phone, "OwnerId", p.company.rep.id, "MailingAddress", o("Country", p.company.country),
		"CreatedDate", iso(at)), cases...)
}

// convert turns the lead into a contact of the account.
func (s *script) convert(p *person, at time.Time, deal *deal) {
	s.change(at, "Lead", "UPDATE", p.lead, o("Status", "Qualified", "IsConverted", true, "ConvertedDate", at.UTC().Format("2006-01-02"),
		"ConvertedAccountId", p.company.crm, "ConvertedContactId", p.contact, "ConvertedOpportunityId", deal.id))
}

type deal struct {
	id, name string
	kind     string // New Business, Expansion, Renewal: what Type says
	sum      money.Amount
	close    time.Time
}

// decimal is an amount in major units, as the CRM writes it.
func decimal(a money.Amount) json.Number {
	n := int(a.Minor)
	digits := money.Exponent(a.Currency)
	whole, frac := n, 0
	for range digits {
		whole /= 10
	}
	scale := 1
	for range digits {
		scale *= 10
	}
	frac = n % scale
	text := itoa(whole)
	if frac != 0 {
		text += "." + itoa(scale + frac)[1:]
	}
	return json.Number(text)
}

func (s *script) opportunity(at time.Time, p *person, kind string, sum money.Amount, days int, from string) *deal {
	d := &deal{id: "006" + s.r.text(base62, 15), name: s.a.name + " - " + kind, kind: kind, sum: sum, close: at.AddDate(0, 0, days)}
	s.change(at, "Opportunity", "CREATE", d.id, o("Name", d.name, "AccountId", s.a.crm, "ContactId", p.contact, "StageName", "Discovery", "Type", kind,
		"Amount", decimal(sum), "CurrencyIsoCode", sum.Currency, "CloseDate", d.close.UTC().Format("2006-01-02"), "Probability", 10,
		"IsClosed", false, "IsWon", false, "LeadSource", from, "OwnerId", s.a.rep.id, "CreatedDate", iso(at)))
	return d
}

func (s *script) stage(at time.Time, d *deal, stage string, probability int) {
	s.change(at, "Opportunity", "UPDATE", d.id, o("StageName", stage, "Probability", probability))
}

// amend changes the amount, cases say whether it was won already.
func (s *script) amend(at time.Time, d *deal, sum money.Amount, cases ...string) {
	d.sum = sum
	s.change(at, "Opportunity", "UPDATE", d.id, o("Amount", decimal(sum), "CurrencyIsoCode", sum.Currency), cases...)
}

func (s *script) won(at time.Time, d *deal) {
	s.change(at, "Opportunity", "UPDATE", d.id, o("StageName", "Closed Won", "Probability", 100, "IsClosed", true, "IsWon", true,
		"CloseDate", at.UTC().Format("2006-01-02")), CaseWon)
}

func (s *script) lost(at time.Time, d *deal, reason string) {
	s.change(at, "Opportunity", "UPDATE", d.id, o("StageName", "Closed Lost", "Probability", 0, "IsClosed", true, "IsWon", false,
		"CloseDate", at.UTC().Format("2006-01-02"), "Loss_Reason__c", reason), CaseLost)
}

// task logs a call or an e-mail of the rep.
func (s *script) task(at time.Time, p *person, subtype, subject string, cases ...string) {
	s.change(at, "Task", "CREATE", "00T"+s.r.text(base62, 15), o("Subject", subject, "TaskSubtype", subtype, "Status", "Completed",
		"WhoId", p.contact, "WhatId", s.a.crm, "AccountId", s.a.crm, "OwnerId", s.a.rep.id, "ActivityDate", at.UTC().Format("2006-01-02"), "CreatedDate", iso(at)), cases...)
}

// meeting books a meeting.
func (s *script) meeting(at time.Time, p *person, subject string, in time.Duration) {
	s.change(at, "Event", "CREATE", "00U"+s.r.text(base62, 15), o("Subject", subject, "WhoId", p.contact, "WhatId", s.a.crm, "AccountId", s.a.crm,
		"OwnerId", s.a.rep.id, "StartDateTime", iso(at.Add(in).Truncate(time.Hour)), "DurationInMinutes", 45, "CreatedDate", iso(at)))
}

// gap is Salesforce's own word for "too much changed, fetch it yourself".
func (s *script) gap(at time.Time) {
	s.change(at, "Account", "GAP_UPDATE", s.a.crm, nil, CaseGap)
}
