package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// build turns the declared resources into the topology. Policies come before rules, which need them.
func (l *loader) build() {
	l.top.Buses = []Bus{{Name: DefaultBus, ARN: "arn:aws:events:" + Region + ":" + Account + ":event-bus/" + DefaultBus}}
	each := func(typ string, fn func(*resource, props)) {
		for _, res := range l.order {
			if res.typ != typ {
				continue
			}
			v, err := l.eval(res.props)
			if err != nil {
				l.fail(res, "%w", err)
				continue
			}
			m, _ := v.(map[string]any)
			fn(res, props{l, res, m, ""})
		}
	}
	each(typeBus, l.bus)
	each(typeQueue, l.queue)
	l.lenient = true // a rule may be taken out alone: its grant, left behind, then grants nothing
	each(typePolicy, l.queuePolicy)
	l.lenient = false
	each(typeRule, l.rule)
	each(typeArchive, l.archive)
	each(typeFunction, l.function)
	for _, res := range l.order {
		if !inert[res.typ] && nameField[res.typ] == "" {
			l.fail(res, "this type of resource is not supported by the local runtime")
		}
	}
	for _, q := range l.top.Queues {
		if q.DeadLetter != "" && l.resources[q.DeadLetter] == nil {
			l.fail(l.resources[q.ID], "RedrivePolicy names no queue of this template")
		}
	}
}

// props reads the resolved properties of one resource and reports what does not fit.
type props struct {
	l    *loader
	res  *resource
	m    map[string]any
	path string
}

func (p props) fail(key, format string, args ...any) {
	p.l.fail(p.res, "%s%s: %w", p.path, key, fmt.Errorf(format, args...))
}

// only reports fields that would change behaviour in a way the local runtime does not know.
func (p props) only(known ...string) {
	for _, k := range slices.Sorted(maps.Keys(p.m)) {
		if !slices.Contains(known, k) {
			p.fail(k, "is not supported by the local runtime")
		}
	}
}

func (p props) text(key string) string {
	switch v := p.m[key].(type) {
	case nil:
		return ""
	case map[string]any, []any:
		p.fail(key, "want text")
		return ""
	default:
		return fmt.Sprint(v)
	}
}

func (p props) number(key string, otherwise int) int {
	if p.m[key] == nil {
		return otherwise
	}
	n, err := strconv.Atoi(p.text(key))
	if err != nil || n < 0 {
		p.fail(key, "want a whole number, not %q", p.text(key))
		return otherwise
	}
	return n
}

func (p props) seconds(key string, otherwise int) time.Duration {
	return time.Duration(p.number(key, otherwise)) * time.Second
}

func (p props) sub(key string) props {
	m, ok := p.m[key].(map[string]any)
	if !ok && p.m[key] != nil {
		p.fail(key, "want an object")
	}
	return props{p.l, p.res, m, p.path + key + "."}
}

// list reads a list, or a single value as a list of one, as CloudFormation's policies allow.
func (p props) list(key string) []any {
	switch v := p.m[key].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// resource finds what an ARN names, if it is of that type.
func (p props) resource(key, typ string) *resource {
	arn := p.text(key)
	if res := p.l.byARN[arn]; res != nil && res.typ == typ {
		return res
	}
	p.fail(key, "%s is no %s of this template", arn, typ)
	return nil
}

func (p props) pattern(key string) json.RawMessage {
	if p.m[key] == nil {
		return nil
	}
	b, err := json.Marshal(p.m[key])
	if err != nil {
		p.fail(key, "%w", err)
		return nil
	}
	if _, err := compile(b); err != nil {
		p.fail(key, "%w", err)
	}
	return b
}

func (l *loader) bus(res *resource, p props) {
	arn, _ := res.arn()
	l.top.Buses = append(l.top.Buses, Bus{ID: res.id, Name: res.name, ARN: arn})
}

func (l *loader) queue(res *resource, p props) {
	p.only("QueueName", "VisibilityTimeout", "DelaySeconds", "RedrivePolicy", "MessageRetentionPeriod", "SqsManagedSseEnabled",
		"KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "MaximumMessageSize", "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "Tags")
	arn, _ := res.arn()
	q := Queue{ID: res.id, Name: res.name, ARN: arn, URL: queueURL(res.name),
		Visibility: p.seconds("VisibilityTimeout", 30), Delay: p.seconds("DelaySeconds", 0)}
	if p.m["RedrivePolicy"] != nil {
		rp := p.sub("RedrivePolicy")
		if dlq := rp.resource("deadLetterTargetArn", typeQueue); dlq != nil {
			q.DeadLetter = dlq.id
		}
		if q.MaxReceive = rp.number("maxReceiveCount", 10); q.MaxReceive < 1 || q.MaxReceive > 1000 {
			rp.fail("maxReceiveCount", "want 1 to 1000")
		}
	}
	l.top.Queues = append(l.top.Queues, q)
}

func (l *loader) archive(res *resource, p props) {
	p.only("ArchiveName", "Description", "SourceArn", "EventPattern", "RetentionDays", "KmsKeyIdentifier")
	if l.top.Archive != nil {
		l.fail(res, "the local runtime keeps one archive, and %s is it", l.top.Archive.ID)
		return
	}
	if bus := p.resource("SourceArn", typeBus); bus != nil {
		l.top.Archive = &Archive{ID: res.id, Bus: bus.name, Pattern: p.pattern("EventPattern")}
	}
}

// busName is the bus of a rule; references and ARNs are understood.
func (l *loader) busName(res *resource) string {
	v, err := l.eval(res.props.get("EventBusName"))
	if err != nil {
		return "" // reported when the rule is built
	}
	name, _ := v.(string)
	if name == "" {
		return DefaultBus
	}
	return BusName(name)
}

// BusName takes a bus's name or its ARN and answers the name.
func BusName(nameOrARN string) string {
	if strings.HasPrefix(nameOrARN, "arn:") {
		if _, name, ok := strings.Cut(nameOrARN, ":event-bus/"); ok {
			return name
		}
	}
	return nameOrARN
}
