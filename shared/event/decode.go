package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrDetail is wrapped by errors about an event whose detail is not what its detail-type promises. Delivering it again
// cannot help: such an event goes to a dead-letter queue or quarantine.
var ErrDetail = errors.New("invalid detail")

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
