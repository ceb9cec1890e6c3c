package touch

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/money"
)

// agree holds Read to encoding/json: the same touch, or an error from both.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, b []byte) {
	t.Helper()
	var want, got Touch
	wantErr := json.Unmarshal(b, &want)
	gotErr := Read(b, &got)
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%s\nencoding/json says %v, Read says %v", b, wantErr, gotErr)
	}
	if wantErr != nil {
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%s\n-encoding/json +Read\n%s", b, d)
	}
}

func whole() Touch {
	at := time.Date(2026, 3, 12, 14, 5, 6, 789e6, time.UTC)
	return Touch{
		ID: NewID("a", "b", "c", 1), Revision: 2, Withdrawn: true, Kind: InvoicePaid, Time: at, Subject: "email:ann@initech.example",
		Links: []string{"user:1", "account:initech.example"}, Source: "stripe", SourceType: "invoice.paid", ProducerID: "evt_1", Ordinal: 3,
		Person: map[string]string{"name": "Änn \"the\" O'Hare", "title": "CTO <eng> & more\n"}, Company: map[string]string{"employees": "250"},
		Opportunity: &Opportunity{ID: "opportunity:crm/1", Name: "n", Stage: "s", Status: "won", Type: "new", Amount: &money.Amount{Minor: -5, Currency: "USD"},
			CloseDate: "2026-03-31", Owner: "o", Invoice: "i", Sequence: 1 << 58},
		Money: &money.Amount{Minor: 120050, Currency: "EUR"}, Feedback: &Feedback{Handoff: "h", Play: "p", Rep: "r", Reason: "no budget"},
		Channel: "email", Campaign: "spring", URL: "https://x.example/?a=1&b=2#<>", Props: map[string]any{"plan": "pro", "seats": 12.5, "n": -3.0, "big": 1e30, "on": true, "off": false},
		Test: true, RecordedAt: at.Add(time.Hour), EventID: "e", Contract: "stripe@1", Digest: "0123",
	}
}

// What a touch is written as is read without encoding/json's help, and as it would read it.
func TestReadOfWhatIsWritten(t *testing.T) {
	plain := whole()
	delete(plain.Props, "big")
	for name, x := range map[string]Touch{"whole": plain, "empty": {}, "one that says little": {ID: NewID("a", "", "", 0), Kind: PageViewed, Subject: "anon:web/1"}} {
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, b)
		var got Touch
		rest, ok := Cut(append(b, `,"more":1}`...), &got)
		if !ok || string(rest) != `,"more":1}` {
			t.Errorf("%s: read to %q, %v", name, rest, ok)
		}
	}
	b, err := json.Marshal(whole())
	if err != nil {
		t.Fatal(err)
	}
	agree(t, b)
}

func TestReadOfOddities(t *testing.T) {
	for _, s := range []string{
		``, `{`, `{}`, ` {}`, `{} `, `{}x`, `null`, `[]`, `"x"`, `{"id":""}`, `{"id":"zz"}`, `{"id":null}`, `{"kind":null}`, `{"Kind":"upper case"}`,
		`{"kind":"a","kind":"b"}`, `{"person":{"a":"1"},"person":{"b":"2"}}`, `{"person":{"a":"1","a":"2"}}`, `{"person":null}`, `{"person":{}}`,
		`{"links":[]}`, `{"links":["a",]}`, `{"links":[,"a"]}`, `{"links":["a" ,"b"]}`, `{"links":["a","b"]}`, `{"revision":1.0}`, `{"revision":01}`,
		`{"revision":-0}`, `{"revision":1e2}`, `{"revision":99999999999999999999}`, `{"revision":"1"}`, `{"props":{"a":[1]}}`, `{"props":{"a":{}}}`,
		`{"props":{"a":null}}`, `{"props":{"a":1.}}`, `{"props":{"a":.5}}`, `{"props":{"a":-}}`, `{"props":{"a":1e5}}`, `{"props":{"a":00}}`, `{"props":{"a":tru}}`,
		`{"time":"2026-03-12T14:05:06Z"}`, `{"time":"2026-03-12 14:05:06Z"}`, `{"time":"2026-03-12T14:05:06+25:00"}`, `{"time":1}`, `{"unknown":1}`,
		`{"kind":"\u00e9\ud83d\ude00\b\f\n\r\t\/\\\""}`, `{"kind":"\ud83d"}`, `{"kind":"\u00"}`, `{"kind":"\u00zz"}`, `{"kind":"\x"}`, `{"kind":"\`, `{"kind":"a` + "\n" + `"}`,
		`{"kind":"` + "\xff" + `"}`, `{"kin` + "\xff" + `":"a"}`, `{"withdrawn":true}`, `{"withdrawn":yes}`, `{"kind":"a",}`, `{,}`, `{"kind"}`, `{"kind":}`,
		`{"money":{"minor":1,"currency":"USD"}}`, `{"money":{"minor":1.5}}`, `{"money":{"x":1}}`, `{"opportunity":{"x":1}}`, `{"feedback":{"x":1}}`, `{"feedback":{}}`,
	} {
		agree(t, []byte(s))
	}
}

func TestReadOfAnyTouch(t *testing.T) {
	texts := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		x := whole()
		x.Kind, x.URL, x.Subject = rapid.String().Draw(t, "kind"), rapid.String().Draw(t, "url"), rapid.String().Draw(t, "subject")
		x.Person, x.Company = texts.Draw(t, "person"), texts.Draw(t, "company")
		x.Props = map[string]any{rapid.String().Draw(t, "key"): rapid.String().Draw(t, "text"), "n": rapid.Float64().Draw(t, "number"), "i": float64(rapid.Int().Draw(t, "whole"))}
		x.Links = rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "links")
		x.Opportunity.Sequence = rapid.Int64().Draw(t, "sequence")
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, b)
		if cut := rapid.IntRange(0, len(b)).Draw(t, "cut"); cut < len(b) {
			agree(t, b[:cut])
		}
	})
}

func FuzzRead(f *testing.F) {
	b, err := json.Marshal(whole())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"kind":"\u00e9","props":{"a":1.5}}`))
	f.Fuzz(func(t *testing.T, b []byte) { agree(t, b) })
}

func BenchmarkRead(b *testing.B) {
	x := whole()
	delete(x.Props, "big")
	body, err := json.Marshal(x)
	if err != nil {
		b.Fatal(err)
	}
	for name, read := range map[string]func([]byte, *Touch) error{"ours": Read, "encoding-json": func(b []byte, t *Touch) error { return json.Unmarshal(b, t) }} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var t Touch
				if err := read(body, &t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
