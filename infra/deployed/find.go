package deployed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"handoff/shared/fault"
	"handoff/shared/retry"
)

// lister is what this package needs of CloudFormation's client.
type lister interface {
	ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error)
}

// resources are the physical names of what the operator's commands touch.
type resources struct {
	accounts, ledger, bus, archive string
	account                        string            // AWS's, of whoever owns the stack
	queues                         map[string]string // URLs by logical id
	rules                          map[string]string // physical ids by logical id
	functions                      map[string]bool   // logical ids
}

// find asks CloudFormation, by logical ids, so that no output of the template need be kept in step.
// ListStackResources has pages; DescribeStackResources would end at a hundred.
func find(ctx context.Context, c lister, name, region string) (*resources, error) {
	out := &resources{queues: map[string]string{}, rules: map[string]string{}, functions: map[string]bool{}}
	policy := &retry.Policy{Tries: 6, First: 100 * time.Millisecond, Most: 2 * time.Second}
	for next := (*string)(nil); ; {
		var page *cloudformation.ListStackResourcesOutput
		for again := policy.Begin(ctx); ; {
			var err error
			if page, err = c.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: &name, NextToken: next}); err == nil {
				break
			}
			if fault.Classify(err) == fault.Final || !again.Again() {
				return nil, notFound(err, name, region)
			}
		}
		for _, r := range page.StackResourceSummaries {
			id, physical := aws.ToString(r.LogicalResourceId), aws.ToString(r.PhysicalResourceId)
			switch kind := aws.ToString(r.ResourceType); {
			case kind == "AWS::DynamoDB::Table" && id == accountsTable:
				out.accounts = physical
			case kind == "AWS::DynamoDB::Table" && id == ledgerTable:
				out.ledger = physical
			case kind == "AWS::Events::EventBus" && id == busID:
				out.bus = physical
			case kind == "AWS::Events::Archive" && id == archiveID:
				out.archive = physical
			case kind == "AWS::Events::Rule":
				out.rules[id] = physical
			case kind == "AWS::SQS::Queue":
				out.queues[id] = physical
			case kind == "AWS::Lambda::Function":
				out.functions[id] = true
			}
		}
		if next = page.NextToken; aws.ToString(next) == "" {
			break
		}
	}
	var missing []string
	for id, physical := range map[string]string{accountsTable: out.accounts, ledgerTable: out.ledger, busID: out.bus} {
		if physical == "" {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, fmt.Errorf("the stack %s in %s has no %s: it is none of Handoff's, or it is still being made; deploy template.yaml, or name another with --stack",
			name, region, strings.Join(missing, ", no "))
	}
	for _, url := range out.queues {
		if parts := strings.Split(url, "/"); len(parts) > 2 { // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
			out.account = parts[len(parts)-2]
		}
	}
	return out, nil
}

// notFound says what to do about a stack that cannot be looked into.
func notFound(err error, name, region string) error {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist") {
		return fmt.Errorf("there is no stack %s in %s: aws cloudformation list-stacks shows what there is; --region and --profile choose where to look", name, region)
	}
	s := fault.Service{
		Name: "CloudFormation", Resource: "stack " + name + " in " + region, Endpoint: "AWS_ENDPOINT_URL_CLOUDFORMATION",
		Missing: "correct --stack and --region", Denied: "give yours cloudformation:ListStackResources on it",
	}
	if says := s.Advice(err); says != "" {
		return errors.New(says)
	}
	return fmt.Errorf("look into the stack %s in %s: %w", name, region, err)
}

// stages is the order in which an event meets the functions; queues are listed in it.
var stages = []string{"Ingest", "Enrich", "Score", "Route", "Attribution"}

// byFlow orders queues as events meet them; those that are no function's come last, by name.
func byFlow(a, b string) int {
	at := func(id string) int {
		i := slices.IndexFunc(stages, func(s string) bool { return strings.HasPrefix(id, s) })
		if i < 0 {
			return len(stages)
		}
		return i
	}
	// A function's own queue before its dead letters.
	return cmp.Or(at(a)-at(b), cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
