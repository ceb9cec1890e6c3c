package local

import (
	"fmt"
	"regexp"
	"strings"
)

// Where the local stack pretends to be. The account is nobody's.
const (
	Partition = "aws"
	Region    = "us-east-1"
	Account   = "000000000000"
	stackName = "handoff"
)

// resource is one entry of Resources whose condition holds.
type resource struct {
	id    string
	typ   string
	line  int
	props *node
	name  string // physical
}

// noValue is what AWS::NoValue becomes: the field is taken out.
type noValue struct{}

// resolver turns template values into plain ones: map[string]any, []any and scalars. References become the names and
// ARNs that the resources would have.
type resolver struct {
	params     map[string]any
	conditions map[string]*node
	resources  map[string]*resource
	open       map[string]bool // conditions being evaluated
	lenient    bool            // a reference to nothing is an ARN that nothing has
}

func (r *resolver) eval(n *node) (any, error) {
	switch {
	case n == nil:
		return nil, nil
	case n.fn != "":
		v, err := r.call(n)
		if err != nil {
			return nil, fmt.Errorf("line %d: !%s: %w", n.line, n.fn, err)
		}
		return v, nil
	case n.object():
		out := make(map[string]any, len(n.keys))
		for _, k := range n.keys {
			v, err := r.eval(n.fields[k])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
			if v != (noValue{}) {
				out[k] = v
			}
		}
		return out, nil
	case n.isList:
		out := make([]any, 0, len(n.list))
		for i, e := range n.list {
			v, err := r.eval(e)
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			if v != (noValue{}) {
				out = append(out, v)
			}
		}
		return out, nil
	}
	return n.scalar, nil
}

func (r *resolver) call(n *node) (any, error) {
	switch n.fn {
	case "Ref":
		return r.ref(n.arg.text())
	case "GetAtt":
		return r.getAtt(n.arg)
	case "Sub":
		return r.sub(n.arg)
	case "If":
		return r.ifElse(n.arg)
	case "Join":
		return r.join(n.arg)
	case "Equals", "Not", "And", "Or", "Condition":
		return r.condition(n)
	}
	return nil, fmt.Errorf("is not supported by the local runtime")
}

func (r *resolver) ref(name string) (any, error) {
	switch name {
	case "AWS::Region":
		return Region, nil
	case "AWS::AccountId":
		return Account, nil
	case "AWS::Partition":
		return Partition, nil
	case "AWS::StackName":
		return stackName, nil
	case "AWS::NoValue":
		return noValue{}, nil
	}
	if v, ok := r.params[name]; ok {
		return v, nil
	}
	res, err := r.find(name)
	if err != nil {
		return nil, err
	}
	if res.typ == typeQueue {
		return queueURL(res.name), nil
	}
	return res.name, nil
}

func (r *resolver) find(id string) (*resource, error) {
	if res, ok := r.resources[id]; ok {
		return res, nil
	}
	return nil, fmt.Errorf("%q is neither a parameter nor a resource of this template (or its condition does not hold)", id)
}

func (r *resolver) getAtt(arg *node) (any, error) {
	id, attr, ok := strings.Cut(arg.text(), ".")
	if arg != nil && arg.isList && len(arg.list) == 2 {
		id, attr, ok = arg.list[0].text(), arg.list[1].text(), true
	}
	if !ok {
		return nil, fmt.Errorf("want Resource.Attribute")
	}
	res, err := r.find(id)
	if err != nil && r.lenient {
		return "arn:aws:nothing:::" + id, nil
	}
	if err != nil {
		return nil, err
	}
	if attr != "Arn" {
		return nil, fmt.Errorf("attribute %s of %s is not supported by the local runtime, only Arn", attr, id)
	}
	return res.arn()
}

// arn is what the services would name the resource.
func (res *resource) arn() (string, error) {
	at := ":" + Region + ":" + Account + ":"
	switch res.typ {
	case typeQueue:
		return "arn:aws:sqs" + at + res.name, nil
	case typeBus:
		return "arn:aws:events" + at + "event-bus/" + res.name, nil
	case typeRule:
		return "arn:aws:events" + at + "rule/" + res.name, nil
	case typeArchive:
		return "arn:aws:events" + at + "archive/" + res.name, nil
	case typeFunction:
		return "arn:aws:lambda" + at + "function:" + res.name, nil
	case typeTable:
		return "arn:aws:dynamodb" + at + "table/" + res.name, nil
	case typeLogGroup:
		return "arn:aws:logs" + at + "log-group:" + res.name + ":*", nil
	case typeRole:
		return "arn:aws:iam::" + Account + ":role/" + res.name, nil
	case typeAPI:
		return "arn:aws:events" + at + "api-destination/" + res.name, nil
	}
	return "", fmt.Errorf("the ARN of %s, a %s, is not known to the local runtime", res.id, res.typ)
}

func queueURL(name string) string {
	return "https://sqs." + Region + ".amazonaws.com/" + Account + "/" + name
}

var subVar = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

func (r *resolver) sub(arg *node) (any, error) {
	text, own := arg.text(), map[string]any{}
	if arg != nil && arg.isList && len(arg.list) == 2 {
		text = arg.list[0].text()
		vars, err := r.eval(arg.list[1])
		if err != nil {
			return nil, err
		}
		own, _ = vars.(map[string]any)
	}
	var failed error
	out := subVar.ReplaceAllStringFunc(text, func(m string) string {
		parts := subVar.FindStringSubmatch(m)
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		v, ok := own[parts[2]]
		var err error
		switch {
		case ok:
		case strings.Contains(parts[2], "."):
			v, err = r.getAtt(&node{scalar: parts[2]})
		default:
			v, err = r.ref(parts[2])
		}
		if err != nil && failed == nil {
			failed = err
		}
		return fmt.Sprint(v)
	})
	return out, failed
}

func (r *resolver) ifElse(arg *node) (any, error) {
	if arg == nil || len(arg.list) != 3 {
		return nil, fmt.Errorf("want a condition and two values")
	}
	ok, err := r.holds(arg.list[0].text())
	if err != nil {
		return nil, err
	}
	if ok {
		return r.eval(arg.list[1])
	}
	return r.eval(arg.list[2])
}

func (r *resolver) join(arg *node) (any, error) {
	v, err := r.eval(arg)
	if err != nil {
		return nil, err
	}
	if l, ok := v.([]any); ok && len(l) == 2 {
		sep, okSep := l[0].(string)
		parts, okParts := l[1].([]any)
		if okSep && okParts {
			var out []string
			for _, p := range parts {
				out = append(out, fmt.Sprint(p))
			}
			return strings.Join(out, sep), nil
		}
	}
	return nil, fmt.Errorf("want a separator and a list")
}
