package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/util/annotations"
)

// errorType is the errorType of the API; each has a status code.
type errorType string

// The error types and statuses of web/api/v1/api.go.
const (
	errBadData  errorType = "bad_data"
	errExec     errorType = "execution"
	errTimeout  errorType = "timeout"
	errCanceled errorType = "canceled"
	errInternal errorType = "internal"

	statusClientClosed = 499 // nginx' code for a client that went away
)

func (t errorType) status() int {
	switch t {
	case errBadData:
		return http.StatusBadRequest
	case errExec:
		return http.StatusUnprocessableEntity
	case errTimeout:
		return http.StatusServiceUnavailable
	case errCanceled:
		return statusClientClosed
	case errInternal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// apiError is an error with its type.
type apiError struct {
	kind errorType
	err  error
}

func (e *apiError) Error() string { return e.err.Error() }
func (e *apiError) Unwrap() error { return e.err }

func badData(err error) error { return &apiError{errBadData, err} }

func badParam(name string, err error) error {
	return badData(fmt.Errorf("invalid parameter %q: %w", name, err))
}

// typeOf gives an error of the query engine its type.
func typeOf(err error) errorType {
	var known *apiError
	var canceled promql.ErrQueryCanceled
	var timeout promql.ErrQueryTimeout
	var storage promql.ErrStorage
	switch {
	case errors.As(err, &known):
		return known.kind
	case errors.As(err, &canceled), errors.Is(err, context.Canceled):
		return errCanceled
	case errors.As(err, &timeout):
		return errTimeout
	case errors.As(err, &storage):
		return errInternal
	}
	return errExec
}

// answer is what an endpoint gives. data is marshalled by encoding/json;
// expr is the query that positions in the annotations refer to.
type answer struct {
	data  any
	notes annotations.Annotations
	expr  string
}

type endpoint func(r *http.Request) (answer, error)

// envelope is the JSON around every answer.
type envelope struct {
	Status    string    `json:"status"`
	Data      any       `json:"data,omitempty"`
	ErrorType errorType `json:"errorType,omitempty"`
	Error     string    `json:"error,omitempty"`
	Warnings  []string  `json:"warnings,omitempty"`
	Infos     []string  `json:"infos,omitempty"`
}

// notesShown is how many warnings and infos an answer carries at most.
const notesShown = 10

func serve(f endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var out envelope
		code := http.StatusOK
		if got, err := f(r); err != nil {
			kind := typeOf(err)
			out, code = envelope{Status: "error", ErrorType: kind, Error: err.Error()}, kind.status()
		} else {
			warnings, infos := got.notes.AsStrings(got.expr, notesShown, notesShown)
			out = envelope{Status: "success", Data: got.data, Warnings: warnings, Infos: infos}
		}
		body, err := json.Marshal(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = w.Write(body) // the client may be gone
	}
}

// Handler is the HTTP API: Prometheus' /api/v1 alerts, rules, query,
// query_range, series, labels, label/<name>/values, metadata (empty) and
// status/buildinfo, and /-/ready and /-/healthy.
func (e *Engine) Handler() http.Handler {
	mux := http.NewServeMux()
	both := func(path string, f endpoint) {
		mux.Handle("GET /api/v1/"+path, serve(f))
		mux.Handle("POST /api/v1/"+path, serve(f))
	}
	get := func(path string, f endpoint) { mux.Handle("GET /api/v1/"+path, serve(f)) }
	both("query", e.apiQuery)
	both("query_range", e.apiQueryRange)
	both("series", e.apiSeries)
	both("labels", e.apiLabels)
	get("label/{name}/values", e.apiLabelValues)
	get("alerts", e.apiAlerts)
	get("rules", e.apiRules)
	get("metadata", func(*http.Request) (answer, error) { return answer{data: map[string]any{}}, nil })
	get("status/buildinfo", func(*http.Request) (answer, error) { return answer{data: buildInfo()}, nil })
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, text) }
	}
	mux.Handle("GET /-/ready", say("Prometheus Server is Ready."))
	mux.Handle("GET /-/healthy", say("Prometheus Server is Healthy."))
	return mux
}

// headerTimeout is how long a client may take to send a request's head.
const headerTimeout = 10 * time.Second

// Server is an engine that answers on a port of this machine.
type Server struct {
	URL  string // http://127.0.0.1:port
	done chan struct{}
	err  error
}

// Serve listens on 127.0.0.1 at a free port, and answers until ctx is done.
// Requests that run then are cut off.
func (e *Engine) Serve(ctx context.Context) (*Server, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "http://" + l.Addr().String(), done: make(chan struct{})}
	h := &http.Server{Handler: e.Handler(), ReadHeaderTimeout: headerTimeout,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = h.Close() })
	go func() {
		defer close(s.done)
		if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
		}
		stop()
	}()
	return s, nil
}

// Wait waits until the server has ended. The error is nil when the context
// ended it.
func (s *Server) Wait() error {
	<-s.done
	return s.err
}
