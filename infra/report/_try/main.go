package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"handoff/events/journeys"
	"handoff/functions/enrich"
	"handoff/infra/local"
	"handoff/infra/replay"
	"handoff/infra/stack"
)

func main() {
	if len(os.Args) > 3 { show(os.Args[1]); return }
	if len(os.Args) > 2 { dump(os.Args[1]); return }
	if len(os.Args) > 2 {
		return
	}
	ctx := context.Background()
	fsys := journeys.HalfYear()
	f, err := fsys.Open("companies.csv")
	if err != nil {
		panic(err)
	}
	d, err := enrich.ReadDataset(f)
	if err != nil {
		panic(err)
	}
	clk := local.NewVirtual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	r, err := journeys.Open(fsys)
	if err != nil {
		panic(err)
	}
	e, err := r.Next()
	if err != nil {
		panic(err)
	}
	clk = local.NewVirtual(e.Event.Time)
	r.Close()
	r, _ = journeys.Open(fsys)
	s, err := stack.Open(ctx, stack.Config{Dir: os.Args[1], NoSync: true, Clock: clk, Dataset: d, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		panic(err)
	}
	start := time.Now()
	res, err := replay.Run(ctx, s, r, replay.Options{})
	fmt.Println(res.Events, res.First, res.Last, len(res.Bad), err, time.Since(start), s.Runtime.Now())
	if err := s.Close(); err != nil {
		panic(err)
	}
}
