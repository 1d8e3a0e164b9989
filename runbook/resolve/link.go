package resolve

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// address is a link or a prefix taken apart: host and path segments, decoded.
// Scheme, user and letter case of the host are gone.
type address struct {
	host string // with port; empty: a relative path
	segs []string
	dir  bool // ended in a slash
}

// maxLink is the longest link that is looked at, in bytes: no browser or forge
// takes more, and no file has such a path.
const maxLink = 4096

// maxRef is how many segments a ref may have.
const maxRef = 10

// parseAddress reads a link without fragment and query. A link without a
// scheme is relative; hosts that it might mean are tried by the caller.
func parseAddress(link string) (address, bool) {
	link = strings.TrimSpace(link)
	if len(link) > maxLink {
		return address{}, false
	}
	low := strings.ToLower(link)
	switch {
	case strings.HasPrefix(low, "http://"), strings.HasPrefix(low, "https://"):
	case strings.HasPrefix(link, "//"):
		link = "https:" + link
	case schemeLike.MatchString(link):
		return address{}, false // mailto:, slack:, C:
	default:
		return address{segs: segments(link), dir: strings.HasSuffix(link, "/")}, true
	}
	_, rest, _ := strings.Cut(link, "://")
	host, p, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "" {
		return address{}, false
	}
	a := address{host: host, segs: segments(p), dir: strings.HasSuffix(p, "/")}
	return a.canonical(), true
}

// linkAddress reads a reference's link. Azure DevOps has the file's path in
// the query: _git/books?path=/x.md&version=GBmain.
func linkAddress(ref runbook.Ref) (address, bool) {
	a, ok := parseAddress(ref.Base)
	if n := len(a.segs); ok && a.host != "" && n > 1 && a.segs[n-2] == "_git" {
		for _, p := range ref.Query {
			if p.Name.Raw() == "path" {
				a.segs = slices.Concat(a.segs, anyRef, segments(url.PathEscape(p.Value.Raw())))
			}
		}
	}
	return a, ok
}

// anyRef stands before the path in the links of forges that name the ref
// elsewhere, so that they read as those of the others do.
var anyRef = []string{"blob", "HEAD"}

