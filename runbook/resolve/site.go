package resolve

import (
	"os"
	"path"
	"regexp"
	"strings"
)

// site is a documentation site whose sources the checkout holds.
type site struct {
	url     string // its address; empty: not said
	repo    string // the forge that it says its sources are at
	content string // folder of the pages, from the checkout's top
}

// siteFiles are the configurations of Hugo and MkDocs that are looked for, in
// the folders where repositories keep their site.
var (
	siteDirs  = []string{"", "site", "website", "docs", "www"}
	hugoFiles = []string{"hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config.yaml", "config.yml",
		"config.json", "config/_default/hugo.toml", "config/_default/hugo.yaml", "config/_default/config.toml", "config/_default/config.yaml"}
	mkdocsFiles = []string{"mkdocs.yml", "mkdocs.yaml"}
)

// maxSiteFile bounds a site's configuration, bytes.
const maxSiteFile = 1 << 20

var (
	baseURLLine  = regexp.MustCompile(`(?mi)^[ \t{]*"?baseurl"?\s*[:=]\s*["']?([^"'\s,#]+)`)
	contentLine  = regexp.MustCompile(`(?mi)^[ \t{]*"?contentdir"?\s*[:=]\s*["']?([^"'\s,#]+)`)
	siteURLLine  = regexp.MustCompile(`(?m)^site_url\s*:\s*["']?([^"'\s#]+)`)
	docsDirLine  = regexp.MustCompile(`(?m)^docs_dir\s*:\s*["']?([^"'\s#]+)`)
	repoURLLine  = regexp.MustCompile(`(?m)^repo_url\s*:\s*["']?([^"'\s#]+)`)
	placeholders = regexp.MustCompile(`(?i)^https?://(www\.)?(example\.(org|com|net)|localhost|127\.0\.0\.1)(:\d+)?(/|$)|^/?$`)
)

// readSites finds the sites whose sources are in a checkout.
func readSites(root *os.Root) []site {
	var out []site
	for _, dir := range siteDirs {
		for _, name := range hugoFiles {
			if b, err := readRegular(root, path.Join(dir, name), maxSiteFile); err == nil {
				base := match(baseURLLine, b)
				if base == "" && !strings.Contains(name, "hugo") {
					continue // config.yaml is a name that others use too
				}
				out = append(out, site{url: usable(base), content: below(dir, match(contentLine, b), "content")})
				break
			}
		}
		for _, name := range mkdocsFiles {
			if b, err := readRegular(root, path.Join(dir, name), maxSiteFile); err == nil {
				out = append(out, site{url: usable(match(siteURLLine, b)), repo: usable(match(repoURLLine, b)), content: below(dir, match(docsDirLine, b), "docs")})
				break
			}
		}
	}
	return out
}

func match(re *regexp.Regexp, b []byte) string {
	if m := re.FindSubmatch(b); m != nil {
		return string(m[1])
	}
	return ""
}

// usable is an address that can be somebody's, else empty.
func usable(u string) string {
	if placeholders.MatchString(u) || !strings.Contains(u, "://") {
		return ""
	}
	return u
}

func below(dir, name, fallback string) string {
	if name == "" {
		name = fallback
	}
	return path.Join(dir, path.Clean("/" + name)[1:])
}
