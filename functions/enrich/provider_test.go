package enrich

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
)

// says is a provider with one answer.
type says struct {
	fields map[string]string
	ok     bool
	err    error
}

func (s says) Lookup(context.Context, string) (map[string]string, bool, error) {
	return s.fields, s.ok, s.err
}

func TestChain(t *testing.T) {
	down := errors.New("down")
	knows := says{fields: map[string]string{"name": "Initech"}, ok: true}
	cases := []struct {
		name  string
		chain Chain
		from  string // the provider of the answer, "" for none
		err   error
	}{
		{"empty", Chain{}, "", nil},
		{"the first that knows", Chain{{"a", says{}}, {"b", knows}, {"c", knows}}, "b", nil},
		{"one that fails does not hide one that knows", Chain{{"a", says{err: down}}, {"b", knows}}, "b", nil},
		{"nobody knows and one failed", Chain{{"a", says{err: down}}, {"b", says{}}}, "", down},
		{"nobody knows", Chain{{"a", says{}}, {"b", says{}}}, "", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fields, ok, err := c.chain.Lookup(context.Background(), "initech.example")
			if ok != (c.from != "") || fields["provider"] != c.from || !errors.Is(err, c.err) {
				t.Errorf("= %v, %v, %v; want from %q, %v", fields, ok, err, c.from, c.err)
			}
		})
	}
	if _, written := knows.fields["provider"]; written {
		t.Error("the chain wrote into a provider's own map")
	}
}

func TestFieldsAreCompanyFields(t *testing.T) {
	for _, f := range Fields {
		if !slices.Contains(account.CompanyFields, f) {
			t.Errorf("facts keep no field %q of a company", f)
		}
	}
}

func TestDataset(t *testing.T) {
	d, err := OpenDataset("testdata/companies.csv")
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() != 2 {
		t.Errorf("%d companies, want 2", d.Len())
	}
	cases := map[string]map[string]string{
		"initech.example": {"name": "Initech, Inc.", "industry": "SaaS", "employees": "250", "country": "US", "region": "TX", "revenue": "42000000", "technologies": "Salesforce;Segment"},
		"quill.example":   {"name": "Quill GmbH", "industry": "Publishing", "employees": "38", "country": "DE"},
		"other.example":   nil,
	}
	for domain, want := range cases {
		got, ok, err := d.Lookup(context.Background(), domain)
		if diff := cmp.Diff(want, got); diff != "" || ok != (want != nil) || err != nil {
			t.Errorf("%s: %v, %v (-want +got):\n%s", domain, ok, err, diff)
		}
	}
}

