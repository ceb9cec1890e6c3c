//go:build !linux

package dynamotest

import "os/exec"

// bound does nothing here: a test that is killed may leave DynamoDB Local behind.
func bound(*exec.Cmd) {}
