package deployed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/encoding/cbor"

	"handoff/shared/dynamo/dynamotest"
)

// names are the physical ids that moto's CloudFormation leaves out, which AWS's has: the names of bus and archive.
var names = map[string]string{"AWS::Events::EventBus": "handoff", "AWS::Events::Archive": "handoff-raw"}

var (
	unnamed = regexp.MustCompile(`<PhysicalResourceId/><ResourceType>([^<]+)</ResourceType>`)
	ruled   = regexp.MustCompile(`<PhysicalResourceId>([^<]+)</PhysicalResourceId><ResourceType>AWS::Events::Rule<`)
)

// patched is a door before moto that gives what moto lacks: the names of CloudFormation's resources, the protocol of
// CloudWatch's SDK, and SQS's own move of dead letters.
func patched(t *testing.T, endpoint string) string {
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(r *http.Response) error {
		return rewrite(r, func(body []byte) ([]byte, error) {
			if r.Request.Header.Get(binaryHeader) != "" {
				r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
				r.Header.Set("Content-Type", "application/cbor")
				return toBinary(body)
			}
			return named(body), nil
		})
	}
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return dynamotest.Credentials, nil })
	moves := &mover{sqs: sqs.NewFromConfig(aws.Config{Region: dynamotest.Region, Credentials: keys, BaseEndpoint: &endpoint}), done: map[string]int{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if moves.serve(w, r) {
			return
		}
		if err := fromBinary(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func rewrite(r *http.Response, f func([]byte) ([]byte, error)) error {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		body, err = f(body)
	}
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// named fills in names, and puts the bus before a rule's as AWS does for one that is not of the default bus.
func named(body []byte) []byte {
	body = unnamed.ReplaceAllFunc(body, func(b []byte) []byte {
		m := unnamed.FindSubmatch(b)
		return fmt.Appendf(nil, "<PhysicalResourceId>%s</PhysicalResourceId><ResourceType>%s</ResourceType>", names[string(m[1])], m[1])
	})
	return ruled.ReplaceAllFunc(body, func(b []byte) []byte {
		return fmt.Appendf(nil, "<PhysicalResourceId>%s|%s</PhysicalResourceId><ResourceType>AWS::Events::Rule<", names["AWS::Events::EventBus"], ruled.FindSubmatch(b)[1])
	})
}

// CloudWatch's SDK speaks CBOR alone, moto JSON: both are protocols of the service, with the same members.
const (
	binaryPath   = "/service/GraniteServiceVersion20100801/operation/"
	binaryHeader = "X-Was-Cbor"
)

func fromBinary(r *http.Request) error {
	operation, ok := strings.CutPrefix(r.URL.Path, binaryPath)
	if !ok {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	v, err := cbor.Decode(body)
	if err != nil {
		return err
	}
	if body, err = json.Marshal(plain(v)); err != nil {
		return err
	}
	r.URL.Path = "/"
	r.Header.Set(binaryHeader, "1")
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "GraniteServiceVersion20100801."+operation)
	r.Header.Del("Smithy-Protocol")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

func plain(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		out := map[string]any{}
		for k, e := range v {
			out[k] = plain(e)
		}
		return out
	case cbor.List:
		out := []any{}
		for _, e := range v {
			out = append(out, plain(e))
		}
		return out
	case *cbor.Tag: // a time
		return plain(v.Value)
	case cbor.NegInt:
		return -int64(v)
	case *cbor.Nil, *cbor.Undefined:
		return nil
	}
	return v // texts, numbers and truth values are JSON's
}

func toBinary(body []byte) ([]byte, error) {
	var v any
	if len(body) > 0 {
		if err := json.Unmarshal(body, &v); err != nil {
			return nil, fmt.Errorf("moto answered no JSON: %w: %s", err, body)
		}
	}
	return cbor.Encode(binary("", v)), nil
}

func binary(name string, v any) cbor.Value {
	switch v := v.(type) {
	case map[string]any:
		out := cbor.Map{}
		for k, e := range v {
			out[k] = binary(k, e)
		}
		return out
	case []any:
		out := cbor.List{}
		for _, e := range v {
			out = append(out, binary(name, e))
		}
		return out
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case float64:
		if name == "Timestamps" {
			return &cbor.Tag{ID: 1, Value: cbor.Float64(v)}
		}
		return cbor.Float64(v)
	}
	return cbor.Map{}
}

// mover is SQS's own move of dead letters, which moto does not have. Like SQS it takes no queue that no other feeds.
type mover struct {
	sqs *sqs.Client

	mu   sync.Mutex
	done map[string]int // moved, by the ARN of the source
}

func (m *mover) serve(w http.ResponseWriter, r *http.Request) bool {
	action, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if !ok || action != "StartMessageMoveTask" && action != "ListMessageMoveTasks" {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var in struct{ SourceArn, DestinationArn string }
	err := json.NewDecoder(r.Body).Decode(&in)
	out := map[string]any{"Results": []any{}}
	if n, ran := m.done[in.SourceArn]; ran {
		out["Results"] = []any{map[string]any{"Status": "COMPLETED", "SourceArn": in.SourceArn, "ApproximateNumberOfMessagesMoved": n}}
	}
	if action == "StartMessageMoveTask" && err == nil {
		out = map[string]any{"TaskHandle": "task"}
		m.done[in.SourceArn], err = m.move(r.Context(), in.SourceArn, in.DestinationArn)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		out = map[string]any{"__type": "com.amazonaws.sqs#InvalidParameterValue", "message": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(out)
	return true
}

func (m *mover) move(ctx context.Context, from, to string) (int, error) {
	urls := make([]*string, 2)
	for i, arn := range []string{from, to} {
		q, err := m.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(arn[strings.LastIndex(arn, ":")+1:])})
		if err != nil {
			return 0, err
		}
		urls[i] = q.QueueUrl
	}
	feeds, err := m.sqs.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: urls[0]})
	if err != nil {
		return 0, err
	}
	if len(feeds.QueueUrls) == 0 {
		return 0, errors.New("Source queue must be configured as a Dead Letter Queue.")
	}
	for n := 0; ; {
		got, err := m.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: urls[0], MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}})
		if err != nil || len(got.Messages) == 0 {
			return n, err
		}
		for _, msg := range got.Messages {
			attributes := map[string]types.MessageAttributeValue{}
			for name, v := range msg.MessageAttributes {
				attributes[name] = v
			}
			if _, err := m.sqs.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: urls[1], MessageBody: msg.Body, MessageAttributes: attributes}); err != nil {
				return n, err
			}
			if _, err := m.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: urls[0], ReceiptHandle: msg.ReceiptHandle}); err != nil {
				return n, err
			}
			n++
		}
	}
}
