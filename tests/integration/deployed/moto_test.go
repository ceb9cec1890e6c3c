package deployed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"handoff/infra/local"
	"handoff/shared/dynamo/dynamotest"
)

// motoVersion is what moto.sh installs.
const motoVersion = "5.2.1"

// moto is the server that all tests of the package share, one after the other; stopMoto ends it.
var (
	moto     string
	stopMoto = func() {}
)

// startMoto answers where moto's server is, which stands in for SQS, EventBridge and CloudFormation, with nothing in it.
func startMoto(t *testing.T) (endpoint string) {
	t.Helper()
	if moto != "" {
		resp, err := http.Post(moto+"/moto-api/reset", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return patched(t, moto)
	}
	packages := filepath.Join(dynamotest.Root(t), ".tools", "moto", motoVersion)
	if _, err := os.Stat(filepath.Join(packages, "moto")); err != nil {
		dynamotest.Skip(t, "moto is not installed: run tests/integration/moto.sh")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		dynamotest.Skip(t, "moto needs Python 3.11, and there is no python3 on the PATH")
	}
	for range 3 { // another process may take the free port first
		if moto = tryMoto(t, python, packages); moto != "" {
			return patched(t, moto)
		}
	}
	t.Fatal("moto does not start")
	return ""
}

func tryMoto(t *testing.T, python, packages string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	cmd.Env = append(os.Environ(), "PYTHONPATH="+packages, "PYTHONDONTWRITEBYTECODE=1")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, in the end
		close(ended)
	}()
	stop := func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	at := fmt.Sprintf("http://127.0.0.1:%d", port)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if resp, err := http.Get(at + "/moto-api/data.json"); err == nil {
			resp.Body.Close()
			stopMoto = stop
			return at
		}
		select {
		case <-ended:
			t.Logf("moto ended at once: %s", out.Bytes())
			return ""
		default:
		}
		if time.Now().After(deadline) {
			stop()
			t.Fatalf("moto does not answer: %s", out.Bytes())
		}
	}
}

// motoTemplate is the template as far as moto runs it: bus, archive, tables, queues with their redrive, rules with their
// patterns, and functions by name alone. It is made of what the local runtime reads, so that no wiring is written twice.
func motoTemplate(t *testing.T, top *local.Topology, maxReceives int) string {
	t.Helper()
	type m = map[string]any
	arn := func(id string) m { return m{"Fn::GetAtt": []string{id, "Arn"}} }
	table := m{"Type": "AWS::DynamoDB::Table", "Properties": m{
		"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": []m{{"AttributeName": "pk", "AttributeType": "S"}},
		"KeySchema": []m{{"AttributeName": "pk", "KeyType": "HASH"}},
	}}
	res := m{
		"Bus":           m{"Type": "AWS::Events::EventBus", "Properties": m{"Name": names["AWS::Events::EventBus"]}},
		"Archive":       m{"Type": "AWS::Events::Archive", "Properties": m{"ArchiveName": names["AWS::Events::Archive"], "SourceArn": arn("Bus"), "RetentionDays": 0}},
		"AccountsTable": table, "LedgerTable": table,
		"Role": m{"Type": "AWS::IAM::Role", "Properties": m{"AssumeRolePolicyDocument": m{"Version": "2012-10-17", "Statement": []m{}}}},
	}
	for _, f := range top.Functions {
		res[f.ID] = m{"Type": "AWS::Lambda::Function", "Properties": m{
			"Runtime": "provided.al2023", "Handler": "bootstrap", "Role": arn("Role"), "Code": m{"ZipFile": "never run"},
		}}
	}
	for _, q := range top.Queues {
		p := m{"VisibilityTimeout": 1}
		if q.DeadLetter != "" {
			p["RedrivePolicy"] = m{"deadLetterTargetArn": arn(q.DeadLetter), "maxReceiveCount": maxReceives}
		}
		res[q.ID] = m{"Type": "AWS::SQS::Queue", "Properties": p}
	}
	// Rules that call destinations outside moto cannot run: they are there for what they say of their dead-letter queues.
	for _, q := range top.Letterboxes {
		name := strings.TrimSuffix(q, "DeadLetterQueue")
		if !slices.Contains(top.Outside, name+"Rule") {
			t.Fatalf("%s is of no rule that is known: %v", q, top.Outside)
		}
		res[name+"Rule"] = m{"Type": "AWS::Events::Rule", "DependsOn": "Bus", "Properties": m{
			"EventBusName": names["AWS::Events::EventBus"], "EventPattern": m{"source": []string{"nobody"}}, "Targets": []m{{
				"Id": strings.ToLower(name), "Arn": "arn:aws:events:" + dynamotest.Region + ":123456789012:api-destination/" + name + "/1", "DeadLetterConfig": m{"Arn": arn(q)},
			}},
		}}
	}
	for _, r := range top.Rules {
		var to []m
		for _, target := range r.Targets {
			if target.Queue != "" && r.Every == 0 {
				to = append(to, m{"Id": target.ID, "Arn": arn(target.Queue), "DeadLetterConfig": m{"Arn": arn(target.DeadLetter)}})
			}
		}
		if to == nil {
			continue
		}
		res[r.ID] = m{"Type": "AWS::Events::Rule", "DependsOn": "Bus", "Properties": m{
			"EventBusName": names["AWS::Events::EventBus"], "EventPattern": r.Pattern, "Targets": to,
		}}
	}
	b, err := json.Marshal(m{"AWSTemplateFormatVersion": "2010-09-09", "Resources": res})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
