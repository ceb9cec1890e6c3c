//go:build aws

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/dynamo"
	"handoff/shared/store"
)

func init() {
	openTables = func(ctx context.Context, at dynamoDB, accounts, ledger string) (func(name string) store.Table, error) {
		db := dynamodb.New(dynamodb.Options{Region: at.region, BaseEndpoint: &at.endpoint,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: at.id, SecretAccessKey: at.secret, SessionToken: at.token, Source: "environment"}, nil
			})})
		tables := map[string]store.Table{"accounts": dynamo.New(db, accounts), "ledger": dynamo.New(db, ledger)}
		if err := errors.Join(at.table(ctx, db, accounts, true), at.table(ctx, db, ledger, false)); err != nil {
			return nil, err
		}
		return func(name string) store.Table { return tables[name] }, nil
	}
}

// table makes a table in DynamoDB Local that is not there yet; elsewhere it is the stack's to make.
func (at *dynamoDB) table(ctx context.Context, db *dynamodb.Client, name string, timed bool) error {
	_, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err == nil {
		return nil
	}
	if _, absent := errors.AsType[*types.ResourceNotFoundException](err); !absent {
		return fmt.Errorf("DynamoDB does not answer for table %s on %s: %w; %s", name, at.endpoint, err, dynamoHelp)
	}
	if !at.here {
		return fmt.Errorf("there is no table %s on %s: deploy the stack first, or use DynamoDB Local", name, at.endpoint)
	}
	if _, err := db.CreateTable(ctx, dynamo.Definition(name, timed)); err != nil {
		return fmt.Errorf("create table %s on %s: %w", name, at.endpoint, err)
	}
	return nil
}
