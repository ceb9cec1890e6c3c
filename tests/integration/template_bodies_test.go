package integration

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/events"
	"handoff/shared/event"
)

var placeholder = regexp.MustCompile(`<([A-Za-z0-9_-]+)>`)

// render fills an input transformer's template as EventBridge does, by what its manual says of it:
//
//   - A variable whose path finds nothing is not there: its place stays empty.
//   - Outside quotes a text gets quotes, an object stands as JSON.
//   - Inside quotes a text stands as it is, and an object loses its quotes.
//   - Nothing that a path found is escaped. The manual does not say whether that holds for a text which gets its quotes, so it
//     is taken to: what is readable here is readable if it is escaped.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func render(template string, paths map[string]any, raw []byte) (string, error) {
	var whole any
	if err := json.Unmarshal(raw, &whole); err != nil {
		return "", err
	}
	var out strings.Builder
	quoted, last := false, 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		between := template[last:m[0]]
		out.WriteString(between)
		quoted = quoted != (strings.Count(between, `"`)%2 == 1)
		last = m[1]
		name := template[m[2]:m[3]]
		path, ok := paths[name].(string)
		if !ok {
			return "", fmt.Errorf("<%s> is no variable", name)
		}
		v := whole
		for _, key := range strings.Split(strings.TrimPrefix(path, "$."), ".") {
			v = object(v)[key]
		}
		switch v := v.(type) {
		case nil:
		case string:
			if !quoted {
				v = `"` + v + `"`
			}
			out.WriteString(v)
		default:
			text, err := json.Marshal(v)
			if err != nil {
				return "", err
			}
			if quoted {
				text = []byte(strings.ReplaceAll(string(text), `"`, ""))
			}
			out.Write(text)
		}
	}
	out.WriteString(template[last:])
	return out.String(), nil
}

