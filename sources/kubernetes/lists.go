package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// pageSize is how many objects one answer holds at most; kubectl itself asks
// for that many.
const pageSize = 500

// page is one answer to a list.
type page[T any] struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Continue string `json:"continue"`
	} `json:"metadata"`
	Items []T `json:"items"`
}

// list reads all pages of a path and keeps of each object what compact makes of
// it, as soon as its page is there: whole objects would take hundreds of
// megabytes. A list whose pages have become too old to go on is begun once more.
func list[T, C any](ctx context.Context, k kubectl, path string, compact func(*T) (C, bool)) ([]C, error) {
	out, err := pages(ctx, k, path, compact)
	if errors.Is(err, errExpired) {
		out, err = pages(ctx, k, path, compact)
	}
	return out, err
}

func pages[T, C any](ctx context.Context, k kubectl, path string, compact func(*T) (C, bool)) ([]C, error) {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	room := k.max
	var out []C
	for {
		body, err := k.get(ctx, path, query, room)
		if err != nil {
			return nil, err
		}
		var p page[T]
		if err := decode(body, &p); err != nil {
			err.URL = said + path
			return nil, err
		}
		if !strings.HasSuffix(p.Kind, "List") {
			return nil, &sources.Error{Kind: sources.BadResponse, URL: said + path, Detail: safe.Outside("not a list but " + shown(strconv.Quote(p.Kind)))}
		}
		for i := range p.Items {
			if c, ok := compact(&p.Items[i]); ok {
				out = append(out, c)
			}
		}
		if p.Metadata.Continue == "" {
			return out, nil
		}
		query.Set("continue", p.Metadata.Continue)
		// At least one byte, so that the cap is ours and not the default.
		room = max(1, room-int64(len(body)))
	}
}

// decode reads JSON. Its errors quote nothing of it.
func decode(body []byte, v any) *sources.Error {
	text := bytes.TrimSpace(body)
	if bytes.HasPrefix(text, []byte("<")) {
		page := strings.ToLower(string(text[:min(len(text), 64<<10)]))
		if strings.Contains(page, `type="password"`) || strings.Contains(page, "samlrequest") {
			return &sources.Error{Kind: sources.Unauthorized, Detail: safe.Outside("a login page came instead of an answer"), Hint: loginHint}
		}
		return &sources.Error{Kind: sources.BadResponse, Detail: safe.Outside("a web page came instead of an answer"),
			Hint: "is the server of this context the API server of Kubernetes?"}
	}
	if len(text) == 0 {
		return &sources.Error{Kind: sources.BadResponse, Detail: safe.Outside("the answer is empty")}
	}
	if err := json.Unmarshal(text, v); err != nil {
		why := "the answer is not JSON"
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			why = "the answer has another shape than expected, at " + kind.Field
		}
		return &sources.Error{Kind: sources.BadResponse, Detail: safe.Outside(why)}
	}
	return nil
}
