package stories

import (
	"context"
	"strings"

	"handoff/infra/aside"
)

// check holds what came of a scene to what is expected. What is not expected must not have happened.
func (p *play) check(sc *Scene) {
	p.t.Helper()
	var routed []*Expect
	quarantined := 0
	for i := range sc.Expect {
		e := &sc.Expect[i]
		what := e.Phrase
		if _, after, ok := strings.Cut(what, ": "); ok {
			what = after
		}
		var err error
		switch what {
		case "nothing":
		case "stands":
			err = p.stands(sc, e)
		case "explain":
			err = p.explained(sc, e)
		case "belongs":
			err = p.belongs(sc, e)
		case "worth":
			err = p.worth(e)
		case "quarantined":
			quarantined++
			err = p.quarantine(e)
		case "dead":
			err = p.dead(e)
		default:
			routed = append(routed, e)
		}
		if err != nil {
			p.t.Errorf("%s:%d: %s\n    %v", p.story.File, e.Line, e.Text, err)
		}
	}
	p.records(sc, routed)
	all, err := aside.Quarantined(context.Background(), p.Stack, aside.Filter{Resolved: true})
	if err != nil {
		p.t.Fatal(err)
	}
	if fresh := len(all) - p.quarantined; fresh != quarantined {
		var why []string
		for _, q := range all {
			why = append(why, q.Reason)
		}
		p.t.Errorf("%s:%d: %d events went to quarantine, want %d:\n    %s", p.story.File, sc.Line, fresh, quarantined, strings.Join(why, "\n    "))
	}
	p.quarantined = len(all)
}
