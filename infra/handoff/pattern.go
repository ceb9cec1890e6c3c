package main

import (
	"handoff/shared/pattern"
)

type patternCmd struct{}

func (patternCmd) Help() string {
	return `Each line of standard input is {"pattern":…,"event":…}; each is answered, in order,
with {"match":true}, {"match":false} or {"error":"…"}.

  echo '{"pattern":{"kind":[{"prefix":"pricing"}]},"event":{"kind":"pricing_viewed"}}' |
    handoff pattern`
}

func (patternCmd) Run(e *env) error { return pattern.Filter(e.stdin, e.stdout) }
