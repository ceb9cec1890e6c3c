package policy_test

import (
	"testing"

	policyfiles "handoff/infra/policy"
	"handoff/shared/policy"
)

func TestDefaultLoads(t *testing.T) {
	if _, err := policy.Load(policyfiles.Default); err != nil {
		t.Fatal(err)
	}
}
