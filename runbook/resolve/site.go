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

// siteFiles are the configurations of site generators that are looked for, in
// the folders where repositories keep their site.
var (
	siteDirs  = []string{"", "site", "website", "docs", "www"}
	hugoFiles = []string{"hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config.yaml", "config.yml",
		"config.json", "config/_default/hugo.toml", "config/_default/hugo.yaml", "config/_default/config.toml", "config/_default/config.yaml"}
	mkdocsFiles     = []string{"mkdocs.yml", "mkdocs.yaml"}
	docusaurusFiles = []string{"docusaurus.config.js", "docusaurus.config.ts", "docusaurus.config.mjs"}
	jekyllFiles     = []string{"_config.yml", "_config.yaml"}
)

// maxSiteFile bounds a site's configuration, bytes.
const maxSiteFile = 1 << 20

var (
	baseURLLine  = regexp.MustCompile(`(?mi)^[ \t{]*"?baseurl"?\s*[:=]\s*["']?([^"'\s,#]+)`)
	contentLine  = regexp.MustCompile(`(?mi)^[ \t{]*"?contentdir"?\s*[:=]\s*["']?([^"'\s,#]+)`)
	siteURLLine  = regexp.MustCompile(`(?m)^site_url\s*:\s*["']?([^"'\s#]+)`)
	docsDirLine  = regexp.MustCompile(`(?m)^docs_dir\s*:\s*["']?([^"'\s#]+)`)
	urlLine      = regexp.MustCompile(`(?m)^[ \t]*url\s*:\s*["']?(https?://[^"'\s,#]+)`)
	pathLine     = regexp.MustCompile(`(?mi)^[ \t]*baseurl\s*:\s*["']?([^"'\s,#]+)`)
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
		out = append(out, readJoined(root, dir, docusaurusFiles, "docs", "")...)
		out = append(out, readJoined(root, dir, jekyllFiles, "")...)
	}
	return out
}

// readJoined reads the site of a generator whose configuration has host and
// path apart, and whose pages are in these folders.
func readJoined(root *os.Root, dir string, files []string, contents ...string) []site {
	for _, name := range files {
		b, err := readRegular(root, path.Join(dir, name), maxSiteFile)
		if err != nil {
			continue
		}
		u := match(urlLine, b)
		if usable(u) != "" {
			u = strings.TrimSuffix(u, "/") + "/" + strings.TrimPrefix(match(pathLine, b), "/")
		}
		var out []site
		for _, c := range contents {
			out = append(out, site{url: usable(u), content: path.Join(dir, c)})
		}
		return out
	}
	return nil
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
