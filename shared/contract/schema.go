package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	broken "github.com/santhosh-tekuri/jsonschema/v6/kind"
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

// check names the first field, by path, that breaks the schema. The library finds breaks in no fixed order, and the
// answer is kept with the event: it must be the same whenever the event comes.
func (v *validator) check(doc *value) *Failure {
	err := v.schema.Validate(doc.native())
	if err == nil {
		return nil
	}
	var bad *jsonschema.ValidationError
	if !errors.As(err, &bad) {
		return &Failure{Code: Schema, Field: "detail", Reason: fmt.Sprintf("The schema cannot be applied: %v.", err)}
	}
	return slices.MinFunc(breaks(bad, nil), func(a, b *Failure) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Reason, b.Reason))
	})
}

// breaks appends the deepest causes, each at the field that a person must mend: of a missing property, its own. Where
// one of several would do, none of them is the one that is missing.
func breaks(bad *jsonschema.ValidationError, to []*Failure) []*Failure {
	path := strings.Join(append([]string{"detail"}, bad.InstanceLocation...), ".")
	switch k := bad.ErrorKind.(type) {
	case *broken.Required:
		for _, name := range k.Missing {
			to = append(to, &Failure{Code: Schema, Field: path + "." + name, Reason: "The field is missing, and the schema requires it."})
		}
		return to
	case *broken.AnyOf, *broken.OneOf:
		if names := lacking(bad.Causes); len(names) > 0 {
			return append(to, &Failure{Code: Schema, Field: path,
				Reason: fmt.Sprintf("A field is missing: the schema requires one of %s.", strings.Join(names, ", "))})
		}
	}
	for _, cause := range bad.Causes {
		to = breaks(cause, to)
	}
	if len(bad.Causes) > 0 {
		return to
	}
	return append(to, &Failure{Code: Schema, Field: path,
		Reason: fmt.Sprintf("The field breaks the schema: %s.", bad.ErrorKind.LocalizedString(printer))})
}

// lacking names the properties that alternatives lack; none if one of them fails for another reason.
func lacking(alternatives []*jsonschema.ValidationError) []string {
	var names []string
	for _, a := range alternatives {
		k, ok := a.ErrorKind.(*broken.Required)
		if !ok {
			return nil
		}
		names = append(names, strings.Join(k.Missing, " with "))
	}
	return names
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
