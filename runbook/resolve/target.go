package resolve

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// target is a page of the network and where its text is got from.
type target struct {
	page string   // for people: without user and fragment
	host string   // of the page, lower case, with a port that is not the scheme's own
	from []string // addresses to ask, likeliest first: a later one only where the former has no page
	// api is an address of the forge's API, for a host with credentials: the
	// addresses for people take none of those that programs have.
	api    string
	accept string // for api
}

// key names the page in the cache.
func (t target) key() string { return t.from[0] }

// targetOf is the page of a reference; false: it is none of the web.
func targetOf(ref runbook.Ref) (target, bool) {
	base := ref.Base
	if strings.HasPrefix(base, "//") {
		base = "https:" + base
	}
	if ref.State != runbook.LinkOK || len(base) > maxLink {
		return target{}, false
	}
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return target{}, false
	}
	if u.Scheme = strings.ToLower(u.Scheme); u.Scheme != "http" && u.Scheme != "https" {
		return target{}, false
	}
	// The reference has the query decoded; a page is named by it as written.
	link, _, _ := strings.Cut(ref.Link.Raw(), "#")
	_, u.RawQuery, _ = strings.Cut(link, "?")
	u.User = nil
	u.Host = hostOf(u)
	if safe.Text(u.String()) != u.String() || len(u.String()) > maxLink {
		return target{}, false
	}
	t := target{page: u.String(), host: forgeHost(u.Host)}
	t.from, t.api, t.accept = sourceOf(*u)
	return t, true
}

// hostOf is a URL's host in lower case without its scheme's own port.
func hostOf(u *url.URL) string {
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return host
	}
	return host + ":" + port
}

// rawGitHub serves the files of github.com.
const rawGitHub = "raw.githubusercontent.com"

// forgeHost is the host that people know a page by.
func forgeHost(host string) string {
	switch host {
	case rawGitHub, "raw.github.com", "www.github.com":
		return "github.com"
	}
	return host
}

// sourceOf is where the text of a page is: for a page of a forge that shows a
// file, the file itself.
func sourceOf(u url.URL) (from []string, api, accept string) {
	page := u.String()
	segs := strings.FieldsFunc(u.EscapedPath(), func(r rune) bool { return r == '/' })
	at := func(host string, query url.Values, parts ...string) string {
		scheme := u.Scheme
		if host != u.Host {
			scheme = "https"
		}
		out := scheme + "://" + host + "/" + strings.Join(parts, "/")
		if len(query) > 0 {
			out += "?" + query.Encode()
		}
		return out
	}
	if forgeHost(u.Host) == "github.com" && u.Host != rawGitHub {
		if raw := gitHubFile(segs); raw != nil {
			return []string{at(rawGitHub, nil, raw...)}, "", ""
		}
		return []string{page}, "", ""
	}
	for i := 2; i < len(segs); i++ {
		project, rest := segs[:i], segs[i:]
		switch {
		case rest[0] == "-" && i+3 <= len(segs) && slices.Contains(shows, rest[1]):
			file := readme(rest[1], rest[2:])
			return []string{at(u.Host, nil, concat(project, []string{"-", "raw"}, file)...)}, gitLabAPI(at, u.Host, project, file), ""
		case slices.Contains(forgeShows, rest[0]) && len(rest) > 3 && slices.Contains([]string{"branch", "tag", "commit"}, rest[1]):
			return []string{at(u.Host, nil, concat(project, []string{"raw"}, readme(rest[0], rest[1:]))...), page}, "", ""
		}
	}
	switch {
	case len(segs) > 5 && segs[0] == "projects" && segs[2] == "repos" && segs[4] == "browse": // Bitbucket of one's own
		q := url.Values{}
		if ref := u.Query().Get("at"); ref != "" {
			q.Set("at", ref)
		}
		return []string{at(u.Host, q, concat(segs[:4], []string{"raw"}, segs[5:])...), page}, "", ""
	case u.Host == "bitbucket.org" && len(segs) > 4 && segs[2] == "src":
		return []string{at(u.Host, nil, concat(segs[:2], []string{"raw"}, segs[3:])...)}, "", ""
	case len(segs) > 3 && slices.Contains(shows, segs[2]): // GitHub Enterprise, old GitLab, old Gitea
		file := readme(segs[2], segs[3:])
		if len(file) < 2 {
			break
		}
		return []string{at(u.Host, nil, concat(segs[:2], []string{"raw"}, file)...), page}, gitHubAPI(at, u.Host, segs[:2], file), "application/vnd.github.raw+json"
	}
	return []string{page}, "", ""
}

var (
	// shows are the words of forges for a page that shows a file or folder.
	shows = []string{"blob", "tree", "raw", "edit", "blame"}
	// forgeShows are Gitea's and Forgejo's.
	forgeShows = []string{"src", "raw", "_edit", "blame"}
)

func concat(lists ...[]string) []string { return slices.Concat(lists...) }

// gitHubFile is the path at rawGitHub of a page of github.com; nil: the page
// shows no file.
func gitHubFile(segs []string) []string {
	switch {
	case len(segs) == 2:
		return concat(segs, []string{"HEAD", "README.md"})
	case len(segs) >= 3 && len(segs) <= 4 && segs[2] == "wiki":
		name := "Home"
		if len(segs) == 4 {
			name = segs[3]
		}
		return []string{"wiki", segs[0], segs[1], name + ".md"}
	case len(segs) >= 4 && slices.Contains(shows, segs[2]):
		return concat(segs[:2], readme(segs[2], segs[3:]))
	}
	return nil
}

// readme is ref and path of a page, of a folder its README.md.
func readme(kind string, rest []string) []string {
	if kind == "tree" || kind == "src" && path.Ext(rest[len(rest)-1]) == "" {
		if !pageFile(rest[len(rest)-1]) {
			return concat(rest, []string{"README.md"})
		}
	}
	return rest
}

// apiFile splits ref and path: a ref is one segment there, or all of refs/heads/.
func apiFile(file []string) (ref, name string) {
	if len(file) > 3 && file[0] == "refs" {
		file = file[2:]
	}
	for i, s := range file {
		if d, err := url.PathUnescape(s); err == nil {
			file[i] = d
		}
	}
	return file[0], strings.Join(file[1:], "/")
}

type addressMaker func(host string, query url.Values, parts ...string) string

func gitLabAPI(at addressMaker, host string, project, file []string) string {
	ref, name := apiFile(slices.Clone(file))
	return at(host, url.Values{"ref": {ref}}, "api", "v4", "projects", strings.Join(project, "%2F"),
		"repository", "files", url.PathEscape(name), "raw")
}

func gitHubAPI(at addressMaker, host string, repo, file []string) string {
	ref, name := apiFile(slices.Clone(file))
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return at(host, url.Values{"ref": {ref}}, concat([]string{"api", "v3", "repos"}, repo, []string{"contents"}, parts)...)
}
