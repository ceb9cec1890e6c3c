// Package deployed is a stack on AWS as its operator's commands ask it: tables in DynamoDB, the bus of EventBridge, the
// queues of SQS, found by the logical ids of template.yaml. It changes nothing by opening.
//
// It is slow to compile, as it brings the SDK: only bin/handoff-aws has it (see infra/handoff/aws.go).
package deployed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	policyfiles "handoff/infra/policy"
	"handoff/infra/stack"
	"handoff/shared/bus"
	"handoff/shared/dynamo"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/wire"
	"handoff/shared/wire/pipeline"
)

// Config says which stack. Region and Profile are empty where the environment or the profile's files say them, as for the
// AWS CLI; AWS_ENDPOINT_URL and its kin hold, too.
type Config struct {
	Stack   string
	Region  string
	Profile string
	Log     *slog.Logger
}

// Logical ids of template.yaml.
const (
	accountsTable = "AccountsTable"
	ledgerTable   = "LedgerTable"
	busID         = "Bus"
	archiveID     = "Archive"
)

// requestTimeout bounds one request. A receive waits a second by itself, so it must be well above.
const requestTimeout = 15 * time.Second

// Open finds the stack's resources. Credentials are looked for in the usual places.
func Open(ctx context.Context, c Config) (*stack.Stack, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	cfg, err := load(ctx, c)
	if err != nil {
		return nil, err
	}
	found, err := find(ctx, cloudformation.NewFromConfig(cfg), c.Stack, cfg.Region)
	if err != nil {
		return nil, err
	}
	contracts, err := pipeline.Contracts()
	if err != nil {
		return nil, err
	}
	pol, err := policy.Load(policyfiles.Default)
	if err != nil {
		return nil, err
	}
	db := dynamodb.NewFromConfig(cfg)
	s := &stack.Stack{
		Name: c.Stack, Now: func() time.Time { return time.Now().UTC() }, Contracts: contracts, Log: c.Log,
		Accounts: dynamo.New(db, found.accounts), History: dynamo.New(db, found.ledger),
	}
	s.Ledger = &ledger.Ledger{Table: s.History}
	s.Graph = &graph.Graph{Accounts: s.Accounts, Ledger: s.Ledger, Implied: wire.Implied}
	s.Policies = &policy.Book{Accounts: s.Accounts, Ledger: s.Ledger, Default: pol, Now: s.Now, Log: c.Log}
	s.Policy = policy.Stored(s.Policies, wire.PolicyAge)
	events := eventbridge.NewFromConfig(cfg)
	t := &flow{stack: c.Stack, region: cfg.Region, account: found.account, bus: bus.New(events, found.bus), archive: found.archive, events: events,
		metrics: cloudwatch.NewFromConfig(cfg), now: s.Now}
	if err := t.queues(ctx, sqs.NewFromConfig(cfg), events, found); err != nil {
		return nil, err
	}
	s.Transit = t
	return s, nil
}

// load reads the configuration as the AWS CLI does.
func load(ctx context.Context, c Config) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(requestTimeout)),
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }), // package retry repeats
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return cfg, fmt.Errorf("the AWS configuration has no profile %q: aws configure list-profiles shows what there is", missing.Profile)
	}
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = os.Getenv("AWS_DEFAULT_REGION")
	}
	if cfg.Region == "" {
		return cfg, errors.New("no region is given: say --region, set AWS_REGION, or give the profile one (aws configure set region NAME)")
	}
	return cfg, nil
}
