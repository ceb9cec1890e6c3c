package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Exporter sends spans to an OpenTelemetry collector.
type Exporter struct {
	URL     string
	Headers http.Header
	Service string // service.name
	Client  *http.Client
}

// exportTimeout bounds what a collector that does not answer costs an invocation.
const exportTimeout = 2 * time.Second

// FromEnv reads OpenTelemetry's own variables: OTEL_EXPORTER_OTLP_ENDPOINT (or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, the
// whole address), OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_PROTOCOL (http/json alone) and OTEL_SERVICE_NAME, which
// is service unless given. Without an endpoint, or with OTEL_SDK_DISABLED=true or OTEL_TRACES_EXPORTER=none, it is nil:
// nothing is traced. Nothing is sent here.
func FromEnv(getenv func(string) string, service string) (*Exporter, error) {
	address := getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	name := "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	if address == "" {
		name = "OTEL_EXPORTER_OTLP_ENDPOINT"
		if address = getenv(name); address != "" {
			address = strings.TrimSuffix(address, "/") + "/v1/traces"
		}
	}
	if address == "" || strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return nil, nil
	}
	var errs []error
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		errs = append(errs, fmt.Errorf("%s is no address: want http://host:4318 or https://host", name))
	}
	for _, p := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if v := getenv(p); v != "" && v != "http/json" {
			errs = append(errs, fmt.Errorf("%s is %q: the functions speak http/json alone, which every collector takes at its HTTP port", p, v))
		}
	}
	headers, err := readHeaders(getenv("OTEL_EXPORTER_OTLP_HEADERS"))
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	if s := getenv("OTEL_SERVICE_NAME"); s != "" {
		service = s
	}
	return &Exporter{URL: address, Headers: headers, Service: service, Client: &http.Client{Timeout: exportTimeout}}, nil
}

// readHeaders reads name=value pairs with commas between, percent-encoded. They may hold a key, so no error repeats them.
func readHeaders(s string) (http.Header, error) {
	h := http.Header{}
	for i, part := range strings.Split(s, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, v, ok := strings.Cut(part, "=")
		value, err := url.PathUnescape(strings.TrimSpace(v))
		if name = strings.TrimSpace(name); !ok || err != nil || name == "" {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS: pair %d is not name=value, percent-encoded", i+1)
		}
		h.Set(name, value)
	}
	return h, nil
}

// Export sends spans and waits for the answer: Lambda stops the process after the invocation, and what waits in memory
// then may wait for ever. A collector that does not answer loses spans; it never fails an event.
func (e *Exporter) Export(ctx context.Context, spans []Span) error {
	body := append([]byte(nil), `{"resourceSpans":[{"resource":{"attributes":`...)
	body = attributes(body, []Attr{{"service.name", e.Service}, {"cloud.provider", "aws"}, {"faas.name", e.Service}})
	body = append(body, `},"scopeSpans":[{"scope":{"name":"handoff"},"spans":[`...)
	for i := range spans {
		if i > 0 {
			body = append(body, ',')
		}
		body = spans[i].append(body)
	}
	body = append(body, "]}]}]}"...)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("trace: export %d spans: %w", len(spans), err)
	}
	req.Header = e.Headers.Clone()
	req.Header.Set("Content-Type", "application/json")
	resp, err := e.Client.Do(req)
	if err != nil {
		return fmt.Errorf("trace: export %d spans: the collector cannot be reached; check OTEL_EXPORTER_OTLP_ENDPOINT: %w", len(spans), err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("trace: export %d spans: the collector answered %s", len(spans), resp.Status)
	}
	return nil
}
