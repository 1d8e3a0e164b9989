package proc

import (
	"errors"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// group is the program and everything it started: a job object.
type group struct{ job windows.Handle }

// startGroup starts cmd and puts it into a job object, which is terminated as
// a whole. A child that the program starts before it is in the job escapes:
// Windows has no way to start a process inside a job with os/exec.
func startGroup(cmd *exec.Cmd) (group, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
	}
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return group{}, err
	}
	cmd.Cancel = func() error {
		err := windows.TerminateJobObject(job, 1)
		return errors.Join(err, cmd.Process.Kill())
	}
	if err := cmd.Start(); err != nil {
		_ = windows.CloseHandle(job)
		return group{}, err
	}
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
	if err == nil {
		// A program that has already ended cannot be put into the job.
		_ = windows.AssignProcessToJobObject(job, h)
		_ = windows.CloseHandle(h)
	}
	return group{job}, nil
}

func (g group) close() { _ = windows.CloseHandle(g.job) }
