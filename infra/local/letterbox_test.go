package local

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A queue that only rules for destinations outside fall back to is one of dead letters, though nothing runs here that
// could put any into it.
func TestLetterboxesAreDeadLetterQueues(t *testing.T) {
	const secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:x"
	top, err := LoadWith(realTemplate(t), map[string]string{"CrmUrl": "https://crm.example/*", "CrmSecretArn": secret, "ChatUrl": "https://chat.example", "ChatSecretArn": secret})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"CrmDeadLetterQueue", "ChatDeadLetterQueue"}, top.Letterboxes); d != "" {
		t.Errorf("letterboxes (-want +got)\n%s", d)
	}
	s := newStage(t, func(cfg *Config) { cfg.Topology, cfg.Handlers = top, nil })
	queues, err := s.rt.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(queues) < len(top.Letterboxes)+2*len(top.Functions) {
		t.Errorf("%d queues, want two of each function and the letterboxes", len(queues))
	}
	for _, q := range queues {
		if want := strings.HasSuffix(q.Queue, "DeadLetterQueue"); q.Dead != want {
			t.Errorf("%s: a dead-letter queue: %v, want %v", q.Queue, q.Dead, want)
		}
	}
}
