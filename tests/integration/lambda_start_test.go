package integration

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"handoff/shared/dynamo/dynamotest"
	"handoff/tests/sam/payload"
)

// gate passes requests on and counts them, and the connections that they come by.
type gate struct {
	url                   string
	connections, requests atomic.Int64
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{}
	proxy := httputil.NewSingleHostReverseProxy(u)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.requests.Add(1)
		proxy.ServeHTTP(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			g.connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	g.url = s.URL
	return g
}

// A function starts without a word to anybody, which would count against every cold start, and keeps its clients: a later
// invocation finds the connections of an earlier one.
func TestStartIsSilentAndClientsAreKept(t *testing.T) {
	db := dynamotest.Shared(t)
	all, err := payload.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.File != p.Function+"/event.json" {
			continue
		}
		t.Run(p.Function, func(t *testing.T) {
			w, err := payload.Open(t.Context(), db, "start-"+p.Function, "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := w.Close(); err != nil {
					t.Error(err)
				}
			})
			env := w.Env(db, "127.0.0.1")
			gates := map[string]*gate{}
			for _, name := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_EVENTBRIDGE"} {
				gates[name] = newGate(t, env[name])
				env[name] = gates[name].url
			}
			f := start(t, p.Function, env)
			if _, err := f.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			for name, g := range gates {
				if n := g.connections.Load(); n != 0 {
					t.Errorf("%d connections to %s before anything was invoked", n, name)
				}
			}
			type count struct{ connections, requests int64 }
			counts := func() map[string]count {
				out := map[string]count{}
				for name, g := range gates {
					out[name] = count{g.connections.Load(), g.requests.Load()}
				}
				return out
			}
			const more = 4 // invocations after the first
			var seen []map[string]count
			for range 1 + more {
				if _, err := f.Invoke(t.Context(), p.Body); err != nil {
					t.Fatal(err)
				}
				seen = append(seen, counts())
			}
			for name := range gates {
				first, last := seen[0][name], seen[more][name]
				t.Logf("%s: %d connections for %d requests, then %d for %d more", name, first.connections, first.requests,
					last.connections-first.connections, last.requests-first.requests)
				// A request may miss a connection that is just being put back, so now and then one is opened. Clients that
				// are made anew open one each time.
				if last.requests-first.requests >= more && last.connections-first.connections >= more {
					t.Errorf("%s: %d connections after the first invocation, %d after %d more: clients are made anew", name, first.connections, last.connections, more)
				}
			}
			if d := seen[more]["AWS_ENDPOINT_URL_DYNAMODB"]; d.requests <= seen[0]["AWS_ENDPOINT_URL_DYNAMODB"].requests || d.connections == 0 {
				t.Errorf("DynamoDB was asked %d times after the first invocation by %d connections: nothing was tested", d.requests, d.connections)
			}
		})
	}
}
