package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/glob"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is what errors and statuses call this source.
const KindName = "catalog"

const (
	// maxFile bounds each file, bytes. GitLab's whole catalog is 100 kB,
	// Backstage's own example of 75 components 120 kB.
	maxFile = 16 << 20
	// maxFiles bounds the files that hold something.
	maxFiles = 10_000
	// relist is how many times as long as a listing of files took is waited
	// before the next: 1% of a core at most, however large the folders are.
	relist = 100
	// settled is how old a file has to be for its time to tell whether it has
	// changed: file systems keep whole seconds.
	settled = 2 * time.Second
)

// Source is the services that files describe. Make it with [Open].
type Source struct {
	paths []string

	mu     sync.Mutex
	listed time.Time
	took   time.Duration // of the last listing
	found  []listedFile
	gone   []note // paths that name nothing
	files  map[string]*file
	now    joined
}

// listedFile is a file and the path of the configuration that it was found by.
type listedFile struct {
	name  string
	layer int  // index of that path
	named bool // it is that path, not found by a pattern or below a folder
}

// file is what a file held when it was last read.
type file struct {
	mark     mark
	contents contents
	err      error // of the last reading
	stale    bool  // contents are those of an earlier reading
}

// readAgain is the file after a reading that went wrong: what it held before
// stays, if it held something.
func (f *file) readAgain(m mark, c contents, err error) *file {
	if stale := len(f.contents.services)+len(f.contents.teams) > 0; stale {
		return &file{m, f.contents, err, true}
	}
	return &file{m, c, err, false}
}

// mark tells whether a file has changed.
type mark struct {
	size int64
	time time.Time
}

// Open makes the source of files, folders and patterns with `**`; it reads
// nothing yet. Of what two paths say about a service, the earlier one's goes
// first, field by field.
func Open(paths []string) *Source {
	return &Source{paths: slices.Clone(paths), files: map[string]*file{}}
}

// ID names the source.
func (s *Source) ID() sources.SourceID { return sources.SourceID{Kind: KindName, Name: KindName} }

// Services lists every service in the order of the paths, each name once
// (case does not count). A service without a channel, an escalation or a runbook
// has those of its team. The files are read again when they have changed. Of a
// file that cannot be read any more the last good reading stays, with a note; it
// is an error (NotFound, BadResponse) only if no file could ever be read.
func (s *Source) Services(ctx context.Context) ([]sources.Service, error) {
	now, err := s.look(ctx)
	return slices.Clone(now.services), err
}

// Teams lists every team that is described, in the order of the paths, each name
// once. Files and errors are those of Services.
func (s *Source) Teams(ctx context.Context) ([]sources.Team, error) {
	now, err := s.look(ctx)
	return slices.Clone(now.teams), err
}

// look reads what has changed; nothing with an error.
func (s *Source) look(ctx context.Context) (joined, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch err := s.read(ctx); {
	case errors.Is(err, context.DeadlineExceeded):
		return joined{}, &sources.Error{Kind: sources.Timeout, Source: s.ID(), Detail: safe.Outside("the files were not read in time"), Err: err}
	case errors.Is(err, context.Canceled):
		return joined{}, &sources.Error{Kind: sources.Canceled, Source: s.ID(), Detail: safe.Outside("given up"), Err: err}
	case err != nil:
		return joined{}, sources.AsError(s.ID(), err)
	}
	return s.now, nil
}

// Notes says what of the last reading is doubtful, each with file and line.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.now.notes)
}

// Counts is what the last reading found.
func (s *Source) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.counts
}

// Counts is how much there is.
type Counts struct{ Files, Services, Teams, WithTeam, WithRunbook, Dependencies int }

// Runbook is the link of the runbook that stands in for a missing one: of the
// service, or else of the team, which counts for services that no file
// describes, too. Empty: there is none. It reads the files if nobody has.
func (s *Source) Runbook(service, team safe.Value) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now.runbooks == nil {
		if err := s.read(context.Background()); err != nil {
			return ""
		}
	}
	if link := s.now.runbooks[fold(service.Raw())]; link != "" {
		return link
	}
	return s.now.teamRunbooks[teamKey(team.Raw())]
}

