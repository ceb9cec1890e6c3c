package generate

import (
	"encoding/json"
	"strconv"
	"time"
)

// field is one member of an object; a nil value leaves it out.
type field struct {
	key   string
	value any
}

// object is a JSON object whose members keep the order in which the tool writes them.
type object []field

// list is a JSON array.
type list []any

// null writes an explicit null.
type null struct{}

// o makes an object of alternating keys and values.
func o(kv ...any) object {
	out := make(object, 0, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		out = append(out, field{kv[i].(string), kv[i+1]})
	}
	return out
}

// at is the place of a key, -1 if it is not there.
func (x object) at(key string) int {
	for i := range x {
		if x[i].key == key {
			return i
		}
	}
	return -1
}

// with returns a copy in which the member at the path has the value; a missing one is added.
func (x object) with(value any, path ...string) object {
	out := append(make(object, 0, len(x)+1), x...)
	i := out.at(path[0])
	if i < 0 {
		out = append(out, field{key: path[0]})
		i = len(out) - 1
	}
	if len(path) > 1 {
		inner, _ := out[i].value.(object)
		value = inner.with(value, path[1:]...)
	}
	out[i].value = value
	return out
}

// renamed returns a copy in which a member has another name, and whether it was there.
func (x object) renamed(from, to string) (object, bool) {
	i := x.at(from)
	if i < 0 || x[i].value == nil {
		return x, false
	}
	out := append(object(nil), x...)
	out[i].key = to
	return out, true
}

// appendJSON writes a value. Values are what this package builds: anything else is a bug of its own and would show in
// the first test, so it goes through encoding/json.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case object:
		b = append(b, '{')
		first := true
		for _, f := range v {
			if f.value == nil {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendString(b, f.key)
			b = append(b, ':')
			b = appendJSON(b, f.value)
		}
		return append(b, '}')
	case list:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, e)
		}
		return append(b, ']')
	case string:
		return appendString(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case bool:
		return strconv.AppendBool(b, v)
	case null:
		return append(b, "null"...)
	case json.Number:
		return append(b, v...)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, text...)
}

func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			text, _ := json.Marshal(s)
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// opt leaves an empty string out.
func opt(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// optObject leaves an empty object out.
func optObject(x object) any {
	if len(x) == 0 {
		return nil
	}
	return x
}

// iso is how the web SDKs write a time: milliseconds, UTC.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
