// Package cloud joins the functions to AWS: tables in DynamoDB, a bus on EventBridge, the configuration of the
// environment that template.yaml sets. Nothing is asked of AWS before the first invocation; the clients live as long as
// the process.
package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"handoff/functions/enrich"
	"handoff/shared/bus"
	"handoff/shared/dynamo"
	"handoff/shared/event"
	"handoff/shared/lambdalog"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/trace"
	"handoff/shared/wire"
)

// Config is what the environment says.
type Config struct {
	AccountsTable string     // ACCOUNTS_TABLE
	LedgerTable   string     // LEDGER_TABLE
	Bus           string     // BUS_NAME: name or ARN
	LogLevel      slog.Level // LOG_LEVEL: DEBUG, INFO (also where empty), WARN or ERROR
	EnrichURL     string     // ENRICH_URL, optional: an HTTP provider of firmographics, see enrich.HTTP
	EnrichToken   string     // ENRICH_TOKEN, optional: its bearer token
	Metrics       string     // METRIC_NAMESPACE: metric.Namespace where empty; "off": none are written
	// Spans go where OpenTelemetry's own variables say; without them it is nil. See trace.FromEnv.
	Spans *trace.Exporter
}

// FromEnv reads the environment of a function and validates it.
func FromEnv(getenv func(string) string, function string) (Config, error) {
	c := Config{
		AccountsTable: getenv("ACCOUNTS_TABLE"), LedgerTable: getenv("LEDGER_TABLE"), Bus: getenv("BUS_NAME"),
		EnrichURL: getenv("ENRICH_URL"), EnrichToken: getenv("ENRICH_TOKEN"),
		Metrics: cmp.Or(getenv("METRIC_NAMESPACE"), metric.Namespace),
	}
	var level error
	c.LogLevel, level = lambdalog.Level(getenv("LOG_LEVEL"))
	var tracing error
	c.Spans, tracing = trace.FromEnv(getenv, "handoff-"+function)
	if err := errors.Join(c.Validate(), level, tracing); err != nil {
		return c, fmt.Errorf("the function's environment: %w", err)
	}
	return c, nil
}

// Validate reports everything that is wrong, by the names of the environment.
func (c *Config) Validate() error {
	var errs []error
	for _, need := range []struct{ name, value string }{
		{"ACCOUNTS_TABLE", c.AccountsTable}, {"LEDGER_TABLE", c.LedgerTable}, {"BUS_NAME", c.Bus},
	} {
		if need.value == "" {
			errs = append(errs, fmt.Errorf("%s is not set: template.yaml sets it for every function", need.name))
		}
	}
	if c.AccountsTable != "" && c.AccountsTable == c.LedgerTable {
		errs = append(errs, fmt.Errorf("ACCOUNTS_TABLE and LEDGER_TABLE are both %q: the two tables hold different items", c.LedgerTable))
	}
	if c.EnrichURL != "" {
		if err := checkURL(c.EnrichURL); err != nil {
			errs = append(errs, err)
		}
	} else if c.EnrichToken != "" {
		errs = append(errs, errors.New("ENRICH_TOKEN is set and ENRICH_URL is not: nobody would be asked"))
	}
	return errors.Join(errs...)
}

// checkURL wants TLS, except towards this machine. The address may carry a key, so no error repeats it.
func checkURL(s string) error {
	u, err := url.Parse(strings.ReplaceAll(s, "{domain}", "domain"))
	if err != nil || u.Host == "" {
		return errors.New("ENRICH_URL is no address: want https://host/path, with {domain} where the domain goes")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && !ip.IsLoopback()) {
		return errors.New("ENRICH_URL must begin with https://: whom we ask about goes over the network")
	}
	return nil
}

// requestTimeout bounds one request to AWS; stores and bus repeat it within the function's own timeout.
const requestTimeout = 5 * time.Second

// aws is what a function's clients are made of, from the environment that Lambda and the SDKs agree on. The SDK's own
// loader would bring its ways to sign in, with four more clients, into each function: an eighth of its size, for nothing.
// Lambda's credentials are good for as long as the process lives.
func (c *Config) aws(getenv func(string) string) (aws.Config, error) {
	cfg := aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			out := aws.Credentials{
				AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken: getenv("AWS_SESSION_TOKEN"), Source: "environment",
			}
			if !out.HasKeys() {
				return out, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
			}
			return out, nil
		}),
		HTTPClient: awshttp.NewBuildableClient().WithTimeout(requestTimeout).WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = 32 // a batch writes many items at a time: keep what it opened
		}),
	}
	if cfg.Region == "" {
		return cfg, errors.New("AWS_REGION is not set: Lambda sets it, elsewhere set it to the stack's region")
	}
	return cfg, nil
}

// endpoint is where a service is, nil for where AWS has it: as the SDKs' loaders read it.
func endpoint(getenv func(string) string, service string) *string {
	for _, name := range []string{"AWS_ENDPOINT_URL_" + service, "AWS_ENDPOINT_URL"} {
		if s := getenv(name); s != "" {
			return &s
		}
	}
	return nil
}

// noMetrics is what METRIC_NAMESPACE says where nobody reads them.
const noMetrics = "off"

// Parts makes what handlers are made of. Metrics go to out, where the log goes.
func (c *Config) Parts(getenv func(string) string, out io.Writer, log *slog.Logger) (*wire.Parts, error) {
	cfg, err := c.aws(getenv)
	if err != nil {
		return nil, fmt.Errorf("the function's environment: %w", err)
	}
	db := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = endpoint(getenv, "DYNAMODB") })
	events := eventbridge.NewFromConfig(cfg, func(o *eventbridge.Options) { o.BaseEndpoint = endpoint(getenv, "EVENTBRIDGE") })
	parts := &wire.Parts{
		Accounts: dynamo.New(db, c.AccountsTable),
		Ledger:   &ledger.Ledger{Table: dynamo.New(db, c.LedgerTable)},
		Bus:      bus.New(events, c.Bus),
		Log:      log,
		Now:      time.Now,
		Lines:    slog.LevelInfo,
		Spans:    c.Spans,
	}
	if c.Metrics != noMetrics {
		parts.Metrics, parts.Namespace = out, c.Metrics
	}
	if c.EnrichURL != "" {
		parts.Provider = enrich.Chain{{Name: "http", Provider: &enrich.HTTP{URL: c.EnrichURL, Token: c.EnrichToken}}}
	}
	return parts, nil
}

// Handler makes one function's handler from the environment, watched, and its log the default one.
func Handler(getenv func(string) string, out io.Writer, function string, build func(*wire.Parts) (event.Handler, error)) (event.Handler, error) {
	c, err := FromEnv(getenv, function)
	log := Logger(out, c.LogLevel)
	slog.SetDefault(log)
	if err != nil {
		return nil, err
	}
	parts, err := c.Parts(getenv, out, log)
	if err != nil {
		return nil, err
	}
	return build(parts)
}
