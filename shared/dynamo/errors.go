package dynamo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"handoff/shared/store"
)

// failure is one of store's errors with a sentence that says what to do. It names tables and no keys: a key may be an
// e-mail address, and the innermost error is what handlers log.
type failure struct {
	kind error // of shared/store
	says string
}

func (f *failure) Error() string { return fmt.Sprintf("%v: %s", f.kind, f.says) }

// Is makes errors.Is see the kind.
func (f *failure) Is(target error) bool { return target == f.kind }

// class is what an answer means for another try.
type class int

const (
	final   class = iota // another try would be answered alike
	refused              // nothing was done, and another try may be answered otherwise
	lost                 // nobody knows what was done
)

// Codes of a cancelled transaction's reasons.
const reasonCondition = "ConditionalCheckFailed"

var (
	// busy are the errors of requests that were turned away before anything was done.
	busy = []string{
		"ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded", "SlowDown",
		"TransactionConflictException", "ReplicatedWriteConflictException",
	}
	busyReasons = []string{"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)

func classify(err error) class {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		c := final
		for _, why := range cancelled.CancellationReasons {
			switch code := aws.ToString(why.Code); {
			case code == reasonCondition:
				return final
			case slices.Contains(busyReasons, code):
				c = refused
			}
		}
		return c
	}
	if _, ok := errors.AsType[*types.TransactionInProgressException](err); ok {
		return lost // an earlier try of the same token is still under way
	}
	status := 0
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = r.HTTPStatusCode()
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		switch {
		case slices.Contains(busy, api.ErrorCode()):
			return refused
		case status >= http.StatusInternalServerError || api.ErrorFault() == smithy.FaultServer:
			return lost
		}
		return final
	}
	if identity(err) {
		return final // it was never sent
	}
	return lost
}

// identity tells whether a request could not even be signed.
func identity(err error) bool {
	s := err.Error()
	return strings.Contains(s, "get identity") || strings.Contains(s, "get credentials") || strings.Contains(s, "failed to sign")
}

// failed translates what is left after all tries; nil stays nil.
func (t *Table) failed(ctx context.Context, op string, k store.Key, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("dynamo: %s %s / %s: %w", op, k.Partition, k.Sort, ctx.Err())
	}
	return fmt.Errorf("dynamo: %s %s / %s: %w", op, k.Partition, k.Sort, translate(t.Name, err))
}

func throttled(table string) error {
	return &failure{store.ErrUnavailable, fmt.Sprintf("table %s is throttled: the work comes again by itself; if this lasts, look at the table's throttled requests and lower the functions' MaximumConcurrency", table)}
}

// translate gives an error of the SDK one of store's, and a sentence.
func translate(table string, err error) error {
	unavailable := func(format string, args ...any) error {
		return &failure{store.ErrUnavailable, fmt.Sprintf(format, args...) + ": " + err.Error()}
	}
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return translateCancelled(table, cancelled)
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		if identity(err) {
			return unavailable("there are no AWS credentials for table %s: set AWS_PROFILE, or sign in (aws sso login)", table)
		}
		return unavailable("DynamoDB could not be reached for table %s: check AWS_REGION, the network and AWS_ENDPOINT_URL_DYNAMODB", table)
	}
	switch api.ErrorCode() {
	case "ResourceNotFoundException":
		return unavailable("table %s does not exist here: deploy template.yaml, or correct ACCOUNTS_TABLE, LEDGER_TABLE and AWS_REGION", table)
	case "ValidationException":
		return translateInvalid(table, api.ErrorMessage())
	case "ExpiredToken", "ExpiredTokenException":
		return unavailable("the AWS credentials for table %s have expired: sign in again (aws sso login), or renew the session", table)
	case "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException", "MissingAuthenticationTokenException",
		"MissingAuthenticationToken", "InvalidClientTokenId":
		return unavailable("AWS does not accept the credentials for table %s: check AWS_PROFILE, the keys and this machine's clock", table)
	case "AccessDeniedException":
		return unavailable("the role may not do this on table %s: give it the statement that template.yaml has", table)
	}
	if slices.Contains(busy, api.ErrorCode()) {
		return throttled(table)
	}
	return unavailable("DynamoDB did not answer for table %s as it should", table)
}

func translateInvalid(table, message string) error {
	switch {
	case strings.Contains(message, "Item size") || strings.Contains(message, "item size"):
		return &failure{store.ErrTooLarge, fmt.Sprintf("the item with the names of its attributes exceeds what table %s takes, 400 KB: %s", table, message)}
	case strings.Contains(message, "specified index"):
		return &failure{store.ErrUnavailable, fmt.Sprintf("table %s has no index %q: deploy template.yaml, or correct ACCOUNTS_TABLE: %s", table, dueIndex, message)}
	}
	return &failure{store.ErrInvalid, fmt.Sprintf("table %s refused the request: %s", table, message)}
}

func translateCancelled(table string, cancelled *types.TransactionCanceledException) error {
	for _, why := range cancelled.CancellationReasons {
		switch aws.ToString(why.Code) {
		case "", "None":
		case "ValidationError":
			return translateInvalid(table, aws.ToString(why.Message))
		case "TransactionConflict":
			return &failure{store.ErrUnavailable, fmt.Sprintf("other transactions kept writing the same items of table %s; nothing was written, and the work comes again by itself", table)}
		case "ThrottlingError", "ProvisionedThroughputExceeded":
			return throttled(table)
		default:
			return &failure{store.ErrUnavailable, fmt.Sprintf("table %s cancelled the transaction: %s: %s", table, aws.ToString(why.Code), aws.ToString(why.Message))}
		}
	}
	return &failure{store.ErrUnavailable, fmt.Sprintf("table %s cancelled the transaction and did not say why: %s", table, cancelled.ErrorMessage())}
}
