package contract_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/contract"
	"handoff/shared/event"
)

// small is a contract with nothing more than it needs.
const small = `name: acme
version: 1
owner: web
about: A tool.
recognise: {source: [acme]}
id: detail.id
time: [{path: detail.at, as: iso}]
common:
  source_type: detail-type
  subject: [{kind: user, of: detail.user}]
map:
  - kind: {value: page_viewed}
`

// sources is a folder with the contract acme.
func sources(yaml string) fstest.MapFS {
	return fstest.MapFS{"sources/acme.yaml": {Data: []byte(yaml)}}
}

func TestLoadSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"no owner", "owner: web\n", "", "sources/acme.yaml: $.owner: name the team"},
		{"no version", "version: 1\n", "", "$.version: want a version of 1 or more"},
		{"name of another file", "name: acme", "name: other", "sources/acme.yaml:1: $.name: the file is called acme.yaml: name the contract acme"},
		{"misspelt key", "about:", "abuot:", "sources/acme.yaml:4: unknown key \"abuot\""},
		{"misspelt key in a rule", "  - kind: {value: page_viewed}", "  - kind: {value: page_viewed}\n    chanel: detail.x", "sources/acme.yaml:13: unknown key \"chanel\""},
		{"broken YAML", "map:", "map: [", "sources/acme.yaml: ["},
		{"broken pattern", "[acme]}", "[{prefx: acme}]}", "sources/acme.yaml:5: $.recognise: source[0]"},
		{"unknown kind of touch", "page_viewed", "page_seen", "sources/acme.yaml:12: $.map[0].kind: unknown kind of touch \"page_seen\""},
		{"unknown kind of subject", "kind: user", "kind: robot", "sources/acme.yaml:10: $.common.subject[0].kind: unknown kind of subject robot"},
		{"no path", "of: detail.user", "of: user", "sources/acme.yaml:10: $.common.subject[0].of: \"user\" is no path"},
		{"unknown time", "as: iso", "as: sundial", "sources/acme.yaml:7: $.time[0].as: unknown format \"sundial\""},
		{"no id", "id: detail.id\n", "", "$.map[0]: say what identifies an event"},
		{"no time", "time: [{path: detail.at, as: iso}]\n", "", "$.map[0]: say when an event happened"},
		{"no subject", "  subject: [{kind: user, of: detail.user}]\n", "", "$.map[0]: say whom it concerns"},
		{"no rules", "map:\n  - kind: {value: page_viewed}\n", "", "$.map: want at least one rule"},
		{"unknown transform", "{value: page_viewed}", "{path: detail.kind, as: rot13, table: {a: page_viewed}}", "sources/acme.yaml:12: $.map[0].kind.as: unknown transform rot13"},
		{"two sources of a value", "{value: page_viewed}", "{value: page_viewed, path: detail.kind}", "$.map[0].kind: give exactly one of path"},
		{"unknown person field", "  - kind:", "  - person: {shoe_size: detail.size}\n    kind:", "$.map[0].person.shoe_size: unknown field \"shoe_size\""},
		{"reason that is none", "map:", "ignore: [{when: {detail: {a: [1]}}, reason: no}]\nmap:", "$.ignore[0].reason: want a sentence"},
		{"ignore everything", "map:", "ignore: [{reason: Because it is so.}]\nmap:", "$.ignore[0].when: want an EventBridge pattern"},
		{"money without a currency", "  - kind:", "  - money: {minor: detail.amount}\n    kind:", "$.map[0].money.currency: say where the currency stands"},
		{"schema that is not there", "map:", "schema: none.json\nmap:", "$.schema: cannot read the JSON Schema"},
		{"like nothing", "about: A tool.", "like: nobody", "$.like: there is no contract \"nobody\""},
		{"a parent at a free-mail domain", "  - kind:", "  - links: [{id: {path: detail.site, as: business, table: {acme.de: \"parent:account:gmail.com\"}}}]\n    kind:",
			`sources/acme.yaml:12: $.map[0].links[0].id: "parent:account:gmail.com" can be no account: "gmail.com" is no company's domain (free_mail); write one as account:acme.com`},
		{"a parent that is no domain", "  - kind:", "  - links: [{id: {path: detail.site, as: business, table: {acme.de: \"parent:account:acme\"}}}]\n    kind:", `"acme" is no company's domain (invalid)`},
		{"a parent of no kind", "  - kind:", "  - links: [{id: {path: detail.site, as: business, table: {acme.de: acme.com}}}]\n    kind:", `"acme.com" can be nobody's id; write kind:key`},
		{"a parent who is a person", "  - kind:", "  - links: [{id: {path: detail.site, as: business, table: {acme.de: \"parent:user:7\"}}}]\n    kind:", `"parent:user:7" can be nobody's id`},
		{"an account that is none", "  - kind:", "  - links: [{kind: account, of: {value: mailinator.com}}]\n    kind:", `$.map[0].links[0].of: "mailinator.com" can be no account`},
		{"a subsidiary at a host", "  - kind:", "  - links: [{id: {path: detail.site, as: business, table: {www.acme.de: \"parent:account:acme.com\"}}}]\n    kind:",
			`$.map[0].links[0].id.table: nothing comes out of as: business as "www.acme.de"; write "acme.de"`},
		{"a subsidiary that is none", "  - kind:", "  - links: [{id: {path: detail.site, as: [lower, business], table: {gmx.de: \"parent:account:acme.com\"}}}]\n    kind:",
			`nothing comes out of as: business as "gmx.de", nor as anything like it; take the entry out`},
		{"a word in capitals", "{value: page_viewed}", "{path: detail.kind, as: lower, table: {Seen: page_viewed}}", `nothing comes out of as: lower as "Seen"; write "seen"`},
		{"section of the wrong type", "version: 1", "version: one", "version is string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(small, c.from, c.to, 1)
			if text == small {
				t.Fatalf("%q is not in the contract", c.from)
			}
			_, err := contract.Load(sources(text), "sources", "schemas")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	if _, err := contract.Load(sources(small), "sources", "schemas"); err != nil {
		t.Errorf("the contract itself: %v", err)
	}
	if _, err := contract.Load(fstest.MapFS{}, "sources", "schemas"); err == nil {
		t.Error("an empty folder loads")
	}
}

