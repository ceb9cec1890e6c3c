package lambda

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Config is what a Function is made of. Name, Path and Timeout are needed.
type Config struct {
	Name    string            // the function's name, in its ARN and its environment
	Path    string            // the executable, built for this machine
	Env     map[string]string // besides what Lambda itself sets
	Timeout time.Duration     // of an invocation; the process is killed then

	QueueARN    string        // of the queue before it
	Partial     bool          // ReportBatchItemFailures: its answer names the messages that failed
	Concurrency int           // environments at once, at most; 0 is 1
	MemoryMB    int           // told to the function, not enforced; 0 is 128
	Init        time.Duration // from exec to the first request for work; 0 is Lambda's 10 s
	LogLevel    slog.Level    // LoggingConfig's ApplicationLogLevel, and SystemLogLevel for the platform's own lines
	Log         io.Writer     // takes whole lines, one Write each, one at a time; nil drops them

	// RequestID names invocations; random UUIDs unless given.
	RequestID func() string
}

// Where Lambda's environment says that the function is.
const (
	region  = "us-east-1"
	account = "000000000000"
	version = "$LATEST"
)

func (c *Config) arn() string {
	return "arn:aws:lambda:" + region + ":" + account + ":function:" + c.Name
}

func (c *Config) withDefaults() {
	if c.Concurrency == 0 {
		c.Concurrency = 1
	}
	if c.MemoryMB == 0 {
		c.MemoryMB = 128
	}
	if c.Init == 0 {
		c.Init = 10 * time.Second
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	if c.RequestID == nil {
		c.RequestID = newRequestID
	}
}

// validate reports everything that is wrong.
func (c *Config) validate() error {
	var errs []error
	fail := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("lambda: function %s: %w", c.Name, fmt.Errorf(format, args...)))
	}
	if c.Name == "" {
		fail("Name is missing")
	}
	if c.Timeout <= 0 {
		fail("Timeout is %v: want the function's, more than 0", c.Timeout)
	}
	if c.Concurrency < 0 {
		fail("Concurrency is %d: want 0 or more", c.Concurrency)
	}
	switch info, err := os.Stat(c.Path); {
	case err != nil:
		fail("its executable is not there: %w", err)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		fail("%s is no executable file", c.Path)
	default:
		if c.Path, err = filepath.Abs(c.Path); err != nil {
			fail("%w", err)
		}
	}
	return errors.Join(errs...)
}

// environ is what the process sees: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (c *Config) environ(api, stream string) []string {
	vars := map[string]string{
		"AWS_REGION": region, "AWS_DEFAULT_REGION": region, // a given one replaces them
		"LANG": "en_US.UTF-8", "TZ": ":UTC", "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin", "LD_LIBRARY_PATH": "/lib64:/usr/lib64",
	}
	for k, v := range c.Env {
		vars[k] = v
	}
	for k, v := range map[string]string{
		"AWS_LAMBDA_RUNTIME_API": api, "_HANDLER": "bootstrap", "LAMBDA_TASK_ROOT": filepath.Dir(c.Path), "LAMBDA_RUNTIME_DIR": filepath.Dir(c.Path),
		"AWS_LAMBDA_FUNCTION_NAME": c.Name, "AWS_LAMBDA_FUNCTION_VERSION": version, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": fmt.Sprint(c.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/" + c.Name, "AWS_LAMBDA_LOG_STREAM_NAME": stream,
		"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": c.LogLevel.String(),
	} {
		vars[k] = v
	}
	out := make([]string, 0, len(vars))
	for k, v := range vars {
		out = append(out, k+"="+v)
	}
	return out
}
