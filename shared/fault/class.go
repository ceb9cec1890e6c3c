// Package fault reads the errors of AWS: what one means for another try, and what a person should do about one that
// stays. Stores, buses and queues share it, so that all of them say the same about credentials, the network and the clock.
package fault

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Class is what an answer means for another try.
type Class int

// The classes.
const (
	Final   Class = iota // another try would be answered alike; nothing was done
	Refused              // nothing was done, and another try may be answered otherwise
	Lost                 // nobody knows what was done
)

// busy are the codes of requests, or parts of one, that were turned away before anything was done.
var busy = []string{
	"ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException", "TooManyRequestsException",
	"RequestLimitExceeded", "LimitExceededException", "ProvisionedThroughputExceededException", "SlowDown",
}

// Busy tells whether a code means "later".
func Busy(code string) bool { return slices.Contains(busy, code) }

// skewed are the codes of requests whose time is not AWS's. The SDK learns the difference from the answer, so the next try
// carries the right time.
var skewed = []string{"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}

// Code is an error's code as AWS gave it, "" for one that is not AWS's.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Classify reads an error of the SDK, as far as all services agree.
func Classify(err error) Class {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		if unsigned(err) {
			return Final // it was never sent
		}
		return Lost
	}
	status := 0
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = r.HTTPStatusCode()
	}
	switch {
	case Busy(api.ErrorCode()) || slices.Contains(skewed, api.ErrorCode()):
		return Refused
	case status >= http.StatusInternalServerError || api.ErrorFault() == smithy.FaultServer:
		return Lost
	}
	return Final
}

// unsigned tells whether a request could not even be signed. The SDK has no type for it.
func unsigned(err error) bool {
	s := err.Error()
	return strings.Contains(s, "get identity") || strings.Contains(s, "get credentials") || strings.Contains(s, "failed to sign")
}
