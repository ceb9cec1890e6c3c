package lambda

import (
	"os/exec"
	"syscall"
)

// bind lets the kernel end the process with this one, however that ends, and keeps a Ctrl-C that is meant for this one
// from it: the batch that it has in hand is to be finished.
func bind(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