// reader compiles small with lines added to its one rule, and reads details by it.
func reader(t *testing.T, lines string) func(detail string) contract.Outcome {
	t.Helper()
	set, err := contract.Load(sources(small+lines), "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	return func(detail string) contract.Outcome {
		e := event.Envelope{ID: "e", Source: "acme", DetailType: "seen", Time: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC), Detail: json.RawMessage(detail)}
		return set.Read(&e)[0]
	}
}

func TestFillersAreNobody(t *testing.T) {
	read := reader(t, "")
	for _, id := range []string{
		`""`, `" "`, `null`, `"null"`, `"NULL"`, `"undefined"`, `"anonymous"`, `"-1"`, `-1`, `0`, `"0"`, `"00000000-0000-0000-0000-000000000000"`,
		`"unknown"`, `"N/A"`, `{"id":"u"}`, `["u"]`, `"u\u0000"`, `"[object Object]"`, `"` + strings.Repeat("u", 600) + `"`,
	} {
		got := read(`{"id":"1","at":"2026-03-03T11:00:00Z","user":` + id + `}`)
		if got.Failure == nil || got.Failure.Code != contract.NoSubject || got.Failure.Contract != "acme@1" || got.Failure.Owner != "web" {
			t.Errorf("user %s: %+v, want no_subject", id, got)
		}
		got = read(`{"user":"u_1","at":"2026-03-03T11:00:00Z","id":` + id + `}`)
		if got.Failure == nil || got.Failure.Code != contract.NoID {
			t.Errorf("id %s: %+v, want no_id", id, got)
		}
	}
	for _, id := range []string{`"u_1"`, `17`, `"0017"`, `"null-pointer"`, `" u_1 "`} {
		if got := read(`{"id":"1","at":"2026-03-03T11:00:00Z","user":` + id + `}`); len(got.Touches) != 1 {
			t.Errorf("user %s: %+v, want a touch", id, got.Failure)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct{ as, json, want, code string }{
		{"iso", `"2026-03-03T11:00:00.123456Z"`, "2026-03-03T11:00:00.123Z", ""},
		{"iso", `"2026-03-03T12:30:00+01:30"`, "2026-03-03T11:00:00Z", ""},
		{"iso", `"2026-03-03T11:00:00.000+0000"`, "2026-03-03T11:00:00Z", ""},
		{"iso", `"2026-03-03T11:00:00"`, "", contract.NoTime},
		{"iso", `"2026-03-03"`, "", contract.NoTime},
		{"iso", `"yesterday"`, "", contract.NoTime},
		{"iso", `"0001-01-01T00:00:00Z"`, "", contract.NoTime},
		{"iso", `1772535600`, "", contract.NoTime},
		{"iso", `null`, "", contract.NoTime},
		// The envelope says 2026-03-03T12:00:00Z.
		{"iso", `"2026-03-04T12:00:00Z"`, "2026-03-04T12:00:00Z", ""},
		{"iso", `"2026-03-04T12:00:00.001Z"`, "", contract.FutureTime},
		{"seconds", `1772535600`, "2026-03-03T11:00:00Z", ""},
		{"seconds", `"1772535600.5"`, "2026-03-03T11:00:00.5Z", ""},
		{"seconds", `1772535600123`, "", contract.NoTime}, // milliseconds by mistake: the year 58139
		{"seconds", `-5`, "", contract.NoTime},
		{"millis", `1772535600123`, "2026-03-03T11:00:00.123Z", ""},
		{"millis", `1772535600`, "", contract.NoTime}, // seconds by mistake: 1970
		{"millis", `1e12`, "", contract.NoTime},
		{"date", `"2026-03-03"`, "2026-03-03T00:00:00Z", ""},
		{"date_or_iso", `"2026-03-03"`, "2026-03-03T00:00:00Z", ""},
		{"date_or_iso", `"2026-03-03T11:00:00Z"`, "2026-03-03T11:00:00Z", ""},
		{"date_or_iso", `"03/03/2026"`, "", contract.NoTime},
	} {
		t.Run(c.as+" "+c.json, func(t *testing.T) {
			set, err := contract.Load(sources(strings.Replace(small, "as: iso", "as: "+c.as, 1)), "sources", "schemas")
			if err != nil {
				t.Fatal(err)
			}
			e := event.Envelope{Source: "acme", DetailType: "seen", Time: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC), Detail: json.RawMessage(`{"id":"1","user":"u","at":` + c.json + `}`)}
			got := set.Read(&e)[0]
			switch {
			case c.code != "":
				if got.Failure == nil || got.Failure.Code != c.code || got.Failure.Field != "detail.at" {
					t.Errorf("%+v, want %s", got, c.code)
				}
			case got.Failure != nil:
				t.Errorf("%+v, want %s", got.Failure, c.want)
			default:
				if at := got.Touches[0].Time.Format(time.RFC3339Nano); at != c.want {
					t.Errorf("time %s, want %s", at, c.want)
				}
			}
		})
	}
}

func TestTransforms(t *testing.T) {
	for _, c := range []struct{ as, in, want string }{
		{"remark", "Rejected: no budget: at all", "no budget: at all"},
		{"remark", "Rejected", ""},
		{"words", "Pricing Viewed", "pricing viewed"},
		{"words", "pricing_viewed", "pricing viewed"},
		{"words", "PricingViewed", "pricing viewed"},
		{"words", "  Account -- Added:User ", "account added user"},
		{"words", "A/B test 2", "a b test 2"},
		{"lower", "CPC", "cpc"},
		{"domain", "https://www.google.co.uk/search?q=x", "google.co.uk"},
		{"domain", "ann@mail.initech.com", "initech.com"},
		{"domain", "localhost", ""},
		{"business", "ann@gmail.com", ""},
		{"business", "www.initech.com", "initech.com"},
		{"[domain, label]", "https://news.google.de", "google"},
		{"url_path", "https://x.example/Pricing/Team?y=1#z", "/pricing/team"},
		{"no_query", "https://x.example/a?email=ann@initech.com", "https://x.example/a"},
		{"email", " Ann.Lee@Initech.COM ", "ann.lee@initech.com"},
		{"email", "Ann Lee <ann@initech.com>", ""},
		{"email", "ann@localhost", ""},
		{"date", "2026-03-03T23:30:00-02:00", "2026-03-04"},
		{"date", "1772535600123", "2026-03-03"},
		{"date", "soon", ""},
		{"digits", "1,240", "1240"},
		{"digits", "240.0", "240"},
		{"digits", "50-100", ""},
		{"record_id", "0035g00000CoNtAAAV", "0035g00000CoNtA"},
		{"record_id", "0035g00000CoNtA", "0035g00000CoNtA"},
		{"record_id", "12345", "12345"},
	} {
		t.Run(c.as+" "+c.in, func(t *testing.T) {
			read := reader(t, "    campaign: {path: detail.x, as: "+c.as+"}\n")
			in, _ := json.Marshal(c.in)
			got := read(`{"id":"1","at":"2026-03-03T11:00:00Z","user":"u","x":` + string(in) + `}`)
			if len(got.Touches) != 1 || got.Touches[0].Campaign != c.want {
				t.Errorf("%+v, want %q", got, c.want)
			}
		})
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, value, x, want string }{
		{"a number as it is written", "detail.x", `1.50`, "1.50"},
		{"true", "detail.x", `true`, "true"},
		{"null is nothing", "[detail.x, {value: none}]", `null`, "none"},
		{"blank is nothing", "[detail.x, {value: none}]", `"  "`, "none"},
		{"an object is nothing", "[detail.x, {value: none}]", `{"a":1}`, "none"},
		{"inside", "detail.x.a.b", `{"a":{"b":"c"}}`, "c"},
		{"of a list", "detail.x.1.a", `[{"a":"no"},{"a":"yes"}]`, "yes"},
		{"beyond a list", "[detail.x.7, {value: none}]", `["a"]`, "none"},
		{"the last of a repeated field", "detail.x.a", `{"a":"1","a":"2"}`, "2"},
		{"table", "{path: detail.x, table: {a: A, b: B}}", `"b"`, "B"},
		{"table without the entry", "[{path: detail.x, table: {a: A}}, {value: none}]", `"b"`, "none"},
		{"table with else", "{path: detail.x, table: {a: A}, else: other}", `"b"`, "other"},
		{"else is not for what is missing", "[{path: detail.x, table: {a: A}, else: other}, {value: none}]", `null`, "none"},
		{"the longest beginning", "{path: detail.x, begins: {/a: short, /a/b: long}}", `"/a/b/c"`, "long"},
		{"joined", "{join: [detail.x.a, detail.x.b], with: ' '}", `{"a":"Ann","b":"Lee"}`, "Ann Lee"},
		{"joined without one", "{join: [detail.x.a, detail.x.b], with: ' '}", `{"b":"Lee"}`, "Lee"},
		{"joined, all or nothing", "[{join: [detail.x.a, detail.x.b], all: true}, {value: none}]", `{"b":"Lee"}`, "none"},
		{"unless it equals another", "[{path: detail.x, unless: detail.user}, {value: none}]", `"u"`, "none"},
		{"escapes", "detail.x", `"a\u00e9\ud83d\ude00\n\"b"`, "aé😀\n\"b"},
		{"half a surrogate", "detail.x", `"a\ud83db"`, "a\uFFFDb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reader(t, "    campaign: "+c.value+"\n")(`{"id":"1","at":"2026-03-03T11:00:00Z","user":"u","x":` + c.x + `}`)
			if len(got.Touches) != 1 || got.Touches[0].Campaign != c.want {
				t.Errorf("%+v, want %q", got, c.want)
			}
		})
	}
}

