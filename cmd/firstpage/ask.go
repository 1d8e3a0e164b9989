package main

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"

	"golang.org/x/term"
)

// terminals are the files of a screen: standard input and output, when both
// are terminals.
func (c *cli) terminals() (in, out *os.File, ok bool) {
	in, inOK := c.in.(*os.File)
	out, outOK := c.terminal.(*os.File)
	return in, out, inOK && outOK && isTerminal(in) && isTerminal(out)
}

// canAsk reports whether somebody sees a question and can answer it: questions
// are words, so they go to standard error.
func (c *cli) canAsk() bool {
	in, inOK := c.in.(*os.File)
	err, errOK := c.err.(*os.File)
	return inOK && errOK && isTerminal(in) && isTerminal(err)
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// maxAnswer is the longest line that is taken for an answer, in bytes.
const maxAnswer = 4096

var errNoAnswer = errors.New("the input ended before the answer")

// readLine reads one line from standard input and not a byte more: what follows
// is the screen's. It gives up when ctx ends.
func (c *cli) readLine(ctx context.Context) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() { // a read from a terminal cannot be called off; the process ends soon after
		line, err := lineOf(c.in)
		got <- answer{line, err}
	}()
	select {
	case a := <-got:
		return a.line, a.err
	case <-ctx.Done():
		return "", usage("stopped; nothing was changed")
	}
}

func lineOf(r io.Reader) (string, error) {
	var line []byte
	b := make([]byte, 1)
	for len(line) < maxAnswer {
		n, err := r.Read(b)
		if n > 0 {
			if b[0] == '\n' {
				return strings.TrimSpace(string(line)), nil
			}
			line = append(line, b[0])
		}
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return "", errNoAnswer
		case errors.Is(err, io.EOF):
			return strings.TrimSpace(string(line)), nil
		case err != nil:
			return "", err
		}
	}
	return "", errors.New("the answer is too long")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./~-]+$`)

// shellWord writes an argument so that a shell reads it as one.
func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
