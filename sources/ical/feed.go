package ical

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

// feed is a calendar behind an address.
type feed struct {
	url    string
	host   string // scheme and host, all that may be shown
	secret []string
	client *web.Client
	copy   copied
	now    func() time.Time
}

func openFeed(o Options, id sources.SourceID) (*feed, error) {
	at := o.At
	if scheme, rest, _ := strings.Cut(at, "://"); strings.EqualFold(scheme, "webcal") {
		at = "https://" + rest
	}
	f := &feed{url: at, copy: copied{o.Cache, fileName(at)}, now: o.Now}
	u, err := url.Parse(at)
	if err == nil && u.Host != "" {
		f.host = safe.Text(u.Scheme + "://" + u.Host)
		f.secret = pieces(u)
	}
	f.client, err = web.New(web.Options{Source: id, URL: at, Public: f.host, Timeout: o.Timeout, MaxBody: maxBytes,
		Login: "the address may have been withdrawn: take a new one from the schedule's page"})
	return f, f.clean(err)
}

func (f *feed) shown() string { return f.host }

// version is what a server says of the state of its answer.
type version struct{ etag, modified string }

func (f *feed) read(ctx context.Context, old any) (answer, error) {
	var had *kept
	if old == nil { // the first look of this run
		if had = f.copy.get(); had != nil {
			old = had.version()
		}
	}
	header := map[string][]string{"Accept": {"text/calendar, */*;q=0.5"}}
	if v, ok := old.(version); ok {
		if v.etag != "" {
			header["If-None-Match"] = []string{v.etag}
		}
		if v.modified != "" {
			header["If-Modified-Since"] = []string{v.modified}
		}
	}
	// A web page in place of the answer is recognised as where JSON is asked for.
	res, err := f.client.Do(ctx, web.Request{Header: header, JSON: true})
	switch {
	case err != nil:
		return answer{}, f.clean(err)
	case res.Status == notModified && had != nil:
		f.copy.touch(had, f.now())
		return answer{text: had.Text, mark: old}, nil
	case res.Status == notModified:
		f.copy.touch(nil, f.now())
		return answer{same: true}, nil
	}
	v := version{res.Header.Get("ETag"), res.Header.Get("Last-Modified")}
	// What is no calendar must not take the place of the copy of one.
	if bytes.Contains(res.Body, []byte("BEGIN:VCALENDAR")) {
		f.copy.put(string(res.Body), v, f.now())
	}
	return answer{text: string(res.Body), mark: v}, nil
}

func (f *feed) kept() (answer, bool) {
	k := f.copy.get()
	if k == nil {
		return answer{}, false
	}
	return answer{text: k.Text, mark: k.version(), asOf: k.At}, true
}

// clean takes the address out of an error: the host is what may be shown, and
// what a server says may repeat the rest.
func (f *feed) clean(err error) error {
	if err == nil {
		return nil
	}
	e := *sources.AsError(sources.SourceID{Kind: KindName}, err)
	e.URL = f.host
	if detail := e.Detail.Raw(); slices.ContainsFunc(f.secret, func(s string) bool { return strings.Contains(detail, s) }) {
		e.Detail = safe.Value{}
	}
	switch { // the cause may quote the address
	case errors.Is(err, context.Canceled):
		e.Err = context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		e.Err = context.DeadlineExceeded
	default:
		e.Err = nil
	}
	return &e
}

// shortest is the shortest piece of an address that counts as a secret.
const shortest = 5

// pieces are the parts of an address behind the host that a server may repeat.
func pieces(u *url.URL) []string {
	var out []string
	for _, s := range []string{u.Path, u.RawQuery, u.User.String()} {
		for _, form := range []string{s, unescaped(s)} {
			out = append(out, strings.FieldsFunc(form, func(r rune) bool { return strings.ContainsRune("/&=:?.", r) })...)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return len(s) < shortest })
}

func unescaped(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}
