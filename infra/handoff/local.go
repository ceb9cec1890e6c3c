package main

import (
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
	LogLevel  string `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
}

func (localCmd) Help() string {
	return `Runs everything template.yaml wires: bus, rules, queues, the five functions, sweep, archive.
Any AWS SDK is a producer:

  handoff local --data mydata
  aws events put-events --endpoint-url http://127.0.0.1:4010 \
    --entries file://events.json

Other commands find the running pipeline by the data folder:

  handoff --data mydata status`
}

func (c localCmd) Run(e *env) error {
	if e.open != nil {
		return errors.New("this is what is running already")
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return err
	}
	cfg := stack.Config{Dir: e.data, Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: level}))}
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
	s, err := stack.Open(e.ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(c.serve(e, s), s.Close())
}

func (c localCmd) serve(e *env, s *stack.Stack) error {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --listen", c.Listen, err)
	}
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
	fmt.Fprintf(e.stdout, "Handoff runs. Events: %s (PutEvents). Data: %s. Stop with Ctrl-C.\n", url, e.data)
	err = s.Run(e.ctx)
	err = errors.Join(err, server.Close(), remove())
	if serr := <-served; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}
