//go:build unix && !linux

package lambda

import (
	"os/exec"
	"syscall"
)

// bind keeps a Ctrl-C that is meant for this process from the function's: the batch that it has in hand is to be finished.
// A process whose Runtime API is gone ends by itself at its next request.
func bind(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
