// Package dynamotest runs DynamoDB Local for tests: in memory, on a free port, for as long as the test runs. Where it or
// Java is absent the test is skipped with the reason and the remedy; in CI (CI=true) that is a failure.
package dynamotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"handoff/shared/dynamo"
)

// version is what tests/integration/dynamodb-local.sh installs.
const version = "11.1.0"

// Local is a running DynamoDB Local.
type Local struct {
	Endpoint string // http://127.0.0.1:port
	Client   *dynamodb.Client
	tables   atomic.Int64
}

// Credentials are what DynamoDB Local is talked to with; it takes any.
var Credentials = aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}

// Region likewise.
const Region = "us-east-1"

// Skip ends a test for want of a tool: as skipped, or as failed in CI.
func Skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("in CI nothing is skipped: %s", why)
	}
	t.Skip("SKIPPED: " + why)
}

// Root is the folder of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}

// ErrAbsent is wrapped by errors that say what is not installed, and how to get it.
var ErrAbsent = errors.New("DynamoDB Local cannot run here")

// Start runs DynamoDB Local until the test ends.
func Start(t testing.TB) *Local {
	t.Helper()
	l, stop, err := Run(t.Context(), Root(t))
	switch {
	case errors.Is(err, ErrAbsent):
		Skip(t, err.Error())
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return l
}

// Run runs DynamoDB Local until stop, for what is no test. root is the folder of go.mod.
func Run(ctx context.Context, root string) (l *Local, stop func(), err error) {
	jar := filepath.Join(root, ".tools", "dynamodb-local", version, "DynamoDBLocal.jar")
	if _, err := os.Stat(jar); err != nil {
		return nil, nil, fmt.Errorf("%w: it is not installed: run tests/integration/dynamodb-local.sh", ErrAbsent)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, nil, fmt.Errorf("%w: it needs Java 17, and there is no java on the PATH", ErrAbsent)
	}
	for range 3 { // another process may take the free port first
		if l, stop, err = start(ctx, java, jar); err == nil {
			return l, stop, nil
		}
	}
	return nil, nil, fmt.Errorf("start DynamoDB Local: %w", err)
}

func start(ctx context.Context, java, jar string) (*Local, func(), error) {
	port, err := freePort()
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	// The second compiler of the JVM takes longer than it saves in what a package's tests ask.
	cmd := exec.Command(java, "-Xmx512m", "-XX:+IgnoreUnrecognizedVMOptions", "-XX:TieredStopAtLevel=1", "-Djava.library.path=DynamoDBLocal_lib", "-jar", jar, "-inMemory", "-sharedDb", "-disableTelemetry",
		"-port", strconv.Itoa(port))
	cmd.Dir = filepath.Dir(jar)
	cmd.Stdout, cmd.Stderr = &out, &out
	bound(cmd)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, in the end
		close(ended)
	}()
	stop := func() {
		_ = cmd.Process.Kill() // an error says that it ended before
		<-ended
	}
	l := &Local{Endpoint: fmt.Sprintf("http://127.0.0.1:%d", port)}
	l.Client = dynamodb.New(dynamodb.Options{
		Region: Region, BaseEndpoint: &l.Endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return Credentials, nil }),
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		_, err := l.Client.ListTables(ctx, &dynamodb.ListTablesInput{}, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
		if err == nil {
			return l, stop, nil
		}
		select {
		case <-ended:
			return nil, nil, fmt.Errorf("it ended at once: %s", out.Bytes())
		default:
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			stop()
			return nil, nil, errors.Join(fmt.Errorf("it does not answer: %s", out.Bytes()), err)
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// Table creates an empty table with the time index, under a name of its own.
func (l *Local) Table(t testing.TB) *dynamo.Table {
	t.Helper()
	return l.Create(t, fmt.Sprint("table", l.tables.Add(1)), true)
}

// Create creates a table of that name; timed gives it the time index.
func (l *Local) Create(t testing.TB, name string, timed bool) *dynamo.Table {
	t.Helper()
	table, err := l.Make(t.Context(), name, timed)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Make is Create for what is no test.
func (l *Local) Make(ctx context.Context, name string, timed bool) (*dynamo.Table, error) {
	if _, err := l.Client.CreateTable(ctx, dynamo.Definition(name, timed)); err != nil {
		return nil, fmt.Errorf("create table %s: %w", name, err)
	}
	return dynamo.New(l.Client, name), nil
}
