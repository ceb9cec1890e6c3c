package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo"
	"handoff/shared/store"
)

// scripted answers each request with the next answer of its script, and with the last one from then on.
type scripted struct {
	dynamo.Client // nil: what the script has no answer for panics
	put           []error
	pair          []error
	get           []error
	batch         []*dynamodb.BatchGetItemOutput
	sent          int
	tokens        []string
	slept         []time.Duration
}

func next[T any](script []T, sent *int) T {
	*sent++
	return script[min(*sent, len(script))-1]
}

func (s *scripted) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return &dynamodb.PutItemOutput{}, next(s.put, &s.sent)
}

func (s *scripted) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{}, next(s.get, &s.sent)
}

func (s *scripted) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	s.tokens = append(s.tokens, *in.ClientRequestToken)
	return &dynamodb.TransactWriteItemsOutput{}, next(s.pair, &s.sent)
}

func (s *scripted) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return next(s.batch, &s.sent), nil
}

func (s *scripted) table() *dynamo.Table {
	return &dynamo.Table{Client: s, Name: "accounts", Sleep: func(ctx context.Context, d time.Duration) error {
		s.slept = append(s.slept, d)
		return ctx.Err()
	}}
}

func api(code, message string) error {
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "X", Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 400}},
		Err:      &smithy.GenericAPIError{Code: code, Message: message},
	}}
}

var (
	server    = &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 500}}, Err: &types.InternalServerError{}}
	network   = errors.New("read tcp 127.0.0.1:1: connection reset by peer")
	throttles = api("ThrottlingException", "slow down")
	key       = store.Key{Partition: "account:initech.com", Sort: "item"}
)

// stands is a failed condition over an item of that version and body; version 0: over nothing.
func stands(version, body string) error {
	if version == "0" {
		return &types.ConditionalCheckFailedException{}
	}
	return &types.ConditionalCheckFailedException{Item: item(version, body)}
}

func item(version, body string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: key.Partition}, "sk": &types.AttributeValueMemberS{Value: key.Sort},
		"v": &types.AttributeValueMemberN{Value: version}, "b": &types.AttributeValueMemberB{Value: []byte(body)},
	}
}

func TestPutFaults(t *testing.T) {
	// The writer saw version 3 and writes "new", which would be version 4.
	for _, c := range []struct {
		name   string
		script []error
		want   error
		sent   int
	}{
		{"throttled once", []error{throttles, nil}, nil, 2},
		{"throttled for ever", []error{throttles}, store.ErrUnavailable, 7},
		{"a transaction in the way once", []error{&types.TransactionConflictException{}, nil}, nil, 2},
		{"a lost answer, then written", []error{server, nil}, nil, 2},
		{"unreachable", []error{network}, store.ErrUnavailable, 7},
		{"another was faster", []error{stands("4", "other")}, store.ErrConflict, 1},
		{"another wrote the same, and no answer was lost", []error{stands("4", "new")}, store.ErrConflict, 1},
		{"throttled, which does nothing, then another wrote the same", []error{throttles, stands("4", "new")}, store.ErrConflict, 2},
		{"a lost answer, and the write stands", []error{network, stands("4", "new")}, store.ErrUnavailable, 2},
		{"a lost answer, and others wrote since", []error{server, stands("9", "other")}, store.ErrUnavailable, 2},
		{"a lost answer, and another stands in its place", []error{server, stands("4", "other")}, store.ErrConflict, 2},
		{"a lost answer, and an older version stands", []error{server, stands("2", "new")}, store.ErrConflict, 2},
		{"a lost answer, and nothing stands", []error{server, stands("0", "")}, store.ErrConflict, 2},
		{"not allowed", []error{api("AccessDeniedException", "no")}, store.ErrUnavailable, 1},
	} {
		s := &scripted{put: c.script}
		err := s.table().Put(t.Context(), store.Record{Key: key, Version: 3, Body: []byte("new")})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || s.sent != c.sent {
			t.Errorf("%s: got %v after %d requests, want %v after %d", c.name, err, s.sent, c.want, c.sent)
		}
	}
}

