package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/sources"
)

// What is copied from a browser's address line is told from a missing prefix.
func TestAPageForPeopleIsNamed(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	for path, want := range map[string]string{"/graph": "take /graph off", "/prom/alerts/": "take /alerts off", "": "prefix", "/prom": "prefix"} {
		c, err := New(Options{Source: sources.SourceID{Kind: "prometheus"}, URL: s.URL + path})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Do(t.Context(), Request{Ref: "api/v1/alerts", JSON: true})
		if !sources.IsKind(err, sources.NotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
