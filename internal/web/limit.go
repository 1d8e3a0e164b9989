package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// limited reports whether an answer says that we ask too often, and for how
// long it is not to be asked; 0: it does not say. Beside 429 that is GitHub's
// 403, which it tells from a missing right by headers or only by words:
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
func limited(res *http.Response, body []byte, now time.Time) (time.Duration, bool) {
	after := retryAfter(res.Header.Get("Retry-After"), now)
	if after == 0 {
		after, _ = spent(res.Header, now)
	}
	switch res.StatusCode {
	case http.StatusTooManyRequests:
		return after, true
	case http.StatusForbidden:
		if after == 0 && strings.Contains(strings.ToLower(words(body)), "rate limit") {
			after = pause
		}
		return after, after > 0
	}
	return 0, false
}

// spent reports whether the headers of an answer, good or bad, say that it was
// the last one, and how long it takes until there are more. GitHub writes
// X-RateLimit-*, GitLab and the draft of the IETF RateLimit-*; the reset is
// seconds since 1970 with both forges.
func spent(h http.Header, now time.Time) (time.Duration, bool) {
	for _, prefix := range []string{"X-Ratelimit-", "Ratelimit-"} {
		left, err := strconv.Atoi(h.Get(prefix + "Remaining"))
		if err != nil || left > 0 {
			continue
		}
		reset, err := strconv.ParseInt(h.Get(prefix+"Reset"), 10, 64)
		if err != nil {
			continue
		}
		if after := time.Unix(reset, 0).Sub(now); after > 0 {
			return min(after, 24*time.Hour), true
		}
	}
	return 0, false
}

// notBefore is a hint: when it may be asked again.
func notBefore(t time.Time) string {
	return "it wants to be asked less often: not before " + t.UTC().Format("15:04:05") + " UTC"
}
