package kubernetes

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// question is one list, in one namespace or in all.
type question struct {
	what string // as a note says it
	// ask reports whether there was something to read.
	ask func(ctx context.Context) (bool, error)
}

// questions are the lists to read. The answers go to got, a lock held.
func (s *Source) questions(got *answer, now time.Time) []question {
	var mu sync.Mutex
	namespaces := s.opt.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	var out []question
	for _, ns := range namespaces {
		for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
			out = append(out, core(s, ns, plural[kind], &mu, &got.objects, func(o *workloadObject) (*workload, bool) {
				return readWorkload(kind, o, s.opt.ServiceLabels), true
			}))
		}
		out = append(out,
			core(s, ns, "replicasets", &mu, &got.revisions, func(o *replicaSetObject) (*revision, bool) {
				return readReplicaSet(o, s.opt.ServiceLabels)
			}),
			core(s, ns, "controllerrevisions", &mu, &got.revisions, func(o *controllerRevisionObject) (*revision, bool) {
				return readControllerRevision(o, s.opt.ServiceLabels)
			}),
			added(s, ns, applications, now, &mu, &got.applications),
			added(s, ns, helmReleases, now, &mu, &got.helmReleases),
			added(s, ns, kustomizations, now, &mu, &got.kustomizations))
	}
	return out
}

var plural = map[string]string{"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}

// core asks for objects of Kubernetes itself.
func core[T, C any](s *Source, ns, resource string, mu *sync.Mutex, to *[]C, compact func(*T) (C, bool)) question {
	return question{named(resource, ns), func(ctx context.Context) (bool, error) {
		found, err := list(ctx, s.kubectl, at("apps", "v1", ns, resource), compact)
		return put(mu, to, found, err)
	}}
}

// added asks for objects of an add-on, where it is installed.
func added[T any](s *Source, ns string, a addOn, now time.Time, mu *sync.Mutex, to *[]T) question {
	return question{named(a.resource, ns), func(ctx context.Context) (bool, error) {
		version, err := s.version(ctx, a, now)
		if err != nil || version == "" {
			return false, err
		}
		found, err := list(ctx, s.kubectl, at(a.group, version, ns, a.resource), func(o *T) (T, bool) { return *o, true })
		if notInstalled(err) { // the group is that of something else too
			s.installed(a, "", now)
			return false, nil
		}
		return put(mu, to, found, err)
	}}
}

func put[C any](mu *sync.Mutex, to *[]C, found []C, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	mu.Lock()
	defer mu.Unlock()
	*to = append(*to, found...)
	return true, nil
}

// at is the path of a list.
func at(group, version, ns, resource string) string {
	path := "/apis/" + group + "/" + version
	if ns != "" {
		path += "/namespaces/" + ns
	}
	return path + "/" + resource
}

func named(resource, ns string) string {
	if ns != "" {
		return resource + " in " + ns
	}
	return resource
}

// notInstalled reports whether the server said that there is no such thing.
func notInstalled(err error) bool {
	return sources.IsKind(err, sources.NotFound) && !errors.Is(err, errNoProgram)
}
