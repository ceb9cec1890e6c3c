package generate

import (
	"strconv"
	"time"

	"handoff/shared/money"
)

// Billing: Stripe's partner events, the event object as detail. Amounts are minor units, currencies lower case.

func (s *script) stripe(at time.Time, kind string, obj, previous object, cases ...string) {
	data := o("object", obj)
	if len(previous) > 0 {
		data = append(data, field{"previous_attributes", previous})
	}
	detail := o("id", "evt_1"+s.r.text(base62, 23), "object", "event", "api_version", "2024-06-20",
		"created", at.Unix(), "type", kind, "livemode", true, "pending_webhooks", 1,
		"request", o("id", "req_"+s.r.text(base62, 14), "idempotency_key", null{}), "data", data)
	s.emit(record{tool: "stripe", source: stripeSource, detailType: kind, at: at.Truncate(time.Second), detail: detail, cases: cases})
}

func stripeMoney(a money.Amount) (int64, string) { return a.Minor, lower(a.Currency) }

// stripeCustomer opens the account's customer, paid for by p.
func (s *script) stripeCustomer(p *person, at time.Time) {
	a := p.company
	a.inStripe = true
	s.stripe(at, "customer.created", o("id", a.stripe, "object", "customer", "created", at.Unix(), "email", p.email,
		"name", p.name(), "currency", lower(a.currency), "livemode", true,
		"metadata", o("user_id", p.user, "workspace_id", a.group), "address", o("country", a.country)), nil)
}

type plan struct {
	name  string
	price int64 // minor units a month, before the currency's own
}

var plans = []plan{{"starter", 4900}, {"team", 24900}, {"business", 89900}}

// amount turns a sum of US cents into the account's currency, roughly; whole yen for yen.
func (a *company) amount(cents int64) money.Amount {
	switch a.currency {
	case "JPY":
		return money.Amount{Minor: cents * 150 / 100 / 100 * 100, Currency: "JPY"}
	case "EUR":
		return money.Amount{Minor: cents * 92 / 100, Currency: "EUR"}
	}
	return money.Amount{Minor: cents, Currency: "USD"}
}

type subscription struct {
	id   string
	plan plan
	user *person
	from time.Time
}

func (s *script) subscriptionObject(sub *subscription, at time.Time, status string) object {
	a := sub.user.company
	minor, currency := stripeMoney(a.amount(sub.plan.price))
	return o("id", sub.id, "object", "subscription", "customer", a.stripe, "status", status, "created", sub.from.Unix(),
		"currency", currency, "livemode", true, "cancel_at_period_end", false,
		"current_period_start", at.Unix(), "current_period_end", at.AddDate(0, 1, 0).Unix(),
		"items", o("object", "list", "data", list{o("id", "si_"+sub.id[4:], "object", "subscription_item", "quantity", 1, "price", o("id", "price_"+sub.plan.name, "object", "price", "currency", currency, "unit_amount", minor,
			"nickname", sub.plan.name, "recurring", o("interval", "month", "interval_count", 1), "type", "recurring"))}),
		"metadata", o("user_id", sub.user.user, "workspace_id", a.group))
}

// subscribe starts a subscription; with a trial it is not paid before the trial is over.
func (s *script) subscribe(p *person, at time.Time, pl plan, trial bool) *subscription {
	if !p.company.inStripe {
		s.stripeCustomer(p, at.Add(-20*time.Second))
	}
	sub := &subscription{id: "sub_1" + s.r.text(base62, 23), plan: pl, user: p, from: at}
	status := "active"
	obj := s.subscriptionObject(sub, at, status)
	if trial {
		obj = s.subscriptionObject(sub, at, "trialing").with(at.Unix(), "trial_start").with(at.AddDate(0, 0, 14).Unix(), "trial_end")
	}
	s.stripe(at, "customer.subscription.created", obj, nil)
	if trial {
		s.stripe(at.AddDate(0, 0, 11), "customer.subscription.trial_will_end", obj, nil)
	}
	return sub
}

// invoice pays or fails to pay a document. deal is the CRM's opportunity it bills, if any.
func (s *script) invoice(p *person, at time.Time, sum money.Amount, sub *subscription, deal string, paid bool) (invoice string) {
	a := p.company
	if !a.inStripe {
		s.stripeCustomer(p, at.Add(-time.Minute))
	}
	invoice = "in_1" + s.r.text(base62, 23)
	minor, currency := stripeMoney(sum)
	obj := o("id", invoice, "object", "invoice", "customer", a.stripe, "customer_email", p.email, "customer_name", p.name(),
		"currency", currency, "amount_due", minor, "amount_paid", minor, "amount_remaining", int64(0), "total", minor,
		"status", "paid", "created", at.Add(-time.Hour).Unix(), "livemode", true,
		"number", strconv.Itoa(10000+s.r.IntN(89999)), "billing_reason", "subscription_cycle",
		"status_transitions", o("paid_at", at.Unix()))
	meta := o("user_id", p.user)
	if sub != nil {
		obj = append(obj, field{"subscription", sub.id})
	}
	if deal != "" {
		obj = obj.with("manual", "billing_reason")
		meta = append(meta, field{"opportunity_id", deal})
	}
	obj = append(obj, field{"metadata", meta})
	if !paid {
		obj = obj.with(int64(0), "amount_paid").with(minor, "amount_remaining").with("open", "status")
		s.stripe(at, "invoice.payment_failed", obj, nil)
		return invoice
	}
	s.stripe(at.Add(-2*time.Minute), "invoice.finalized", obj.with(int64(0), "amount_paid").with(minor, "amount_remaining").with("open", "status"), nil, CaseIgnored)
	s.stripe(at, "invoice.paid", obj, nil)
	return invoice
}

// refund gives back part of an invoice.
func (s *script) refund(p *person, at time.Time, invoice string, whole, part money.Amount) {
	minor, currency := stripeMoney(whole)
	s.stripe(at, "charge.refunded", o("id", "ch_3"+s.r.text(base62, 23), "object", "charge", "customer", p.company.stripe,
		"invoice", invoice, "currency", currency, "amount", minor, "amount_captured", minor, "amount_refunded", part.Minor,
		"refunded", part.Minor == minor, "paid", true, "livemode", true, "created", at.Add(-24*time.Hour).Unix(),
		"receipt_email", p.email, "billing_details", o("email", p.email, "name", p.name()),
		"metadata", o("user_id", p.user)), o("amount_refunded", int64(0)), CaseRefund)
}

// cancel ends a subscription.
func (s *script) cancel(sub *subscription, at time.Time) {
	obj := s.subscriptionObject(sub, at, "canceled").with(at.Unix(), "canceled_at").with(at.Unix(), "ended_at").
		with(o("comment", null{}, "feedback", pick(s.r, []string{"too_expensive", "unused", "missing_features", "switched_service"}), "reason", "cancellation_requested"), "cancellation_details")
	s.stripe(at, "customer.subscription.deleted", obj, nil, CaseChurn)
}
