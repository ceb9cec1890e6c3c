// Package webhook puts what tools post on the bus, for tools that cannot call PutEvents.
//
// It consumes HTTP requests of API Gateway (HTTP API, payload format 2.0), at /hubspot and /stripe; it publishes one event
// per request, as the contracts in events/sources recognise them, with the body as it came. It keeps no state: what a
// tool posts twice is published twice, and ingest knows the duplicate by its id.
//
// Whoever cannot sign a request is answered 401 and counted. Only 200 says that the bus has the event: after any other answer
// a tool posts it again. The log has a line for each request; of one that was signed it says the tool's own id and, once
// the bus took it, the bus's: by the first it is found at the tool, by the second in ingest's log and in the ledger.
package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"handoff/shared/event"
	"handoff/shared/metric"
)

// maxBody is how much a request may hold. EventBridge takes less than 1 MB (1,048,576 bytes) a call, and so does SQS with
// the envelope around it.
const maxBody = 1_000_000

// patience is how long the bus may take: HubSpot hangs up after five seconds.
const patience = 4 * time.Second

// Bus takes one event and says which id it gave it. Its error is an event.Publisher's.
type Bus interface {
	Put(ctx context.Context, e event.Envelope) (id string, err error)
}

// Config is what a Handler is made of. BaseURL and Metrics may be missing, and Secrets hold at least one tool's.
type Config struct {
	Bus Bus
	// Secrets by tool. Any of a tool's is good, so that a new one can be introduced before the old is withdrawn.
	Secrets map[string][]string
	// BaseURL is the address that the tools were given, without the tool's name, where it is not the API's own: a custom
	// domain with a path mapping. HubSpot signs the address that it calls.
	BaseURL string
	Log     *slog.Logger
	Now     func() time.Time
	// Metrics takes a line of the embedded metric format for each request, at any level of the log; nil: none are written.
	Metrics   io.Writer
	Namespace string // of the metrics
}

// Function is what metrics name it.
const Function = "webhook"

// Outcomes of a request, one line of the log each.
const (
	Published    = "published"
	BadSignature = "bad_signature"
	TooLarge     = "too_large"
	Malformed    = "malformed"
	Unknown      = "unknown"
	Failed       = "failed"
)

// Handler is the webhook function.
type Handler struct{ Config }

