package main

import (
	"handoff/shared/pattern"
)

type patternCmd struct{}

func (patternCmd) Help() string {
	return `Each line of standard input is {"pattern":…,"event":…}; each is answered, in order,
with {"match":true}, {"match":false} or {"error":"…"}.

  echo '{"pattern":{"n":[{"numeric":[">",50]}]},"event":{"n":250}}' |
    handoff pattern
  handoff pattern < lines.jsonl`
}

func (patternCmd) Run(e *env) error { return pattern.Filter(e.stdin, e.stdout) }