// schemeLike is any scheme, two letters and longer, or a drive letter.
var schemeLike = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:([^0-9]|$)`)

// segments decodes a path once and splits it at slashes, encoded ones too
// (service catalogs write `elastic%2Fdoc`). Empty parts and "." go; what climbs
// is refused later.
func segments(p string) []string {
	if d, err := url.PathUnescape(p); err == nil {
		p = d
	}
	var out []string
	for part := range strings.SplitSeq(p, "/") {
		part = strings.Trim(part, " \t\r\n")
		if part != "" && part != "." {
			out = append(out, part)
		}
	}
	return out
}

// canonical gives the hosts that serve raw files the form of their forge.
func (a address) canonical() address {
	a.host = strings.TrimSuffix(strings.TrimSuffix(a.host, ":443"), ":80")
	switch a.host {
	case "raw.githubusercontent.com", "raw.github.com":
		a.host = "github.com"
		if len(a.segs) >= 3 {
			a.segs = slices.Insert(slices.Clone(a.segs), 2, "raw")
		}
	case "www.github.com", "ssh.github.com":
		a.host = "github.com"
	case "ssh.dev.azure.com", "vs-ssh.visualstudio.com": // v3/organisation/project/repository
		a.host = "dev.azure.com"
		if len(a.segs) == 4 {
			a.segs = []string{a.segs[1], a.segs[2], "_git", a.segs[3]}
		}
	}
	if org, ok := strings.CutSuffix(a.host, ".visualstudio.com"); ok {
		a.host, a.segs = "dev.azure.com", append([]string{org}, a.segs...)
	}
	return a.bitbucketServer()
}

// bitbucketServer gives projects/KEY/repos/name/browse/path, and the
// scm/key/name of its clones, the form of other forges. They are that long
// nowhere else.
func (a address) bitbucketServer() address {
	if len(a.segs) >= 3 && a.segs[0] == "scm" {
		a.segs = a.segs[1:]
		return a
	}
	if len(a.segs) < 4 || a.segs[2] != "repos" || a.segs[0] != "projects" && a.segs[0] != "users" {
		return a
	}
	owner, rest := a.segs[1], a.segs[4:]
	if a.segs[0] == "users" {
		owner = "~" + owner
	}
	segs := []string{owner, a.segs[3]}
	if len(rest) > 0 && (rest[0] == "browse" || rest[0] == "raw") {
		rest = slices.Concat(anyRef, rest[1:])
	}
	a.segs = append(segs, rest...)
	return a
}

// under reports whether a begins with the prefix, and what is left.
func (a address) under(p address) ([]string, bool) {
	if a.host != p.host || len(a.segs) < len(p.segs) {
		return nil, false
	}
	for i, s := range p.segs {
		if !strings.EqualFold(s, a.segs[i]) {
			return nil, false
		}
	}
	return a.segs[len(p.segs):], true
}

// String is host and path, for trails.
func (a address) String() string { return path.Join(append([]string{a.host}, a.segs...)...) }

// forgeKinds are the words between repository and ref.
var forgeKinds = []string{"blob", "tree", "raw", "edit", "blame", "src", "+"} // + is that of Gitiles

// forgeRest takes `[-/]kind/` off what follows a repository: ref and path.
func forgeRest(segs []string) (refAndPath []string, ok bool) {
	if len(segs) > 0 && segs[0] == "-" {
		segs = segs[1:]
	}
	if len(segs) < 2 || !slices.Contains(forgeKinds, segs[0]) {
		return nil, false
	}
	segs = segs[1:]
	if len(segs) > 2 && slices.Contains([]string{"branch", "tag", "commit"}, segs[0]) {
		segs = segs[1:] // Gitea and Forgejo: src/branch/main/x
	}
	if len(segs) > 3 && segs[0] == "refs" && (segs[1] == "heads" || segs[1] == "tags") {
		segs = segs[2:]
	}
	return segs, true
}

// splitRefs gives the paths that a ref and path can mean, likeliest first. A
// ref is one segment; longer ones are believed when the checkout knows them,
// and tried at last unless the first segment is a usual ref by itself: else
// `main/gone/README.md` would open the README at the top.
func splitRefs(segs []string, known func(ref string) bool) [][]string {
	var sure, maybe [][]string
	for n := 1; n <= min(len(segs), maxRef); n++ {
		switch {
		case n > 1 && known(strings.Join(segs[:n], "/")):
			sure = append([][]string{segs[n:]}, sure...)
		case n == 1:
			maybe = append(maybe, segs[n:])
		case n < len(segs) && !usualRef.MatchString(segs[0]) && !known(segs[0]) && n <= 4 && !generic(segs[n:]):
			maybe = append(maybe, segs[n:])
		}
	}
	return append(sure, maybe...)
}

// usualRef are refs that are one segment long.
var usualRef = regexp.MustCompile(`^(?i:main|master|head|trunk|develop|dev|stable|staging|production|prod|gh-pages|v?\d+(\.\w+)*|[0-9a-f]{7,40})$`)

// generic reports whether a path names nothing in particular.
func generic(segs []string) bool {
	return len(segs) == 1 && slices.Contains([]string{"readme.md", "index.md", "_index.md", "readme"}, strings.ToLower(segs[0]))
}

// localPath joins segments to a path inside a checkout, or refuses: nothing
// that climbs, no separators or NUL inside a part.
func localPath(segs []string) (string, bool) {
	for _, s := range segs {
		if s == ".." || strings.ContainsAny(s, "/\\\x00") {
			return "", false
		}
	}
	if len(segs) == 0 {
		return ".", true
	}
	return strings.Join(segs, "/"), true
}

// collapse resolves `..` in a relative link; it may not climb above the top.
func collapse(segs []string) ([]string, bool) {
	var out []string
	for _, s := range segs {
		if s != ".." {
			out = append(out, s)
			continue
		}
		if len(out) == 0 {
			return nil, false
		}
		out = out[:len(out)-1]
	}
	return out, true
}
