package kubernetes

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/proc"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// patience is how long one question may take when the caller has more
	// time: credential plugins are slow, but not that slow.
	patience = 20 * time.Second
	// maxBytes is how much of one list is read, all pages together.
	maxBytes = 64 << 20
)

// said is how errors name a question, with its path behind.
const said = "kubectl get --raw "

var (
	errNoProgram = errors.New("kubectl is missing")
	errForbidden = errors.New("forbidden")                // for this user; other things may be allowed
	errExpired   = errors.New("the list has to be begun") // the place in a list of pages is forgotten
)

// kubectl is the program with what says which cluster it asks.
type kubectl struct {
	argv     []string
	patience time.Duration
	max      int64 // bytes of one list
}

func newKubectl(o Options) kubectl {
	argv := slices.Clone(o.Command)
	if o.Kubeconfig != "" {
		argv = append(argv, "--kubeconfig="+o.Kubeconfig)
	}
	if o.Context != "" {
		argv = append(argv, "--context="+o.Context)
	}
	// With -v=6 it says that the server has too many requests. It waits by
	// itself then and says nothing otherwise: only a timeout would be seen. What
	// is sent and answered comes from 7 on.
	return kubectl{append(argv, "-v=6", "get", "--raw"), patience, maxBytes}
}

// get asks for a path with a query and returns the body of at most max bytes.
// Errors are *sources.Error without source; they wrap errNoProgram,
// errForbidden and errExpired.
func (k kubectl) get(ctx context.Context, path string, query url.Values, max int64) ([]byte, error) {
	at := path
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	out, err := proc.Run(ctx, proc.Command{Argv: append(slices.Clone(k.argv), at), Timeout: k.patience, MaxOutput: max})
	var pe *proc.Error
	if !errors.As(err, &pe) {
		return out, err
	}
	e := k.fail(pe, len(out) > 0)
	e.URL = said + path
	return nil, e
}

// fail says what went wrong. The program's own error is not kept as a cause:
// its words may hold what must not be shown.
func (k kubectl) fail(pe *proc.Error, partly bool) *sources.Error {
	switch pe.Reason {
	case proc.Missing:
		if k.argv[0] != "kubectl" {
			return &sources.Error{Kind: sources.NotFound, Err: errNoProgram, Detail: safe.Outside(pe.Program + " is not there or not on $PATH"),
				Hint: "correct command under changes, kind kubernetes"}
		}
		return &sources.Error{Kind: sources.NotFound, Err: errNoProgram, Detail: safe.Outside("there is no kubectl"),
			Hint: "kubectl is not on the PATH; install it or remove kind kubernetes"}
	case proc.Canceled:
		return &sources.Error{Kind: sources.Canceled, Detail: safe.Outside("was stopped"), Err: context.Canceled}
	case proc.TooLarge:
		return &sources.Error{Kind: sources.TooLarge, Detail: safe.Outside("the list is larger than 64 MiB"),
			Hint: "name the namespaces that matter under namespaces"}
	case proc.Timeout:
		if tooMany.MatchString(pe.Said.Raw()) {
			return &sources.Error{Kind: sources.RateLimited, Detail: safe.Outside("the API server has too many requests"), After: askedToWait(pe.Said.Raw())}
		}
		return &sources.Error{Kind: sources.Timeout, Detail: safe.Outside("kubectl had no answer in time"), Err: context.DeadlineExceeded}
	case proc.Start:
		return &sources.Error{Kind: sources.Unavailable, Err: errNoProgram, Detail: safe.Outside(pe.Detail)}
	}
	e := classify(lastWords(pe.Said.Raw()), partly)
	if e.Kind == sources.RateLimited {
		e.After = askedToWait(pe.Said.Raw())
	}
	if e.Detail.Empty() {
		e.Detail = safe.Outside("kubectl ended with " + pe.Detail)
	}
	return e
}

