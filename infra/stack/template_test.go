package stack_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handoff/infra/stack"
)

// A template of another version would leave touches undelivered without a word, so it is refused by name.
func TestFindTemplateRefusesAnotherVersion(t *testing.T) {
	text, err := stack.FindTemplate()
	if err != nil {
		t.Fatal(err)
	}
	const list = "handoff_reassigned, consent_withdrawn]"
	if !bytes.Contains(text, []byte(list)) {
		t.Fatalf("the template's FeedbackRule does not end with %q", list)
	}
	path := filepath.Join(t.TempDir(), "template.yaml")
	t.Setenv("HANDOFF_TEMPLATE", path)
	for name, c := range map[string]struct{ text, says string }{
		"the same":        {string(text), ""},
		"a kind fewer":    {strings.Replace(string(text), list, "handoff_reassigned]", 1), "does not carry consent_withdrawn"},
		"a kind more":     {strings.Replace(string(text), list, "handoff_postponed, "+list, 1), "carries handoff_postponed"},
		"another program": {"Resources:\n  Bucket: {Type: AWS::S3::Bucket}\n", "HANDOFF_TEMPLATE"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := stack.FindTemplate()
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path)):
			t.Errorf("%s: got %v, want the file's name and %q", name, err, c.says)
		}
	}
}