func TestMoneyIsExactOrRefused(t *testing.T) {
	for _, c := range []struct{ how, json, want, field string }{
		{"minor", `{"n":120000,"c":"usd"}`, "1,200.00 USD", ""},
		{"minor", `{"n":500,"c":"JPY"}`, "500 JPY", ""},
		{"minor", `{"n":500,"c":"ISK"}`, "5 ISK", ""}, // this tool counts hundredths of a króna
		{"minor", `{"n":505,"c":"ISK"}`, "", "detail.n"},
		{"minor", `{"n":12.5,"c":"usd"}`, "", "detail.n"},
		{"minor", `{"n":1e3,"c":"usd"}`, "", "detail.n"},
		{"minor", `{"n":"99999999999999999999","c":"usd"}`, "", "detail.n"},
		{"minor", `{"c":"usd"}`, "", "detail.n"},
		{"minor", `{"n":1}`, "", "detail.c"},
		{"minor", `{"n":1,"c":"$"}`, "", "detail.c"},
		{"major", `{"n":1200.5,"c":"EUR"}`, "1,200.50 EUR", ""},
		{"major", `{"n":"1200.500","c":"EUR"}`, "1,200.50 EUR", ""},
		{"major", `{"n":0.1,"c":"EUR"}`, "0.10 EUR", ""},
		{"major", `{"n":10.005,"c":"EUR"}`, "", "detail.n"},
		{"major", `{"n":1.2e3,"c":"EUR"}`, "1,200.00 EUR", ""},
		{"major", `{"n":"1.200,50","c":"EUR"}`, "", "detail.n"},
	} {
		t.Run(c.how+" "+c.json, func(t *testing.T) {
			read := reader(t, "    money: {"+c.how+": detail.n, currency: detail.c, exponents: {ISK: 2}}\n")
			got := read(`{"id":"1","at":"2026-03-03T11:00:00Z","user":"u",` + c.json[1:])
			switch {
			case c.field != "":
				if got.Failure == nil || got.Failure.Code != contract.Schema || got.Failure.Field != c.field {
					t.Errorf("%+v, want a failure of %s", got, c.field)
				}
			case got.Failure != nil:
				t.Errorf("%+v, want %s", got.Failure, c.want)
			case got.Touches[0].Money.String() != c.want:
				t.Errorf("%s, want %s", got.Touches[0].Money, c.want)
			}
		})
	}
}

