package drill

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/gitrepo"
	"github.com/firstpage-oncall/firstpage/internal/proc"
)

// coded are the services whose changes name commits of the repository.
func (s *Scenario) coded() []string {
	var out []string
	for _, c := range s.Changes {
		if c.Commit != "" && !slices.Contains(out, c.Service) {
			out = append(out, c.Service)
		}
	}
	return out
}

// hasFiles reports whether a folder of the scenario holds any file.
func hasFiles(files fs.FS, dir string) bool {
	found := false
	_ = fs.WalkDir(files, dir, func(_ string, e fs.DirEntry, err error) error {
		found = found || err == nil && !e.IsDir()
		return nil
	})
	return found
}

// build makes the repository under dir and returns the folder, the hash of
// each commit by its id, and what is missing, in words. Without git the files
// are there, their history is not.
func (r *Repository) build(ctx context.Context, files fs.FS, dir string, zero time.Time) (folder string, revisions map[string]string, note string, err error) {
	contents, err := r.contents(files)
	if err != nil {
		return "", nil, "", err
	}
	folder = filepath.Join(dir, r.Name)
	revisions, err = r.withGit(ctx, folder, contents, zero)
	if err == nil {
		return folder, revisions, "", nil
	}
	var failed *proc.Error
	if !errors.As(err, &failed) {
		return "", nil, "", err
	}
	note = "without the repository's history: " + failed.Error()
	if err := os.RemoveAll(folder); err != nil {
		return "", nil, "", err
	}
	revisions = map[string]string{}
	for _, c := range r.Commits {
		revisions[c.ID] = fakeRevision(c.ID)
	}
	return folder, revisions, note, plainFiles(folder, contents)
}

// contents is what each commit writes: its files, and those of the scenario
// that it puts.
func (r *Repository) contents(files fs.FS) ([]map[string]*string, error) {
	var out []map[string]*string
	for _, c := range r.Commits {
		all := map[string]*string{}
		for to, from := range c.Put {
			err := fs.WalkDir(files, from, func(p string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				body, err := read(files, p)
				if err != nil {
					return fmt.Errorf("%s: %w", p, err)
				}
				text := string(body)
				all[path.Join(to, strings.TrimPrefix(p, from))] = &text
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		maps.Copy(all, c.Files)
		out = append(out, all)
	}
	return out, nil
}

// withGit builds the history with git fast-import, which takes it whole.
func (r *Repository) withGit(ctx context.Context, folder string, contents []map[string]*string, zero time.Time) (map[string]string, error) {
	// The user's own settings (signing, hooks, templates) have no say here.
	env := gitrepo.Environ("GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	git := func(stdin []byte, args ...string) error {
		_, err := proc.Run(ctx, proc.Command{Argv: append([]string{"git"}, args...), Env: env, Stdin: stdin, Timeout: 20 * time.Second})
		return err
	}
	if err := git(nil, "init", "-q", "--template=", "-b", r.Branch, folder); err != nil {
		return nil, err
	}
	marks := filepath.Join(folder, ".git", "marks")
	if err := git(r.stream(contents, zero), "-C", folder, "fast-import", "--quiet", "--export-marks="+marks); err != nil {
		return nil, err
	}
	if err := git(nil, "-C", folder, "reset", "-q", "--hard"); err != nil {
		return nil, err
	}
	if err := git(nil, "-C", folder, "remote", "add", "origin", r.Remote+".git"); err != nil {
		return nil, err
	}
	body, err := os.ReadFile(marks)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := range strings.Lines(string(body)) {
		var mark int
		var hash string
		if _, err := fmt.Sscanf(line, ":%d %s", &mark, &hash); err == nil && mark >= 1 && mark <= len(r.Commits) {
			out[r.Commits[mark-1].ID] = hash
		}
	}
	return out, nil
}

// stream is the history in the format of git fast-import.
func (r *Repository) stream(contents []map[string]*string, zero time.Time) []byte {
	var b bytes.Buffer
	data := func(s string) { fmt.Fprintf(&b, "data %d\n%s\n", len(s), s) }
	for i, c := range r.Commits {
		when := zero.Add(c.At.d()).Unix()
		fmt.Fprintf(&b, "commit refs/heads/%s\nmark :%d\nauthor %s %d +0000\ncommitter %s %d +0000\n", r.Branch, i+1, c.Author, when, c.Author, when)
		data(strings.TrimSpace(c.Message) + "\n")
		files := contents[i]
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if text := files[name]; text != nil {
				fmt.Fprintf(&b, "M 100644 inline %s\n", name)
				data(*text)
			} else {
				fmt.Fprintf(&b, "D %s\n", name)
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// plainFiles writes what the last commit would hold.
func plainFiles(folder string, contents []map[string]*string) error {
	all := map[string]*string{}
	for _, files := range contents {
		maps.Copy(all, files)
	}
	for name, text := range all {
		if text == nil {
			continue
		}
		p := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(p, []byte(*text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