var (
	tooMany = regexp.MustCompile(`429 Too Many Requests`)
	// retryAfter is what the versions of kubectl say: 1.32, 1.34, 1.20.
	retryAfter = regexp.MustCompile(`Got a Retry-After (?:response" delay=")?(\d+)s|"retryAfterSeconds": (\d+)`)
	fromServer = regexp.MustCompile(`^Error from server(?: \((\w+)\))?: `)
)

// askedToWait is how long the server asked kubectl to wait; 0: it is not said.
// Where kubectl waits itself it says so only afterwards.
func askedToWait(said string) time.Duration {
	m := retryAfter.FindStringSubmatch(said)
	if m == nil {
		return 0
	}
	seconds, _ := strconv.Atoi(m[1] + m[2]) // out of range: not said
	return time.Duration(seconds) * time.Second
}

// byReason are the reasons of a Status of the API server.
var byReason = map[string]*sources.Error{
	"Unauthorized":         {Kind: sources.Unauthorized, Hint: loginHint, After: loggedOut},
	"Forbidden":            {Kind: sources.Unauthorized, Err: errForbidden, Hint: "ask for the right to list it"},
	"NotFound":             {Kind: sources.NotFound},
	"TooManyRequests":      {Kind: sources.RateLimited},
	"BadRequest":           {Kind: sources.BadRequest},
	"Invalid":              {Kind: sources.BadRequest},
	"MethodNotAllowed":     {Kind: sources.BadRequest},
	"NotAcceptable":        {Kind: sources.BadRequest},
	"UnsupportedMediaType": {Kind: sources.BadRequest},
	"Expired":              {Kind: sources.BadResponse, Err: errExpired},
	"Gone":                 {Kind: sources.BadResponse, Err: errExpired},
	"Timeout":              {Kind: sources.Timeout},
	"ServerTimeout":        {Kind: sources.Timeout},
}

// loggedOut is how long to wait when nobody is logged in: a credential plugin
// may open a browser each time it is asked. Who has logged in refreshes.
const loggedOut = 5 * time.Minute

const loginHint = "log in as for kubectl: kubectl get deployments says more"

// byWords are what kubectl says when it came to no answer, the first that fits
// counts.
var byWords = []struct {
	words []string
	err   sources.Error
}{
	{[]string{"you must be logged in", "provide credentials", "getting credentials", "(unauthorized)", "oauth2:", "token is expired",
		"token has expired", "expired token", "refresh token", "no auth provider", "sso session", "exec plugin"},
		sources.Error{Kind: sources.Unauthorized, Hint: loginHint, After: loggedOut}},
	{[]string{"stopped after 10 redirects", "unexpected eof", "server gave http response to https client", "malformed http"}, sources.Error{Kind: sources.BadResponse}},
	{[]string{"deadline exceeded", "timeout", "timed out", "request canceled"}, sources.Error{Kind: sources.Timeout}},
	{[]string{"connection to the server", "dial tcp", "unable to connect", "no such host", "x509:", "tls:"},
		sources.Error{Kind: sources.Unavailable, Hint: "is the cluster reachable from here (VPN)?"}},
	{[]string{"context", "kubeconfig", "no such file", "loading config", "invalid configuration", "does not exist", "unknown flag"},
		sources.Error{Kind: sources.BadRequest, Hint: "correct context or kubeconfig under changes, kind kubernetes"}},
}

// classify turns kubectl's last words into an error. partly: it had written a
// part of the answer.
func classify(words string, partly bool) *sources.Error {
	out := sources.Error{Kind: sources.Unavailable}
	if m := fromServer.FindStringSubmatch(words); m != nil {
		if known := byReason[m[1]]; known != nil {
			out = *known
		}
		words = words[len(m[0]):]
	} else {
		lower := strings.ToLower(words)
		for _, b := range byWords {
			if slices.ContainsFunc(b.words, func(w string) bool { return strings.Contains(lower, w) }) {
				out = b.err
				break
			}
		}
		if partly && strings.HasSuffix(lower, "eof") {
			out = sources.Error{Kind: sources.BadResponse}
		}
	}
	out.Detail = safe.Outside(shown(strings.TrimPrefix(words, "error: ")))
	return &out
}
