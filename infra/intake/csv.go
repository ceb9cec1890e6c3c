package intake

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"handoff/events/journeys"
	"handoff/shared/event"
)

// ImportSource is the source of what people load by hand; events/sources/import.yaml is its contract.
const ImportSource = "handoff.import"

// kinds are the records a row can be, by the word a person says.
var kinds = map[string]string{"list": "ListMember", "account": "CrmAccount", "contact": "CrmContact", "opportunity": "CrmOpportunity", "spend": "Spend"}

// Kinds lists the words for Options.As.
func Kinds() []string { return []string{"list", "account", "contact", "opportunity", "spend"} }

// spoken maps column titles as tools write them to the contract's.
var spoken = map[string]string{
	"email_address": "email", "e_mail": "email", "e-mail": "email", "mail": "email", "work_email": "email",
	"job_title": "title", "jobtitle": "title", "company_name": "company", "account_name": "name", "firstname": "first_name",
	"lastname": "last_name", "date_time": "at", "timestamp": "at", "attended_at": "at", "scanned_at": "at", "registration_time": "at",
	"website_url": "website", "company_domain": "domain", "account_id": "account_id", "accountid": "account_id", "list_name": "list",
	"cost": "amount", "day": "date", "stagename": "stage", "closedate": "close_date", "number_of_employees": "employees",
}

// readCSV reads rows under a header.
func readCSV(name string, r io.Reader, o Options, yield func(event.Envelope) error, bad func(*journeys.LineError)) error {
	cr := csv.NewReader(r)
	cr.ReuseRecord, cr.FieldsPerRecord, cr.TrimLeadingSpace = true, -1, true
	header, err := cr.Read()
	if errors.Is(err, io.EOF) {
		bad(&journeys.LineError{File: name, Line: 1, Err: errors.New("the file is empty: the first line names the columns")})
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: read the header: %w", name, err)
	}
	cols := make([]string, len(header))
	for i, h := range header {
		cols[i] = column(h)
	}
	for i, c := range cols {
		if c != "" && slices.Index(cols, c) != i {
			bad(&journeys.LineError{File: name, Line: 1, Err: fmt.Errorf("the column %q stands twice", c)})
			return nil
		}
	}
	detailType, err := recordType(cols, o)
	if err != nil {
		bad(&journeys.LineError{File: name, Line: 1, Err: err})
		return nil
	}
	if detailType != "Spend" && !slices.Contains(cols, "at") && o.Set["at"] == "" {
		bad(&journeys.LineError{File: name, Line: 1, Err: errors.New("no column says when: add one called at, or give one date for all rows with --set at=2026-03-12")})
		return nil
	}
	for n := 1; ; n++ {
		row, err := cr.Read()
		line := 0
		if err == nil {
			line, _ = cr.FieldPos(0)
		}
		var perr *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &perr):
			bad(&journeys.LineError{File: name, Line: perr.StartLine, Err: perr.Err})
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case len(row) != len(cols):
			bad(&journeys.LineError{File: name, Line: line, Err: fmt.Errorf("%d fields under %d columns; is the file cut off, or a comma not quoted?", len(row), len(cols))})
			continue
		}
		detail := map[string]any{"file": filepath.Base(name), "row": n}
		for c, v := range o.Set {
			detail[c] = v
		}
		for i, v := range row {
			if v = strings.TrimSpace(v); v != "" && cols[i] != "" {
				detail[cols[i]] = v
			}
		}
		if detailType == "ListMember" && detail["list"] == nil {
			detail["list"] = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		}
		e := event.Envelope{Source: ImportSource, DetailType: detailType, Time: rowTime(detail, o.Now)}
		if e.Detail, err = json.Marshal(detail); err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if err := yield(e); err != nil {
			return err
		}
	}
}

// column normalises a title: "Email Address" is email.
func column(h string) string {
	h = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))
	h = strings.Join(strings.FieldsFunc(h, func(r rune) bool { return r == ' ' || r == '_' || r == '.' || r == '/' }), "_")
	if known, ok := spoken[h]; ok {
		return known
	}
	return h
}

// recordType is what the rows are: as told, or by columns that only one kind of record has.
func recordType(cols []string, o Options) (string, error) {
	if o.As != "" {
		if t, ok := kinds[o.As]; ok {
			return t, nil
		}
		return "", fmt.Errorf("no kind of record %q: want one of %s", o.As, strings.Join(Kinds(), ", "))
	}
	has := func(all ...string) bool {
		return !slices.ContainsFunc(all, func(c string) bool { return !slices.Contains(cols, c) && o.Set[c] == "" })
	}
	switch {
	case has("channel", "amount", "date") && !has("email"):
		return "Spend", nil
	case has("id", "stage") || has("id", "amount"):
		return "CrmOpportunity", nil
	case has("id", "email"):
		return "CrmContact", nil
	case has("id", "domain") || has("id", "website"):
		return "CrmAccount", nil
	case has("email"):
		return "ListMember", nil
	}
	return "", fmt.Errorf("the columns (%s) do not tell what the rows are: name it with --as %s", strings.Join(cols, ", "), strings.Join(Kinds(), "|"))
}

// rowTime is the delivery's time of a row in a replay: the row's own, or now.
func rowTime(detail map[string]any, now time.Time) time.Time {
	for _, f := range []string{"at", "date", "close_date", "created_date"} {
		s, ok := detail[f].(string)
		if !ok {
			continue
		}
		for _, layout := range []string{time.RFC3339, "2006-01-02"} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.UTC()
			}
		}
	}
	return now
}