// read looks whether something has changed, and if so joins it anew.
func (s *Source) read(ctx context.Context) error {
	if err := s.list(ctx); err != nil {
		return err
	}
	changed := s.now.services == nil
	known := make(map[string]*file, len(s.found))
	parts := make([]contents, 0, len(s.found))
	var failed error
	good := 0
	for _, l := range s.found {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, anew := s.file(l)
		changed = changed || anew
		known[l.name] = f
		part := f.contents
		part.layer = l.layer
		if f.err != nil {
			failed = f.err
			line, text := fault(f.err)
			if f.stale {
				text += "; what it held before is still used"
			}
			part.notes = append(slices.Clone(part.notes), note{place{l.name, line}, text})
		}
		if f.err == nil || len(part.services)+len(part.teams) > 0 {
			good++
		}
		parts = append(parts, part)
	}
	changed = changed || len(known) != len(s.files)
	s.files = known
	if good == 0 {
		return s.nothing(failed)
	}
	if changed {
		s.now = join(parts, s.gone)
	}
	return nil
}

// nothing is the error when no file could be read.
func (s *Source) nothing(failed error) error {
	e := &sources.Error{Kind: sources.NotFound, URL: safe.Text(strings.Join(s.paths, ", ")), Detail: safe.Outside("no such file"),
		Hint: "correct services.catalog in the configuration: docs/services.md has the formats", Err: failed}
	if failed != nil {
		line, text := fault(failed)
		if line > 0 {
			text += fmt.Sprintf(", line %d", line)
		}
		e.Kind, e.Detail = sources.BadResponse, safe.Outside(text)
	}
	return e
}

// list finds the files anew, unless that is costly and was done lately.
func (s *Source) list(ctx context.Context) error {
	begin := time.Now()
	if !s.listed.IsZero() && begin.Sub(s.listed) < relist*s.took {
		return nil
	}
	var found []listedFile
	var gone []note
	seen := map[string]bool{}
	for i, p := range s.paths {
		names, err := glob.Find(ctx, p, likely)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			gone = append(gone, note{place{p, 0}, err.Error()})
		case len(names) == 0:
			gone = append(gone, note{place{p, 0}, "no file of this name"})
		}
		for _, n := range names {
			if !seen[n] && len(found) < maxFiles {
				found = append(found, listedFile{n, i, n == filepath.Clean(p)})
			}
			seen[n] = true
		}
	}
	s.found, s.gone = found, gone
	s.listed, s.took = begin, time.Since(begin)
	return nil
}

// likely reports whether a file below a folder may hold a catalog.
func likely(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml":
		return true
	}
	return false
}

// file reads one file if it has changed since the last time.
func (s *Source) file(l listedFile) (f *file, anew bool) {
	old := s.files[l.name]
	if old == nil {
		old = &file{}
	}
	st, err := os.Stat(l.name)
	if err != nil {
		s.listed = time.Time{} // it is gone, perhaps to another name
		return old.readAgain(mark{}, contents{}, err), true
	}
	m := mark{st.Size(), st.ModTime()}
	if old.mark == m && time.Since(m.time) > settled {
		return old, false
	}
	body, err := load(l.name)
	if err != nil {
		return old.readAgain(mark{}, contents{}, err), true
	}
	c, err := parse(l.name, body, l.named)
	if err != nil {
		return old.readAgain(m, c, err), true
	}
	return &file{mark: m, contents: c}, true
}

func load(name string) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the configuration names it
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(body) > maxFile {
		err = fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	return body, err
}

// fault is what is wrong with a file, and in which line; 0: with all of it.
func fault(err error) (line int, text string) {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	var y *yaml.LoadError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, "no such file"
	case errors.As(err, &y):
		return y.Mark.Line, "not YAML: " + y.Message
	}
	return 0, strings.Join(strings.Fields(err.Error()), " ")
}
