package proc

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Limits that hold when a Command does not say otherwise.
const (
	DefaultTimeout   = 10 * time.Second
	DefaultMaxOutput = 8 << 20 // bytes
)

const (
	// drain is how long output is still read after the program has ended or
	// was killed: a child that went to the background may hold the pipe open.
	drain = 250 * time.Millisecond
	// maxStderr is how much of the end of standard error is kept, in bytes.
	maxStderr = 64 << 10
)

// Command is one program to run.
type Command struct {
	Argv      []string      // program and arguments; no shell sees them
	Dir       string        // working directory; empty: ours
	Env       []string      // "NAME=value"; nil: inherited
	Stdin     []byte        // empty: nothing to read
	Timeout   time.Duration // 0: DefaultTimeout
	MaxOutput int64         // bytes of standard output; 0: DefaultMaxOutput
}

// Reason says why a program gave no result.
type Reason string

// The reasons.
const (
	Missing  Reason = "missing"   // no such program
	Start    Reason = "start"     // it could not be started
	Exit     Reason = "exit"      // it ended with a status other than 0
	Timeout  Reason = "timeout"   // it was killed at the deadline
	Canceled Reason = "canceled"  // it was killed because the caller gave up
	TooLarge Reason = "too_large" // it was killed because it wrote too much
)

// Error is every error of Run. It names the program but not its arguments,
// which may hold secrets.
type Error struct {
	Reason  Reason
	Program string     // as the caller wrote it
	Code    int        // exit status; -1: killed by a signal; 0 unless Reason is Exit
	Stderr  safe.Value // the last line that the program wrote to standard error
	Said    safe.Value // all lines of it, at most the last 64 KiB; unlike Stderr not part of Error
	Detail  string     // what happened, in a few words, without Stderr
	Err     error      // the cause; may be nil
}

// Error is one clean line: program, what happened, its last words.
func (e *Error) Error() string {
	s := e.Program + ": " + e.Detail
	if w := e.Stderr.String(); w != "" {
		s += ": " + w
	}
	return safe.Text(s)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

var errTooLarge = errors.New("output is too large")

// Run starts the program, waits for its end and returns its standard output.
// Standard input is what the command says and there is no controlling terminal: a program that
// wants to ask for a password fails instead of drawing on our screen. Output
// that was read before an error is returned with it. A program that leaves a
// child in the background does not hold Run up; such a child lives on unless
// the command failed to end in time. Errors are *Error.
func Run(ctx context.Context, c Command) ([]byte, error) {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return nil, &Error{Reason: Missing, Program: "command", Detail: "is empty"}
	}
	if ctx.Err() != nil {
		return nil, c.stopped(ctx, context.Cause(ctx), new(tail))
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	own, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	own, stop := context.WithCancelCause(own)
	defer stop(nil)

	max := c.MaxOutput
	if max <= 0 {
		max = DefaultMaxOutput
	}
	out := &capped{max: max, full: func() { stop(errTooLarge) }}
	words := new(tail)
	cmd := exec.CommandContext(own, c.Argv[0], c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdout, cmd.Stderr = out, words
	if len(c.Stdin) > 0 {
		cmd.Stdin = bytes.NewReader(c.Stdin)
	}
	cmd.WaitDelay = drain

	group, err := startGroup(cmd)
	if err != nil {
		return nil, c.notStarted(err)
	}
	defer group.close()
	err = cmd.Wait()
	switch cause := context.Cause(own); {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		// It ended well; ErrWaitDelay: a background child keeps the pipe.
		if out.over() {
			return out.bytes(), c.stopped(ctx, errTooLarge, words)
		}
		return out.bytes(), nil
	case cause != nil:
		return out.bytes(), c.stopped(ctx, cause, words)
	default:
		return out.bytes(), c.ended(err, words)
	}
}

// stopped is the error for a program that we killed.
func (c Command) stopped(ctx context.Context, cause error, words *tail) *Error {
	e := &Error{Program: c.Argv[0], Stderr: words.last(), Said: words.all(), Err: cause}
	switch {
	case errors.Is(cause, errTooLarge):
		e.Reason, e.Detail = TooLarge, "wrote more than allowed and was stopped"
	case errors.Is(ctx.Err(), context.Canceled):
		e.Reason, e.Detail, e.Err = Canceled, "was stopped", context.Canceled
	default:
		e.Reason, e.Detail, e.Err = Timeout, "did not end in time and was stopped", context.DeadlineExceeded
	}
	return e
}

// notStarted is the error for a program that never ran.
func (c Command) notStarted(err error) *Error {
	if c.Dir != "" {
		if _, serr := os.Stat(c.Dir); serr != nil {
			return &Error{Reason: Start, Program: c.Argv[0], Detail: "could not be started: there is no directory " + c.Dir, Err: err}
		}
	}
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return &Error{Reason: Missing, Program: c.Argv[0], Detail: "is not installed or not on $PATH", Err: err}
	}
	// The cause may be a *PathError that repeats the program's path.
	cause := err
	for next := errors.Unwrap(cause); next != nil; next = errors.Unwrap(cause) {
		cause = next
	}
	return &Error{Reason: Start, Program: c.Argv[0], Detail: "could not be started: " + cause.Error(), Err: err}
}

// ended is the error for a program that failed by itself.
func (c Command) ended(err error, words *tail) *Error {
	e := &Error{Reason: Exit, Program: c.Argv[0], Stderr: words.last(), Said: words.all(), Detail: err.Error(), Err: err}
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		e.Code, e.Detail = ee.ExitCode(), ee.String()
	}
	return e
}

// capped keeps the first max bytes and calls full once when more come.
type capped struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	max  int64
	full func()
	hit  bool
}

func (w *capped) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if room := w.max - int64(w.buf.Len()); int64(len(p)) > room {
		w.buf.Write(p[:max(room, 0)])
		if !w.hit {
			w.hit = true
			w.full()
		}
		return 0, errTooLarge
	}
	return w.buf.Write(p)
}

func (w *capped) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hit
}

func (w *capped) bytes() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Bytes()
}

// tail keeps the last bytes that were written.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.b = append(w.b, p...)
	if over := len(w.b) - maxStderr; over > 0 {
		w.b = append(w.b[:0], w.b[over:]...)
	}
	return len(p), nil
}

// last returns the last line that is not blank.
func (w *tail) last() safe.Value {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := strings.TrimRight(string(w.b), " \t\r\n")
	if i := strings.LastIndexAny(text, "\r\n"); i >= 0 {
		text = text[i+1:]
	}
	return safe.Outside(strings.TrimSpace(text))
}

// all returns everything that is kept.
func (w *tail) all() safe.Value {
	w.mu.Lock()
	defer w.mu.Unlock()
	return safe.Outside(string(w.b))
}
