package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"handoff/shared/fault"
)

func api(code string, status int) error {
	return fmt.Errorf("operation error: %w", &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err: &smithy.GenericAPIError{Code: code, Message: "because"}})
}

func TestClassesAndAdvice(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errors.New("connection refused"))}
	for _, c := range []struct {
		name  string
		err   error
		class fault.Class
		says  string // "" where only the service's package can tell
	}{
		{"no credentials", errors.New("get identity: get credentials: none"), fault.Final, "there are no AWS credentials for table x: set AWS_PROFILE"},
		{"expired", api("ExpiredTokenException", 400), fault.Final, "the AWS credentials for table x have expired: sign in again"},
		{"unknown key", api("UnrecognizedClientException", 400), fault.Final, "AWS does not accept the credentials for table x"},
		{"bad signature", api("InvalidSignatureException", 403), fault.Final, "AWS does not accept the credentials for table x"},
		{"wrong clock", api("RequestTimeTooSkewed", 403), fault.Refused, "set this machine's clock"},
		{"denied", api("AccessDeniedException", 400), fault.Final, "the role may not do this on table x: DENIED"},
		{"missing", api("ResourceNotFoundException", 400), fault.Final, "table x does not exist here: MISSING"},
		{"throttled", api("ThrottlingException", 400), fault.Refused, "table x is throttled"},
		{"throughput", api("ProvisionedThroughputExceededException", 400), fault.Refused, "table x is throttled"},
		{"throttled with a server's status", api("ThrottlingException", 503), fault.Refused, "table x is throttled"},
		{"500", api("InternalServerError", 500), fault.Lost, "Service did not answer for table x as it should"},
		{"refused connection", refused, fault.Lost, "Service could not be reached for table x: check AWS_REGION, the network and ENDPOINT"},
		{"unknown name", &net.DNSError{Err: "no such host", Name: "dynamodb.eu-nowhere-1.amazonaws.com", IsNotFound: true}, fault.Lost,
			"the name dynamodb.eu-nowhere-1.amazonaws.com is not known here: check AWS_REGION, ENDPOINT and the machine's DNS"},
		{"black hole", context.DeadlineExceeded, fault.Lost, "no answer within the time: check the network"},
		{"the service's own", api("ValidationException", 400), fault.Final, ""},
	} {
		if got := fault.Classify(c.err); got != c.class {
			t.Errorf("%s: class %d, want %d", c.name, got, c.class)
		}
		s := fault.Service{Name: "Service", Resource: "table x", Endpoint: "ENDPOINT", Missing: "MISSING", Denied: "DENIED"}
		got := s.Advice(c.err)
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: advice %q, want one saying %q", c.name, got, c.says)
		}
		if got != "" && (!strings.Contains(got, fault.Page) || !strings.Contains(got, c.err.Error())) {
			t.Errorf("%s: advice %q, want it to name the runbook and what AWS said", c.name, got)
		}
	}
	if _, err := os.Stat("../../" + fault.Page); err != nil {
		t.Errorf("the runbook that every sentence names: %v", err)
	}
}