// Pauses double from 25 ms to a second, and a random half of each is left out.
func TestPauses(t *testing.T) {
	s := &scripted{put: []error{throttles}}
	_ = s.table().Put(t.Context(), store.Record{Key: key})
	most := []time.Duration{25, 50, 100, 200, 400, 800}
	if len(s.slept) != len(most) {
		t.Fatalf("slept %v, want %d pauses", s.slept, len(most))
	}
	for i, d := range s.slept {
		if ms := most[i] * time.Millisecond; d < ms/2 || d > ms {
			t.Errorf("pause %d: got %v, want %v to %v", i+1, d, ms/2, ms)
		}
	}
}

func cancelled(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for _, code := range codes {
		why := types.CancellationReason{Code: &code}
		if code == "ConditionalCheckFailed" {
			why.Item = item("8", "stands")
		}
		if code == "ValidationError" {
			why.Message = aws.String("Item size has exceeded the maximum allowed size")
		}
		e.CancellationReasons = append(e.CancellationReasons, why)
	}
	return e
}

func TestPutPairFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		script []error
		want   error
		tokens string // a letter per request, the same for the same token
	}{
		{"another transaction in the way", []error{cancelled("TransactionConflict", "None"), nil}, nil, "ab"},
		{"for ever in the way", []error{cancelled("None", "TransactionConflict")}, store.ErrUnavailable, "abcdefg"},
		{"throttled", []error{cancelled("ThrottlingError", "None"), throttles, nil}, nil, "abc"},
		{"a lost answer is asked about", []error{network, nil}, nil, "aa"},
		{"a lost answer, still under way, then in the way", []error{server, &types.TransactionInProgressException{}, cancelled("TransactionConflict", "None"), nil}, nil, "aaaa"},
		{"a condition", []error{cancelled("None", "ConditionalCheckFailed")}, store.ErrConflict, "a"},
		{"a condition, and in the way", []error{cancelled("TransactionConflict", "ConditionalCheckFailed")}, store.ErrConflict, "a"},
		{"too large", []error{cancelled("ValidationError", "None")}, store.ErrTooLarge, "a"},
		{"throttled for ever", []error{cancelled("None", "ProvisionedThroughputExceeded")}, store.ErrUnavailable, "abcdefg"},
		{"a lost answer, then a condition", []error{network, cancelled("None", "ConditionalCheckFailed")}, store.ErrConflict, "aa"},
		{"for ever under way", []error{&types.TransactionInProgressException{}}, store.ErrUnavailable, "aaaaaaa"},
		{"a collection too large", []error{cancelled("ItemCollectionSizeLimitExceeded", "None")}, store.ErrUnavailable, "a"},
		{"no reasons", []error{cancelled()}, store.ErrUnavailable, "a"},
	} {
		s := &scripted{pair: c.script}
		other := store.Key{Partition: "team:emea", Sort: "item"}
		err := s.table().PutPair(t.Context(), store.Record{Key: other, Version: 1}, store.Record{Key: key, Version: 3})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		names, tokens := map[string]string{}, ""
		for _, token := range s.tokens {
			if names[token] == "" {
				names[token] = string(rune('a' + len(names)))
			}
			tokens += names[token]
			if len(token) > 36 {
				t.Errorf("%s: token %q has more than 36 characters", c.name, token)
			}
		}
		if tokens != c.tokens {
			t.Errorf("%s: tokens %s, want %s", c.name, tokens, c.tokens)
		}
		if conflict, ok := errors.AsType[*store.Conflict](err); ok {
			want := &store.Conflict{Key: key, Existing: &store.Record{Key: key, Version: 8, Body: []byte("stands")}}
			if d := cmp.Diff(want, conflict); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, d)
			}
		}
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want error
		says string
		sent int
	}{
		{"missing table", &types.ResourceNotFoundException{}, store.ErrUnavailable, "table accounts does not exist here: deploy template.yaml", 1},
		{"expired", api("ExpiredTokenException", "expired"), store.ErrUnavailable, "have expired: sign in again", 1},
		{"unknown key", api("UnrecognizedClientException", "no"), store.ErrUnavailable, "does not accept the credentials", 1},
		{"denied", api("AccessDeniedException", "no"), store.ErrUnavailable, "the statement that template.yaml has", 1},
		{"no credentials", errors.New("get identity: get credentials: none"), store.ErrUnavailable, "set AWS_PROFILE, or sign in", 1},
		{"no index", api("ValidationException", "The table does not have the specified index: due"), store.ErrUnavailable, `has no index "due"`, 1},
		{"large", api("ValidationException", "Item size has exceeded the maximum allowed size"), store.ErrTooLarge, "400 KB", 1},
		{"refused", api("ValidationException", "ExclusiveStartKey"), store.ErrInvalid, "refused the request", 1},
		{"throttled", &types.ProvisionedThroughputExceededException{}, store.ErrUnavailable, "throttled", 7},
		{"unreachable", network, store.ErrUnavailable, "could not be reached", 7},
		{"server", server, store.ErrUnavailable, "did not answer", 7},
		{"skewed", api("RequestTimeTooSkewed", "5 minutes"), store.ErrUnavailable, "set this machine's clock", 7},
		{"unknown to this package", api("KMSInvalidStateException", "key is disabled"), store.ErrUnavailable, "refused the request", 1},
	} {
		s := &scripted{get: []error{c.err}}
		_, err := s.table().Get(t.Context(), key)
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) || s.sent != c.sent {
			t.Errorf("%s: got %v after %d requests, want %v saying %q after %d", c.name, err, s.sent, c.want, c.says, c.sent)
		}
		if errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: reads as if the item were not there", c.name)
		}
		if errors.Is(err, c.err) {
			t.Errorf("%s: the SDK's error leaves the package", c.name)
		}
		// What handlers log is the innermost error: it tells what to do, and names nobody.
		inner := err
		for errors.Unwrap(inner) != nil {
			inner = errors.Unwrap(inner)
		}
		if !strings.Contains(inner.Error(), c.says) || strings.Contains(inner.Error(), key.Partition) {
			t.Errorf("%s: innermost error %v", c.name, inner)
		}
	}
}

func TestCancelledWhileWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &scripted{put: []error{throttles}}
	tab := s.table()
	tab.Sleep = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	if err := tab.Put(ctx, store.Record{Key: key}); !errors.Is(err, context.Canceled) || s.sent != 1 {
		t.Errorf("got %v after %d requests, want context.Canceled after 1", err, s.sent)
	}
}

func TestGetManyUnprocessed(t *testing.T) {
	other := store.Key{Partition: "other", Sort: "item"}
	left := map[string]types.KeysAndAttributes{"accounts": {Keys: []map[string]types.AttributeValue{{
		"pk": &types.AttributeValueMemberS{Value: key.Partition}, "sk": &types.AttributeValueMemberS{Value: key.Sort}}}}}
	nothing := &dynamodb.BatchGetItemOutput{UnprocessedKeys: left}
	one := &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{"accounts": {item("5", "facts")}}}

	s := &scripted{batch: []*dynamodb.BatchGetItemOutput{nothing, nothing, one}}
	got, err := s.table().GetMany(t.Context(), []store.Key{key, other, key})
	want := []store.Record{{Key: key, Version: 5, Body: []byte("facts")}, {Key: other}, {Key: key, Version: 5, Body: []byte("facts")}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if len(s.slept) != 2 {
		t.Errorf("slept %v, want a pause after each answer without an item", s.slept)
	}
	got[0].Body[0] = 'X'
	if string(got[2].Body) != "facts" {
		t.Error("two answers share one body")
	}

	s = &scripted{batch: []*dynamodb.BatchGetItemOutput{nothing}}
	if _, err := s.table().GetMany(t.Context(), []store.Key{key}); !errors.Is(err, store.ErrUnavailable) || s.sent != 7 {
		t.Errorf("unprocessed for ever: got %v after %d requests, want ErrUnavailable after 7", err, s.sent)
	}
}

