package touch

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"handoff/shared/money"
)

// Read decodes a touch as json.Unmarshal does into an empty one, at a fraction of its cost: every touch is read once per
// hop, for every journey that is credited, and for every refold. What json.Marshal wrote of a touch is read in one pass,
// without a search for fields by reflection, and all strings share one copy; anything else is left to encoding/json.
func Read(b []byte, t *Touch) error {
	if rest, ok := Cut(b, t); ok && len(rest) == 0 {
		return nil
	}
	*t = Touch{}
	return json.Unmarshal(b, t)
}

// Cut reads a touch from the beginning of b and answers what follows it. Where ok is false encoding/json must say what it
// is; t is of no use then.
func Cut(b []byte, t *Touch) (rest []byte, ok bool) {
	r := reader{b: b, s: string(b)}
	*t = Touch{}
	if r.touch(t); r.odd {
		return nil, false
	}
	return b[r.i:], true
}

// reader reads JSON without white space. The first thing that is not as expected makes it odd, and ends it.
type reader struct {
	b   []byte
	s   string // the same bytes
	i   int
	odd bool
}

func (r *reader) touch(t *Touch) {
	r.object(func(key string) {
		switch key {
		case "id":
			t.ID = r.id()
		case "revision":
			t.Revision = int(r.int())
		case "withdrawn":
			t.Withdrawn = r.bool()
		case "kind":
			t.Kind = r.string()
		case "time":
			t.Time = r.time()
		case "subject":
			t.Subject = r.string()
		case "links":
			t.Links = r.strings()
		case "source":
			t.Source = r.string()
		case "source_type":
			t.SourceType = r.string()
		case "producer_id":
			t.ProducerID = r.string()
		case "ordinal":
			t.Ordinal = int(r.int())
		case "person":
			t.Person = r.texts()
		case "company":
			t.Company = r.texts()
		case "opportunity":
			t.Opportunity = new(Opportunity)
			r.opportunity(t.Opportunity)
		case "money":
			t.Money = r.amount()
		case "feedback":
			t.Feedback = new(Feedback)
			r.feedback(t.Feedback)
		case "channel":
			t.Channel = r.string()
		case "campaign":
			t.Campaign = r.string()
		case "url":
			t.URL = r.string()
		case "props":
			t.Props = r.scalars()
		case "test":
			t.Test = r.bool()
		case "recorded_at":
			t.RecordedAt = r.time()
		case "event_id":
			t.EventID = r.string()
		case "contract":
			t.Contract = r.string()
		case "digest":
			t.Digest = r.string()
		default:
			r.odd = true
		}
	})
}

func (r *reader) opportunity(o *Opportunity) {
	r.object(func(key string) {
		switch key {
		case "id":
			o.ID = r.string()
		case "name":
			o.Name = r.string()
		case "stage":
			o.Stage = r.string()
		case "status":
			o.Status = r.string()
		case "type":
			o.Type = r.string()
		case "amount":
			o.Amount = r.amount()
		case "close_date":
			o.CloseDate = r.string()
		case "owner":
			o.Owner = r.string()
		case "invoice":
			o.Invoice = r.string()
		case "sequence":
			o.Sequence = r.int()
		case "answers":
			o.Answers = r.texts()
		default:
			r.odd = true
		}
	})
}

func (r *reader) feedback(f *Feedback) {
	r.object(func(key string) {
		switch key {
		case "handoff":
			f.Handoff = r.string()
		case "play":
			f.Play = r.string()
		case "rep":
			f.Rep = r.string()
		case "reason":
			f.Reason = r.string()
		default:
			r.odd = true
		}
	})
}

func (r *reader) amount() *money.Amount {
	a := new(money.Amount)
	r.object(func(key string) {
		switch key {
		case "minor":
			a.Minor = r.int()
		case "currency":
			a.Currency = r.string()
		default:
			r.odd = true
		}
	})
	return a
}

func (r *reader) texts() map[string]string {
	m := make(map[string]string, 4)
	r.object(func(key string) { m[key] = r.string() })
	return m
}

func (r *reader) scalars() map[string]any {
	m := make(map[string]any, 4)
	r.object(func(key string) {
		switch c := r.peek(); {
		case c == '"':
			m[key] = r.string()
		case c == 't' || c == 'f':
			m[key] = r.bool()
		default:
			m[key] = r.number()
		}
	})
	return m
}

