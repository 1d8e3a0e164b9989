// Package all lists the kinds of change sources that the configuration may
// name. A new kind is one line here.
//
// Imported by cmd and by the generator of the documentation. It has no state.
package all

import (
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/buildinfo"
	"github.com/firstpage-oncall/firstpage/sources/events"
	"github.com/firstpage-oncall/firstpage/sources/git"
	"github.com/firstpage-oncall/firstpage/sources/github"
	"github.com/firstpage-oncall/firstpage/sources/gitlab"
	"github.com/firstpage-oncall/firstpage/sources/grafana"
	"github.com/firstpage-oncall/firstpage/sources/kubernetes"
)

// Kinds returns every kind of change source, in the order of the
// documentation. The list is new with each call.
func Kinds() []sources.ChangeKind {
	return []sources.ChangeKind{
		events.Kind(),
		git.Kind(),
		grafana.Kind(),
		buildinfo.Kind(),
		github.Kind(),
		gitlab.Kind(),
		kubernetes.Kind(),
	}
}
