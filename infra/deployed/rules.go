package deployed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"handoff/shared/fault"
	"handoff/shared/retry"
)

// wiring is what tells where rules send what they could not deliver.
type wiring interface {
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
}

// letterboxes finds the dead-letter queues that no queue's redrive feeds, but rules alone: those of destinations outside.
// EventBridge itself is asked, since it is what sends there, whatever a template said. A stack whose queues are all a
// function's, or the dead letters of one, costs no request.
func (f *flow) letterboxes(ctx context.Context, w wiring, rules map[string]string, arns []string) error {
	of := map[string]*line{} // by ARN
	for i := range f.all {
		if l := &f.all[i]; !l.dead && l.function == "" {
			of[arns[i]] = l
		}
	}
	if len(of) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(rules))
	found, errs := make([]map[string][]string, len(ids)), make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() { found[i], errs[i] = undelivered(ctx, w, rules[id]) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, dead := range found { // in the order of rules, so that two runs print alike
		for arn, targets := range dead {
			if l := of[arn]; l != nil {
				l.dead = true
				l.destinations = append(l.destinations, targets...)
			}
		}
	}
	for _, l := range of {
		slices.Sort(l.destinations)
		l.destinations = slices.Compact(l.destinations)
	}
	return nil
}

// undelivered says of a rule which targets' events go to which queue, by its ARN, when they cannot be delivered.
func undelivered(ctx context.Context, w wiring, physical string) (map[string][]string, error) {
	in := &eventbridge.ListTargetsByRuleInput{Rule: &physical}
	// CloudFormation names a rule of a bus that is not the default one BUS|RULE.
	if i := strings.LastIndex(physical, "|"); i >= 0 {
		in.EventBusName, in.Rule = aws.String(physical[:i]), aws.String(physical[i+1:])
	}
	out := map[string][]string{}
	policy := &retry.Policy{Tries: 6, First: 100 * time.Millisecond, Most: 2 * time.Second}
	for {
		var page *eventbridge.ListTargetsByRuleOutput
		for again := policy.Begin(ctx); ; {
			var err error
			if page, err = w.ListTargetsByRule(ctx, in, func(o *eventbridge.Options) { o.Retryer = aws.NopRetryer{} }); err == nil {
				break
			}
			if fault.Classify(err) != fault.Final && again.Again() {
				continue
			}
			s := fault.Service{
				Name: "EventBridge", Resource: "rule " + *in.Rule, Endpoint: "AWS_ENDPOINT_URL_EVENTBRIDGE",
				Missing: "deploy template.yaml again", Denied: "give yours events:ListTargetsByRule on it",
			}
			if says := s.Advice(err); says != "" {
				return nil, errors.New(says)
			}
			return nil, fmt.Errorf("ask where rule %s sends what it cannot deliver: %w", *in.Rule, err)
		}
		for _, t := range page.Targets {
			if t.DeadLetterConfig != nil {
				arn := aws.ToString(t.DeadLetterConfig.Arn)
				out[arn] = append(out[arn], aws.ToString(t.Id))
			}
		}
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			return out, nil
		}
	}
}

// stays says why letters of a queue cannot be sent again.
//
// EventBridge calls a destination because a rule matched, and has no request for one event to one target. A replay of an
// archive could name the rule, but the archive has only what came from outside. On the bus again, every rule that matches
// would take the event, the other destination's too; and by then it may say of a handoff what is over. SQS's own move
// refuses a queue that no other queue feeds.
func (l *line) stays() string {
	return fmt.Sprintf("%s holds what EventBridge could not deliver to %s, and nothing delivers one event there again: on the bus, every other rule would take it too. "+
		"Mend the cause, do by hand what is still open (handoff queue), then handoff dlq discard: infra/runbooks/destinations.md", l.id, l.destination())
}

// destination names what a letter was for, by its rule's target; "" where that is a function.
func (l *line) destination() string { return strings.Join(l.destinations, ", ") }
