package dynamotest

import (
	"os/exec"
	"syscall"
)

// bound lets the kernel end the process with the test's, however that ends.
func bound(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
