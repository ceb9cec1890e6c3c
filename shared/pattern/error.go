package pattern

import (
	"errors"
	"fmt"
)

var (
	// ErrInvalid is what every *Error of Compile wraps: the pattern must be changed, a retry will not help.
	ErrInvalid = errors.New("invalid event pattern")
	// ErrEvent is what every error of Parse wraps: the event is not one well-formed JSON object.
	ErrEvent = errors.New("malformed event")
)

// Error says what is wrong with a pattern, where, and what to write instead.
type Error struct {
	Place string // detail.amount[0].numeric; empty for the pattern as a whole
	Text  string
}

func (e *Error) Error() string {
	if e.Place == "" {
		return "pattern: " + e.Text
	}
	return e.Place + ": " + e.Text
}

func (e *Error) Unwrap() error { return ErrInvalid }

func invalid(place, format string, args ...any) *Error {
	return &Error{Place: place, Text: fmt.Sprintf(format, args...)}
}

// syntaxError is a break of the JSON grammar; Compile and Parse turn it into their own errors.
type syntaxError struct {
	offset int
	text   string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("at byte %d: %s", e.offset+1, e.text) }
