package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"handoff/shared/event"
)

// putEntry is one entry of a request. Absent and null members are nil.
type putEntry struct {
	Time         json.RawMessage
	Source       *string
	Resources    []string
	DetailType   *string
	Detail       *string
	EventBusName *string
	TraceHeader  *string
}

// busy is the answer to an entry that is turned away: one of the two codes that the API reference calls retryable.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
func (rt *Runtime) busy() putResult {
	if rt.faults.hit(3) {
		return putResult{ErrorCode: "InternalFailure", ErrorMessage: "The request processing has failed because of an unknown error, exception or failure."}
	}
	return putResult{ErrorCode: "ThrottlingException", ErrorMessage: "Rate exceeded"}
}

// busNames and the lengths are of the API reference's PutEventsRequestEntry.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
var busNames = regexp.MustCompile(`^(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+$`)

const (
	maxBusName    = 1600
	maxTrace      = 500
	maxDetailType = 128
)

// constraints are those of the service's model: one entry that breaks one fails the whole request.
func (e *putEntry) constraints(i int) error {
	broken := func(member, value, must string) error {
		return invalidRequest("1 validation error detected: Value '%s' at 'entries.%d.member.%s' failed to satisfy constraint: Member must %s", value, i+1, member, must)
	}
	length := func(member string, value *string, most int) error {
		switch {
		case value == nil:
		case *value == "":
			return broken(member, "", "have length greater than or equal to 1")
		case len(*value) > most:
			return broken(member, *value, fmt.Sprintf("have length less than or equal to %d", most))
		}
		return nil
	}
	if err := errors.Join(length("eventBusName", e.EventBusName, maxBusName), length("traceHeader", e.TraceHeader, maxTrace)); err != nil {
		return err
	}
	if e.EventBusName != nil && !busNames.MatchString(*e.EventBusName) {
		return broken("eventBusName", *e.EventBusName, "satisfy regular expression pattern: "+strings.Trim(busNames.String(), "^$"))
	}
	return nil
}

// check answers the error of one entry, in the order in which the service looks.
func (h *putEvents) check(e *putEntry) putResult {
	missing := func(name string) putResult {
		return putResult{ErrorCode: "InvalidArgument", ErrorMessage: fmt.Sprintf("Parameter %s is not valid. Reason: %s is a required argument.", name, name)}
	}
	given := func(s *string) bool { return s != nil && *s != "" }
	switch {
	case !given(e.Source):
		return missing("Source")
	case !given(e.DetailType):
		return missing("DetailType")
	case !given(e.Detail):
		return missing("Detail")
	case utf8.RuneCountInString(*e.DetailType) > maxDetailType: // the limit is the reference's, the words are ours
		return putResult{ErrorCode: "InvalidArgument", ErrorMessage: fmt.Sprintf(
			"Parameter DetailType is not valid. Reason: DetailType must have at most %d characters.", maxDetailType)}
	case strings.HasPrefix(*e.Source, "aws."):
		return putResult{ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source."}
	}
	if d := strings.TrimLeft(*e.Detail, " \t\r\n"); !strings.HasPrefix(d, "{") || !json.Valid([]byte(d)) {
		return putResult{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
	}
	if e.EventBusName != nil {
		if _, ok := h.rt.buses[BusName(*e.EventBusName)]; !ok {
			return putResult{ErrorCode: "InvalidArgument", ErrorMessage: fmt.Sprintf(
				"Parameter EventBusName is not valid. Reason: Event bus %s does not exist.", *e.EventBusName)}
		}
	}
	return putResult{}
}

// event reads an entry's members; only its time can be unreadable.
func (e *putEntry) event() (event.Envelope, error) {
	var out event.Envelope
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	out.Source, out.DetailType, out.Resources = text(e.Source), text(e.DetailType), e.Resources
	out.Detail, out.Trace = json.RawMessage(text(e.Detail)), text(e.TraceHeader)
	if len(e.Time) == 0 || string(e.Time) == "null" {
		return out, nil
	}
	at, err := parseTime(e.Time)
	if err != nil {
		return out, &httpError{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	out.Time = at
	return out, nil
}

// parseTime reads a timestamp of AWS JSON 1.1: seconds since 1970, perhaps with a fraction. RFC 3339 is taken too, as
// people write requests by hand.
func parseTime(raw json.RawMessage) (time.Time, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}, fmt.Errorf("Time %q: want seconds since 1970, or RFC 3339", s)
		}
		return at.UTC(), nil
	}
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil || len(n) > 40 {
		return time.Time{}, fmt.Errorf("Time %.60s: want seconds since 1970", raw)
	}
	f, ok := new(big.Float).SetPrec(128).SetString(n.String())
	if !ok {
		return time.Time{}, fmt.Errorf("Time %s: want seconds since 1970", n)
	}
	ms, _ := f.Mul(f, big.NewFloat(1000)).Int64()
	if first, last := int64(-62135596800000), int64(253402300799999); ms < first || ms > last {
		return time.Time{}, fmt.Errorf("Time %s: want a moment within the years 1 to 9999", n)
	}
	return time.UnixMilli(ms).UTC(), nil
}
