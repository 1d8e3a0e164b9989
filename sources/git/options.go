package git

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is how the configuration names this kind of source.
const KindName = "git"

// Options says which clone holds the code of which services.
type Options struct {
	Path      string   `yaml:"path" check:"dir" required:"true" doc:"top folder of a local clone, a working tree of it, or a bare repository; it is only read and never fetched" example:"~/src/checkout"`
	Service   string   `yaml:"service" check:"name" doc:"the service whose code it is, by its name in alerts and deploys" example:"checkout"`
	Services  []string `yaml:"services" check:"name" doc:"the services whose code it is, when there are several" example:"[checkout, payments]"`
	Dir       string   `yaml:"dir" check:"text" doc:"folder of the service's code in the clone; only what changed below it counts. {service} stands for the service's name" example:"services/{service}"`
	TagPrefix string   `yaml:"tag_prefix" check:"text" doc:"what its tags have before the version. {service} stands for the service's name; when left out, checkout-v1.42.0, checkout/v1.42.0 and v1.42.0 are recognised" example:"\"release-{service}-\""`
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "a local clone: the commits behind a deploy, and tags as signs of one; works offline",
		Options: func() any { return new(Options) },
		Open:    sources.Opener(Open),
	}
}

// Open checks the options and makes the source; it asks nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	if o.Path == "" {
		return nil, errors.New("path: say where the clone is")
	}
	names := o.Services
	if o.Service != "" {
		names = append([]string{o.Service}, names...)
	}
	if len(names) == 0 {
		return nil, errors.New("service: say whose code it is")
	}
	s := &Source{id: sources.SourceID{Kind: KindName, Name: env.Name}, path: filepath.Clean(o.Path), now: env.Now}
	if s.id.Name == "" {
		s.id.Name = KindName
	}
	if s.now == nil {
		s.now = time.Now
	}
	for _, name := range names {
		if name == "" {
			return nil, errors.New("services: a name is empty")
		}
		if _, ok := s.find(name); ok {
			return nil, fmt.Errorf("services: %s is there twice", name)
		}
		fill := func(text string) string { return strings.ReplaceAll(text, "{service}", name) }
		v := service{name: name, alone: len(names) == 1 && o.Dir == "", tagPrefix: fill(o.TagPrefix)}
		if o.Dir != "" {
			v.dir = path.Clean(filepath.ToSlash(fill(o.Dir)))
			if path.IsAbs(v.dir) || filepath.IsAbs(v.dir) || v.dir == ".." || strings.HasPrefix(v.dir, "../") {
				return nil, fmt.Errorf("dir: %s is not a folder in the clone", o.Dir)
			}
			if v.dir == "." {
				v.dir = ""
			}
		}
		s.services = append(s.services, v)
	}
	return s, nil
}

// service is one service of a clone.
type service struct {
	name      string
	dir       string // with slashes; empty: the whole clone
	alone     bool   // the clone is about nothing else
	tagPrefix string // empty: guessed
}

// guessed are prefixes of tags that speak of the service by name, as release
// tools for repositories with several services and Go modules write them.
func (v service) guessed() []string {
	out := []string{v.name + "-", v.name + "/", v.name + "@", v.name + "_"}
	if v.dir != "" && v.dir != v.name {
		out = append(out, v.dir+"/")
	}
	return out
}

// general are prefixes of tags that name no service.
var general = []string{"", "release-", "release/"}

// prefixes are all that the tags of the service may begin with, those that
// speak of it first.
func (v service) prefixes() []string {
	if v.tagPrefix != "" {
		return []string{v.tagPrefix}
	}
	return append(v.guessed(), general...)
}
