// Command firstpage is the on-call companion for the terminal. This package is
// the wiring: flags, configuration, which source feeds what, the envelope of
// the output and the exit codes. It holds no judgement: a rule of triage
// written here is a defect.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker for releases.
var version = "dev"

func main() {
	// SIGHUP: the terminal was closed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}, os.Getenv)
	stop()
	os.Exit(code)
}
