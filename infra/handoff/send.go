package main

import (
	"handoff/infra/intake"
	"handoff/infra/stack"
)

type sendCmd struct {
	Files []string `arg:"" optional:"" help:"Files of events; - or none reads standard input."`
	Tool  string   `help:"The tool whose raw payloads the lines are." enum:",segment,rudderstack,stripe,salesforce,hubspot" default:""`
}

func (sendCmd) Help() string {
	return `Puts events on the bus, one JSON object a line: as the bus has them
({"source":…,"detail-type":…,"detail":{…}}), as PutEvents entries, or a tool's raw payloads.
Unlike PutEvents it takes sources that begin with aws.: it stands for the forwarding of
partner buses.

  echo '{"source":"crm","detail-type":"Touch","detail":{"id":"1",
    "kind":"demo_requested","time":"2026-11-21T09:00:00Z",
    "subject":"email:ann@initech.example"}}' | handoff send -
  handoff send events/samples/segment/valid/*.json`
}

func (c sendCmd) Run(e *env) error {
	return e.with(func(s *stack.Stack) error {
		f := &feed{e: e, s: s}
		o := intake.Options{Tool: c.Tool, Now: now()}
		if len(c.Files) == 0 {
			c.Files = []string{"-"}
		}
		for _, file := range c.Files {
			var err error
			if file == "-" {
				err = intake.Read("standard input", e.stdin, o, f.add, f.bad)
			} else {
				err = intake.ReadFile(file, o, f.add, f.bad)
			}
			if err != nil {
				return err
			}
		}
		return f.finish("Sent")
	})
}