// New checks the configuration, all of it at once.
func New(c Config) (*Handler, error) {
	var errs []error
	for _, need := range []struct {
		name string
		ok   bool
	}{{"Bus", c.Bus != nil}, {"Log", c.Log != nil}, {"Now", c.Now != nil}} {
		if !need.ok {
			errs = append(errs, fmt.Errorf("webhook: %s is missing", need.name))
		}
	}
	some := false
	for tool, secrets := range c.Secrets {
		if _, ok := tools[tool]; !ok {
			errs = append(errs, fmt.Errorf("webhook: there is no tool %q", tool))
		}
		for _, s := range secrets {
			// An empty key would accept whoever signs with nothing.
			if some = true; s == "" {
				errs = append(errs, fmt.Errorf("webhook: a secret of %s is empty", tool))
			}
		}
	}
	if !some {
		errs = append(errs, errors.New("webhook: no tool has a secret: set HUBSPOT_SECRET or STRIPE_SECRET"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Handler{c}, nil
}

// answer ends a request: a status, and for the tool's own log why. The rest is for our log.
type answer struct {
	status  int
	outcome string
	says    string
	ids     ids    // of the tool, once it has proved that it is the tool
	event   string // the bus's id
	err     error
}

// ids are what a tool calls the events of one request.
type ids struct {
	first string
	more  int // besides the first
}

// maxID is how much of a tool's id is told.
const maxID = 64

func idsOf(all []string) (out ids) {
	if len(all) > 0 {
		out = ids{first: all[0][:min(len(all[0]), maxID)], more: len(all) - 1}
	}
	return out
}

// Handle answers one request. Its error is always nil: API Gateway would make a 500 of one, without a word.
func (h *Handler) Handle(ctx context.Context, req events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	started := h.Now()
	tool := path.Base(req.RawPath)
	if len(h.Secrets[tool]) == 0 {
		tool = ""
	}
	var tally metric.Tally
	a := h.take(metric.With(ctx, &tally), tool, &req)
	h.log(ctx, tool, &a, h.Now().Sub(started))
	h.count(ctx, &tally, &a)
	out := events.APIGatewayV2HTTPResponse{StatusCode: a.status, Body: a.says + "\n", Headers: map[string]string{"content-type": "text/plain; charset=utf-8"}}
	switch a.status {
	case http.StatusServiceUnavailable:
		out.Headers["retry-after"] = "30"
	case http.StatusMethodNotAllowed:
		out.Headers["allow"] = http.MethodPost
	}
	return out, nil
}

// log writes the line of a request. Of a stranger's it tells nothing that the stranger wrote.
func (h *Handler) log(ctx context.Context, tool string, a *answer, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("tool", tool), slog.String("outcome", a.outcome), slog.Int("status", a.status), slog.Int64("duration_ms", took.Milliseconds())}
	if a.event != "" {
		attrs = append(attrs, slog.String("event_id", a.event))
	}
	if a.ids.first != "" {
		attrs = append(attrs, slog.String("tool_event_id", a.ids.first))
	}
	if a.ids.more > 0 {
		attrs = append(attrs, slog.Int("tool_events_more", a.ids.more))
	}
	if a.err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", a.err.Error()))
	}
	h.Log.LogAttrs(ctx, level, "request", attrs...)
}

// count writes the metrics of a request, those that alarms read also at zero.
func (h *Handler) count(ctx context.Context, tally *metric.Tally, a *answer) {
	if h.Metrics == nil {
		return
	}
	tally.Add(metric.Events, 1)
	switch a.outcome {
	case Failed:
		tally.Add(metric.FailedEvents, 1)
	case BadSignature:
		tally.Add(metric.WebhookRejected, 1)
	}
	tally.Show(metric.Events, metric.FailedEvents, metric.WebhookRejected, metric.PublishThrottles)
	if _, err := h.Metrics.Write(tally.AppendEMF(nil, h.Namespace, Function, h.Now())); err != nil {
		h.Log.WarnContext(ctx, "metrics not written", "error", err)
	}
}

// take reads a request and puts its event on the bus.
func (h *Handler) take(ctx context.Context, name string, req *events.APIGatewayV2HTTPRequest) answer {
	t, ok := tools[name]
	switch {
	case !ok:
		return answer{status: http.StatusNotFound, outcome: Unknown, says: "no tool posts here"}
	case req.RequestContext.HTTP.Method != http.MethodPost:
		return answer{status: http.StatusMethodNotAllowed, outcome: Unknown, says: "post here"}
	}
	body := []byte(req.Body)
	if req.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(req.Body); err != nil {
			return answer{status: http.StatusBadRequest, outcome: Malformed, says: "the body is not what its encoding says"}
		}
	}
	if len(body) > maxBody {
		return answer{status: http.StatusRequestEntityTooLarge, outcome: TooLarge, says: fmt.Sprintf("at most %d bytes", maxBody)}
	}
	r := &request{method: http.MethodPost, url: h.address(name, req), header: header(req.Headers), body: body}
	if !t.signed(r, h.Secrets[name], h.Now()) {
		// Why not is nobody's business who cannot sign.
		return answer{status: http.StatusUnauthorized, outcome: BadSignature, says: "not signed, or too long ago"}
	}
	e, err := t.event(body)
	if err != nil {
		return answer{status: http.StatusBadRequest, outcome: Malformed, says: err.Error()}
	}
	// Dead or refused here, nothing is lost: the tool has no 200 and posts again. Dead after the bus took it, the tool
	// posts again too, and ingest meets a duplicate.
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	by := idsOf(t.ids(body))
	id, err := h.Bus.Put(ctx, e)
	if err != nil {
		return answer{status: http.StatusServiceUnavailable, outcome: Failed, says: "the bus did not take it: post it again", ids: by, err: fmt.Errorf("webhook: publish: %w", err)}
	}
	return answer{status: http.StatusOK, outcome: Published, says: "taken", ids: by, event: id}
}

