package grafana

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// annotation is what we read of one. Times are milliseconds since 1970; 0: not
// said.
type annotation struct {
	ID           int64    `json:"id"`
	AlertID      int64    `json:"alertId"`
	NewState     string   `json:"newState"`
	DashboardUID string   `json:"dashboardUID"`
	Login        string   `json:"login"`
	Time         int64    `json:"time"`
	TimeEnd      int64    `json:"timeEnd"`
	Text         string   `json:"text"`
	Tags         []string `json:"tags"`
}

// alert reports whether Grafana has written it when an alert changed its state.
func (a annotation) alert() bool { return a.AlertID != 0 || a.NewState != "" }

// groups are the names that match may give to what it finds.
var groups = []string{"service", "version", "from_version", "revision", "env", "kind"}

// keys are the tags that are not configured, by what they say.
var keys = map[string][]string{
	"from_version": {"from_version", "previous_version"},
	"revision":     {"revision", "commit", "sha"},
	"env":          {"env", "environment"},
	"namespace":    {"namespace"},
	"cluster":      {"cluster"},
	"kind":         {"kind", "type"},
}

// bareVersion is a tag that can be nothing else: v1.42.0, 2026.3.1-rc1.
var bareVersion = regexp.MustCompile(`^v?\d+\.\d+(\.\d+)*([-+][0-9A-Za-z.+-]+)?$`)

// change is the annotation as a change without source. ok is false without a
// time.
func (r reader) change(a annotation) (c sources.Change, ok bool) {
	if a.Time <= 0 {
		return c, false
	}
	text := plain(a.Text)
	facts := r.facts(a.Tags, text.words)
	c = sources.Change{
		ID: strconv.FormatInt(a.ID, 10), Kind: kindOf(a.Tags, facts["kind"]), Cluster: safe.Text(facts["cluster"]),
		Service: safe.Outside(facts["service"]), Namespace: safe.Outside(facts["namespace"]), Env: safe.Outside(facts["env"]),
		Version: safe.Outside(facts["version"]), FromVersion: safe.Outside(facts["from_version"]), Revision: safe.Outside(facts["revision"]),
		StartedAt: time.UnixMilli(a.Time).UTC(), Author: safe.Outside(a.Login), Title: safe.Outside(text.words),
		URL: safe.Outside(r.link(a, text)), Evidence: []safe.Value{safe.Outside(said(a))},
	}
	if a.ID == 0 {
		c.ID = sources.Digest(strconv.FormatInt(a.Time, 10), a.Text, strings.Join(a.Tags, "\x00"))
	}
	if a.TimeEnd > a.Time {
		c.FinishedAt, c.State = time.UnixMilli(a.TimeEnd).UTC(), sources.Done
	}
	return c, true
}

// facts are what tags and text say, by the names of groups and keys. Tags go
// before the text.
func (r reader) facts(tags []string, text string) map[string]string {
	tagged := map[string]string{}
	out := map[string]string{}
	for _, t := range tags {
		if i := strings.IndexAny(t, ":="); i > 0 {
			if k := strings.ToLower(strings.TrimSpace(t[:i])); tagged[k] == "" {
				tagged[k] = strings.TrimSpace(t[i+1:])
			}
		} else if bareVersion.MatchString(t) {
			out["version"] = t
		}
	}
	take := func(fact string, names []string) {
		for _, n := range names {
			if tagged[n] != "" {
				out[fact] = tagged[n]
				return
			}
		}
	}
	for fact, names := range keys {
		take(fact, names)
	}
	take("service", r.service)
	take("version", r.version)
	if r.match == nil {
		return out
	}
	for _, s := range append([]string{text}, tags...) {
		found := r.match.FindStringSubmatch(s)
		for i, g := range r.match.SubexpNames() {
			if i < len(found) && g != "" && out[g] == "" {
				out[g] = found[i]
			}
		}
	}
	return out
}

// kindOf is what the tags say: a rollback has often the tag of a deploy as
// well, so a deploy is what nothing else is.
func kindOf(tags []string, named string) sources.ChangeType {
	for _, word := range slices.Concat([]string{named}, tags) {
		if k, ok := sources.ChangeTypeOf(word); ok && k != sources.Deploy {
			return k
		}
	}
	return sources.Deploy
}

// link is the first link of the text, else the dashboard that it stands on, an
// hour around it.
func (r reader) link(a annotation, text prose) string {
	if text.link != "" || a.DashboardUID == "" {
		return text.link
	}
	const around = int64(30 * time.Minute / time.Millisecond)
	return fmt.Sprintf("%s/d/%s?from=%d&to=%d", strings.TrimSuffix(r.home, "/"), url.PathEscape(a.DashboardUID),
		a.Time-around, max(a.Time, a.TimeEnd)+around)
}

func said(a annotation) string {
	s := fmt.Sprintf("annotation %d of Grafana", a.ID)
	if len(a.Tags) > 0 {
		s += ", tags " + strings.Join(a.Tags, ", ")
	}
	return s
}
