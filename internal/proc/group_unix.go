//go:build unix

package proc

import (
	"errors"
	"os/exec"
	"syscall"
)

// group is the program and everything it started.
type group struct{}

// startGroup starts cmd in a session of its own: its process group can be
// killed as a whole and it has no controlling terminal.
func startGroup(cmd *exec.Cmd) (group, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return cmd.Process.Kill()
		}
		return err
	}
	return group{}, cmd.Start()
}

func (group) close() {}
