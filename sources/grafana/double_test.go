package grafana

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// double answers GET /api/annotations as Grafana does (documentation of 8.2 to
// 13.1 and the store behind it): those that began until "to" and ended after
// "from" if both are given, any or all of the tags, a key of a tag alone meaning
// each of its values, by the end and then the begin, newest first, "limit" of
// them (100).
type double struct {
	all   []map[string]any
	token string // what must be sent; empty: anybody may ask

	mu    sync.Mutex
	asked []string // queries
}

func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, r.URL.RawQuery)
	reply := func(status int, body any) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	switch {
	case r.URL.Path != "/grafana/api/annotations":
		reply(http.StatusNotFound, map[string]string{"message": "Not found"})
		return
	case d.token != "" && r.Header.Get("Authorization") != "Bearer "+d.token:
		reply(http.StatusUnauthorized, map[string]any{"message": "Invalid API key", "messageId": "api-key.invalid", "statusCode": 401})
		return
	}
	q := r.URL.Query()
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(q.Get(name), 10, 64)
		return n
	}
	from, to := number("from"), number("to")
	limit := cmp.Or(int(number("limit")), 100)
	out := []map[string]any{}
	for _, a := range d.all {
		if from > 0 && to > 0 && (at(a, "time") > to || end(a) < from) {
			continue
		}
		if alert := at(a, "alertId") != 0; (q.Get("type") == "annotation" && alert) || (q.Get("type") == "alert" && !alert) {
			continue
		}
		if matches(a, q["tags"], q.Get("matchAny") == "true") {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b map[string]any) int {
		return cmp.Or(cmp.Compare(end(b), end(a)), cmp.Compare(at(b, "time"), at(a, "time")))
	})
	reply(http.StatusOK, out[:min(limit, len(out))])
}

func at(a map[string]any, key string) int64 {
	n, _ := a[key].(int)
	return int64(n)
}

func end(a map[string]any) int64 { return cmp.Or(at(a, "timeEnd"), at(a, "time")) }

func matches(a map[string]any, want []string, anyOf bool) bool {
	has, _ := a["tags"].([]string)
	found := 0
	for _, w := range want {
		if slices.ContainsFunc(has, func(t string) bool { return t == w || strings.HasPrefix(t, w+":") }) {
			found++
		}
	}
	return len(want) == 0 || (anyOf && found > 0) || found == len(want)
}
