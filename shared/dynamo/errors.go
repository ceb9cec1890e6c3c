package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"handoff/shared/fault"
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

// Codes of a cancelled transaction's reasons.
const reasonCondition = "ConditionalCheckFailed"

var (
	// contended are the errors of requests that met a transaction on the same item: nothing was done.
	contended   = []string{"TransactionConflictException", "ReplicatedWriteConflictException"}
	busyReasons = []string{"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)

// classify is what an answer means for another try.
func classify(err error) fault.Class {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		c := fault.Final
		for _, why := range cancelled.CancellationReasons {
			switch code := aws.ToString(why.Code); {
			case code == reasonCondition:
				return fault.Final
			case slices.Contains(busyReasons, code):
				c = fault.Refused
			}
		}
		return c
	}
	if _, ok := errors.AsType[*types.TransactionInProgressException](err); ok {
		return fault.Lost // an earlier try of the same token is still under way
	}
	if slices.Contains(contended, fault.Code(err)) {
		return fault.Refused
	}
	return fault.Classify(err)
}

// failed translates what is left after all tries; nil stays nil. Where the caller's time is over, that is the error, and
// what stood in the way is its sentence: a function whose table does not answer should log the table, not its own end.
func (t *Table) failed(ctx context.Context, op string, k store.Key, err error) error {
	if err == nil {
		return nil
	}
	why := translate(t.Name, err)
	switch over := ctx.Err(); over {
	case nil:
	case context.DeadlineExceeded:
		why = &failure{over, why.Error()}
	default: // the caller went away, and asks for no reasons
		why = over
	}
	return fmt.Errorf("dynamo: %s %s / %s: %w", op, k.Partition, k.Sort, why)
}

// translate gives an error of the SDK one of store's, and a sentence.
func translate(table string, err error) error {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return translateCancelled(table, cancelled)
	}
	code := fault.Code(err)
	if code == "ValidationException" {
		api, _ := errors.AsType[smithy.APIError](err)
		return translateInvalid(table, api.ErrorMessage())
	}
	switch {
	case slices.Contains(contended, code):
		return contention(table)
	case code == "TransactionInProgressException":
		return &failure{store.ErrUnavailable, fmt.Sprintf("a transaction of table %s is still under way, its answer was lost; the work comes again by itself", table)}
	}
	service := fault.Service{
		Name: "DynamoDB", Resource: "table " + table, Endpoint: "AWS_ENDPOINT_URL_DYNAMODB",
		Missing: "deploy template.yaml, or correct ACCOUNTS_TABLE, LEDGER_TABLE and AWS_REGION",
		Denied:  "give it the statement that template.yaml has",
	}
	if says := service.Advice(err); says != "" {
		return &failure{store.ErrUnavailable, says}
	}
	return &failure{store.ErrUnavailable, fmt.Sprintf("table %s refused the request (%s): %v", table, fault.Page, err)}
}

func contention(table string) error {
	return &failure{store.ErrUnavailable, fmt.Sprintf("other transactions kept writing the same items of table %s; nothing was written, and the work comes again by itself", table)}
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
			return contention(table)
		case "ThrottlingError", "ProvisionedThroughputExceeded":
			return translate(table, &types.ProvisionedThroughputExceededException{Message: why.Message})
		default:
			return &failure{store.ErrUnavailable, fmt.Sprintf("table %s cancelled the transaction: %s: %s", table, aws.ToString(why.Code), aws.ToString(why.Message))}
		}
	}
	return &failure{store.ErrUnavailable, fmt.Sprintf("table %s cancelled the transaction and did not say why: %s", table, cancelled.ErrorMessage())}
}