func TestDatasetHeaderMayBePartialAndInAnyOrder(t *testing.T) {
	d, err := ReadDataset(strings.NewReader("\ufeffEmployees, Domain\n12,a.example\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, _, _ := d.Lookup(context.Background(), "a.example")
	if diff := cmp.Diff(map[string]string{"employees": "12"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDatasetNamesWhatIsWrong(t *testing.T) {
	cases := []struct {
		name, csv string
		want      []string
	}{
		{"empty", "", []string{"no header", "domain,name,industry"}},
		{"unknown column", "domain,headcount\na.example,5\n", []string{`line 1: there is no column "headcount"`}},
		{"column twice", "domain,name,name\n", []string{"line 1: the column name is there twice"}},
		{"no domain", "name\nInitech\n", []string{"line 1: the column domain is missing"}},
		{
			"several lines", "domain,employees\na.example,many\nWWW.b.example,5\nlocalhost,1\nc.example,1\nc.example,2\nd.example\n",
			[]string{`line 2: employees is "many"`, "line 3: domain is \"WWW.b.example\"; write b.example", `line 4: domain is "localhost"`, "line 6: c.example is there twice", "line 7: 1 values for 2 columns"},
		},
		{"cut in the middle of a quote", "domain,name\na.example,\"Init", []string{"line 2"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadDataset(strings.NewReader(c.csv))
			if !errors.Is(err, ErrDataset) {
				t.Fatalf("err = %v, want ErrDataset", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("err = %v, want it to say %q", err, part)
				}
			}
		})
	}
	if _, err := OpenDataset("testdata/none.csv"); err == nil || !strings.Contains(err.Error(), "testdata/none.csv") {
		t.Errorf("a missing file: %v, want its name", err)
	}
	long := "domain,employees\n" + strings.Repeat("a.example,x\n", 1000)
	if _, err := ReadDataset(strings.NewReader(long)); err == nil || strings.Count(err.Error(), "line ") > 20 {
		t.Errorf("a thousand wrong lines make an error of %d", strings.Count(err.Error(), "line "))
	}
}

// reply is one answer of the provider's server.
type reply struct {
	status int
	body   string
	after  string
}

func TestHTTP(t *testing.T) {
	body := `{"name":"Initech","employees":250,"revenue":"42000000","technologies":["Salesforce","Segment"],"country":null,"ceo":{"name":"Bill"}}`
	known := map[string]string{"name": "Initech", "employees": "250", "revenue": "42000000", "technologies": "Salesforce;Segment"}
	cases := []struct {
		name    string
		replies []reply
		want    map[string]string
		found   bool
		err     string          // part of it
		slept   []time.Duration // pauses in milliseconds
	}{
		{name: "knows", replies: []reply{{200, body, ""}}, want: known, found: true},
		{name: "does not know", replies: []reply{{404, `{"error":"no such company"}`, ""}}},
		{name: "no content", replies: []reply{{204, "", ""}}},
		{name: "recovers", replies: []reply{{503, "", ""}, {500, "", ""}, {200, body, ""}}, want: known, found: true, slept: []time.Duration{200, 400}},
		{name: "stays down", replies: []reply{{503, "", ""}, {503, "", ""}, {502, "", ""}}, err: "502 Bad Gateway", slept: []time.Duration{200, 400}},
		{name: "asks for a pause", replies: []reply{{429, "", "2"}, {200, body, ""}}, want: known, found: true, slept: []time.Duration{2000}},
		{name: "asks for a long pause", replies: []reply{{429, "", "60"}}, err: "asks to wait 1m0s"},
		{name: "refuses the token", replies: []reply{{401, "", ""}}, err: "401 Unauthorized; look at its address and token"},
		{name: "answers no JSON", replies: []reply{{200, "<html>", ""}}, err: "no JSON object"},
		{name: "answers a list", replies: []reply{{200, "[]", ""}}, err: "no JSON object"},
		{name: "changed a field's type", replies: []reply{{200, `{"employees":{"min":1}}`, ""}}, err: "field employees"},
		{name: "answers without end", replies: []reply{{200, `"` + strings.Repeat("x", 1<<20), ""}}, err: "longer than"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/companies/initech.example" || r.Header.Get("Authorization") != "Bearer secret" {
					t.Errorf("asked %s with %q", r.URL.Path, r.Header.Get("Authorization"))
				}
				re := c.replies[min(calls, len(c.replies)-1)]
				calls++
				if re.after != "" {
					w.Header().Set("Retry-After", re.after)
				}
				w.WriteHeader(re.status)
				fmt.Fprint(w, re.body)
			}))
			defer server.Close()
			var slept []time.Duration
			p := &HTTP{URL: server.URL + "/v1/companies/{domain}", Token: "secret", Client: server.Client(), Timeout: 10 * time.Second,
				Sleep: func(_ context.Context, d time.Duration) error { slept = append(slept, d/time.Millisecond); return nil }}
			got, found, err := p.Lookup(context.Background(), "initech.example")
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("err = %v, want %q", err, c.err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || found != c.found {
				t.Errorf("found %v (-want +got):\n%s", found, diff)
			}
			if diff := cmp.Diff(c.slept, slept); diff != "" {
				t.Errorf("pauses in ms (-want +got):\n%s", diff)
			}
			if calls != len(c.replies) {
				t.Errorf("%d calls, want %d", calls, len(c.replies))
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

func TestHTTPAsksByParameterAndGivesUpInTime(t *testing.T) {
	release := make(chan struct{})
	tries := make(chan string, 9)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tries <- r.URL.RawQuery
		<-release
	}))
	defer server.Close()
	defer close(release)
	p := &HTTP{URL: server.URL + "/find?key=1", Client: server.Client(), Timeout: 20 * time.Millisecond, Tries: 2, Pause: time.Millisecond}
	_, found, err := p.Lookup(context.Background(), "initech.example")
	if found || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("= %v, %v; want a deadline", found, err)
	}
	if len(tries) != 2 || <-tries != "domain=initech.example&key=1" {
		t.Errorf("%d more tries, want 2 in all with the domain as a parameter", len(tries))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := p.Lookup(ctx, "initech.example"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: %v", err)
	}
	if _, _, err := (&HTTP{URL: "http://[bad"}).Lookup(context.Background(), "x.example"); err == nil {
		t.Error("a broken address was taken")
	}
}
