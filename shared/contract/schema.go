package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// validator holds a payload against a JSON Schema (2020-12, formats asserted).
type validator struct{ schema *jsonschema.Schema }

func newValidator(name string, body []byte) (*validator, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s is not JSON: %w", name, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(name, doc); err != nil {
		return nil, err
	}
	s, err := c.Compile(name)
	if err != nil {
		return nil, err
	}
	return &validator{s}, nil
}

var printer = message.NewPrinter(language.English)

// check names the first field that breaks the schema, in the order of the schema library, deepest cause first.
func (v *validator) check(doc *value) *Failure {
	err := v.schema.Validate(doc.native())
	if err == nil {
		return nil
	}
	var bad *jsonschema.ValidationError
	if !errors.As(err, &bad) {
		return &Failure{Code: Schema, Field: "detail", Reason: fmt.Sprintf("The schema cannot be applied: %v.", err)}
	}
	for len(bad.Causes) > 0 {
		bad = bad.Causes[0]
	}
	return &Failure{Code: Schema, Field: strings.Join(append([]string{"detail"}, bad.InstanceLocation...), "."),
		Reason: fmt.Sprintf("The field breaks the schema: %s.", bad.ErrorKind.LocalizedString(printer))}
}

// native is v as encoding/json would decode it, numbers by their literals.
func (v *value) native() any {
	switch v.kind {
	case boolean:
		return v.text == "true"
	case number:
		return json.Number(v.text)
	case text:
		return v.text
	case array:
		out := make([]any, len(v.members))
		for i := range v.members {
			out[i] = v.members[i].val.native()
		}
		return out
	case object:
		out := make(map[string]any, len(v.members))
		for i := range v.members {
			out[v.members[i].key] = v.members[i].val.native()
		}
		return out
	}
	return nil
}
