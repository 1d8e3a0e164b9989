package resolve

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

const corpusDir = "../../testdata/corpus"

// table reads a tab-separated file without its header line.
func table(tb testing.TB, name string, columns int) [][]string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(corpusDir, name))
	if err != nil {
		tb.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(b)) {
		row := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(row) < columns {
			tb.Fatalf("%s: %q has %d columns", name, line, len(row))
		}
		rows = append(rows, row)
	}
	return rows[1:]
}

// corpusResolver is configured as the answer key assumes.
func corpusResolver(tb testing.TB) *Resolver {
	tb.Helper()
	var o Options
	for _, row := range table(tb, "roots.tsv", 2) {
		o.Checkouts = append(o.Checkouts, Checkout{URL: row[0], Path: filepath.Join(corpusDir, row[1])})
	}
	o.Fetch = Never
	return New(o)
}

func linkRef(alert, link string) runbook.Ref {
	ref := runbook.ParseRef(link)
	ref.Alert = safe.Outside(alert)
	ref.Key = "runbook_url"
	return ref
}

// corpusPath is a path as the tables write it.
func corpusPath(tb testing.TB, p string) string {
	tb.Helper()
	top, err := filepath.Abs(corpusDir)
	if err != nil {
		tb.Fatal(err)
	}
	rel, err := filepath.Rel(top, p)
	if err != nil {
		tb.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// TestAnswerKeyLinks checks every row of links.tsv: rows with a file open that
// file at that heading, the others say why they cannot.
func TestAnswerKeyLinks(t *testing.T) {
	t.Parallel()
	r := corpusResolver(t)
	prefixes := table(t, "roots.tsv", 2)
	files, slugs, byName := 0, 0, 0
	for _, row := range table(t, "links.tsv", 4) {
		alert, link, file, slug := row[0], row[1], row[2], row[3]
		ref := linkRef(alert, link)
		d, trail, err := r.Resolve(context.Background(), ref)
		l := r.Locate(ref)
		if file == "-" {
			byName += wantMissing(t, ref, d, err, l, wantReason(link, prefixes))
			continue
		}
		files++
		if err != nil || d.Where.Via != runbook.ViaCheckout {
			t.Errorf("%s %s: via %q, error %v\n%v", alert, link, d.Where.Via, err, trail)
			continue
		}
		if got := corpusPath(t, d.Where.Path); got != file {
			t.Errorf("%s %s: opened %s, want %s", alert, link, got, file)
		}
		if d.Where.Path != l.Path || l.Via != runbook.ViaCheckout {
			t.Errorf("%s %s: Locate says %s (%s)", alert, link, l.Path, l.Via)
		}
		p := d.Place(ref.Fragment, alert)
		if slug != "" {
			slugs++
			if p.Slug != slug || p.Kind != runbook.AtAnchor || p.Missed || l.Line != p.Line || l.Heading != p.Heading || l.Slug != p.Slug || l.Reason != runbook.OK {
				t.Errorf("%s %s: at %+v, Locate line %d %s, want slug %s", alert, link, p, l.Line, l.Reason, slug)
			}
		} else if ref.Fragment != "" && (!p.Missed || l.Reason != runbook.NoHeading) {
			t.Errorf("%s %s: the key knows no such heading, got %+v, Locate %s", alert, link, p, l.Reason)
		}
	}
	if files != 273 || slugs != 61 {
		t.Errorf("%d rows with a file, %d with a heading; the key has 273 and 61", files, slugs)
	}
	t.Logf("%d files, %d headings, %d of the rest found by name", files, slugs, byName)
}

// wantMissing checks a row whose file is not there; it returns 1 when the
// alert was found by its name.
func wantMissing(t *testing.T, ref runbook.Ref, d runbook.Document, err error, l Located, want runbook.Reason) int {
	t.Helper()
	name, link := ref.Alert.Raw(), ref.Link.Raw()
	if l.Link != want {
		t.Errorf("%s %s: %s, want %s\n%v", name, link, l.Link, want, l.Trail)
	}
	var nf *runbook.NotFoundError
	switch {
	case err == nil && d.Where.Via == runbook.ViaName:
		if l.Via != runbook.ViaName || l.Path != d.Where.Path || l.Reason != runbook.ByName {
			t.Errorf("%s: Locate says %s %s", name, l.Via, l.Path)
		}
		return 1
	case err == nil:
		t.Errorf("%s %s: opened %s by way of %s", name, link, d.Where.Path, d.Where.Via)
	case !errors.As(err, &nf) || nf.Reason != want:
		t.Errorf("%s %s: %v, want %s", name, link, err, want)
	}
	return 0
}

// wantReason is why a row of the key has no file, by the look of its link.
func wantReason(link string, prefixes [][]string) runbook.Reason {
	switch {
	case strings.Contains(link, "{{"):
		return runbook.Templated
	case link == "NA":
		return runbook.NoLink
	case !strings.Contains(link, "://"):
		return runbook.NoFile
	}
	for _, p := range prefixes {
		if strings.HasPrefix(link, p[0]) {
			return runbook.NoFile
		}
	}
	return runbook.NoCheckout
}

// TestAnswerKeyNames finds every alert of names.tsv without its link.
func TestAnswerKeyNames(t *testing.T) {
	t.Parallel()
	r := corpusResolver(t)
	listed := map[string][]string{}
	for _, row := range table(t, "names.tsv", 4) {
		listed[row[0]] = append(listed[row[0]], row[1]+"#"+row[2])
	}
	for alert, want := range listed {
		ref := linkRef(alert, "")
		d, _, err := r.Resolve(context.Background(), ref)
		if err != nil || d.Where.Via != runbook.ViaName {
			t.Errorf("%s: via %q, %v", alert, d.Where.Via, err)
			continue
		}
		p := d.Place("", alert)
		slug := ""
		if !strings.EqualFold(strings.TrimSuffix(filepath.Base(d.Where.Path), ".md"), alert) {
			slug = p.Slug
		}
		if got := corpusPath(t, d.Where.Path) + "#" + slug; !slices.Contains(want, got) {
			t.Errorf("%s: found at %s, want one of %v", alert, got, want)
		}
		if len(want) > 1 && len(d.Where.Also) == 0 {
			t.Errorf("%s: stands in %v, none listed besides", alert, want)
		}
	}
}
