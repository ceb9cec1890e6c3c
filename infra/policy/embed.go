// Package policyfiles is the policy that a build ships: the YAML beside this file. It is in force until an operator
// activates another.
package policyfiles

import "embed"

// Default holds the files of the default policy.
//
//go:embed *.yaml
var Default embed.FS
