package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
)

func show(dir string) {
	ctx := context.Background()
	s, err := stack.Open(ctx, stack.Config{Dir: dir})
	if err != nil { panic(err) }
	defer s.Close()
	at := time.Date(2026, 7, 4, 21, 19, 28, 448e6, time.UTC)
	if err := report.Stamp(ctx, s, at); err != nil { panic(err) }
	start := time.Now()
	lap := func(n string, v any, err error) {
		fmt.Println("=====", n, time.Since(start), err)
		start = time.Now()
		b, _ := json.MarshalIndent(v, "", " ")
		if len(b) > 5000 { b = b[:5000] }
		fmt.Println(string(b))
	}
	sn, err := report.Take(ctx, s, time.Time{})
	lap("take", sn.At, err)
	f, err := sn.First(ctx, nil); lap("first", f, err)
	fu, err := sn.Funnels(ctx); lap("funnel", fu, err)
	h, err := sn.Hottest(ctx, 3); lap("hot", h, err)
	q, err := sn.Queue(ctx, report.QueueFilter{}); lap("queue", q, err)
	r, err := sn.Revenue(ctx, []string{"first", "linear", "w_shaped"}); lap("revenue", r, err)
	rj, err := sn.Rejects(ctx); lap("rejects", rj, err)
	st, err := sn.Status(ctx); lap("status", st, err)
	a, err := sn.Find(ctx, os.Args[3]); 
	if err != nil { fmt.Println(err); return }
	d, err := sn.Dossier(ctx, a, 10); lap("dossier", d, err)
}
