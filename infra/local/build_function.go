package local

import (
	"maps"
	"slices"
	"time"
)

// function reads a serverless function and the one queue that drives it. One behind an HTTP API is left outside: who posts
// there can put events here instead.
func (l *loader) function(res *resource, p props) {
	if p.answersHTTP() {
		l.top.Outside = append(l.top.Outside, res.id)
		return
	}
	arn, _ := res.arn()
	f := Function{ID: res.id, ARN: arn, Env: map[string]string{}}
	globals := props{l, res, nil, "Globals.Function."}
	if l.globals != nil {
		v, err := l.eval(l.globals)
		if err != nil {
			l.fail(res, "Globals.Function: %w", err)
		}
		globals.m, _ = v.(map[string]any)
	}
	f.Timeout = p.seconds("Timeout", int(globals.seconds("Timeout", 3)/time.Second))
	for _, from := range []props{globals, p} {
		vars := from.sub("Environment").sub("Variables")
		for k := range vars.m {
			f.Env[k] = vars.text(k)
		}
	}
	events := p.sub("Events")
	if len(events.m) != 1 {
		p.fail("Events", "want one queue that drives the function, found %d events", len(events.m))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(events.m)) {
		ev := events.sub(name)
		if typ := ev.text("Type"); typ != "SQS" {
			ev.fail("Type", "%s is not supported by the local runtime; a function is driven by its queue (SQS)", typ)
			return
		}
		l.source(&f, ev.sub("Properties"))
	}
	l.top.Functions = append(l.top.Functions, f)
}

// answersHTTP reports whether all of a function's events are requests of an HTTP API.
func (p props) answersHTTP() bool {
	events := p.sub("Events")
	for name := range events.m {
		if events.sub(name).text("Type") != "HttpApi" {
			return false
		}
	}
	return len(events.m) > 0
}

// source reads the event source mapping and holds it to the limits that AWS would.
func (l *loader) source(f *Function, p props) {
	p.only("Queue", "BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes", "ScalingConfig", "Enabled")
	queue := p.resource("Queue", typeQueue)
	if queue == nil {
		return
	}
	f.Queue = queue.id
	f.Batch = p.number("BatchSize", 10)
	f.Window = p.seconds("MaximumBatchingWindowInSeconds", 0)
	f.Concurrency = p.sub("ScalingConfig").number("MaximumConcurrency", 1000)
	for _, t := range p.list("FunctionResponseTypes") {
		if t != "ReportBatchItemFailures" {
			p.fail("FunctionResponseTypes", "%v is no response type", t)
			continue
		}
		f.Partial = true
	}
	switch {
	case f.Batch < 1 || f.Batch > 10000:
		p.fail("BatchSize", "want 1 to 10000")
	case f.Batch > 10 && f.Window < time.Second:
		p.fail("BatchSize", "more than 10 needs MaximumBatchingWindowInSeconds of at least 1")
	}
	if f.Window > 300*time.Second {
		p.fail("MaximumBatchingWindowInSeconds", "want 0 to 300")
	}
	if f.Concurrency < 2 || f.Concurrency > 1000 {
		p.fail("ScalingConfig.MaximumConcurrency", "want 2 to 1000")
	}
	if enabled := p.m["Enabled"]; enabled != nil && enabled != true {
		p.fail("Enabled", "want true; to stop a function, take out its rules")
	}
	for _, q := range l.top.Queues {
		if q.ID == f.Queue && q.Visibility < f.Timeout {
			p.fail("Queue", "visibility of %s is %s, shorter than the function's timeout of %s", q.ID, q.Visibility, f.Timeout)
		}
	}
	for _, other := range l.top.Functions {
		if other.Queue == f.Queue {
			p.fail("Queue", "%s drives %s already", f.Queue, other.ID)
		}
	}
}
