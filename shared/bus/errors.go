package bus

import (
	"fmt"

	"handoff/shared/event"
	"handoff/shared/fault"
)

// failure is a sentence that says what to do. No error of the SDK leaves this package.
type failure struct {
	says  string
	final bool // another try would be answered alike
}

func (f *failure) Error() string { return f.says }

// timeout is the end of the caller's time, and what took it.
type timeout struct {
	over error // the context's
	why  error
}

func (t *timeout) Error() string        { return fmt.Sprintf("%v: %v", t.over, t.why) }
func (t *timeout) Is(target error) bool { return target == t.over }

// passing tells whether a code, of an entry or of a whole request, is of what may be taken a moment later. AWS names
// InternalFailure and ThrottlingException as those of entries.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
func passing(code string) bool {
	switch code {
	case "InternalFailure", "InternalException", "InternalError", "ServiceUnavailable", "ServiceUnavailableException", "ConcurrentModificationException":
		return true
	}
	return fault.Busy(code)
}

// refusal is why the bus did not take an entry.
func (p *Publisher) refusal(code, message string) error {
	says := ""
	switch {
	case passing(code):
		return &failure{fmt.Sprintf("bus %s did not take it for now (%s: %s): it is published when its cause is delivered again; if this lasts, ask for a higher PutEvents quota (%s)",
			p.Bus, code, message, fault.Page), false}
	case code == "NotAuthorizedForSourceException" || code == "NotAuthorizedForDetailTypeException" || code == "AccessDeniedException":
		says = ": " + denied
	case code == "InvalidAccountIdException":
		says = ": correct BUS_NAME"
	case code == "InvalidArgument" || code == "MalformedDetail":
		says = ": the event is not one that EventBridge takes, and no other try will change that"
	}
	return &failure{fmt.Sprintf("bus %s refuses it (%s: %s)%s (%s)", p.Bus, code, message, says, fault.Page), true}
}

const denied = "give it the statement that template.yaml has (events:PutEvents, source " + event.Source + " only)"

// translate gives an error of the SDK a sentence.
func (p *Publisher) translate(err error) (error, fault.Class) {
	class := fault.Classify(err)
	if class == fault.Final && passing(fault.Code(err)) {
		class = fault.Refused
	}
	service := fault.Service{
		Name: "EventBridge", Resource: "bus " + p.Bus, Endpoint: "AWS_ENDPOINT_URL_EVENTBRIDGE",
		Missing: "deploy template.yaml, or correct BUS_NAME and AWS_REGION", Denied: denied,
	}
	if says := service.Advice(err); says != "" {
		return &failure{says, class == fault.Final}, class
	}
	return &failure{fmt.Sprintf("EventBridge refused the request for bus %s (%s): %v", p.Bus, fault.Page, err), class == fault.Final}, class
}
