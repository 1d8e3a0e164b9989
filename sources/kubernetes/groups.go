package kubernetes

import (
	"context"
	"slices"
	"time"
)

// remember is how long it is believed what an API server has installed.
const remember = 10 * time.Minute

// addOn is an API of somebody else that may be installed.
type addOn struct {
	group, resource string
	versions        []string // that are understood, best first
}

var (
	applications   = addOn{"argoproj.io", "applications", []string{"v1alpha1"}}
	helmReleases   = addOn{"helm.toolkit.fluxcd.io", "helmreleases", []string{"v2", "v2beta2", "v2beta1"}}
	kustomizations = addOn{"kustomize.toolkit.fluxcd.io", "kustomizations", []string{"v1", "v1beta2"}}
)

// group is what is known of an addOn.
type group struct {
	version string // empty: not installed
	until   time.Time
}

// version is the best version of a that the server has; empty: it has none. It
// is asked for anew after a while.
func (s *Source) version(ctx context.Context, a addOn, now time.Time) (string, error) {
	s.groupsMu.Lock()
	g, ok := s.groups[a.resource]
	s.groupsMu.Unlock()
	if ok && now.Before(g.until) {
		return g.version, nil
	}
	var found struct {
		Versions []struct {
			Version string `json:"version"`
		} `json:"versions"`
	}
	path := "/apis/" + a.group
	body, err := s.kubectl.get(ctx, path, nil, s.kubectl.max)
	if err == nil {
		if e := decode(body, &found); e != nil {
			e.URL = said + path
			return "", e
		}
	} else if !notInstalled(err) {
		return "", err
	}
	version := ""
	for _, v := range slices.Backward(a.versions) { // the best comes last
		for _, have := range found.Versions {
			if have.Version == v {
				version = v
			}
		}
	}
	s.installed(a, version, now)
	return version, nil
}

// installed remembers which version of a there is.
func (s *Source) installed(a addOn, version string, now time.Time) {
	s.groupsMu.Lock()
	defer s.groupsMu.Unlock()
	s.groups[a.resource] = group{version, now.Add(remember)}
}
