// Package events holds the contracts between the tools, the bus and the functions: JSON Schemas of every detail type,
// the source contracts, and sample events. Each variable embeds one folder, so a program carries only what it uses.
package events

//go:generate go run ./prepare

import "embed"

// Schemas holds schemas/<detail-type>.schema.json (JSON Schema 2020-12).
//
//go:embed schemas
var Schemas embed.FS

// Sources holds sources/<name>.yaml, the source contracts, and the schemas that they name.
//
//go:embed sources schemas
var Sources embed.FS

// Contracts is all of sources as contract.LoadPrepared reads it; go generate ./events writes it anew.
//
//go:embed contracts.json
var Contracts []byte

// Samples holds samples/<source or detail-type>/{valid,invalid}/*.json, each a whole envelope, and samples/expect.yaml,
// which says what those of the sources make.
//
//go:embed samples/*/valid samples/*/invalid samples/expect.yaml
var Samples embed.FS

// Invocations holds samples/<function>/*.json, each a payload that Lambda invokes the function with: queue.json, a batch
// of its queue; event.json, an event alone; sweep.json, the queue's batch with the schedule's tick. go generate ./events
// makes them of Samples.
//
//go:embed samples/*/queue.json samples/*/event.json samples/*/sweep.json
var Invocations embed.FS

// Requests holds samples/webhook/<tool>.json, each what the webhook function is invoked with when the tool posts. They were
// signed at 2026-03-03T14:05:20Z, Stripe's with whsec_test and HubSpot's with client-secret; at another time the function
// answers them with 401, as it should.
//
//go:embed samples/webhook/*.json
var Requests embed.FS