// address is where the tool posted to.
func (h *Handler) address(tool string, req *events.APIGatewayV2HTTPRequest) string {
	out := "https://" + req.RequestContext.DomainName + req.RawPath
	if h.BaseURL != "" {
		out = strings.TrimSuffix(h.BaseURL, "/") + "/" + tool
	}
	if req.RawQueryString != "" {
		out += "?" + req.RawQueryString
	}
	return out
}

// header gives headers by lower-case name.
func header(in map[string]string) func(string) string {
	byName := make(map[string]string, len(in))
	for k, v := range in {
		byName[strings.ToLower(k)] = v
	}
	return func(name string) string { return byName[name] }
}

// tool is one that posts.
type tool struct {
	signed func(r *request, secrets []string, now time.Time) bool
	event  func(body []byte) (event.Envelope, error)
	// ids are the tool's own, of a body that event has read; none where it has none.
	ids func(body []byte) []string
}

// tools by the last part of the path. What they publish is what the contract of that name reads.
var tools = map[string]tool{
	HubSpot: {hubspotSigned, hubspotEvent, hubspotIDs},
	Stripe:  {stripeSigned, stripeEvent, stripeIDs},
}

// The tools' names, which are the sources of their events.
const (
	HubSpot = "hubspot"
	Stripe  = "stripe"
)

// hubspotEvent wraps HubSpot's bare array, as a detail must be an object; the array itself is not touched.
func hubspotEvent(body []byte) (event.Envelope, error) {
	e := event.Envelope{Source: HubSpot, DetailType: "Webhook", Detail: body}
	switch first(body) {
	case '[':
		e.Detail = append(append([]byte(`{"events":`), body...), '}')
	case '{':
	default:
		return e, errors.New("want a JSON array of events")
	}
	if !json.Valid(e.Detail) {
		return e, errors.New("the body is not JSON")
	}
	return e, nil
}

// hubspotIDs reads eventId, which HubSpot does not promise to be unique: its contract joins it with more.
func hubspotIDs(body []byte) (out []string) {
	var some []struct {
		ID json.Number `json:"eventId"`
	}
	if first(body) == '{' {
		body = append(append([]byte{'['}, body...), ']')
	}
	if json.Unmarshal(body, &some) != nil {
		return nil // ingest says what is wrong with it
	}
	for _, e := range some {
		if e.ID != "" {
			out = append(out, e.ID.String())
		}
	}
	return out
}

func stripeIDs(body []byte) []string {
	var e struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &e) != nil || e.ID == "" {
		return nil
	}
	return []string{e.ID}
}

// maxDetailType is how long EventBridge lets a detail type be.
const maxDetailType = 128

func stripeEvent(body []byte) (event.Envelope, error) {
	e := event.Envelope{Source: Stripe, Detail: body}
	var named struct {
		Type string `json:"type"`
	}
	if first(body) != '{' || json.Unmarshal(body, &named) != nil {
		return e, errors.New("want a JSON object: one Stripe event")
	}
	if e.DetailType = named.Type; e.DetailType == "" || len(e.DetailType) > maxDetailType {
		return e, errors.New("the event's type is missing or too long")
	}
	return e, nil
}

// first is the first byte of a text that is not white space, 0 for none.
func first(body []byte) byte {
	if b := bytes.TrimLeft(body, " \t\r\n"); len(b) > 0 {
		return b[0]
	}
	return 0
}
