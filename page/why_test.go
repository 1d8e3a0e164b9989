package page

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestWhyWords(t *testing.T) {
	t.Parallel()
	const share = "The share of HTTP requests (http_requests_total) that end in a 5xx code for each service, over 5 minutes, "
	stale := func(p Page) Page {
		p.AlertsFeed.Err = sources.Errorf(sources.Timeout, "timeout after 5 s")
		p.AlertsFeed.AsOf = now.Add(-4 * time.Minute)
		return p
	}
	for _, c := range []struct {
		name string
		with func(p Page) Page
		want string
	}{
		{"firing", func(p Page) Page { return p }, share + "was above 5% for 3 minutes in a row. It is 12.4% now, 2.5 times the limit."},
		{"pending", func(p Page) Page { p.Item.State = sources.Pending; return p },
			share + "is above 5%; it fires when that has lasted 3 minutes. It is 12.4% now, 2.5 times the limit."},
		{"nobody answers", stale, share + "was above 5% for 3 minutes in a row. It was 12.4% at 13:05, 2.5 times the limit."},
		{"over, the value is old", func(p Page) Page { p.Over = true; p.Item.ResolvedAt = now; return p }, share + "was above 5% for 3 minutes in a row."},
		{"over, measured since", func(p Page) Page {
			p.Over, p.Item.ResolvedAt = true, now.Add(-time.Minute)
			p.Why.Value.Value, p.Why.Value.Points = 0.003, []sources.Point{{T: now, V: 0.003}}
			return p
		}, share + "was above 5% for 3 minutes in a row. It is 0.3% now, within the limit."},
		{"no rule", func(p Page) Page { p.Why.Value = triage.Why{}; return p }, ""},
	} {
		p := c.with(openBurn(t))
		if got := WhyWords(p, p.At, time.UTC); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestWhyOfARecordedSeries goes from the snapshot's rules to text and JSON.
func TestWhyOfARecordedSeries(t *testing.T) {
	t.Parallel()
	s := snapshot(burn())
	g := &s.Clusters[0].Rules.Items[0]
	g.Rules[0].Query = safe.Outside("service:errors > 0.05")
	g.Recorded = []sources.Recording{{Name: safe.Outside("service:errors"), Query: safe.Outside(strings.TrimSuffix(burnQuery, " > 0.05"))}}
	p, ok := Open(build(s, now), burn().ID, nil)
	if !ok {
		t.Fatal("not on the board")
	}
	p.PointsAt.Value = triage.PointsAt{Unit: triage.Ratio, Place: "instance",
		Pointers: []triage.Pointer{{Name: safe.Outside("version"), Value: safe.Outside("1.42.0"), Measured: 0.129}}}
	var text strings.Builder
	if err := WriteText(&text, p, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"The share of HTTP requests (http_requests_total) that end in a 5xx code for each service, over 5 minutes, was above 5%",
		"Recorded as service:errors: sum by (service) (rate(",
		`Points at: version="1.42.0" (12.9%). No single instance.`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
	body, err := json.Marshal(p.whyJSON())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"sentence":"The share of HTTP`, `"unit":"ratio"`, `"recorded":{"name":"service:errors","query":"sum by`,
		`"points_at":[{"name":"version","value":"1.42.0","measured":0.129},{"name":"service","value":"checkout","measured":null}`, `"rest":""`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}
