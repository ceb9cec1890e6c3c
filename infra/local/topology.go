package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Topology is what a template wires: who hears what. Everything is named by its logical id.
type Topology struct {
	Buses     []Bus
	Rules     []Rule
	Queues    []Queue
	Functions []Function
	Archive   *Archive // nil when the template has none
	// Outside lists what the template has and only a cloud can run: rules that call API destinations, functions behind an
	// HTTP API. Nothing of it happens here.
	Outside []string
	// Letterboxes are queues for what those rules could not deliver. They are dead-letter queues, always empty here.
	Letterboxes []string
}

// Bus is an event bus. The default bus is always there.
type Bus struct {
	ID   string // "" for the default bus and for partner buses
	Name string
	ARN  string
}

// DefaultBus is the name of the bus that every account has. Schedules live there.
const DefaultBus = "default"

// Rule sends the events of one bus that match a pattern, or a tick of its schedule, to its targets.
type Rule struct {
	ID       string
	ARN      string
	Bus      string          // by name
	Pattern  json.RawMessage // nil for a schedule
	Every    time.Duration   // of a schedule
	Disabled bool
	Targets  []Target
}

// Target is a queue or another bus; exactly one is set.
type Target struct {
	ID         string
	Queue      string // logical id
	Bus        string // by name
	DeadLetter string // logical id of a queue; what cannot be delivered goes there
}

// Queue is an SQS queue.
type Queue struct {
	ID         string
	Name       string
	ARN        string
	URL        string
	Visibility time.Duration
	Delay      time.Duration
	DeadLetter string // logical id; "" for none
	MaxReceive int    // receives before a message moves to DeadLetter
}

// Function is a Lambda function with the queue that drives it.
type Function struct {
	ID          string
	ARN         string
	Timeout     time.Duration
	Env         map[string]string
	Queue       string // logical id
	Batch       int
	Window      time.Duration // how long a batch may wait to fill
	Partial     bool          // ReportBatchItemFailures: only failed messages come back
	Concurrency int           // batches at once
}

// Archive keeps the events of one bus that match.
type Archive struct {
	ID      string
	Bus     string
	Pattern json.RawMessage // nil for all
}

// The resource types that run here.
const (
	typeBus      = "AWS::Events::EventBus"
	typeRule     = "AWS::Events::Rule"
	typeArchive  = "AWS::Events::Archive"
	typeQueue    = "AWS::SQS::Queue"
	typePolicy   = "AWS::SQS::QueuePolicy"
	typeFunction = "AWS::Serverless::Function"
	typeTable    = "AWS::DynamoDB::Table"
	typeLogGroup = "AWS::Logs::LogGroup"
	typeRole     = "AWS::IAM::Role"
	typeAPI      = "AWS::Events::ApiDestination"
)

// inert are resources that change nothing about who hears what.
var inert = map[string]bool{
	typeTable: true, typeLogGroup: true, typeRole: true, typePolicy: true,
	"AWS::CloudWatch::Alarm": true, "AWS::CloudWatch::CompositeAlarm": true, "AWS::CloudWatch::Dashboard": true,
	"AWS::Logs::MetricFilter": true, "AWS::Logs::QueryDefinition": true, "AWS::IAM::ManagedPolicy": true,
	"AWS::IAM::Policy": true, "AWS::Events::EventBusPolicy": true, "AWS::SNS::Topic": true,
	"AWS::SNS::TopicPolicy": true, "AWS::SNS::Subscription": true,
	typeAPI: true, "AWS::Events::Connection": true, "AWS::Serverless::HttpApi": true,
}

// nameField is where a type states its physical name.
var nameField = map[string]string{
	typeBus: "Name", typeRule: "Name", typeArchive: "ArchiveName", typeQueue: "QueueName", typeFunction: "FunctionName",
	typeTable: "TableName", typeLogGroup: "LogGroupName", typeRole: "RoleName",
}

// Load reads a template with the default values of its parameters. Its error lists every problem, each naming the
// resource.
func Load(templateYAML []byte) (*Topology, error) { return LoadWith(templateYAML, nil) }

// LoadWith is Load with values for some parameters.
func LoadWith(templateYAML []byte, params map[string]string) (*Topology, error) {
	root, err := parseYAML(templateYAML)
	if err != nil {
		return nil, err
	}
	l := loader{
		resolver: resolver{params: map[string]any{}, conditions: map[string]*node{}, resources: map[string]*resource{}, open: map[string]bool{}},
		byARN:    map[string]*resource{},
		top:      &Topology{},
	}
	l.parameters(root.get("Parameters"), params)
	if c := root.get("Conditions"); c.object() {
		l.conditions = c.fields
	}
	l.declare(root.get("Resources"))
	l.globals = root.get("Globals").get("Function")
	l.build()
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	return l.top, nil
}

// loader builds a Topology and collects what is wrong with the template.
type loader struct {
	resolver
	order   []*resource
	byARN   map[string]*resource
	globals *node
	top     *Topology
	grants  []grant
	errs    []error
}

func (l *loader) fail(res *resource, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("template: line %d: %s (%s): %w", res.line, res.id, res.typ, fmt.Errorf(format, args...)))
}

func (l *loader) parameters(n *node, given map[string]string) {
	for name := range given {
		if n.get(name) == nil {
			l.errs = append(l.errs, fmt.Errorf("template: it has no parameter %s", name))
		}
	}
	if !n.object() {
		return
	}
	for _, name := range n.keys {
		var value any
		if v, ok := given[name]; ok {
			value = v
		} else if def, ok := n.fields[name].fields["Default"]; ok {
			value = def.scalar
		} else {
			l.errs = append(l.errs, fmt.Errorf("template: parameter %s has no default; give it a value", name))
			continue
		}
		if n.fields[name].get("Type").text() == "CommaDelimitedList" {
			list := []any{}
			for _, s := range strings.Split(fmt.Sprint(value), ",") {
				list = append(list, strings.TrimSpace(s))
			}
			value = list
		}
		l.params[name] = value
	}
}

// declare lists the resources whose condition holds, under the names they would have.
func (l *loader) declare(n *node) {
	if !n.object() {
		l.errs = append(l.errs, errors.New("template: it has no Resources"))
		return
	}
	for _, id := range n.keys {
		def := n.fields[id]
		res := &resource{id: id, typ: def.get("Type").text(), line: def.line, props: def.get("Properties"), name: stackName + "-" + id}
		if c := def.get("Condition"); c != nil {
			ok, err := l.holds(c.text())
			if err != nil {
				l.fail(res, "%w", err)
			}
			if !ok {
				continue
			}
		}
		l.order = append(l.order, res)
		l.resources[id] = res
	}
	for _, res := range l.order {
		l.name(res)
	}
	for _, res := range l.order { // a rule's ARN holds its bus's name, so these come second
		if res.typ != typeRule {
			continue
		}
		if bus := l.busName(res); bus != DefaultBus && bus != "" {
			res.name = bus + "/" + res.name
		}
	}
	for _, res := range l.order {
		if arn, err := res.arn(); err == nil {
			l.byARN[arn] = res
		}
	}
}

func (l *loader) name(res *resource) {
	field := res.props.get(nameField[res.typ])
	if field == nil {
		return
	}
	v, err := l.eval(field)
	if err != nil {
		l.fail(res, "%s: %w", nameField[res.typ], err)
		return
	}
	res.name = fmt.Sprint(v)
}
