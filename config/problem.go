package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Place is a spot in a configuration file. Line and Column count from 1; zero
// means that the file as a whole is meant.
type Place struct {
	File   string `json:"file"` // as the user named it; "$NAME" for a variable
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String is file:line:column, as editors understand it.
func (p Place) String() string {
	if p.Line == 0 {
		return safe.Text(p.File)
	}
	return safe.Text(p.File) + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// Problem is one thing that is wrong, where, and what to do about it. No
// problem quotes a secret.
type Problem struct {
	Place
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"` // may be empty
}

// Error is one clean line.
func (p *Problem) Error() string {
	s := p.Message
	if p.File != "" {
		s = p.Place.String() + ": " + s
	}
	if p.Remedy != "" {
		s += ": " + p.Remedy
	}
	return safe.Text(s)
}

// String is the same line as Error.
func (p Problem) String() string { return p.Error() }

// Problems takes the error of Load apart, in file order. An error that holds
// no *Problem gives nil.
func Problems(err error) []*Problem {
	if err == nil {
		return nil
	}
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		var ps []*Problem
		for _, e := range many.Unwrap() {
			ps = append(ps, Problems(e)...)
		}
		return ps
	}
	var p *Problem
	if errors.As(err, &p) {
		return []*Problem{p}
	}
	return nil
}

// maxProblems is how many problems are shown: nobody reads more, and a file
// that is no configuration at all would give thousands.
const maxProblems = 100

// log collects problems and warnings while files are read.
type log struct {
	order    []string // files, the including one first
	problems []Problem
	warnings []Problem
}

// full reports that there is no use in looking further.
func (l *log) full() bool { return len(l.problems) > 10*maxProblems }

func (l *log) sorted(ps []Problem) []Problem {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if c := slices.Index(l.order, a.File) - slices.Index(l.order, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	// An anchor that is used twice is read twice.
	return slices.Compact(ps)
}

// err is all problems as one error, nil if there is none.
func (l *log) err() error {
	ps := l.sorted(l.problems)
	var errs []error
	for i := range ps {
		if i == maxProblems {
			errs = append(errs, &Problem{Message: fmt.Sprintf("%d more problems", len(ps)-i)})
			break
		}
		errs = append(errs, &ps[i])
	}
	return errors.Join(errs...)
}
