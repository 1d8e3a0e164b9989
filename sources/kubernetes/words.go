package kubernetes

import (
	"regexp"
	"strings"
)

// maxWords is how much of outside text an error or a sentence quotes, in bytes.
const maxWords = 300

var (
	logLine = regexp.MustCompile(`^[IWE]\d{4} \d\d:\d\d:\d\d`)
	// fatal begins the line with which kubectl before 1.23 ends when it says as
	// much as we ask it to; a trace of itself follows.
	fatal = regexp.MustCompile(`^F\d{4} \d\d:\d\d:\d\d[^\]]*\] `)
	// verdict begins the line in which kubectl says why it gave up.
	verdict = regexp.MustCompile(`^(Error from server|error: |Unable to connect to the server|The connection to the server)`)
)

// lastWords is why kubectl gave up: the last line that says so, and where a
// credential plugin failed, what that said before. Otherwise the last line.
func lastWords(said string) string {
	last, earlier, why := "", "", ""
	for line := range strings.FieldsFuncSeq(said, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimSpace(line)
		if line == "" || logLine.MatchString(line) {
			continue
		}
		ending := fatal.FindString(line)
		line = line[len(ending):]
		if ending != "" || verdict.MatchString(line) {
			why, earlier = line, last
		}
		last = line
		if ending != "" {
			break
		}
	}
	switch {
	case why == "":
		return last
	case earlier != "" && strings.Contains(why, "getting credentials: exec"):
		return earlier + "; " + why
	}
	return why
}

// What is cut out of outside text: it may prove who somebody is. Names of
// fields stay, so that the sentence says what was there.
var secrets = []struct {
	match *regexp.Regexp
	with  string
}{
	{regexp.MustCompile(`(?i)\b(bearer|basic|negotiate)(\s+)[^\s"',;]+`), "${1}${2}***"},
	{regexp.MustCompile(`\beyJ[\w-]+(\.[\w-]*)*`), "***"},                                                                                                     // a JSON web token
	{regexp.MustCompile(`\bk8s-aws-v1\.[\w-]+`), "***"},                                                                                                       // what aws eks get-token gives
	{regexp.MustCompile(`\b(ya29\.|gh[opsu]_|glpat-|AKIA|ASIA|xox[abp]-)[\w.-]+`), "***"},                                                                     // Google, GitHub, GitLab, AWS, Slack
	{regexp.MustCompile(`(\w://)[^\s/"'@]*@`), "${1}"},                                                                                                        // user and password of a URL
	{regexp.MustCompile(`(\w://[^\s?#"']*)[?#][^\s"']*`), "${1}"},                                                                                             // its query
	{regexp.MustCompile(`(?i)([\w-]*(?:token|passw(?:or)?d|secret|api[_-]?key|authorization)[\w-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;&]+)`), "${1}***"}, // name=value
	{regexp.MustCompile(`(?i)(--(?:token|password)\s+)[^\s"',;]+`), "${1}***"},
	{regexp.MustCompile(`[A-Za-z0-9+_-]{40,}={0,2}`), "***"}, // long and random
}

// shown is outside text for an error or a sentence: short, one line, and
// without what may be a credential.
func shown(s string) string {
	for _, c := range secrets {
		s = c.match.ReplaceAllString(s, c.with)
	}
	return clip(s)
}

// clip is text that holds no credentials, names of things, short and on one
// line.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "") + "..."
	}
	return s
}
