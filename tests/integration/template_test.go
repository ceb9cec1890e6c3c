package integration

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
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

var (
	environment = regexp.MustCompile(`(?m)^\[(\w+)\.deploy\.parameters\]$`)
	overridden  = regexp.MustCompile(`(?m)^  "(\w+)=([^"]*)",$`)
)

// checkDeployments holds what samconfig.toml says of the stacks to the template's parameters.
func checkDeployments(d doc, config string) (bad []string) {
	say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	found := environment.FindAllStringSubmatchIndex(config, -1)
	buses := map[string]string{}
	for i, m := range found {
		env, end := config[m[2]:m[3]], len(config)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		for _, o := range overridden.FindAllStringSubmatch(config[m[1]:end], -1) {
			p := object(at(map[string]any(d), "Parameters", o[1]))
			switch pattern, _ := p["AllowedPattern"].(string); {
			case p == nil:
				say("%s: the template has no parameter %s", env, o[1])
			case p["AllowedValues"] != nil && !slices.Contains(texts(p["AllowedValues"]), o[2]):
				say("%s: %s may not be %q", env, o[1], o[2])
			case pattern != "" && !regexp.MustCompile(pattern).MatchString(o[2]):
				say("%s: %s may not be %q", env, o[1], o[2])
			}
			if o[1] == "BusName" || o[1] == "MetricNamespace" {
				if other := buses[o[1]+o[2]]; other != "" {
					say("%s: its %s is that of %s", env, o[1], other)
				}
				buses[o[1]+o[2]] = env
			}
		}
	}
	// Nobody sets by himself what he does not know of: prod names the alarm of each source, be it in a comment.
	for _, name := range slices.Sorted(maps.Keys(object(d["Parameters"]))) {
		if i := strings.Index(config, "[prod.deploy.parameters]"); strings.HasSuffix(name, "SilentHours") && (i < 0 || !strings.Contains(config[i:], `"`+name+"=")) {
			say("prod: has no line for %s", name)
		}
	}
	if len(found) != 2 || len(buses) != 4 {
		say("want dev and prod, each with a bus and a namespace of its own, found %v", buses)
	}
	return bad
}

func TestDeploymentsFitTheTemplate(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "samconfig.toml"))
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	hold(t, func(d doc) []string { return checkDeployments(d, config) },
		change{"a parameter that is gone", func(d doc) { delete(object(d["Parameters"]), "LogLevel") }, "prod: the template has no parameter LogLevel"},
		change{"a value that is refused", func(d doc) {
			object(at(map[string]any(d), "Parameters", "LogRetentionDays"))["AllowedValues"] = []any{30}
		}, `dev: LogRetentionDays may not be "7"`},
	)
	few := strings.Replace(config, "HubspotSilentHours", "HubSpotSilentHours", 1)
	if bad := checkDeployments(parseDoc(t), few); !slices.Contains(bad, "prod: has no line for HubspotSilentHours") {
		t.Errorf("a source without a line is not found: %q", bad)
	}
	one := strings.Replace(config, "BusName=handoff-dev", "BusName=handoff", 1)
	if bad := checkDeployments(parseDoc(t), one); !slices.Contains(bad, "prod: its BusName is that of dev") {
		t.Errorf("one bus for both is not found: %q", bad)
	}
}
