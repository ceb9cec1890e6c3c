package payload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"handoff/infra/local"
	"handoff/infra/stack"
	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
)

// World is what one invocation works on: two empty tables, and a bus that takes what is published and gives it to nobody.
type World struct {
	Port   int // of the bus's PutEvents
	Tables [2]string

	rt     *local.Runtime
	db     *embedded.DB
	ledger *dynamo.Table
	server *http.Server
	served chan error
}

// Open makes a world; host is the address on which the bus listens.
func Open(ctx context.Context, db *dynamotest.Local, name, host string) (_ *World, err error) {
	w := &World{Tables: [2]string{name + "-accounts", name + "-ledger"}, served: make(chan error, 1)}
	if _, err = db.Make(ctx, w.Tables[0], true); err != nil {
		return nil, err
	}
	if w.ledger, err = db.Make(ctx, w.Tables[1], false); err != nil {
		return nil, err
	}
	text, err := stack.FindTemplate()
	if err != nil {
		return nil, err
	}
	top, err := local.Load(text)
	if err != nil {
		return nil, err
	}
	top.Archive.Pattern = nil // keep everything: it is what Did reads
	if w.db, err = embedded.OpenMemory(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.db.Close())
		}
	}()
	w.rt, err = local.New(local.Config{Topology: top, Space: w.db.Space("runtime"), Log: slog.New(slog.DiscardHandler), Seed: 1})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, fmt.Errorf("listen for PutEvents: %w", err)
	}
	w.Port = l.Addr().(*net.TCPAddr).Port
	w.server = &http.Server{Handler: local.HTTPHandler(w.rt), ReadHeaderTimeout: 10 * time.Second}
	go func() { w.served <- w.server.Serve(l) }()
	return w, nil
}

func portOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		panic(err) // dynamotest made it
	}
	return u.Port()
}

// Env is what the function needs to know of the world; host is how it reaches this machine.
func (w *World) Env(db *dynamotest.Local, host string) map[string]string {
	return map[string]string{
		"ACCOUNTS_TABLE": w.Tables[0], "LEDGER_TABLE": w.Tables[1], "BUS_NAME": w.rt.Bus(), "LOG_LEVEL": "INFO",
		"AWS_REGION": dynamotest.Region, "AWS_ACCESS_KEY_ID": dynamotest.Credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY": dynamotest.Credentials.SecretAccessKey,
		"AWS_ENDPOINT_URL_DYNAMODB":    "http://" + net.JoinHostPort(host, portOf(db.Endpoint)),
		"AWS_ENDPOINT_URL_EVENTBRIDGE": "http://" + net.JoinHostPort(host, fmt.Sprint(w.Port)),
	}
}

// Did says what was written and published.
func (w *World) Did(ctx context.Context) (Effect, error) {
	out := Effect{Rows: map[string]int{}, Told: map[string]int{}}
	for e, err := range w.rt.Archived(time.Time{}, time.Time{}) {
		if err != nil {
			return out, err
		}
		if e.Source != event.Source {
			return out, fmt.Errorf("%s was published as from %s", e.DetailType, e.Source)
		}
		out.Told[e.DetailType]++
	}
	l := &ledger.Ledger{Table: w.ledger}
	for cursor := ""; ; {
		page, err := w.ledger.Scan(ctx, 0, cursor)
		if err != nil {
			return out, err
		}
		for _, rec := range page.Records {
			row, ok, err := l.Decode(ctx, rec)
			if err != nil {
				return out, err
			}
			if !ok || row.Type == ledger.Default { // whichever event comes first, score keeps the text of its policy
				continue
			}
			name := string(row.Type)
			if row.Type == ledger.Handoff {
				var record struct{ Outcome string }
				if err := json.Unmarshal(row.Body, &record); err != nil {
					return out, err
				}
				name += ": " + record.Outcome
			}
			out.Rows[name]++
		}
		if cursor = page.Cursor; cursor == "" {
			return out, nil
		}
	}
}

// Close ends the bus. The tables stay for as long as DynamoDB Local runs.
func (w *World) Close() error {
	err := w.server.Close()
	if serr := <-w.served; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return errors.Join(err, w.db.Close())
}