// Schemas wait for the first payload; whether they can be used does not.
func TestBrokenSchemasFailTheBuild(t *testing.T) {
	for name, c := range map[string]struct{ declared, body, want string }{
		"no JSON":              {"seen.json", `{"type":`, "$.schema: the JSON Schema cannot be used: seen.json is not JSON"},
		"no schema":            {"seen.json", `{"type": 7}`, "$.schema: the JSON Schema cannot be used"},
		"refers to nothing":    {"seen.json", `{"$ref": "#/$defs/none"}`, "$.schema: the JSON Schema cannot be used"},
		"of one detail-type":   {"{seen: seen.json}", `{"type": 7}`, "$.schema.seen: the JSON Schema cannot be used"},
		"there is none wrong":  {"seen.json", `{"type": "object"}`, ""},
		"none wrong, for each": {"{seen: seen.json}", `{"type": "object"}`, ""},
	} {
		text := strings.Replace(small, "map:", "schema: "+c.declared+"\nmap:", 1)
		line := 1 + strings.Count(text[:strings.Index(text, "schema:")], "\n")
		fsys := sources(text)
		fsys["schemas/seen.json"] = &fstest.MapFile{Data: []byte(c.body)}
		_, loading := contract.Load(fsys, "sources", "schemas")
		_, preparing := contract.Prepare(fsys, "sources", "schemas")
		for _, err := range []error{loading, preparing} {
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), fmt.Sprintf("acme.yaml:%d: %s", line, c.want))) {
				t.Errorf("%s: %v, want line %d, %q", name, err, line, c.want)
			}
		}
	}
}

