package sourcetest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Call asks the source once.
type Call func(ctx context.Context) error

// HTTPSuite says how to open a source that speaks HTTP and ask it.
type HTTPSuite struct {
	// Open makes the source for a base URL, with Secret as its credential
	// where it has any. What needs closing is closed with t.Cleanup.
	Open func(t testing.TB, url string) Call
	// Good serves right answers.
	Good http.Handler
	// Secret is the credential (password or token) that Open configures.
	// Empty: the source has none.
	Secret string
	// Skip names cases that do not apply, such as "empty" for a format in
	// which nothing is a right answer.
	Skip []string
}

// slack is how long a call that must return at once may take on a busy
// machine. The servers here never answer, so a call that waits for one fails
// however long this is.
const slack = 20 * time.Second

// HTTP runs the suite.
func HTTP(t *testing.T, s HTTPSuite) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Run("good", func(t *testing.T) { s.good(t) })
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			if slices.Contains(s.Skip, c.name) {
				t.Skip("does not apply to this source")
			}
			s.kind(t, c)
		})
	}
	t.Run("refused", func(t *testing.T) { s.refused(t) })
	t.Run("timeout", func(t *testing.T) { s.timeout(t) })
	t.Run("cancel", func(t *testing.T) { s.cancel(t, hang) })
	t.Run("cancel in the body", func(t *testing.T) { s.cancel(t, trickle) })
	t.Run("redirect keeps credentials", func(t *testing.T) { s.redirect(t) })
	http.DefaultClient.CloseIdleConnections()
	noneLeft(t, before)
}

func (s HTTPSuite) good(t *testing.T) {
	srv := serve(t, s.Good)
	call := s.Open(t, srv.URL)
	for range 2 {
		if err := call(t.Context()); err != nil {
			t.Fatalf("a right answer gave %v", err)
		}
	}
}

// noneLeft waits for the goroutines of closed connections to end.
func noneLeft(t *testing.T, before goleak.Option) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(slack); time.Now().Before(deadline); {
		if err = goleak.Find(before); err == nil {
			return
		}
	}
	t.Errorf("goroutines were left: %v", err)
}

// kind serves one wrong answer and judges the error.
func (s HTTPSuite) kind(t *testing.T, c wrong) {
	srv := serve(t, c.serve)
	err := s.Open(t, srv.URL)(t.Context())
	s.judge(t, err, c.want)
	var e *sources.Error
	if c.after[1] > 0 && errors.As(err, &e) && (e.After < c.after[0] || e.After > c.after[1]) {
		t.Errorf("After is %v, want %v to %v", e.After, c.after[0], c.after[1])
	}
}

// judge checks everything that holds for any error.
func (s HTTPSuite) judge(t *testing.T, err error, want sources.Kind) {
	t.Helper()
	var e *sources.Error
	if !errors.As(err, &e) {
		t.Errorf("error %v (%T), want a *sources.Error of kind %s", err, err, want)
		return
	}
	if e.Kind != want {
		t.Errorf("kind %s, want %s: %v", e.Kind, want, err)
	}
	if e.Source.Kind == "" {
		t.Errorf("the error names no source: %v", err)
	}
	if strings.Contains(e.URL, "@") || strings.Contains(e.URL, "?") {
		t.Errorf("URL %q has userinfo or a query", e.URL)
	}
	doc, jerr := json.Marshal(e)
	if jerr != nil {
		t.Errorf("the error cannot be written as JSON: %v", jerr)
	}
	texts := []string{err.Error(), e.Short(), e.Hint, e.URL, fmt.Sprintf("%v", err), string(doc), e.Detail.Raw()}
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		texts = append(texts, cause.Error(), fmt.Sprintf("%+v", cause))
	}
	for i, text := range texts {
		s.noSecret(t, text)
		if i != 6 { // the raw detail may hold what the clean one shows
			NoControls(t, text)
		}
	}
}

// forms are the ways in which a credential can be written.
func (s HTTPSuite) forms() []string {
	if s.Secret == "" {
		return nil
	}
	return []string{s.Secret, base64.StdEncoding.EncodeToString([]byte(s.Secret))}
}

func (s HTTPSuite) noSecret(t *testing.T, text string) {
	t.Helper()
	for _, f := range s.forms() {
		if strings.Contains(text, f) {
			t.Errorf("the credential is shown: %q", text)
		}
	}
	// user:password in base64 depends on the user's name.
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \"'\\,;", r) }) {
		if dec, err := base64.StdEncoding.DecodeString(word); err == nil && s.Secret != "" && bytes.Contains(dec, []byte(s.Secret)) {
			t.Errorf("the credential is shown in base64: %q", text)
		}
	}
}

func (s HTTPSuite) refused(t *testing.T) {
	srv := httptest.NewServer(s.Good)
	url := srv.URL
	srv.Close()
	s.judge(t, s.Open(t, url)(t.Context()), sources.Unavailable)
}

func (s HTTPSuite) timeout(t *testing.T) {
	srv := serve(t, hang(nil))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	s.judge(t, within(t, func() error { return s.Open(t, srv.URL)(ctx) }), sources.Timeout)
}

// cancel gives up when the request has arrived. The server goes on only when
// the test is over: a call that returns did not wait for it.
func (s HTTPSuite) cancel(t *testing.T, how func(arrived chan<- struct{}) http.HandlerFunc) {
	arrived := make(chan struct{}, 16)
	srv := serve(t, how(arrived))
	call := s.Open(t, srv.URL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	s.judge(t, within(t, func() error { return call(ctx) }), sources.Canceled)
	s.judge(t, within(t, func() error { return call(ctx) }), sources.Canceled) // over before it began
}

// within fails the test when f does not return.
func within(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(slack):
		t.Fatal("the call waits for the server")
		return nil
	}
}

// redirect proves that another host (another port is another host) does not
// get the credential.
func (s HTTPSuite) redirect(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	var asked atomic.Int64
	other := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.URL.String())
		for name, values := range r.Header {
			seen = append(seen, name+": "+strings.Join(values, " "))
		}
		status(http.StatusUnauthorized)(w, r)
	}))
	for _, code := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		first := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, code)
		}))
		s.judge(t, s.Open(t, first.URL)(t.Context()), sources.Unauthorized)
	}
	if asked.Load() == 0 {
		t.Error("the redirect was not followed: nothing was proved")
	}
	for _, text := range seen {
		s.noSecret(t, text)
	}
}
