package gitrepo

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	schemeURL = regexp.MustCompile(`^(?:https?|ssh|git|git\+ssh)://(?:[^/]*@)?([^/:@]+)(:\d+)?/(.+?)(?:\.git)?/?$`)
	scpURL    = regexp.MustCompile(`^(?:[^/\s]*@)?([^/:\s@]{2,}):/?([^\\].*?)(?:\.git)?/?$`)
)

// WebAddress is the https form of a remote's address; empty for a local path.
// User, password, query and ssh's port are left out.
func WebAddress(remote string) string {
	remote, _, _ = strings.Cut(remote, "?")
	if m := schemeURL.FindStringSubmatch(remote); m != nil {
		host := m[1]
		if strings.HasPrefix(remote, "http") {
			host += m[2]
		}
		return "https://" + host + "/" + m[3]
	}
	if strings.Contains(remote, "://") {
		return ""
	}
	if m := scpURL.FindStringSubmatch(remote); m != nil {
		return "https://" + m[1] + "/" + m[2]
	}
	return ""
}

// ComparePage is where the forge of a web address shows what lies between two
// revisions; empty without an address and for forges that have no such page for
// commits. A host that says nothing of its software is taken for one that answers
// to GitHub's path, as Gitea, Forgejo and GitLab do.
func ComparePage(web, from, to string) string {
	u, err := url.Parse(web)
	if web == "" || err != nil || u.Host == "" {
		return ""
	}
	path, host := "/compare/"+from+"..."+to, strings.ToLower(u.Host)
	for _, other := range []string{"azure", "visualstudio", "amazonaws", "googlesource", "sr.ht"} {
		if strings.Contains(host, other) {
			return ""
		}
	}
	switch {
	case strings.Contains(host, "gitlab"):
		path = "/-" + path
	case strings.Contains(host, "bitbucket"): // the newer one first
		path = "/branches/compare/" + to + "%0D" + from
	}
	return (&url.URL{Scheme: "https", Host: u.Host, Path: u.Path}).String() + path
}
