package bus

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// failure is a sentence that says what to do. No error of the SDK leaves this package.
type failure struct{ says string }

func (f *failure) Error() string { return f.says }

// passing are the codes, of an entry or of a whole request, of what may be taken a moment later.
var passing = map[string]bool{
	"ThrottlingException": true, "Throttling": true, "TooManyRequestsException": true, "RequestLimitExceeded": true, "LimitExceededException": true,
	"ConcurrentModificationException": true, "InternalFailure": true, "InternalException": true, "InternalError": true,
	"ServiceUnavailable": true, "ServiceUnavailableException": true,
}

// refusal is why the bus did not take an entry.
func (p *Publisher) refusal(code, message string) error {
	if passing[code] {
		return &failure{fmt.Sprintf("bus %s did not take it for now (%s: %s): it is published when its cause is delivered again", p.Bus, code, message)}
	}
	return &failure{fmt.Sprintf("bus %s refuses it (%s: %s)", p.Bus, code, message)}
}

// class is what an error of a whole request means for another try.
type class int

const (
	final  class = iota // another try would be answered alike; nothing was taken
	turned              // nothing was taken, another try may be answered otherwise
	unsure              // nobody knows what was taken
)

// translate gives an error of the SDK a sentence.
func (p *Publisher) translate(err error) (error, class) {
	say := func(format string, args ...any) error {
		return &failure{fmt.Sprintf(format, args...) + ": " + err.Error()}
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		if s := err.Error(); strings.Contains(s, "get identity") || strings.Contains(s, "get credentials") || strings.Contains(s, "failed to sign") {
			return say("there are no AWS credentials for bus %s: set AWS_PROFILE, or sign in (aws sso login)", p.Bus), final
		}
		return say("EventBridge could not be reached for bus %s: check AWS_REGION, the network and AWS_ENDPOINT_URL_EVENTBRIDGE", p.Bus), unsure
	}
	status := 0
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = r.HTTPStatusCode()
	}
	switch code := api.ErrorCode(); {
	case code == "AccessDeniedException":
		return say("the role may not put events on bus %s: give it the statement that template.yaml has (source %s only)", p.Bus, "handoff"), final
	case code == "ExpiredToken" || code == "ExpiredTokenException":
		return say("the AWS credentials for bus %s have expired: sign in again (aws sso login), or renew the session", p.Bus), final
	case code == "UnrecognizedClientException" || code == "InvalidSignatureException":
		return say("AWS does not accept the credentials for bus %s: check AWS_PROFILE, the keys and this machine's clock", p.Bus), final
	case code == "ResourceNotFoundException":
		return say("bus %s does not exist here: deploy template.yaml, or correct BUS_NAME and AWS_REGION", p.Bus), final
	case status >= http.StatusInternalServerError || api.ErrorFault() == smithy.FaultServer:
		return say("EventBridge did not answer for bus %s as it should", p.Bus), unsure
	case passing[code]:
		return say("bus %s is throttled: what was not taken is published when its cause is delivered again", p.Bus), turned
	}
	return say("EventBridge refused the request for bus %s", p.Bus), final
}
