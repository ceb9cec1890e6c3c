package enrich

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/company"
	"handoff/shared/ledger"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Fields are the firmographics that a provider may tell: some of account.CompanyFields. What only our own tools can
// know (owner, renewal date, competitor …) a provider cannot set.
var Fields = []string{"name", "industry", "employees", "country", "region", "revenue", "technologies"}

// Undated is the time of every answer. A register keeps the latest word, so anything a tool of our own says of the
// company, at whatever time, stands before the provider's general knowledge; and because the time does not depend on
// when score came to ask, facts are equal whatever the order in which touches arrived. When the answer was received is
// in recorded_at.
var Undated = time.Unix(0, 0).UTC()

// The outcomes of asking, besides the classes of domains that nobody is asked about.
const (
	found    = "found"
	notFound = "not_found"
)

// answer is what came of asking.
type answer struct {
	provider string
	outcome  string
	fields   map[string]string
}

// clean keeps what can be used of a provider's fields: known ones, trimmed, with whole numbers where a number is meant.
func (h *Handler) clean(ctx context.Context, domain string, fields map[string]string, ok bool) answer {
	if !ok {
		return answer{provider: "none", outcome: notFound}
	}
	a := answer{provider: fields[providerField], outcome: found, fields: map[string]string{}}
	var unusable []string
	for _, f := range Fields {
		v, given := usable(f, fields[f])
		if v != "" {
			a.fields[f] = v
		} else if given {
			unusable = append(unusable, f)
		}
	}
	if len(unusable) > 0 {
		h.Log.WarnContext(ctx, "fields of a provider's answer left out: not whole numbers", "domain", domain, "provider", a.provider, "fields", unusable)
	}
	return a
}

// usable normalises a field's value: "" where there is none or it makes no sense. given tells these two apart.
func usable(field, value string) (v string, given bool) {
	v = strings.TrimSpace(value)
	if v == "" {
		return "", false
	}
	if field == "employees" || field == "revenue" {
		v = strings.NewReplacer(",", "", "_", "", " ", "", "'", "").Replace(v)
		if len(v) > 15 || strings.Trim(v, "0123456789") != "" {
			return "", true
		}
	}
	return v, true
}

// touch is the answer as a fact about the account. Its id is made of the account, the domain and the answer alone.
func (a *answer) touch(account, domain, eventID string, now time.Time) touch.Touch {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s%d:%s", len(a.provider), a.provider, len(a.outcome), a.outcome)
	keys := make([]string, 0, len(a.fields))
	for k := range a.fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprintf(h, "%d:%s%d:%s", len(k), k, len(a.fields[k]), a.fields[k])
	}
	digest := hex.EncodeToString(h.Sum(nil)[:16])
	producer := account + "/" + domain + "/" + digest
	t := touch.Touch{
		ID: touch.NewID(Source, sourceType, producer, 0), Kind: touch.AccountEnriched, Time: Undated, Subject: account,
		Source: Source, SourceType: sourceType, ProducerID: producer,
		Props:      map[string]any{"provider": a.provider, "outcome": a.outcome},
		RecordedAt: now.UTC().Truncate(time.Millisecond), EventID: eventID, Contract: Source + "@1", Digest: digest,
	}
	if len(a.fields) > 0 {
		t.Company = a.fields
	}
	// Who writes the name of the company and no address of its domain is of it, if no other goes by that name.
	for kind, key := range map[string]string{subject.Name: company.MatchName(a.fields["name"]), subject.Country: company.Country(a.fields["country"])} {
		if id := subject.New(kind, key); id != "" {
			t.Links = append(t.Links, id)
		}
	}
	slices.Sort(t.Links)
	return t
}

// Source is the source of an answer as a touch.
const Source = "enrich"

const sourceType = "answer"

func rowOf(t *touch.Touch) (ledger.Row, error) {
	body, err := json.Marshal(t)
	if err != nil {
		return ledger.Row{}, fmt.Errorf("enrich: encode the answer about %s: %w", t.Subject, err)
	}
	return ledger.Row{Owner: t.Subject, Type: ledger.Enrichment, Time: t.Time, ID: t.ID.String(), RecordedAt: t.RecordedAt, Body: body}, nil
}
