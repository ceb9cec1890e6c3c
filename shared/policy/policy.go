// Package policy is the YAML that RevOps edits, compiled: what facts keep, how they score, the funnels, the plays, the
// teams and attribution.
package policy

// Policy is a compiled policy.
type Policy struct {
	Epoch int64
}
