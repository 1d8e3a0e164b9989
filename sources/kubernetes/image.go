package kubernetes

import "strings"

// versions are two images of one container as versions: their tags, or their
// digests where the tags are the same or missing.
func versions(from, to string) (string, string) {
	a, b := tag(from), tag(to)
	if a == b && from != to {
		if x, y := digest(from), digest(to); x != y && y != "" {
			return x, y
		}
	}
	return a, b
}

// tag is the tag of an image, or its digest short when it has only that, or
// latest, which a missing tag means.
func tag(name string) string {
	if name == "" {
		return ""
	}
	whole := name
	name, _, hasDigest := strings.Cut(name, "@")
	last := name[strings.LastIndexByte(name, '/')+1:]
	if _, t, ok := strings.Cut(last, ":"); ok {
		return t
	}
	if hasDigest {
		return digest(whole)
	}
	return "latest"
}

// digest is the digest of an image, its first 12 digits as docker shows them;
// empty: it has none.
func digest(name string) string {
	_, d, _ := strings.Cut(name, "@")
	algorithm, hex, ok := strings.Cut(d, ":")
	if !ok {
		return d
	}
	return algorithm + ":" + hex[:min(len(hex), 12)]
}

// short is an image without its registry.
func short(name string) string {
	if host, rest, ok := strings.Cut(name, "/"); ok && strings.ContainsAny(host, ".:") {
		name = rest
	}
	if at, d, ok := strings.Cut(name, "@"); ok {
		_, t, tagged := strings.Cut(at[strings.LastIndexByte(at, '/')+1:], ":")
		if tagged && t != "" {
			return at
		}
		return at + "@" + digest("@"+d)
	}
	return name
}
