package integration

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
)

type attribute struct{ Name, Type string }

type index struct {
	Name       string
	Keys       []attribute // Type is HASH or RANGE
	Projection string
}

type table struct {
	Attributes []attribute
	Keys       []attribute
	Indexes    []index
	Billing    string
}

// The tables that tests run on are those that the template declares.
func TestTablesAreTheTemplates(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		AttributeName string `yaml:"AttributeName"`
		KeyType       string `yaml:"KeyType"`
		AttributeType string `yaml:"AttributeType"`
	}
	var doc struct {
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				BillingMode          string `yaml:"BillingMode"`
				AttributeDefinitions []key  `yaml:"AttributeDefinitions"`
				KeySchema            []key  `yaml:"KeySchema"`
				Indexes              []struct {
					IndexName  string `yaml:"IndexName"`
					KeySchema  []key  `yaml:"KeySchema"`
					Projection struct {
						ProjectionType string `yaml:"ProjectionType"`
					} `yaml:"Projection"`
				} `yaml:"GlobalSecondaryIndexes"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	keys := func(ks []key) (out []attribute) {
		for _, k := range ks {
			out = append(out, attribute{k.AttributeName, k.KeyType + k.AttributeType})
		}
		return out
	}
	for id, timed := range map[string]bool{"AccountsTable": true, "LedgerTable": false} {
		r, ok := doc.Resources[id]
		if !ok || r.Type != "AWS::DynamoDB::Table" {
			t.Errorf("the template has no table %s", id)
			continue
		}
		want := table{Attributes: keys(r.Properties.AttributeDefinitions), Keys: keys(r.Properties.KeySchema), Billing: r.Properties.BillingMode}
		for _, i := range r.Properties.Indexes {
			want.Indexes = append(want.Indexes, index{i.IndexName, keys(i.KeySchema), i.Projection.ProjectionType})
		}
		if d := cmp.Diff(want, defined(dynamo.Definition(id, timed))); d != "" {
			t.Errorf("%s: -template +code:\n%s", id, d)
		}
	}
}

func defined(in *dynamodb.CreateTableInput) table {
	out := table{Billing: string(in.BillingMode)}
	for _, a := range in.AttributeDefinitions {
		out.Attributes = append(out.Attributes, attribute{*a.AttributeName, string(a.AttributeType)})
	}
	for _, k := range in.KeySchema {
		out.Keys = append(out.Keys, attribute{*k.AttributeName, string(k.KeyType)})
	}
	for _, g := range in.GlobalSecondaryIndexes {
		i := index{Name: *g.IndexName, Projection: string(g.Projection.ProjectionType)}
		for _, k := range g.KeySchema {
			i.Keys = append(i.Keys, attribute{*k.AttributeName, string(k.KeyType)})
		}
		out.Indexes = append(out.Indexes, i)
	}
	return out
}
