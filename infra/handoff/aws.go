//go:build aws

package main

import (
	"context"

	"handoff/infra/deployed"
	"handoff/infra/stack"
)

// The build tag is the whole difference between bin/handoff and bin/handoff-aws: this line, and the SDK behind it.
func init() {
	connect = func(ctx context.Context, c cloud) (*stack.Stack, error) {
		return deployed.Open(ctx, deployed.Config{Stack: c.stack, Region: c.region, Profile: c.profile})
	}
}
