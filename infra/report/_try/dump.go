package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"handoff/functions/ingest"
	"handoff/infra/stack"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
)

func dump(dir string) {
	ctx := context.Background()
	s, err := stack.Open(ctx, stack.Config{Dir: dir})
	if err != nil {
		panic(err)
	}
	defer s.Close()
	start := time.Now()
	types := map[ledger.Type]int{}
	codes := map[string]int{}
	kinds := map[string]int{}
	n := 0
	for cur := ""; ; {
		p, err := s.History.(store.Scanner).Scan(ctx, 1000, cur)
		if err != nil {
			panic(err)
		}
		for _, rec := range p.Records {
			r, ok, err := s.Ledger.Decode(ctx, rec)
			if err != nil {
				panic(err)
			}
			if !ok {
				continue
			}
			n++
			types[r.Type]++
			switch r.Type {
			case ledger.Quarantine, ledger.Ignored:
				var a ingest.Aside
				if err := json.Unmarshal(r.Body, &a); err != nil {
					panic(err)
				}
				k := string(r.Type) + " " + a.Contract + " " + a.Reason
				if a.Failure != nil {
					k += " " + a.Failure.Code + " " + a.Failure.Field + " " + a.Failure.Owner
				}
				codes[k]++
			case ledger.Touch:
				var t touch.Touch
				json.Unmarshal(r.Body, &t)
				kinds[t.Source+" "+t.Kind]++
				if t.Kind == touch.InvoicePaid && kinds[t.Source+" "+t.Kind] < 4 || t.Kind == touch.RefundIssued || (t.Kind == touch.OpportunityWon && kinds[t.Source+" "+t.Kind] < 4) {
					fmt.Println(string(r.Body))
				}
			case ledger.Handoff:
				var m map[string]any
				json.Unmarshal(r.Body, &m)
				codes[fmt.Sprint("handoff ", m["play"], " ", m["outcome"])]++
			}
		}
		if cur = p.Cursor; cur == "" {
			break
		}
	}
	fmt.Println(n, time.Since(start))
	for k, v := range types {
		fmt.Println(k, v)
	}
	for k, v := range codes {
		fmt.Println(v, k)
	}
	for k, v := range kinds {
		fmt.Println(v, k)
	}
}
