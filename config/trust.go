package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Command is a program that an included file wants to run.
type Command struct {
	Place
	Key  string   // the setting: clusters[0].prometheus.token_command
	Argv []string // as it would run, the program's path resolved
	// Hash is of the arguments and, when the program is named by its path, of
	// the program's bytes: it changes with what would run. Hexadecimal SHA-256.
	Hash string
}

// Pending lists the commands of included files that wait for trust, in the
// order of Files. Load fails as long as there is one.
func (c *Config) Pending() []Command { return slices.Clone(c.pending) }

// command checks an argv and, in an included file, notes it.
func (d *decoder) command(n *yaml.Node, argv reflect.Value, f field) {
	if argv.Len() == 0 || argv.Index(0).Len() == 0 {
		d.fail(n, "name a program and its arguments: [program, argument]", "%s: there is no program", f.path)
		return
	}
	// A program named by a path is found from the file's folder, so that a
	// repository can bring its own; a bare name is found on $PATH.
	program := argv.Index(0).String()
	if strings.ContainsRune(program, '/') || strings.ContainsRune(program, filepath.Separator) {
		f.path += "[0]"
		f.meaning = aFile
		before := len(d.log.problems)
		program = d.pathTo(target(n.Content[0]), program, f)
		if len(d.log.problems) > before {
			return
		}
		argv.Index(0).SetString(program)
		f.path = strings.TrimSuffix(f.path, "[0]")
	}
	if !d.included {
		return
	}
	c := Command{Place: d.place(n), Key: f.path}
	h := sha256.New()
	for i := range argv.Len() {
		a := argv.Index(i).String()
		c.Argv = append(c.Argv, a)
		fmt.Fprintf(h, "%d:%s,", len(a), a) //nolint:errcheck // a hash never fails
	}
	if filepath.IsAbs(program) {
		if err := d.host.copy(h, program); err != nil {
			d.fail(n, "", "%s: %s: %s", f.path, program, reason(err))
			return
		}
	}
	c.Hash = hex.EncodeToString(h.Sum(nil))
	d.pending = append(d.pending, c)
}