// object reads one, calling field for every value. The same key twice is odd: which counts is encoding/json's to say.
func (r *reader) object(field func(key string)) {
	r.literal("{")
	if r.peek() == '}' {
		r.i++
		return
	}
	var buf [28]string
	keys := buf[:0]
	for !r.odd {
		key := r.string()
		for _, k := range keys {
			r.odd = r.odd || k == key
		}
		keys = append(keys, key)
		if r.literal(":"); r.odd {
			return
		}
		if field(key); r.peek() != ',' {
			break
		}
		r.i++
	}
	r.literal("}")
}

func (r *reader) strings() []string {
	r.literal("[")
	out := []string{}
	for r.peek() != ']' && !r.odd {
		if len(out) > 0 {
			r.literal(",")
		}
		out = append(out, r.string())
	}
	r.literal("]")
	return out
}

// peek is the next byte, 0 where there is none.
func (r *reader) peek() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func (r *reader) literal(want string) {
	if r.odd || !strings.HasPrefix(r.s[r.i:], want) {
		r.odd = true
		return
	}
	r.i += len(want)
}

// quoted is a string with its quotes, and whether it stands as it is.
func (r *reader) quoted() (text string, plain bool) {
	start, ascii := r.i, true
	r.literal(`"`)
	plain = true
	for !r.odd {
		switch c := r.peek(); {
		case c == '"':
			r.i++
			text = r.s[start:r.i]
			r.odd = !ascii && !utf8.ValidString(text)
			return text, plain
		case c == '\\':
			plain = false
			r.i += 2
		case c < ' ': // also the end
			r.odd = true
		default:
			ascii = ascii && c < utf8.RuneSelf
			r.i++
		}
	}
	return `""`, true
}

func (r *reader) string() string {
	text, plain := r.quoted()
	if plain {
		return text[1 : len(text)-1]
	}
	if s, ok := unescape(text[1 : len(text)-1]); ok {
		return s
	}
	var s string
	r.odd = r.odd || json.Unmarshal([]byte(text), &s) != nil
	return s
}

// unescape reads the escapes that json.Marshal writes in a URL and the like.
func unescape(s string) (string, bool) {
	out := make([]byte, 0, len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			return string(append(out, s...)), true
		}
		out = append(out, s[:i]...)
		switch rest := s[i+1:]; {
		case rest[0] == '"' || rest[0] == '\\' || rest[0] == '/':
			out, s = append(out, rest[0]), rest[1:]
		case strings.HasPrefix(rest, "u00") && len(rest) >= 5:
			n, err := strconv.ParseUint(rest[3:5], 16, 8)
			if err != nil {
				return "", false
			}
			out, s = utf8.AppendRune(out, rune(n)), rest[5:]
		default:
			return "", false
		}
	}
}

func (r *reader) id() (id ID) {
	text, plain := r.quoted()
	if r.odd || !plain || id.UnmarshalText([]byte(text[1:len(text)-1])) != nil {
		r.odd = true
	}
	return id
}

func (r *reader) time() (t time.Time) {
	start := r.i
	r.quoted()
	r.odd = r.odd || t.UnmarshalJSON(r.b[start:r.i]) != nil
	return t
}

func (r *reader) bool() bool {
	if r.peek() == 't' {
		r.literal("true")
		return true
	}
	r.literal("false")
	return false
}

// digits are those of a number that is whole and of at most 18 digits, with its sign.
func (r *reader) digits() string {
	start := r.i
	if r.peek() == '-' {
		r.i++
	}
	first := r.i
	for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
		r.i++
	}
	if n := r.i - first; n == 0 || n > 18 || n > 1 && r.s[first] == '0' {
		r.odd = true
		return "0"
	}
	return r.s[start:r.i]
}

func (r *reader) int() int64 {
	n, err := strconv.ParseInt(r.digits(), 10, 64)
	r.odd = r.odd || err != nil
	return n
}

// number is what encoding/json makes of one where it may be anything.
func (r *reader) number() float64 {
	start := r.i
	r.digits()
	if r.peek() == '.' {
		r.i++
		from := r.i
		for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
			r.i++
		}
		r.odd = r.odd || r.i == from
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.odd = true
	}
	if r.odd {
		return 0
	}
	f, err := strconv.ParseFloat(r.s[start:r.i], 64)
	r.odd = r.odd || err != nil
	return f
}
