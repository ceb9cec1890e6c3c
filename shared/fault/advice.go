package fault

import (
	"errors"
	"fmt"
	"net"
	"slices"
)

// Service is whom a caller talks to, and about what: it puts names into Advice.
type Service struct {
	Name     string // DynamoDB
	Resource string // table accounts
	Endpoint string // AWS_ENDPOINT_URL_DYNAMODB
	Missing  string // what to do where the resource does not exist
	Denied   string // what the role lacks
}

// Page is the runbook of everything that Advice speaks of.
const Page = "infra/runbooks/aws-does-not-answer.md"

// Advice says what to do about an error of the SDK that is left after all tries: whose fault it is by its look, the
// resource, and the setting or permission. It is "" for an error that only the service's own package can read. The SDK's
// text stands behind it; no key or payload is in either.
func (s *Service) Advice(err error) string {
	says := s.advice(err)
	if says == "" {
		return ""
	}
	return fmt.Sprintf("%s (%s): %v", says, Page, err)
}

func (s *Service) advice(err error) string {
	code := Code(err)
	switch {
	case code == "" && unsigned(err):
		return fmt.Sprintf("there are no AWS credentials for %s: set AWS_PROFILE, or sign in (aws sso login)", s.Resource)
	case code == "":
		return s.unreachable(err)
	case code == "ExpiredToken" || code == "ExpiredTokenException":
		return fmt.Sprintf("the AWS credentials for %s have expired: sign in again (aws sso login), or renew the session", s.Resource)
	case slices.Contains(strangers, code):
		return fmt.Sprintf("AWS does not accept the credentials for %s: check AWS_PROFILE, the keys and this machine's clock", s.Resource)
	case slices.Contains(skewed, code):
		return fmt.Sprintf("AWS does not accept the time of the request for %s: set this machine's clock", s.Resource)
	case code == "AccessDeniedException" || code == "AccessDenied" || code == "NotAuthorized":
		return fmt.Sprintf("the role may not do this on %s: %s", s.Resource, s.Denied)
	case code == "ResourceNotFoundException":
		return fmt.Sprintf("%s does not exist here: %s", s.Resource, s.Missing)
	case Busy(code):
		return fmt.Sprintf("%s is throttled: the work comes again by itself; if this lasts, look at its throttled requests and lower the functions' MaximumConcurrency", s.Resource)
	case Classify(err) == Lost:
		return fmt.Sprintf("%s did not answer for %s as it should: the work comes again by itself; if this lasts, look at the AWS Health Dashboard", s.Name, s.Resource)
	}
	return ""
}

// strangers are the codes of credentials that AWS does not know.
var strangers = []string{
	"UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException",
	"MissingAuthenticationToken", "MissingAuthenticationTokenException", "InvalidClientTokenId",
}

// unreachable tells the three ways apart in which there is no answer at all: each has its own place to look.
func (s *Service) unreachable(err error) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("%s could not be reached for %s: the name %s is not known here: check AWS_REGION, %s and the machine's DNS",
			s.Name, s.Resource, dns.Name, s.Endpoint)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("%s could not be reached for %s: no answer within the time: check the network, its firewall and routes, or the VPC endpoint, and AWS_REGION",
			s.Name, s.Resource)
	}
	return fmt.Sprintf("%s could not be reached for %s: check AWS_REGION, the network and %s", s.Name, s.Resource, s.Endpoint)
}
