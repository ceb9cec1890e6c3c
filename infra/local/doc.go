// Package local runs template.yaml on one machine: buses, rules, queues with retries and redrive, schedules, the
// archive, the functions' event source mappings. What the template does not wire does not happen.
//
// Load reads the template into a Topology; New joins it with the handlers, by logical id, and with a keyspace of the
// embedded store. Then either Run delivers concurrently by the wall clock, or Drain and AdvanceTo step through
// virtual time on one goroutine, the same way for the same seed.
//
// Semantics are the services', with these differences, all on the side of keeping more:
//
//   - Delivery is at least once and in no promised order. Two rules that match one event and target the same queue
//     deliver it twice.
//   - A message whose receives are used up moves to the dead-letter queue at once, not one visibility timeout later.
//   - Messages, dead letters and the archive do not expire.
//   - What was in flight when the process died is visible at once after a restart; a receive that the process did not
//     survive is not counted.
//   - An entry for a bus that does not exist is refused. EventBridge answers it with an event id and drops it
//     (https://github.com/aws/aws-cli/issues/9186).
//   - A bus is known by its name: an ARN's account and region may be any.
//   - A request needs no signature. EventBridge refuses one without (MissingAuthenticationToken).
//
// Durability. Everything lives in one folder beside the tables, behind one write-ahead log that is replayed in order.
// Put returns when archive and queue messages are durable. A handler's publishes and the removal of its finished
// messages are not waited for: they stand in the log behind what caused them, so a crash can only take back an effect
// together with all that followed from it, and the message that caused it is delivered again. This holds only while
// the handlers' tables are in the same folder as the runtime's keyspace.
package local
