package policy

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// show writes a question as the policy does, on one line.
func show(l literal) string {
	text := words(l.q)
	if l.not {
		return "not: " + text
	}
	return text
}

// words writes a part of a policy on one line of YAML, its keys in the order of the policy's own words.
func words(v any) string {
	b, err := json.Marshal(v)
	var tree any
	if err == nil {
		err = yaml.UnmarshalWithOptions(b, &tree, yaml.UseOrderedMap()) // JSON is YAML, and numbers stay whole
	}
	if err != nil {
		return fmt.Sprint(v)
	}
	return inLine(tree)
}

func inLine(v any) string {
	var parts []string
	switch v := v.(type) {
	case yaml.MapSlice:
		for _, item := range v {
			parts = append(parts, fmt.Sprint(item.Key)+": "+inLine(item.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		if len(v) == 1 && !mapped(v[0]) {
			return inLine(v[0])
		}
		for _, e := range v {
			parts = append(parts, inLine(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v)
}

func mapped(v any) bool {
	_, ok := v.(yaml.MapSlice)
	return ok
}
