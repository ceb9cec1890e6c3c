package local

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (l *loader) rule(res *resource, p props) {
	p.only("Name", "Description", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Targets")
	arn, _ := res.arn()
	r := Rule{ID: res.id, ARN: arn, Bus: l.busName(res), Pattern: p.pattern("EventPattern"), Disabled: p.text("State") == "DISABLED"}
	l.knownBus(p, r.Bus)
	switch schedule := p.text("ScheduleExpression"); {
	case (schedule == "") == (r.Pattern == nil):
		l.fail(res, "want either an EventPattern or a ScheduleExpression")
	case schedule != "":
		every, err := parseRate(schedule)
		if err != nil {
			p.fail("ScheduleExpression", "%w", err)
		}
		if r.Bus != DefaultBus {
			p.fail("ScheduleExpression", "schedules exist only on the default bus")
		}
		r.Every = every
	}
	if l.calls(p) {
		l.top.Outside = append(l.top.Outside, res.id)
		l.letterboxes(res, p)
		return
	}
	for i, v := range p.list("Targets") {
		m, _ := v.(map[string]any)
		r.Targets = append(r.Targets, l.target(r, props{l, res, m, fmt.Sprintf("Targets[%d].", i)}))
	}
	l.top.Rules = append(l.top.Rules, r)
}

// calls reports whether all that a rule does is to call API destinations.
func (l *loader) calls(p props) bool {
	targets := p.list("Targets")
	for _, v := range targets {
		m, _ := v.(map[string]any)
		arn, _ := m["Arn"].(string)
		if to := l.byARN[arn]; to == nil || to.typ != typeAPI {
			return false
		}
	}
	return len(targets) > 0
}

// letterboxes notes where a rule that calls API destinations sends what these do not take.
func (l *loader) letterboxes(res *resource, p props) {
	for i, v := range p.list("Targets") {
		m, _ := v.(map[string]any)
		if m["DeadLetterConfig"] == nil {
			continue
		}
		t := props{l, res, m, fmt.Sprintf("Targets[%d].", i)}
		if dlq := t.sub("DeadLetterConfig").resource("Arn", typeQueue); dlq != nil && !slices.Contains(l.top.Letterboxes, dlq.id) {
			l.top.Letterboxes = append(l.top.Letterboxes, dlq.id)
		}
	}
}

// knownBus refuses rules on a bus that nobody has. Partner buses are made by the partner, outside the template.
func (l *loader) knownBus(p props, name string) {
	if slices.ContainsFunc(l.top.Buses, func(b Bus) bool { return b.Name == name }) {
		return
	}
	if strings.HasPrefix(name, "aws.partner/") {
		l.top.Buses = append(l.top.Buses, Bus{Name: name, ARN: "arn:aws:events:" + Region + ":" + Account + ":event-bus/" + name})
		return
	}
	p.fail("EventBusName", "there is no bus %q", name)
}

func (l *loader) target(r Rule, p props) Target {
	p.only("Id", "Arn", "RoleArn", "DeadLetterConfig", "RetryPolicy") // Input and its kin would change what is delivered
	t := Target{ID: p.text("Id")}
	arn := p.text("Arn")
	switch to := l.byARN[arn]; {
	case to != nil && to.typ == typeQueue:
		t.Queue = to.id
		l.mustSend(p, r, to, "Arn")
	case to != nil && to.typ == typeBus:
		t.Bus = to.name
		if p.text("RoleArn") == "" {
			p.fail("RoleArn", "a rule that targets a bus needs a role that may put events there")
		}
	default:
		p.fail("Arn", "%s is neither a queue nor a bus of this template; a rule reaches a function through its queue", arn)
	}
	if p.m["DeadLetterConfig"] != nil {
		if dlq := p.sub("DeadLetterConfig").resource("Arn", typeQueue); dlq != nil {
			t.DeadLetter = dlq.id
			l.mustSend(p, r, dlq, "DeadLetterConfig.Arn")
		}
	}
	return t
}

var rate = regexp.MustCompile(`^rate\((\d+) (minute|minutes|hour|hours|day|days)\)$`)

func parseRate(s string) (time.Duration, error) {
	m := rate.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is not supported by the local runtime; want rate(1 minute) and the like", s)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n < 1 || (n == 1) == strings.HasSuffix(m[2], "s") {
		return 0, fmt.Errorf("%q is no valid rate", s)
	}
	unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[m[2][0]]
	return time.Duration(n) * unit, nil
}

// grant is one statement of a queue policy: rules that may send to a queue.
type grant struct {
	queue string   // logical id
	rules []string // ARNs, with the wildcards of ArnLike; empty for any
}

// queuePolicy reads who may send. EventBridge is refused by a queue whose policy does not name the rule: its events
// would go to the dead-letter queue, or nowhere, so a rule without its grant is reported when the template is read.
func (l *loader) queuePolicy(res *resource, p props) {
	queues := map[string]string{} // URL → logical id
	for _, q := range l.top.Queues {
		queues[q.URL] = q.ID
	}
	for _, v := range p.list("Queues") {
		url, _ := v.(string)
		id, ok := queues[url]
		if !ok {
			p.fail("Queues", "%v is no queue of this template", v)
			continue
		}
		for i, s := range p.sub("PolicyDocument").list("Statement") {
			m, _ := s.(map[string]any)
			l.statement(id, props{l, res, m, fmt.Sprintf("PolicyDocument.Statement[%d].", i)})
		}
	}
}

func (l *loader) statement(queue string, p props) {
	if p.text("Effect") != "Allow" {
		p.fail("Effect", "only Allow is supported by the local runtime")
		return
	}
	forBus := slices.Contains(p.sub("Principal").list("Service"), any("events.amazonaws.com"))
	send := slices.ContainsFunc(p.list("Action"), func(a any) bool {
		return a == "sqs:SendMessage" || a == "sqs:*"
	})
	arn, _ := l.resources[queue].arn()
	here := slices.ContainsFunc(p.list("Resource"), func(r any) bool { return r == arn || r == "*" })
	if !forBus || !send || !here {
		return
	}
	g := grant{queue: queue}
	cond := p.sub("Condition")
	cond.only("ArnEquals", "ArnLike")
	for _, op := range []string{"ArnEquals", "ArnLike"} {
		if cond.m[op] == nil {
			continue
		}
		by := cond.sub(op)
		by.only("aws:SourceArn")
		for _, v := range by.list("aws:SourceArn") {
			g.rules = append(g.rules, fmt.Sprint(v))
		}
	}
	l.grants = append(l.grants, g)
}

func (l *loader) mustSend(p props, r Rule, queue *resource, key string) {
	for _, g := range l.grants {
		if g.queue == queue.id && (len(g.rules) == 0 || slices.ContainsFunc(g.rules, func(like string) bool { return arnLike(like, r.ARN) })) {
			return
		}
	}
	p.fail(key, "no queue policy lets this rule send to %s", queue.id)
}

// arnLike matches part by part, so that a * crosses slashes but no colons, as IAM has it.
func arnLike(like, arn string) bool {
	a, b := strings.SplitN(like, ":", 6), strings.SplitN(arn, ":", 6)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		ok, err := path.Match(strings.ReplaceAll(a[i], "/", "\x00"), strings.ReplaceAll(b[i], "/", "\x00"))
		if err != nil || !ok {
			return false
		}
	}
	return true
}
