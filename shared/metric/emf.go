package metric

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// The format is described at
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html:
// a JSON object whose _aws says which of its members are metrics and which are their dimensions. A member has one value,
// so what has the same name under other labels needs a line of its own.

// maxValues is how many values a metric takes in one line.
const maxValues = 100

// line is one JSON object in the making.
type line struct {
	labels  []member // dimension and value
	metrics []member // labelled metrics, with their value
	sets    []series
}

type member struct{ name, value string }

// takes reports whether a series can stand in the line: each of its dimensions is there with this value, or not at all,
// and nothing has its name.
func (l *line) takes(s series, plain func(name string) bool) bool {
	def := labelled[s.by]
	if plain(def.name) || slices.ContainsFunc(l.metrics, func(m member) bool { return m.name == def.name }) {
		return false
	}
	for i, dim := range def.dims {
		if slices.ContainsFunc(l.labels, func(m member) bool { return m.name == dim && m.value != s.label(i) }) {
			return false
		}
	}
	return true
}

func (l *line) add(s series, n int64) {
	def := labelled[s.by]
	l.sets = append(l.sets, s)
	l.metrics = append(l.metrics, member{def.name, strconv.FormatInt(n, 10)})
	for i, dim := range def.dims {
		if m := (member{dim, s.label(i)}); !slices.Contains(l.labels, m) {
			l.labels = append(l.labels, m)
		}
	}
}

func (s series) label(i int) string {
	if i == 0 {
		return s.a
	}
	return s.b
}

// AppendEMF appends the tally as lines, each with its newline: one, and one more for each label that the first cannot
// hold. An empty tally is no line.
func (t *Tally) AppendEMF(dst []byte, namespace, function string, at time.Time) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	times := map[ID][]int32{HopLatency: values(t.times[0]), TouchLatency: values(t.times[1])}
	has := func(id ID) bool { return t.known[id] || len(times[id]) > 0 }
	var plain []ID
	for id := range ids {
		if has(id) {
			plain = append(plain, id)
		}
	}
	lines := t.lines(plain)
	for i := range lines {
		if i > 0 {
			plain = nil // the first line has them
		}
		dst = append(dst, `{"_aws":{"Timestamp":`...)
		dst = strconv.AppendInt(dst, at.UnixMilli(), 10)
		dst = append(dst, `,"CloudWatchMetrics":[`...)
		dst = directives(dst, namespace, plain, lines[i].sets)
		dst = append(dst, `]}`...)
		if len(plain) > 0 {
			dst = pair(dst, "Function", function)
		}
		for _, m := range lines[i].labels {
			dst = pair(dst, m.name, m.value)
		}
		for _, id := range plain {
			dst = append(dst, `,"`...)
			dst = append(dst, definitions[id].name...)
			dst = append(dst, `":`...)
			if v := times[id]; len(v) > 0 {
				dst = numbers(dst, v)
			} else {
				dst = strconv.AppendInt(dst, t.counts[id], 10)
			}
		}
		for _, m := range lines[i].metrics {
			dst = append(dst, `,"`...)
			dst = append(dst, m.name...)
			dst = append(dst, `":`...)
			dst = append(dst, m.value...)
		}
		dst = append(dst, "}\n"...)
	}
	return dst
}

// lines places the labelled series, beginning in the line of the plain metrics.
func (t *Tally) lines(plain []ID) []line {
	var lines []line
	if len(plain) > 0 {
		lines = append(lines, line{})
	}
	all := make([]series, 0, len(t.series))
	for s := range t.series {
		all = append(all, s)
	}
	slices.SortFunc(all, func(x, y series) int {
		return cmp.Or(cmp.Compare(x.by, y.by), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	for _, s := range all {
		at := -1
		for i := range lines {
			taken := func(name string) bool {
				return i == 0 && slices.ContainsFunc(plain, func(id ID) bool { return definitions[id].name == name })
			}
			if lines[i].takes(s, taken) {
				at = i
				break
			}
		}
		if at < 0 {
			at = len(lines)
			lines = append(lines, line{})
		}
		lines[at].add(s, t.series[s])
	}
	return lines
}

// directives say which members are metrics, a directive for each set of dimensions.
func directives(dst []byte, namespace string, plain []ID, sets []series) []byte {
	begin := func(dims ...string) {
		if dst[len(dst)-1] == '}' {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"Namespace":`...)
		dst = quoted(dst, namespace)
		dst = append(dst, `,"Dimensions":[[`...)
		for i, d := range dims {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = quoted(dst, d)
		}
		dst = append(dst, `]],"Metrics":[`...)
	}
	define := func(name string, u unit) {
		if dst[len(dst)-1] == '}' {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"Name":"`...)
		dst = append(dst, name...)
		dst = append(dst, `","Unit":"`...)
		dst = append(dst, u...)
		dst = append(dst, `"}`...)
	}
	if len(plain) > 0 {
		begin("Function")
		for _, id := range plain {
			define(definitions[id].name, definitions[id].unit)
		}
		dst = append(dst, "]}"...)
	}
	for _, s := range sets {
		begin(labelled[s.by].dims...)
		define(labelled[s.by].name, count)
		dst = append(dst, "]}"...)
	}
	return dst
}

func pair(dst []byte, name, value string) []byte {
	dst = append(dst, ',')
	dst = quoted(dst, name)
	dst = append(dst, ':')
	return quoted(dst, value)
}

func numbers(dst []byte, v []int32) []byte {
	dst = append(dst, '[')
	for i, n := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	return append(dst, ']')
}

func quoted(dst []byte, s string) []byte {
	b, _ := json.Marshal(s) // a string always can be
	return append(dst, b...)
}
