package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/adrg/xdg"

	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/tui"
)

// desktop is what this machine can do around the terminal. Over SSH, or
// without a display, there is no browser: the screen prints the link instead.
func (h *house) desktop() tui.Desktop {
	d := tui.Desktop{Changed: changedOnDisk}
	if argv := h.opener(); argv != nil {
		d.Open = func(ctx context.Context, url string) error {
			return start(ctx, append(argv[:len(argv):len(argv)], url))
		}
	}
	if argv := h.clipboard(); argv != nil {
		d.Copy = func(text string) error { return feed(argv, text) }
	} else if !h.fleeting {
		// Nobody can know whether the terminal takes what it is sent.
		dir := filepath.Join(xdg.StateHome, "firstpage")
		d.Copy, d.CopyTo = func(text string) error { return copyToFile(dir, text) }, shownPath(filepath.Join(dir, copiedFile))
	}
	if !h.fleeting {
		d.KubeContext = h.kubeContext
	}
	if ed := h.editor(); ed != nil {
		d.Edit = func(path string, line int) (tea.ExecCommand, error) { return editorCommand(ed, path, line) }
	}
	return d
}

// opener is the program that opens a link in a browser; nil: none.
func (h *house) opener() []string {
	if b := h.getenv("BROWSER"); b != "" && !strings.Contains(b, "%s") {
		if p, err := exec.LookPath(b); err == nil {
			return []string{p}
		}
	}
	switch runtime.GOOS {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	if h.getenv("DISPLAY") == "" && h.getenv("WAYLAND_DISPLAY") == "" {
		return nil
	}
	if p, err := exec.LookPath("xdg-open"); err == nil {
		return []string{p}
	}
	return nil
}

// start runs a program that goes on by itself. Only http and https links are
// opened: an annotation must not start what it likes.
func start(ctx context.Context, argv []string) error {
	url := argv[len(argv)-1]
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return fmt.Errorf("only http and https links are opened")
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), argv[0], argv[1:]...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() //nolint:errcheck // the browser's exit is its own affair
	return nil
}

// clipboard is the program that takes a text for this machine's clipboard;
// nil: none, as over SSH, where only the terminal's own can be reached.
func (h *house) clipboard() []string {
	var candidates [][]string
	switch {
	case runtime.GOOS == "darwin":
		candidates = [][]string{{"pbcopy"}}
	case runtime.GOOS == "windows":
		candidates = [][]string{{"clip.exe"}}
	case h.getenv("WAYLAND_DISPLAY") != "":
		candidates = [][]string{{"wl-copy"}}
	case h.getenv("DISPLAY") != "":
		candidates = [][]string{{"xclip", "-selection", "clipboard"}, {"xsel", "--clipboard", "--input"}}
	}
	for _, argv := range candidates {
		if onPath(argv[0]) {
			return argv
		}
	}
	return nil
}

// feed runs a program with a text on its standard input.
func feed(argv []string, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(text)
	return cmd.Run()
}

// copiedFile is where a copied text lies when there is no clipboard of which
// it is known that it works: the last one, in the state folder.
const copiedFile = "copied.txt"

// copyToFile writes a text where only its user can read it.
func copyToFile(dir, text string) error {
	d, err := state.Open(dir)
	if err != nil {
		return err
	}
	return d.WriteBytes(copiedFile, []byte(strings.TrimRight(text, "\n")+"\n"))
}

// editor is $VISUAL or $EDITOR as words; nil: neither is set.
func (h *house) editor() []string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if words := strings.Fields(h.getenv(name)); len(words) > 0 {
			return words
		}
	}
	return nil
}

// editorCommand opens a file at a line, in the way that the editor knows.
func editorCommand(words []string, path string, line int) (tea.ExecCommand, error) {
	prog, err := exec.LookPath(words[0])
	if err != nil {
		return nil, errors.New("the editor " + words[0] + " was not found: set $EDITOR")
	}
	args := words[1:len(words):len(words)]
	at := strconv.Itoa(max(1, line))
	switch strings.TrimSuffix(filepath.Base(prog), ".exe") {
	case "code", "codium", "cursor":
		args = append(args, "--wait", "--goto", path+":"+at)
	case "hx", "helix", "subl", "zed":
		args = append(args, path+":"+at)
	case "vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "view", "less", "joe", "ne", "mg":
		args = append(args, "+"+at, path)
	default:
		args = append(args, path)
	}
	return execCommand{exec.Command(prog, args...)}, nil //nolint:noctx // an editor lives as long as its user wants
}

// execCommand lets Bubble Tea hand the terminal to a program.
type execCommand struct{ *exec.Cmd }

func (c execCommand) SetStdin(r io.Reader)  { c.Stdin = r }
func (c execCommand) SetStdout(w io.Writer) { c.Stdout = w }
func (c execCommand) SetStderr(w io.Writer) { c.Stderr = w }

// changedOnDisk reports whether a file was written, or taken away, since it was
// read.
func changedOnDisk(path string, asOf time.Time) bool {
	st, err := os.Stat(path)
	return err != nil || !st.ModTime().Equal(asOf)
}

// onPath reports whether a program can be started by its name.
func onPath(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}