// Keys that stay unprocessed beside others that come are asked for after a pause too: the table may be throttled. Such
// answers are not counted against the tries, as each brings something.
func TestGetManyUnprocessedInPart(t *testing.T) {
	var script []*dynamodb.BatchGetItemOutput
	var keys, want = []store.Key{}, []store.Record{}
	for i := range 9 { // more than the tries of one request
		k := store.Key{Partition: fmt.Sprint("p", i), Sort: "item"}
		keys, want = append(keys, k), append(want, store.Record{Key: k, Version: 1, Body: []byte("x")})
		it := item("1", "x")
		it["pk"] = &types.AttributeValueMemberS{Value: k.Partition}
		out := &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{"accounts": {it}}}
		if i < 8 {
			left := types.KeysAndAttributes{}
			for j := i + 1; j < 9; j++ {
				left.Keys = append(left.Keys, map[string]types.AttributeValue{
					"pk": &types.AttributeValueMemberS{Value: fmt.Sprint("p", j)}, "sk": &types.AttributeValueMemberS{Value: "item"}})
			}
			out.UnprocessedKeys = map[string]types.KeysAndAttributes{"accounts": left}
		}
		script = append(script, out)
	}
	s := &scripted{batch: script}
	got, err := s.table().GetMany(t.Context(), keys)
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if s.sent != 9 || len(s.slept) != 8 {
		t.Errorf("%d requests with pauses %v, want 9 with 8", s.sent, s.slept)
	}
	for _, d := range s.slept {
		if d > 25*time.Millisecond {
			t.Errorf("paused %v after an answer that held something, want at most the first pause", d)
		}
	}
}

// A caller whose time is over hears what took it, and with enough time left to say so.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name string
			err  error
			says string
		}{
			{"throttled", throttles, "table accounts is throttled"},
			{"a network that swallows", fmt.Errorf("send: %w", os.ErrDeadlineExceeded), "no answer within the time"},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			tab := dynamo.New(&scripted{put: []error{c.err}}, "accounts") // sleeps by the bubble's clock
			began := time.Now()
			err := tab.Put(ctx, store.Record{Key: key})
			if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), c.says) || time.Since(began) >= 300*time.Millisecond {
				t.Errorf("%s: got %v after %v, want ErrUnavailable saying %q before 300ms", c.name, err, time.Since(began), c.says)
			}
		}
		// The request itself outlives the caller's time.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := dynamo.New(&slow{}, "accounts").Put(ctx, store.Record{Key: key})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(fmt.Sprint(err), "DynamoDB could not be reached for table accounts") {
			t.Errorf("got %v, want the context's error that names the table", err)
		}
	})
}

// slow answers when the caller is gone.
type slow struct{ dynamo.Client }

func (*slow) PutItem(ctx context.Context, _ *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestForeignItem(t *testing.T) {
	for name, spoil := range map[string]func(map[string]types.AttributeValue){
		"no version":      func(m map[string]types.AttributeValue) { delete(m, "v") },
		"version 0":       func(m map[string]types.AttributeValue) { m["v"] = &types.AttributeValueMemberN{Value: "0"} },
		"version 1.5":     func(m map[string]types.AttributeValue) { m["v"] = &types.AttributeValueMemberN{Value: "1.5"} },
		"body is text":    func(m map[string]types.AttributeValue) { m["b"] = &types.AttributeValueMemberS{Value: "x"} },
		"due is text":     func(m map[string]types.AttributeValue) { m["due"] = &types.AttributeValueMemberS{Value: "x"} },
		"key is a number": func(m map[string]types.AttributeValue) { m["sk"] = &types.AttributeValueMemberN{Value: "1"} },
	} {
		it := item("5", "facts")
		spoil(it)
		s := &scripted{batch: []*dynamodb.BatchGetItemOutput{{Responses: map[string][]map[string]types.AttributeValue{"accounts": {it}}}}}
		if got, err := s.table().GetMany(t.Context(), []store.Key{key}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %+v, %v, want ErrUnavailable", name, got, err)
		}
	}
}
