package git

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	fullHash = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	anyHash  = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
	// described is what git describe makes of a commit after a tag.
	described = regexp.MustCompile(`-[0-9]+-g([0-9a-f]{7,64})(-dirty)?$`)
	words     = regexp.MustCompile(`[0-9A-Za-z]+`)
	// version is what a tag has behind its prefix: v1, 1.42.0-rc1, 2026.11.28.
	version = regexp.MustCompile(`^[vV]?[0-9]+([.+_-].*)?$`)
)

// maxName is the longest revision or version that is looked for: git's own
// limit for names, about.
const maxName = 250

// candidates are the names under which git may know a revision, as a deploy
// tells it, surest first: a hash, whole or abbreviated; a tag; a version, with or
// without v; what git describe prints; an image tag with a hash in it. Each is
// safe to hand to git on standard input. A branch is none: it has moved on since.
func (v service) candidates(revision string) []string {
	r := strings.TrimSpace(revision)
	if i := strings.LastIndexByte(r, ':'); i >= 0 { // registry/image:tag, main@sha1:hash
		r = r[i+1:]
	}
	lower := strings.ToLower(r)
	switch {
	case r == "" || len(r) > maxName:
		return nil
	case fullHash.MatchString(lower):
		return []string{commit(lower)}
	}
	var out []string
	if m := described.FindStringSubmatch(lower); m != nil {
		return []string{commit(m[1])}
	}
	out = append(out, v.tags(r)...)
	if anyHash.MatchString(lower) {
		out = append(out, commit(lower))
	}
	for _, w := range words.FindAllString(lower, -1) {
		if hashLike(w) && w != lower {
			out = append(out, commit(w))
		}
	}
	if base, _, ok := strings.Cut(r, "+"); ok {
		out = append(out, v.tags(base)...)
	}
	return out
}

func commit(name string) string { return name + "^{commit}" }

// hashLike reports whether a word in a version is an abbreviated hash rather
// than a date, a number or a word.
func hashLike(w string) bool {
	if len(w) < 6 || len(w) > 64 || strings.Trim(w, "0123456789abcdef") != "" {
		return false
	}
	return strings.ContainsAny(w, "0123456789") && strings.ContainsAny(w, "abcdef")
}

// tags are the tags that a version may have.
func (v service) tags(version string) []string {
	if !validTag(version) {
		return nil
	}
	forms := []string{version}
	if bare := strings.TrimLeft(version, "vV"); bare != "" && unicode.IsDigit(rune(bare[0])) {
		forms = append(forms, bare, "v"+bare)
	}
	var out []string
	for _, prefix := range v.prefixes() {
		for _, f := range forms {
			if validTag(prefix + f) {
				out = append(out, commit("refs/tags/"+prefix+f))
			}
		}
	}
	if v.tagPrefix != "" && strings.HasPrefix(version, v.tagPrefix) {
		out = append(out, commit("refs/tags/"+version))
	}
	return out
}

// validTag reports whether git would take the name for a ref's: everything
// that has a meaning in its language of revisions is left out.
func validTag(name string) bool {
	return name != "" && !strings.Contains(name, "..") && !strings.Contains(name, "@{") &&
		strings.IndexFunc(name, func(r rune) bool { return r <= 0x20 || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }) < 0
}

// versionOf is the version that a tag speaks of, if it is one of the service.
// named: by the service's name.
func (v service) versionOf(tag string) (text string, named bool) {
	if v.tagPrefix != "" {
		rest, ok := strings.CutPrefix(tag, v.tagPrefix)
		if !ok {
			return "", false
		}
		return rest, rest != ""
	}
	for _, prefix := range v.guessed() {
		if rest, ok := strings.CutPrefix(tag, prefix); ok && version.MatchString(rest) {
			return rest, true
		}
	}
	for _, prefix := range general {
		if rest, ok := strings.CutPrefix(tag, prefix); ok && version.MatchString(rest) {
			return rest, false
		}
	}
	return "", false
}
