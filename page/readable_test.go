package page

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// A runbook link is shown without what lets somebody in, found or not.
func TestARunbookLinkIsShownWithoutSecrets(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	p.Runbook.Value.Ref.Link = safe.Outside("https://ada:s3cr3t@wiki.example.com/x?token=s3cr3t")
	for _, state := range []State{Absent, OK, Failed} {
		p.Runbook.State = state
		var out bytes.Buffer
		o := TextOptions{Now: p.At, Loc: time.UTC}
		if err := WriteText(&out, p, o); err != nil {
			t.Fatal(err)
		}
		if err := WriteMarkdown(&out, p, o); err != nil {
			t.Fatal(err)
		}
		if s := out.String(); strings.Contains(s, "s3cr3t") || !strings.Contains(s, "wiki.example.com/x") {
			t.Errorf("%v: %s", state, s)
		}
	}
}
