package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"handoff/shared/touch"
)

// ErrDetail is wrapped by errors about an event whose detail is not what its detail-type promises. Delivering it again
// cannot help: such an event goes to a dead-letter queue or quarantine.
var ErrDetail = errors.New("invalid detail")

// ReadTouch reads the detail of TouchRecorded or AccountEnriched, as json.Unmarshal does, at a fraction of its cost: see
// touch.Read.
func ReadTouch(detail []byte) (TouchDetail, error) {
	var d TouchDetail
	if d.cut(detail) {
		return d, nil
	}
	d = TouchDetail{}
	err := json.Unmarshal(detail, &d)
	return d, err
}

// cut reads a detail as we write it: ids that need no escapes, then the touch.
func (d *TouchDetail) cut(b []byte) bool {
	rest, ok := bytes.CutPrefix(b, []byte("{"))
	for _, f := range []struct {
		name string
		into *string
	}{{`"correlation_id":"`, &d.Correlation}, {`"causation_id":"`, &d.Causation}} {
		after, found := bytes.CutPrefix(rest, []byte(f.name))
		if !found {
			continue
		}
		id, after, found := bytes.Cut(after, []byte(`",`))
		if !found || bytes.ContainsFunc(id, func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }) {
			return false
		}
		*f.into, rest = string(id), after
	}
	rest, found := bytes.CutPrefix(rest, []byte(`"touch":`))
	if !ok || !found {
		return false
	}
	rest, ok = touch.Cut(rest, &d.Touch)
	return ok && string(rest) == "}"
}

// Decode reads the detail of one of our own events strictly: its detail-type must be the one named, and a field that
// the type does not have is an error, since a publisher that writes it means something that this consumer would lose.
func Decode[T any](e *Envelope, detailType string) (T, error) {
	var v T
	if e.DetailType != detailType {
		return v, fmt.Errorf("%w: event %s is a %q, not a %q", ErrDetail, e.ID, e.DetailType, detailType)
	}
	d := json.NewDecoder(bytes.NewReader(e.Detail))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, fmt.Errorf("%w: %s %s: %w", ErrDetail, detailType, e.ID, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return v, fmt.Errorf("%w: %s %s: text after the end of the detail", ErrDetail, detailType, e.ID)
	}
	return v, nil
}
