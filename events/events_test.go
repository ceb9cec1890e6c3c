package events_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"handoff/events"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/touch"
)

// incoming are the detail types that are sent to us; the others are event.DetailTypes.
var incoming = []string{"Touch", "ListMember", "CrmAccount", "CrmContact", "CrmOpportunity", "Spend",
	event.SubjectsLinked, event.SubjectsUnlinked, event.TouchesRevised, event.ReassignmentWanted}

func schema(t *testing.T, detailType string) *jsonschema.Schema {
	t.Helper()
	name := detailType + ".schema.json"
	body, err := fs.ReadFile(events.Schemas, path.Join("schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if d := doc.(map[string]any)["$schema"]; d != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("%s: $schema is %v, want draft 2020-12", name, d)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func samples(t *testing.T, detailType, kind string) map[string]*event.Envelope {
	t.Helper()
	files, err := fs.Glob(events.Samples, path.Join("samples", detailType, kind, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Errorf("samples/%s/%s has no sample", detailType, kind)
	}
	out := map[string]*event.Envelope{}
	for _, f := range files {
		body, err := fs.ReadFile(events.Samples, f)
		if err != nil {
			t.Fatal(err)
		}
		var e event.Envelope
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%s is not an envelope: %v", f, err)
		}
		if e.DetailType != detailType || e.ID == "" || e.Time.IsZero() || e.Source == "" {
			t.Errorf("%s: want a whole envelope of detail-type %s", f, detailType)
		}
		out[f] = &e
	}
	return out
}

func TestSamplesAgainstSchemas(t *testing.T) {
	for _, dt := range slices.Concat(incoming, event.DetailTypes) {
		s := schema(t, dt)
		for _, kind := range []string{"valid", "invalid"} {
			for file, e := range samples(t, dt, kind) {
				detail, err := jsonschema.UnmarshalJSON(bytes.NewReader(e.Detail))
				if err != nil {
					t.Fatal(err)
				}
				err = s.Validate(detail)
				if kind == "valid" && err != nil {
					t.Errorf("%s breaks its schema: %v", file, err)
				}
				// What only the contract can tell (a date in no known form, an amount that is no number, an address
				// that is none, a time ahead of the delivery) passes the schema.
				byContract := slices.Contains([]string{
					"samples/Touch/invalid/email-is-none.json", "samples/Touch/invalid/time-ahead.json",
					"samples/CrmContact/invalid/date-unreadable.json", "samples/Spend/invalid/amount-not-a-number.json",
				}, file)
				if kind == "invalid" && (err == nil) != byContract {
					t.Errorf("%s: schema says %v", file, err)
				}
			}
		}
	}
}

// decode reads a detail into the Go type of its detail-type, strictly, and writes it again.
func decode[T any](e *event.Envelope, dt string) ([]byte, error) {
	v, err := event.Decode[T](e, dt)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

var goTypes = map[string]func(*event.Envelope, string) ([]byte, error){
	event.TouchRecorded: decode[event.TouchDetail], event.AccountEnriched: decode[event.TouchDetail],
	event.EnrichmentWanted: decode[event.EnrichmentWantedDetail], event.DecisionMade: decode[event.Decision],
	event.ConversionRecorded: decode[event.Conversion], event.CreditsDue: decode[event.CreditsDueDetail],
	event.HandoffOffered: decode[event.HandoffDetail], event.NurtureEnrolled: decode[event.HandoffDetail],
	event.HandoffReminded: decode[event.HandoffDetail], event.HandoffEscalated: decode[event.HandoffDetail], event.HandoffReassigned: decode[event.HandoffDetail],
	event.HandoffClosed: decode[event.HandoffDetail], event.RevenueAttributed: decode[event.Attributed],
	event.PolicyActivated: decode[event.PolicyActivatedDetail],
}

func TestSchemasAndGoTypesAgree(t *testing.T) {
	for _, dt := range event.DetailTypes {
		read, ok := goTypes[dt]
		if !ok {
			t.Errorf("%s has no Go type in this test", dt)
			continue
		}
		for file, e := range samples(t, dt, "valid") {
			again, err := read(e, dt)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			var want, got any
			if err := json.Unmarshal(e.Detail, &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(again, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: the Go type writes another detail (-sample +type):\n%s", file, diff)
			}
			detail, err := jsonschema.UnmarshalJSON(bytes.NewReader(again))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema(t, dt).Validate(detail); err != nil {
				t.Errorf("%s: what the Go type writes breaks the schema: %v", file, err)
			}
		}
	}
}

// fields lists the JSON fields of a Go type with all that they hold: touch.opportunity.amount.minor.
func fields(t reflect.Type, at string, out map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	text := reflect.TypeFor[encoding.TextMarshaler]()
	if t.Kind() != reflect.Struct || t.Implements(text) {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			fields(f.Type, at, out)
			continue
		}
		if name == "-" { // of the delivery, not of the event
			continue
		}
		out[at+name] = true
		fields(f.Type, at+name+".", out)
	}
}

// properties lists the same of a schema.
func properties(s, root map[string]any, at string, out map[string]bool) {
	if ref, ok := s["$ref"].(string); ok {
		s = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	for _, k := range []string{"items", "additionalProperties"} {
		if inner, ok := s[k].(map[string]any); ok {
			properties(inner, root, at, out)
		}
	}
	held, _ := s["properties"].(map[string]any)
	for k, v := range held {
		// Registers are maps in Go; what they may hold is compared by TestSchemasKnowWhatTheCodeKnows.
		if !strings.HasSuffix(at, "person.") && !strings.HasSuffix(at, "company.") && (!strings.HasSuffix(at, "answers.") || strings.HasPrefix(at, "packet.")) {
			out[at+k] = true
		}
		properties(v.(map[string]any), root, at+k+".", out)
	}
}

func TestSchemasHaveEveryFieldOfTheGoTypes(t *testing.T) {
	for dt, v := range map[string]any{
		event.TouchRecorded: event.TouchDetail{}, event.AccountEnriched: event.TouchDetail{}, event.EnrichmentWanted: event.EnrichmentWantedDetail{},
		event.DecisionMade: event.Decision{}, event.ConversionRecorded: event.Conversion{}, event.CreditsDue: event.CreditsDueDetail{},
		event.HandoffOffered: event.HandoffDetail{}, event.NurtureEnrolled: event.HandoffDetail{}, event.HandoffReminded: event.HandoffDetail{},
		event.HandoffEscalated: event.HandoffDetail{}, event.HandoffReassigned: event.HandoffDetail{}, event.HandoffClosed: event.HandoffDetail{}, event.RevenueAttributed: event.Attributed{},
		event.PolicyActivated: event.PolicyActivatedDetail{},
	} {
		code, file := map[string]bool{}, map[string]bool{}
		fields(reflect.TypeOf(v), "", code)
		// The story of an account is frozen with the decision, and goes out with the offer alone: then the account's other
		// handoffs are added.
		maps.DeleteFunc(code, func(field string, _ bool) bool {
			switch dt {
			case event.HandoffOffered:
				return false
			case event.DecisionMade:
				return field == "packet.handoffs" || strings.HasPrefix(field, "packet.handoffs.")
			}
			return field == "packet" || strings.HasPrefix(field, "packet.")
		})
		root := property(t, dt).(map[string]any)
		properties(root, root, "", file)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(code)), slices.Sorted(maps.Keys(file))); diff != "" {
			t.Errorf("%s (-Go type +schema):\n%s", dt, diff)
		}
	}
}

// property walks a schema file to a place in it.
func property(t *testing.T, detailType string, keys ...string) any {
	t.Helper()
	body, err := fs.ReadFile(events.Schemas, path.Join("schemas", detailType+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var at any
	if err := json.Unmarshal(body, &at); err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		m, ok := at.(map[string]any)
		if !ok {
			t.Fatalf("%s has no %s", detailType, strings.Join(keys, "."))
		}
		at = m[k]
	}
	return at
}

func TestSchemasKnowWhatTheCodeKnows(t *testing.T) {
	text := func(list any) []string {
		var out []string
		switch list := list.(type) {
		case []any:
			for _, v := range list {
				out = append(out, v.(string))
			}
		case map[string]any:
			for k := range list {
				out = append(out, k)
			}
		}
		slices.Sort(out)
		return out
	}
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	sent := slices.DeleteFunc(slices.Clone(touch.Kinds), func(k string) bool { return k == touch.AccountEnriched || touch.Kept(k) }) // enrich's, and the operator's, alone
	for _, c := range []struct {
		name string
		got  any
		want []string
	}{
		{"kinds that may be sent", property(t, "Touch", "properties", "kind", "enum"), sent},
		{"kinds that may be recorded", property(t, "TouchRecorded", "$defs", "touch", "properties", "kind", "enum"), touch.Kinds},
		{"person of Touch", property(t, "Touch", "properties", "person", "properties"), account.PersonFields},
		{"company of Touch", property(t, "Touch", "properties", "company", "properties"), account.CompanyFields},
		{"person of TouchRecorded", property(t, "TouchRecorded", "$defs", "touch", "properties", "person", "properties"), account.PersonFields},
		{"answers of Touch", property(t, "Touch", "properties", "opportunity", "properties", "answers", "properties"), account.DealFields},
		{"answers of TouchRecorded", property(t, "TouchRecorded", "$defs", "touch", "properties", "opportunity", "properties", "answers", "properties"), account.DealFields},
		{"answers of AccountEnriched", property(t, "AccountEnriched", "$defs", "touch", "properties", "opportunity", "properties", "answers", "properties"), account.DealFields},
		{"company of TouchRecorded", property(t, "TouchRecorded", "$defs", "touch", "properties", "company", "properties"), account.CompanyFields},
	} {
		if diff := cmp.Diff(sorted(c.want), text(c.got)); diff != "" {
			t.Errorf("%s (-code +schema):\n%s", c.name, diff)
		}
	}
}

func TestEverySchemaIsOfADetailType(t *testing.T) {
	files, err := fs.Glob(events.Schemas, "schemas/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, strings.TrimSuffix(path.Base(f), ".schema.json"))
	}
	want := slices.Sorted(slices.Values(slices.Concat(incoming, event.DetailTypes)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schemas (-detail types +files):\n%s", diff)
	}
}
