// Package lambda runs a function's built bootstrap file as AWS Lambda runs it, without a container: a process of its own
// for every invocation that runs at the same time (an execution environment), driven over the Runtime API on a loopback
// port, with the environment, deadline, request id and trace header that Lambda gives, and in front of it the SQS event
// source mapping that turns messages into a batch and the answer into an outcome per message.
//
// As on Lambda:
//
//   - An environment handles one invocation at a time and is used again; one that crashed, overran or broke the protocol
//     is gone, and the next invocation starts another.
//   - A process that overruns its timeout is killed. Whoever invoked it learns Sandbox.Timedout; of one that ended within
//     an invocation, Runtime.ExitError.
//   - The process sees the environment that it is given and nothing of its parent's.
//   - Its log is what it writes, line by line, between platform.start and platform.report (LoggingConfig: JSON).
//
// Not as on Lambda: memory is not limited, nothing is frozen between invocations, the file system can be written, and the
// network is this machine's.
package lambda
