package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"handoff/shared/money"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

func (o *opportunity) read(r *record) (*touch.Opportunity, *Failure) {
	if o == nil {
		return nil, nil
	}
	out := &touch.Opportunity{
		Name: clip(o.name.eval(r)), Stage: clip(o.stage.eval(r)), Status: o.status.eval(r), Type: o.typ.eval(r),
		CloseDate: date(o.closed.eval(r)), Owner: clip(o.owner.eval(r)), Invoice: o.invoice.eval(r),
		Answers: readFields(o.answers, r),
	}
	for i := range o.id {
		if out.ID = o.id[i].read(r); out.ID != "" {
			break
		}
	}
	switch {
	case out.ID == "" && (len(o.id) > 0 || out.Invoice == ""), out.ID != "" && subject.KindOf(out.ID) != subject.Opportunity:
		return nil, &Failure{Code: Schema, Field: strings.Join(slices.Concat(refPlaces(o.id), o.invoice.places()), " or "), Reason: "The event is about a deal or an invoice and does not say which."}
	case !slices.Contains([]string{"", "open", "won", "lost"}, out.Status):
		return nil, &Failure{Code: Schema, Field: o.status.place(), Reason: "The deal's status is not one of open, won and lost."}
	case !slices.Contains([]string{"", "new", "expansion", "renewal"}, out.Type):
		return nil, &Failure{Code: Schema, Field: o.typ.place(), Reason: "The deal's type is not one of new, expansion and renewal."}
	}
	if s := o.number.eval(r); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, &Failure{Code: Schema, Field: o.number.place(), Reason: "The sequence number is not a whole number."}
		}
		out.Sequence = n
	}
	var f *Failure
	out.Amount, f = o.amount.read(r)
	return out, f
}

func (a *amount) read(r *record) (*money.Amount, *Failure) {
	if a == nil {
		return nil, nil
	}
	place := strings.Join(slices.Concat(a.minor.places(), a.major.places()), " or ")
	minor, major := a.minor.eval(r), a.major.eval(r)
	if minor == "" && major == "" {
		if a.optional {
			return nil, nil
		}
		return nil, &Failure{Code: Schema, Field: place, Reason: "The amount is missing."}
	}
	currency, err := money.Currency(a.currency.eval(r))
	if err != nil {
		return nil, &Failure{Code: Schema, Field: a.currency.place(), Reason: "The currency is missing or not an ISO 4217 code of three letters."}
	}
	decimal := major
	if minor != "" {
		exponent, ok := a.exponents[currency]
		if !ok {
			exponent = money.Exponent(currency)
		}
		if strings.ContainsAny(minor, "eE") {
			return nil, &Failure{Code: Schema, Field: place, Reason: "The amount is not a whole number of minor units."}
		}
		decimal = fmt.Sprintf("%se-%d", minor, exponent)
	}
	got, err := money.Parse(decimal, currency)
	if err != nil {
		return nil, &Failure{Code: Schema, Field: place, Reason: fmt.Sprintf("The amount cannot be read exactly in %s: not a number, too large, or with more decimals than the currency has.", currency)}
	}
	return &got, nil
}

func (b *feedback) read(r *record, kind string) (*touch.Feedback, *Failure) {
	answers := slices.Contains(touch.FeedbackKinds, kind)
	if b == nil {
		if answers {
			return nil, &Failure{Code: Schema, Field: "detail", Reason: "The event answers a handoff, and its rule does not read which."}
		}
		return nil, nil
	}
	out := touch.Feedback{Handoff: clip(b.handoff.eval(r)), Play: clip(b.play.eval(r)), Rep: clip(b.rep.eval(r)), Reason: clip(b.reason.eval(r))}
	if out.Handoff == "" && out.Play == "" && !(b.persons && answers) {
		if answers {
			return nil, &Failure{Code: Schema, Field: strings.Join(slices.Concat(b.handoff.places(), b.play.places()), " or "), Reason: "The event answers a handoff and names neither the handoff nor its play."}
		}
		return nil, nil
	}
	return &out, nil
}