// told are the samples of what a rule hears, whole, with a reason that route would have to make plain.
func told(t *testing.T, d doc, rule string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range texts(at(d.properties(rule), "EventPattern", "detail-type")) {
		files, err := fs.Glob(events.Samples, "samples/"+name+"/valid/*.json")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d samples, %v", name, len(files), err)
		}
		for _, file := range files {
			raw, err := fs.ReadFile(events.Samples, file)
			if err != nil {
				t.Fatal(err)
			}
			for i, reason := range []string{"", "She said \"now\",\nand C:\\crm\\notes\tsays so too.", `"`, `\`, "ends with \\", "<id> </script> “ü”"} {
				var e event.Envelope
				var detail event.HandoffDetail
				if err := json.Unmarshal(raw, &e); err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(e.Detail, &detail); err != nil {
					t.Fatal(err)
				}
				if reason != "" {
					detail.Reason, detail.Owner = reason, `Sam "Sammy" O\Neil`
				}
				detail.Plain() // as route does with each
				if e.Detail, err = json.Marshal(detail); err != nil {
					t.Fatal(err)
				}
				if out[fmt.Sprint(file, "/", i)], err = json.Marshal(e); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return out
}

// What a destination is sent is JSON whatever the reason says, and holds what it must: by default, and by templates that
// name every variable.
func TestWhatDestinationsAreSent(t *testing.T) {
	d := parseDoc(t)
	for rule, c := range map[string]struct {
		parameter string
		check     func(e event.Envelope, h event.HandoffDetail, got map[string]any) string
	}{
		"CrmRule": {"CrmBody", func(e event.Envelope, h event.HandoffDetail, got map[string]any) string {
			var whole map[string]any
			if err := json.Unmarshal(e.Detail, &whole); err != nil {
				return err.Error()
			}
			return cmp.Diff(map[string]any{"external_id": h.ID, "event": e.DetailType, "time": e.Time.Format("2006-01-02T15:04:05Z"), "handoff": whole}, got)
		}},
		"ChatRule": {"ChatBody", func(e event.Envelope, h event.HandoffDetail, got map[string]any) string {
			want := e.DetailType + ": " + h.Account + " to " + h.Owner + ", play " + h.Play + " (" + h.ID + "). " + h.Reason
			return cmp.Diff(map[string]any{"text": want}, got)
		}},
	} {
		transformer := at(d.properties(rule), "Targets", 0, "InputTransformer")
		if named(at(transformer, "InputTemplate")) != c.parameter {
			t.Errorf("%s is not made by %s", rule, c.parameter)
		}
		paths := object(at(transformer, "InputPathsMap"))
		body := fmt.Sprint(at(map[string]any(d), "Parameters", c.parameter, "Default"))
		// Every variable, in quotes and out of them.
		each := map[string]any{}
		var every strings.Builder
		for name := range paths {
			fmt.Fprintf(&every, `,"%s":<%s>`, name, name)
			if name != "detail" {
				each["in "+name] = nil
				fmt.Fprintf(&every, `,"in %s":"- <%s> -"`, name, name)
			}
		}
		all := "{" + every.String()[1:] + "}"
		samples := told(t, d, rule)
		for file, raw := range samples {
			var e event.Envelope
			var h event.HandoffDetail
			if err := json.Unmarshal(raw, &e); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(e.Detail, &h); err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			text, err := render(body, paths, raw)
			if err == nil {
				err = json.Unmarshal([]byte(text), &got)
			}
			if err != nil {
				t.Errorf("%s: %s is sent what is no JSON: %v: %s", file, rule, err, text)
			} else if diff := c.check(e, h, got); diff != "" {
				t.Errorf("%s: %s is sent (-want +got)\n%s", file, rule, diff)
			}
			if text, err = render(all, paths, raw); err == nil {
				got = nil
				err = json.Unmarshal([]byte(text), &got)
			}
			if err != nil {
				t.Errorf("%s: a template with every variable of %s makes no JSON: %v: %s", file, rule, err, text)
				continue
			}
			for name := range each {
				if want := fmt.Sprintf("- %v -", got[strings.TrimPrefix(name, "in ")]); got[name] != want || want == "- <nil> -" {
					t.Errorf("%s: %s of %s is %q, want %q", file, name, rule, got[name], want)
				}
			}
			if got["reason"] != h.Reason || got["time"] == nil || got["state"] != h.State {
				t.Errorf("%s: %s is told %v", file, rule, got)
			}
		}
		if len(samples) < 18 {
			t.Errorf("%s: %d samples", rule, len(samples))
		}
	}
	t.Run("a variable that an event may lack", func(t *testing.T) {
		// Its place would stay empty, and a template with it outside quotes would make no JSON.
		for _, rule := range []string{"CrmRule", "ChatRule"} {
			for name, path := range object(at(d.properties(rule), "Targets", 0, "InputTransformer", "InputPathsMap")) {
				field, ok := strings.CutPrefix(fmt.Sprint(path), "$.detail.")
				if !ok {
					continue // of the envelope, which has all of its fields
				}
				for _, typ := range texts(at(d.properties(rule), "EventPattern", "detail-type")) {
					raw, err := fs.ReadFile(events.Schemas, "schemas/"+typ+".schema.json")
					if err != nil {
						t.Fatal(err)
					}
					var schema struct{ Required []string }
					if err := json.Unmarshal(raw, &schema); err != nil || !slices.Contains(schema.Required, field) {
						t.Errorf("%s: <%s> is a field that %s may lack, %v", rule, name, typ, err)
					}
				}
			}
		}
	})
	t.Run("a reason that is not plain", func(t *testing.T) {
		// What route would send without event.Plain: the test above can fail.
		raw := []byte(`{"detail-type":"HandoffOffered","detail":{"id":"hof_1","reason":"She said \"now\""}}`)
		paths := object(at(d.properties("ChatRule"), "Targets", 0, "InputTransformer", "InputPathsMap"))
		text, err := render(fmt.Sprint(at(map[string]any(d), "Parameters", "ChatBody", "Default")), paths, raw)
		if err != nil || json.Valid([]byte(text)) {
			t.Errorf("%s, %v: want no JSON", text, err)
		}
	})
	t.Run("the rules that this stands on", func(t *testing.T) {
		paths := map[string]any{"a": "$.a", "o": "$.o", "none": "$.none"}
		for template, want := range map[string]string{
			`{"x": <a>}`: `{"x": "say "hi""}`, `{"x": "<a>"}`: `{"x": "say "hi""}`, `{"x": <o>}`: `{"x": {"k":"v"}}`, `{"x": "- <o>"}`: `{"x": "- {k:v}"}`, `{"x": <none>}`: `{"x": }`,
		} {
			if got, err := render(template, paths, []byte(`{"a":"say \"hi\"","o":{"k":"v"}}`)); err != nil || got != want {
				t.Errorf("%s makes %s, %v; want %s", template, got, err, want)
			}
		}
	})
}

// The CRM's address and the header name the handoff, so that a call that is made twice changes the same record.
func TestDestinationsAreToldTheID(t *testing.T) {
	hold(t, func(d doc) (bad []string) {
		for _, rule := range []string{"CrmRule", "ChatRule"} {
			p := at(d.properties(rule), "Targets", 0, "HttpParameters")
			if at(p, "HeaderParameters", "X-Handoff-Id") != "$.detail.id" {
				bad = append(bad, rule+": no header names the handoff")
			}
			if rule == "CrmRule" && !slices.Equal(texts(at(p, "PathParameterValues")), []string{"$.detail.id"}) {
				bad = append(bad, rule+": its address does not end in the handoff")
			}
		}
		return bad
	},
		change{"another id", func(d doc) {
			set(d, "CrmRule", "PathParameterValues", []any{"$.id"}, "Targets", 0, "HttpParameters")
		}, "CrmRule: its address"},
		change{"no header", func(d doc) { remove(d, "ChatRule", "HeaderParameters", "Targets", 0, "HttpParameters") }, "ChatRule: no header"},
	)
}