// What was prepared is compiled by its first event; an event of another source does not wait for it.
func TestPreparedContractsWait(t *testing.T) {
	fsys := sources(strings.Replace(small, "map:", "schema: seen.json\nmap:", 1))
	fsys["schemas/seen.json"] = &fstest.MapFile{Data: []byte(`{"type": "object"}`)}
	text, err := contract.Prepare(fsys, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	delete(fsys, "schemas/seen.json") // as no build can
	set, err := contract.LoadPrepared(text, fsys, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Read(&event.Envelope{Source: "nobody", DetailType: "seen", Detail: json.RawMessage(`{}`)})[0]; got.Failure == nil || got.Failure.Code != contract.UnknownSource {
		t.Errorf("of another source: %+v", got)
	}
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "sources/acme.yaml") || !strings.Contains(said, "go generate ./events") {
			t.Errorf("its own first event: %s", said)
		}
	}()
	set.Read(&event.Envelope{Source: "acme", DetailType: "seen", Detail: json.RawMessage(`{}`)})
}

func TestTwoContractsForOneSourceAreLoud(t *testing.T) {
	fsys := sources(small)
	fsys["sources/acme-two.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(small, "name: acme", "name: acme-two", 1))}
	set, err := contract.Load(fsys, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	got := set.Read(&event.Envelope{Source: "acme", DetailType: "seen", Detail: json.RawMessage(`{}`)})[0]
	if got.Failure == nil || got.Failure.Code != contract.Ambiguous || !strings.Contains(got.Failure.Reason, "acme-two") {
		t.Errorf("%+v, want ambiguous with both names", got)
	}
}

func TestRowIDIsOfThePayload(t *testing.T) {
	e := event.Envelope{ID: "a", Source: "acme", DetailType: "seen", Detail: json.RawMessage(`{"a":1.0,"b":[true,"é"]}`)}
	same := event.Envelope{ID: "b", Time: time.Now(), Source: "acme", DetailType: "seen", Detail: json.RawMessage("{ \"b\": [true, \"\\u00e9\"],\n\"a\": 1 }")}
	if contract.RowID(&e) != contract.RowID(&same) {
		t.Error("another text of the same payload has another row id")
	}
	seen := map[string]string{contract.RowID(&e): "itself"}
	for name, other := range map[string]event.Envelope{
		"another number": {Source: "acme", DetailType: "seen", Detail: json.RawMessage(`{"a":10,"b":[true,"é"]}`)},
		"another source": {Source: "acm", DetailType: "eseen", Detail: e.Detail},
		"cut off":        {Source: "acme", DetailType: "seen", Detail: e.Detail[:9]},
		"another order":  {Source: "acme", DetailType: "seen", Detail: json.RawMessage(`{"a":1,"b":["é",true]}`)},
	} {
		id := contract.RowID(&other)
		if was, ok := seen[id]; ok {
			t.Errorf("%s has the row id of %s", name, was)
		}
		seen[id] = name
	}
}

// A contract's section that names another contract by like is taken from there whole, unless it has its own.
func TestLike(t *testing.T) {
	fsys := sources(small)
	fsys["sources/other.yaml"] = &fstest.MapFile{Data: []byte("name: other\nversion: 3\nowner: crm\nlike: acme\nrecognise: {source: [other]}\n")}
	set, err := contract.Load(fsys, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	got := set.Read(&event.Envelope{Source: "other", DetailType: "seen", Time: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC), Detail: json.RawMessage(`{"id":"1","at":"2026-03-03T11:00:00Z","user":"u"}`)})[0]
	if len(got.Touches) != 1 {
		t.Fatalf("%+v", got)
	}
	if diff := cmp.Diff("other other@3 crm page_viewed", fmt.Sprintf("%s %s %s %s", got.Touches[0].Source, got.Contract, got.Owner, got.Touches[0].Kind)); diff != "" {
		t.Error(diff)
	}
}
