package forge

import (
	"errors"
	"fmt"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Project is a repository on a forge whose deployments are those of a service.
type Project struct {
	Path    string // owner/name, or group/subgroup/name
	Service safe.Value
}

// Projects reads a list of the configuration: each entry is a path, whose last
// part is the service, or a mapping from paths to services. Errors name the
// entry; all of them are reported.
func Projects(list []any) ([]Project, error) {
	var out []Project
	var errs []error
	seen := map[string]bool{}
	add := func(path, service string) {
		path = strings.Trim(strings.TrimSpace(path), "/")
		switch {
		case !isPath(path):
			errs = append(errs, fmt.Errorf("%q is not owner/name", safe.Text(path)))
		case seen[strings.ToLower(path)]:
			errs = append(errs, fmt.Errorf("%s is listed twice", path))
		default:
			seen[strings.ToLower(path)] = true
			if service == "" {
				service = path[strings.LastIndexByte(path, '/')+1:]
			}
			out = append(out, Project{path, safe.Outside(service)})
		}
	}
	for i, e := range list {
		switch e := e.(type) {
		case string:
			add(e, "")
		case map[string]any:
			for path, service := range e {
				name, ok := service.(string)
				if !ok || name == "" {
					errs = append(errs, fmt.Errorf("%q: want the name of a service behind it", safe.Text(path)))
					continue
				}
				add(path, name)
			}
		default:
			errs = append(errs, fmt.Errorf("entry %d is neither owner/name nor owner/name: service", i+1))
		}
	}
	if len(list) == 0 {
		errs = append(errs, errors.New("name at least one project"))
	}
	return out, errors.Join(errs...)
}

// isPath reports whether a text may stand in the path of a URL as the name of a
// project: names of letters, digits, dot, dash and underscore.
func isPath(s string) bool {
	parts := strings.Split(s, "/")
	for _, p := range parts {
		if p == "" || p == "." || p == ".." || !isWord(p, "._-") {
			return false
		}
	}
	return len(parts) > 1
}

// isWord reports whether a text has only letters and digits of ASCII and the
// marks.
func isWord(s, marks string) bool {
	for _, c := range s {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && !strings.ContainsRune(marks, c) {
			return false
		}
	}
	return s != ""
}

// sameEnvironment reports whether two names mean one environment: forges and
// teams differ in Production, production and prod.
func sameEnvironment(a, b string) bool {
	long := func(s string) string {
		if strings.EqualFold(s, "prod") {
			return "production"
		}
		return s
	}
	return strings.EqualFold(long(a), long(b))
}
