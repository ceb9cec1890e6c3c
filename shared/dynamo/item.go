package dynamo

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/store"
)

// Names of the attributes, and of the time index. Short, since every byte of them is stored and paid for with each item.
const (
	attrPartition = "pk"
	attrSort      = "sk"
	attrVersion   = "v"
	attrBody      = "b"
	attrShard     = "shard"
	attrDue       = "due"
	dueIndex      = "due"
)

// Definition is the request that creates a table as template.yaml declares it; timed adds the time index, as the
// accounts table has it. Deployments use the template: this is for DynamoDB Local.
func Definition(name string, timed bool) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(attrPartition), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(attrSort), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(attrPartition), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(attrSort), KeyType: types.KeyTypeRange},
		},
	}
	if !timed {
		return in
	}
	in.AttributeDefinitions = append(in.AttributeDefinitions,
		types.AttributeDefinition{AttributeName: aws.String(attrShard), AttributeType: types.ScalarAttributeTypeN},
		types.AttributeDefinition{AttributeName: aws.String(attrDue), AttributeType: types.ScalarAttributeTypeN},
	)
	in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
		IndexName: aws.String(dueIndex),
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(attrShard), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(attrDue), KeyType: types.KeyTypeRange},
		},
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
	}}
	return in
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyOf(k store.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrPartition: text(k.Partition), attrSort: text(k.Sort)}
}

// itemOf is a record as it is stored: one version above the one that its writer saw.
func itemOf(r *store.Record) map[string]types.AttributeValue {
	item := keyOf(r.Key)
	item[attrVersion] = number(r.Version + 1)
	if len(r.Body) > 0 {
		item[attrBody] = &types.AttributeValueMemberB{Value: r.Body}
	}
	if r.Due != 0 { // an item without shard and due is not in the index
		item[attrShard] = number(int64(store.ShardOf(r.Partition)))
		item[attrDue] = number(r.Due)
	}
	return item
}

// record reads an item. One that this package did not write is an error, never a record with holes.
func (t *Table) record(item map[string]types.AttributeValue) (store.Record, error) {
	r, err := parseKey(item)
	if err == nil {
		r.Version, err = parseNumber(item, attrVersion)
	}
	if err == nil && item[attrDue] != nil {
		r.Due, err = parseNumber(item, attrDue)
	}
	switch b := item[attrBody].(type) {
	case nil:
	case *types.AttributeValueMemberB:
		r.Body = b.Value
	default:
		err = fmt.Errorf("attribute %s is a %T", attrBody, b)
	}
	if err == nil && r.Version < 1 {
		err = fmt.Errorf("version %d", r.Version)
	}
	if err != nil {
		return store.Record{}, fmt.Errorf("dynamo: read %s / %s: %w", r.Partition, r.Sort, t.damaged(err))
	}
	return r, nil
}

// damaged says that something else wrote the item.
func (t *Table) damaged(err error) error {
	return &failure{store.ErrUnavailable, fmt.Sprintf("an item of table %s is not as this program writes it (%v): restore it from the table's point-in-time backup, or remove it", t.Name, err)}
}

func parseKey(item map[string]types.AttributeValue) (store.Record, error) {
	var r store.Record
	for name, into := range map[string]*string{attrPartition: &r.Partition, attrSort: &r.Sort} {
		s, ok := item[name].(*types.AttributeValueMemberS)
		if !ok {
			return r, fmt.Errorf("attribute %s is a %T", name, item[name])
		}
		*into = s.Value
	}
	return r, nil
}

func parseNumber(item map[string]types.AttributeValue, name string) (int64, error) {
	n, ok := item[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("attribute %s is a %T", name, item[name])
	}
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("attribute %s is %q", name, n.Value)
	}
	return v, nil
}
