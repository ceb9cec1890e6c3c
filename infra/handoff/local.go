package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"handoff/functions/enrich"
	"handoff/infra/local"
	"handoff/infra/stack"
)

type localCmd struct {
	Listen    string `help:"Where to take events: EventBridge's PutEvents over HTTP." default:"127.0.0.1:4010" placeholder:"ADDR"`
	Policy    string `help:"Folder with the policy's YAML instead of the built-in one." type:"existingdir" placeholder:"DIR"`
	Companies string `help:"CSV of companies that enrich asks." type:"existingfile" placeholder:"FILE"`
	Throttle  int    `help:"Turn away one in N events that are put, as a busy bus does: to see what a producer does then." placeholder:"N"`
	LogLevel  string `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`

	Isolated   bool   `help:"Run the built functions (make build-here) as Lambda does, in processes of their own. Needs --dynamodb."`
	DynamoDB   string `name:"dynamodb" help:"For --isolated: where the tables are, such as DynamoDB Local's http://127.0.0.1:8000." placeholder:"URL"`
	Bootstraps string `help:"For --isolated: folder of the built functions; here/ beside this program unless given." type:"existingdir" placeholder:"DIR"`
}

func (localCmd) Help() string {
	return `Runs everything template.yaml wires: bus, rules, queues, the five functions, sweep, archive.
Any AWS SDK is a producer:

  handoff local --data mydata
  aws events put-events --endpoint-url http://127.0.0.1:4010 \
    --entries file://events.json

Other commands find the running pipeline by the data folder:

  handoff --data mydata status

With --isolated the built functions run instead, each in processes of
its own over the Lambda Runtime API, as they will on AWS: started on
demand, killed at their timeout, started again after a crash. They keep
their tables in DynamoDB (DynamoDB Local: see
tests/integration/dynamodb-local.sh) and publish to the address of
--listen; queues and the bus stay in the data folder.

  make build-here bin-aws
  handoff local --isolated --dynamodb http://127.0.0.1:8000`
}

func (c localCmd) Run(e *env) error {
	if e.open != nil {
		return errors.New("this is what is running already")
	}
	if c.Throttle < 0 {
		return fmt.Errorf("--throttle is %d: want 1 or more, or nothing", c.Throttle)
	}
	if err := c.checkIsolated(); err != nil {
		return err
	}
	if c.Isolated && openTables == nil {
		err := e.help()
		if err != nil && !errors.Is(err, context.Canceled) { // it was told to stop, and did
			return fmt.Errorf("--isolated needs the build with the AWS SDK: %w", err)
		}
		return nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return err
	}
	cfg := stack.Config{Dir: e.data, Faults: local.Faults{TurnAway: c.Throttle}, Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: level}))}
	if c.Policy != "" {
		cfg.Policy = os.DirFS(c.Policy)
	}
	if c.Companies != "" {
		d, err := enrich.OpenDataset(c.Companies)
		if err != nil {
			return err
		}
		cfg.Dataset = d
	}
	l, err := net.Listen("tcp", c.Listen) // first: isolated functions must know where the bus is
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --listen", c.Listen, err)
	}
	defer l.Close() // again, where serve has: no harm
	apart := &isolated{}
	if c.Isolated {
		if apart, err = c.isolate(e, &cfg, l.Addr(), level); err != nil {
			return err
		}
	}
	s, err := stack.Open(e.ctx, cfg)
	if err != nil {
		return err
	}
	if err = unheard(e, s, c.Policy); err == nil {
		err = apart.warm(e.ctx)
	}
	if err == nil {
		err = c.serve(e, s, l, apart)
	}
	return errors.Join(err, apart.close(), s.Close())
}

func (c localCmd) serve(e *env, s *stack.Stack, l net.Listener, apart *isolated) error {
	url := "http://" + l.Addr().String()
	secret, remove, err := publishAddress(e.data, url)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("/", local.HTTPHandler(s.Runtime))
	mux.Handle(commandPath, serveCommands(s, secret))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	if c.Isolated {
		fmt.Fprintf(e.stdout, "%d functions run in processes of their own. Tables: %s and %s on %s.\n", len(apart.functions), apart.tables["accounts"],
			apart.tables["ledger"], apart.endpoint)
	}
	fmt.Fprintf(e.stdout, "Handoff runs. Events: %s (PutEvents). Data: %s. Stop with Ctrl-C.\n", url, e.data)
	err = s.Run(e.ctx)
	err = errors.Join(err, server.Close(), remove())
	if serr := <-served; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}
