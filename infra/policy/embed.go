// Package policyfiles is the policy that a build ships: the YAML beside this file. It is in force until an operator
// activates another, such as the one in b2b: a start for selling to companies, in which behaviour fades, points can be
// lost and the people who must agree count.
package policyfiles

import "embed"

// Default holds the files of the default policy.
//
//go:embed *.yaml
var Default embed.FS
