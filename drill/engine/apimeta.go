package engine

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// selection is what series, labels and label values share.
type selection struct {
	q     *querier
	sets  [][]*labels.Matcher
	limit int
}

func (e *Engine) selection(r *http.Request) (selection, error) {
	if err := r.ParseForm(); err != nil {
		return selection{}, badData(fmt.Errorf("error parsing form values: %w", err))
	}
	limit, err := limitParam(r)
	if err != nil {
		return selection{}, err
	}
	from, to := ever()
	if from, err = timeParam(r, "start", from); err != nil {
		return selection{}, err
	}
	if to, err = timeParam(r, "end", to); err != nil {
		return selection{}, err
	}
	sets, err := matcherSets(e.parser, r.Form["match[]"])
	if err != nil {
		return selection{}, badData(err)
	}
	return selection{q: &querier{store: e.store, mint: from.UnixMilli(), maxt: to.UnixMilli()}, sets: sets, limit: limit}, nil
}

// found lists the series of any of the selectors, each once, sorted.
func (s selection) found() []window {
	var out []window
	for _, ms := range s.sets {
		out = append(out, s.q.store.match(s.q.mint, s.q.maxt, ms)...)
	}
	if len(s.sets) == 0 {
		out = s.q.store.match(s.q.mint, s.q.maxt, nil)
	}
	slices.SortFunc(out, func(a, b window) int { return labels.Compare(a.labels, b.labels) })
	return slices.CompactFunc(out, func(a, b window) bool { return labels.Equal(a.labels, b.labels) })
}

func (e *Engine) apiSeries(r *http.Request) (answer, error) {
	s, err := e.selection(r)
	if err != nil {
		return answer{}, err
	}
	if len(s.sets) == 0 {
		return answer{}, badData(errors.New("no match[] parameter provided"))
	}
	out := []labels.Labels{}
	for _, w := range s.found() {
		out = append(out, w.labels)
	}
	return limitedAnswer(out, s.limit), nil
}

func (e *Engine) apiLabels(r *http.Request) (answer, error) {
	s, err := e.selection(r)
	if err != nil {
		return answer{}, err
	}
	seen := map[string]bool{}
	for _, w := range s.found() {
		w.labels.Range(func(l labels.Label) { seen[l.Name] = true })
	}
	return limitedAnswer(limited(seen, nil), s.limit), nil
}

func (e *Engine) apiLabelValues(r *http.Request) (answer, error) {
	name := r.PathValue("name")
	if strings.HasPrefix(name, "U__") {
		name = model.UnescapeName(name, model.ValueEncodingEscaping)
	}
	if !model.UTF8Validation.IsValidLabelName(name) {
		return answer{}, badData(fmt.Errorf("invalid label name: %q", name))
	}
	s, err := e.selection(r)
	if err != nil {
		return answer{}, err
	}
	seen := map[string]bool{}
	for _, w := range s.found() {
		if v := w.labels.Get(name); v != "" {
			seen[v] = true
		}
	}
	return limitedAnswer(limited(seen, nil), s.limit), nil
}

func limitedAnswer[T any](list []T, limit int) answer {
	a := answer{data: list}
	if limit > 0 && len(list) > limit {
		a.data = list[:limit]
		a.notes = a.notes.Add(errors.New("results truncated due to limit"))
	}
	return a
}

// libraryPath is the module whose engine this is.
const libraryPath = "github.com/prometheus/prometheus"

// buildInfo tells the release of the engine: library v0.X.Y is Prometheus
// 3.(X-300).Y. The version is empty in a binary that does not know its
// modules.
func buildInfo() map[string]string {
	out := map[string]string{"version": "", "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, m := range info.Deps {
		var minor, patch int
		if m.Path != libraryPath {
			continue
		}
		if n, err := fmt.Sscanf(m.Version, "v0.%d.%d", &minor, &patch); err == nil && n == 2 && minor >= 300 {
			out["version"] = fmt.Sprintf("3.%d.%d", minor-300, patch)
		}
	}
	return out
}
