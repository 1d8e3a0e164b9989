package sourcetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// wrong is one way to answer and the kind of error that must come of it.
type wrong struct {
	name  string
	serve http.HandlerFunc
	want  sources.Kind
	after [2]time.Duration // with RateLimited: bounds of After
}

// hostile is what a server might put into an error to reach the terminal.
const hostile = "\x1b]52;c;ZXZpbA==\x07\u009b2J\u202eevil\u0007"

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// Some servers and proxies repeat what they were sent.
		http.Error(w, fmt.Sprintf("no: %s auth=%q %s", hostile, r.Header.Get("Authorization"), decoded(r)), code)
	}
}

func decoded(r *http.Request) string {
	user, pass, _ := r.BasicAuth()
	return user + " " + pass
}

func body(contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, text)
	}
}

func cases() []wrong {
	retry := func(value func() string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value())
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}
	date := func() string { return time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat) }
	return []wrong{
		{name: "400", serve: status(400), want: sources.BadRequest},
		{name: "401", serve: status(401), want: sources.Unauthorized},
		{name: "403", serve: status(403), want: sources.Unauthorized},
		{name: "404", serve: status(404), want: sources.NotFound},
		{name: "429", serve: status(429), want: sources.RateLimited},
		{name: "429 seconds", serve: retry(func() string { return "7" }), want: sources.RateLimited, after: [2]time.Duration{7 * time.Second, 7 * time.Second}},
		{name: "429 date", serve: retry(date), want: sources.RateLimited, after: [2]time.Duration{time.Second, 30 * time.Second}},
		{name: "500", serve: status(500), want: sources.Unavailable},
		{name: "502", serve: status(502), want: sources.Unavailable},
		{name: "503", serve: status(503), want: sources.Unavailable},
		{name: "login page", want: sources.Unauthorized, serve: body("text/html",
			"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form><input type=\"password\"></form></body></html>")},
		{name: "web page", want: sources.BadResponse, serve: body("text/html", "<html><title>Welcome"+hostile+"</title>It works!</html>")},
		{name: "web page called JSON", want: sources.BadResponse, serve: body("application/json", "\n<!doctype html><p>hello")},
		{name: "not JSON", want: sources.BadResponse, serve: body("application/json", "{\"a\":"+hostile)},
		{name: "empty", want: sources.BadResponse, serve: body("application/json", "")},
		{name: "truncated", want: sources.BadResponse, serve: truncated},
		{name: "oversized", want: sources.TooLarge, serve: oversized},
		{name: "gzip bomb", want: sources.TooLarge, serve: bomb},
		{name: "redirect loop", want: sources.BadResponse, serve: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		}},
	}
}

// serve runs a handler until the test ends. Handlers that hang are released.
func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A server sees that its client has gone only once the body is read.
		_, _ = io.Copy(io.Discard, r.Body)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), overKey{}, over)))
	}))
	t.Cleanup(func() {
		close(over)
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv
}

type overKey struct{}

// untilOver blocks until the test is over, also when the client has gone.
func untilOver(r *http.Request) {
	if over, ok := r.Context().Value(overKey{}).(chan struct{}); ok {
		<-over
	}
}

// hang takes the request and never answers.
func hang(arrived chan<- struct{}) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		if arrived != nil {
			arrived <- struct{}{}
		}
		untilOver(r)
	}
}

// trickle sends the head and the first bytes, and then nothing.
func trickle(arrived chan<- struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"success","data":[`)
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		arrived <- struct{}{}
		untilOver(r)
	}
}

// truncated promises more than it sends.
func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"status":"success","data":{"al`)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

// endless is more than any cap.
const endless = 600 << 20

// oversized sends an endless string.
func oversized(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"status":"`)
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range endless >> 20 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// bomb sends an endless string in a few hundred kilobytes of gzip: one member,
// packed once and sent again and again.
func bomb(w http.ResponseWriter, _ *http.Request) {
	const part = 8 << 20
	var head, member bytes.Buffer
	pack := func(to *bytes.Buffer, text []byte) {
		z := gzip.NewWriter(to)
		_, _ = z.Write(text)
		_ = z.Close()
	}
	pack(&head, []byte(`{"status":"`))
	pack(&member, bytes.Repeat([]byte("x"), part))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(head.Bytes())
	for range endless / part {
		if _, err := w.Write(member.Bytes()); err != nil {
			return
		}
	}
}
