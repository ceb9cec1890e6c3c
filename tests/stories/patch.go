package stories

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

// merged is a file of the policy with a patch merged in. Maps are merged key by key, but a condition (when) is replaced
// whole, and null takes a key away. Entries of a list are merged by what they are called (name, rule); new ones are added
// at its end, and one that says remove: true is taken away. Other lists are replaced.
func merged(base, patch string) (string, error) {
	var b, p yaml.MapSlice
	if err := yaml.UnmarshalWithOptions([]byte(base), &b, yaml.UseOrderedMap()); err != nil {
		return "", err
	}
	if err := yaml.UnmarshalWithOptions([]byte(patch), &p, yaml.UseOrderedMap()); err != nil {
		return "", err
	}
	m, err := mergeMap(b, p)
	if err != nil {
		return "", err
	}
	out, err := yaml.Marshal(m)
	return string(out), err
}

func merge(base, patch any) (any, error) {
	switch p := patch.(type) {
	case yaml.MapSlice:
		if b, ok := base.(yaml.MapSlice); ok {
			return mergeMap(b, p)
		}
	case []any:
		b, ok := base.([]any)
		if ok && len(p) > 0 && called(p[0]) != "" {
			return mergeList(b, p)
		}
	}
	return patch, nil
}

func mergeMap(base, patch yaml.MapSlice) (yaml.MapSlice, error) {
	out := slices.Clone(base)
	for _, item := range patch {
		i := slices.IndexFunc(out, func(o yaml.MapItem) bool { return o.Key == item.Key })
		switch {
		case i < 0 && item.Value == nil:
		case i < 0:
			out = append(out, item)
		case item.Value == nil:
			out = slices.Delete(out, i, i+1)
		case item.Key == "when":
			out[i].Value = item.Value
		default:
			v, err := merge(out[i].Value, item.Value)
			if err != nil {
				return nil, err
			}
			out[i].Value = v
		}
	}
	return out, nil
}

func mergeList(base, patch []any) ([]any, error) {
	out := slices.Clone(base)
	for _, entry := range patch {
		name := called(entry)
		if name == "" {
			return nil, fmt.Errorf("an entry of the patch has neither name nor rule: %v", entry)
		}
		i := slices.IndexFunc(out, func(o any) bool { return called(o) == name })
		m := entry.(yaml.MapSlice)
		remove := slices.ContainsFunc(m, func(it yaml.MapItem) bool { return it.Key == "remove" && it.Value == true })
		switch {
		case remove && i < 0:
			return nil, fmt.Errorf("there is no %s to remove", name)
		case remove:
			out = slices.Delete(out, i, i+1)
		case i < 0:
			out = append(out, entry)
		default:
			v, err := merge(out[i], entry)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
	}
	return out, nil
}

// called is the name of a list's entry.
func called(entry any) string {
	m, _ := entry.(yaml.MapSlice)
	for _, it := range m {
		if s, ok := it.Value.(string); ok && (it.Key == "name" || it.Key == "rule") {
			return s
		}
	}
	return ""
}
