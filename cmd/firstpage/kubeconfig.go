package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources/kubernetes"
	"github.com/firstpage-oncall/firstpage/tui"
)

// maxKubeconfig is the largest kubeconfig that is read, in bytes.
const maxKubeconfig = 4 << 20

// kubeconfig is what is read of one: which context is current and where each
// leads. Users and their secrets stay unread.
type kubeconfig struct {
	Current  string `yaml:"current-context"`
	Contexts []struct {
		Name    string `yaml:"name"`
		Context struct {
			Cluster   string `yaml:"cluster"`
			Namespace string `yaml:"namespace"`
		} `yaml:"context"`
	} `yaml:"contexts"`
}

// kubeContext is the context that a tool would use: the one of that name, or
// the current one where name is empty. The rules are kubectl's own; no program
// is asked, because it might ask a cluster, or the user.
func (h *house) kubeContext(tool, name string) (tui.KubeContext, error) {
	if tool == "helm" && name == "" {
		name = h.getenv("HELM_KUBECONTEXT")
	}
	return findContext(h.kubeconfigs(), name)
}

// kubeconfigs are the files that count, the first most.
func (h *house) kubeconfigs() []string {
	if list := h.getenv("KUBECONFIG"); list != "" {
		return filepath.SplitList(list)
	}
	return []string{filepath.Join(xdg.Home, ".kube", "config")}
}

// kubeWords says which context the source of changes of this name asks; empty:
// it is of another kind.
func (h *house) kubeWords(name string) string {
	for _, ch := range h.cfg.Changes {
		o, ok := ch.Options.(*kubernetes.Options)
		if !ok || cmp.Or(ch.Name, ch.Kind) != name {
			continue
		}
		paths := h.kubeconfigs()
		if o.Kubeconfig != "" {
			paths = []string{o.Kubeconfig}
		}
		k, err := findContext(paths, o.Context)
		switch {
		case err != nil:
			return "context not known (" + safe.Err(err) + "), "
		case o.Context == "":
			return "context " + safe.Text(k.Name) + " (the current one), "
		}
		return "context " + safe.Text(k.Name) + ", "
	}
	return ""
}

// findContext looks a context up; an empty name means the current one. The
// first file that says something wins, a file that is not there says nothing.
func findContext(paths []string, name string) (tui.KubeContext, error) {
	var files []kubeconfig
	for _, p := range paths {
		if p == "" {
			continue
		}
		k, err := readKubeconfig(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return tui.KubeContext{}, err
		}
		files = append(files, k)
	}
	named := name != ""
	for i := 0; i < len(files) && name == ""; i++ {
		name = files[i].Current
	}
	if name == "" {
		return tui.KubeContext{}, errors.New("no context is current")
	}
	for _, k := range files {
		for _, c := range k.Contexts {
			if c.Name == name {
				return tui.KubeContext{Name: name, Cluster: c.Context.Cluster, Namespace: c.Context.Namespace}, nil
			}
		}
	}
	if named {
		return tui.KubeContext{}, errors.New("there is no context " + safe.Text(name))
	}
	return tui.KubeContext{Name: name}, nil // current, though nothing says where it leads
}

// readKubeconfig reads one file. Its errors quote nothing of it: what cannot
// be read may be a secret.
func readKubeconfig(path string) (kubeconfig, error) {
	var k kubeconfig
	st, err := os.Stat(path)
	if err != nil {
		return k, err
	}
	if !st.Mode().IsRegular() { // a pipe would wait for its writer, and take from kubectl what it can be read only once
		return k, fmt.Errorf("%s is not a file", safe.Text(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return k, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(io.LimitReader(f, maxKubeconfig+1))
	if err != nil {
		return k, err
	}
	if len(b) > maxKubeconfig {
		return k, fmt.Errorf("%s is larger than %s", safe.Text(path), sizeWords(maxKubeconfig))
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return k, nil
	}
	if err := yaml.Load(b, &k); err != nil {
		return kubeconfig{}, fmt.Errorf("%s does not read like a kubeconfig", safe.Text(path))
	}
	return k, nil
}
