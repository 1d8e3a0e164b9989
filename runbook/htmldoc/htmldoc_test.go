package htmldoc

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
	"github.com/firstpage-oncall/firstpage/runbook"
)

func at(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestPages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		url     string
		anchors []string
		codes   int
	}{
		"confluence": {"https://wiki.example.com/pages/viewpage.action?pageId=4711",
			[]string{"Cartqueueisgrowing-Queuegrowing", "Cartqueueisgrowing-queue-growing", "Cartqueueisgrowing-Escalate", "queue-growing"}, 2},
		"mkdocs": {"https://runbooks.example.com/checkout/",
			[]string{"checkout", "checkouterrorbudgetburn", "1-is-it-the-last-deploy"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(filepath.Join("testdata", name+".html"))
			if err != nil {
				t.Fatal(err)
			}
			p := Convert(body, "text/html; charset=UTF-8", at(t, tc.url))
			if p.SignIn || p.Plain {
				t.Errorf("%+v", p)
			}
			d := runbook.Parse(p.Markdown, runbook.Where{})
			for _, a := range tc.anchors {
				if pos := d.Place(a, "CartQueueGrowing"); pos.Missed || pos.Kind != runbook.AtAnchor {
					t.Errorf("anchor %s is dead", a)
				}
			}
			if len(d.Codes()) != tc.codes {
				t.Errorf("%d blocks of code", len(d.Codes()))
			}
			for _, b := range d.Blocks {
				if b.Kind == runbook.Heading && strings.ContainsAny(b.Text, "<>¶") {
					t.Errorf("heading %q", b.Text)
				}
			}
			golden.RequireEqual(t, p.Markdown)
		})
	}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"title":            {`<title>A page | Acme</title><p>x`, "# A page\n\nx\n"},
		"nothing to read":  {`<html><script>alert(1)</script><body><div id=root></div>`, ""},
		"no article":       {`<body><nav>n</nav><h1>T</h1><p>x</p><footer>f</footer>`, "# T\n\nx\n"},
		"teasers":          {`<h1>T</h1><main><article>a</article><p>` + strings.Repeat("word ", 9) + `</p></main>`, "# T\n\na\n\n" + strings.TrimSpace(strings.Repeat("word ", 9)) + "\n"},
		"relative":         {`<h1>T</h1><a href="x/../y?z=1#f">l</a> <img src="/i.png" alt="a]b">`, "# T\n\n[l](https://h/y?z=1#f) ![a\\]b](https://h/i.png)\n"},
		"base":             {`<base href="/b/"><h1>T</h1><a href=y>l</a>`, "# T\n\n[l](https://h/b/y)\n"},
		"itself":           {`<h1>T</h1><a href="https://h/page#f">l</a>`, "# T\n\n[l](#f)\n"},
		"schemes":          {`<h1>T</h1><a href="javascript:x">a</a> <a href="data:,x">b</a> <a href="file:///etc">c</a> <a href="https://u:p@h/">d</a>`, "# T\n\na b c [d](https://h/)\n"},
		"placeholder":      {`<h1>T</h1><p>in &lt;namespace&gt; &amp;lt;</p>`, "# T\n\nin &lt;namespace&gt; &lt;\n"},
		"fence in code":    {"<h1>T</h1><pre>a\n```\nb</pre>", "# T\n\n````\na\n```\nb\n````\n"},
		"empty lines":      {"<h1>T</h1><pre>a\n\n\n\nb  c</pre>", "# T\n\n```\na\n\n\n\nb  c\n```\n"},
		"lines in blocks":  {`<h1>T</h1><pre><div>a</div><div>b</div></pre>`, "# T\n\n```\na\nb\n```\n"},
		"markdown in text": {`<h1>T</h1><p># no</p><p>- no</p><p>a*b*c [x](y)</p>`, "# T\n\n\\# no\n\n\\- no\n\na\\*b\\*c \\[x](y)\n"},
		"own element":      {`<h1>T</h1><p>a<firstpage-markdown text="# evil">b</firstpage-markdown>c</p>`, "# T\n\nac\n"},
		"sphinx":           {`<div role=main><section id="q"><h1>T<a class=headerlink href="#q">#</a></h1><p>x</p></section></div>`, "# <a id=\"q\"></a>T\n\nx\n"},
		"pipes":            {`<h1>T</h1><table><tr><th>a<th>b<tr><td>x|y<td><code>p|q</code><ul><li>1<li>2</ul></table>`, "# T\n\n| a | b |\n|---|---|\n| x\\|y | `p\\|q`  <br />1  <br />2 |\n"},
		"section":          {`<h1>T</h1><section id=s1><div id=d1><h2>Other words</h2>x</div></section>`, "# T\n\n## <a id=\"s1\"></a><a id=\"d1\"></a>Other words\n\nx\n"},
		"body class":       {`<body class="lang-en"><h1>T</h1><article class="lang-de"><pre>x</pre></article>`, "# T\n\n```\nx\n```\n"},
		"github":           {`<article><div class="markdown-heading"><h1>T</h1><a id="user-content-t" class="anchor" href="#t"><svg></svg></a></div><p>x</p></article>`, "# T\n\n<a id=\"t\"></a>x\n"},
		"odd id":           {`<h1 id='"><script>'>T</h1>x`, "# T\n\nx\n"},
		"latin1":           {"<meta charset=iso-8859-1><h1>\xe9</h1>x", "# é\n\nx\n"},
	} {
		got := Convert([]byte(tc.in), "text/html", at(t, "https://h/page"))
		if string(got.Markdown) != tc.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got.Markdown, tc.want)
		}
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	form := `<form action="/login" method=post><input name=user><input type="Password" name=pass><button>Log in</button></form>`
	for name, tc := range map[string]struct {
		in   string
		want bool
	}{
		"form":            {`<title>Log in</title><h1>Log in</h1>` + form, true},
		"saml":            {`<body onload="document.forms[0].submit()"><form><input type=hidden name=SAMLRequest value=x></form>`, true},
		"about logins":    {`<h1>LoginFailuresHigh</h1><p>Sign in fails for many.</p>`, false},
		"field in header": {`<header>` + form + `</header><h1>T</h1><p>` + strings.Repeat("words to read ", 200), false},
	} {
		if got := Convert([]byte(tc.in), "", nil); got.SignIn != tc.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Pages that want to do harm come out inert, and soon.
func TestHostile(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat("<tr><td>a</td></tr>", 5000)
	for name, in := range map[string]string{
		"nesting":         strings.Repeat("<div>", 40_000) + "text",
		"nested lists":    strings.Repeat("<ul><li>a", 160) + strings.Repeat("<b>b", 40_000),
		"nested quotes":   strings.Repeat("<blockquote>", 400) + strings.Repeat("<p>line</p>", 3000),
		"wide row":        "<table><tr>" + strings.Repeat("<td>a", 40_000) + "</tr>" + rows + "</table>",
		"long cell":       "<table><tr><td>" + strings.Repeat("a", 1<<18) + "</td></tr>" + rows + "</table>",
		"spans":           `<table><tr><td colspan=1000000 rowspan=1000000>a</td></tr>` + rows + "</table>",
		"open tags":       strings.Repeat("<a href=x><b><i>", 20_000),
		"attributes":      "<p " + strings.Repeat(`a=b `, 40_000) + ">x",
		"backticks":       "<pre>" + strings.Repeat("`", 1<<18) + "</pre><code>" + strings.Repeat("`a", 1<<16) + "</code>",
		"stars":           "<p>" + strings.Repeat("*_[<b>", 1<<15),
		"many paragraphs": strings.Repeat("<p>word</p>", 40_000),
		"articles":        strings.Repeat("<article><header><div><p>", 120) + strings.Repeat("word ", 100_000),
		"lines in a cell": "<table><tr><td>" + strings.Repeat("<p>a</p>", 40_000) + "</table>",
		"nested tables":   strings.Repeat("<table><tr><td>", 160) + strings.Repeat("<p>a</p>", 40_000),
		"line breaks":     "<p>" + strings.Repeat("a<br>", 40_000),
	} {
		start := time.Now()
		got := Convert([]byte(in), "text/html", nil)
		t.Logf("%s: %d bytes in, %d out, %v", name, len(in), len(got.Markdown), time.Since(start).Round(time.Millisecond))
		if len(got.Markdown) > 16<<20 {
			t.Errorf("%s: %d bytes of Markdown", name, len(got.Markdown))
		}
	}
	evil := `<script>alert(1)</script><h1 onclick="x()">T</h1><p>a&#27;[2Jb` + "\x1b]0;x\x07\u009b2J" + `</p><iframe src=x></iframe>`
	for _, p := range safetest.Payloads() {
		evil += "<p>" + p.Text + "</p><pre>" + p.Text + "</pre><img alt='" + p.Text + "'>"
	}
	got := string(Convert([]byte(evil), "text/html", nil).Markdown)
	for _, bad := range []string{"\x1b", "\x07", "\u009b", "alert", "onclick", "iframe", "\x00", "\r"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is still there", bad)
		}
	}
	got = string(Convert([]byte(strings.Repeat("<i>", 600)+evil), "text/html", nil).Markdown)
	if strings.ContainsAny(got, "\x1b\x07\u009b") || strings.Contains(got, "alert") {
		t.Errorf("too deep: %.200q", got)
	}
}

func FuzzConvert(f *testing.F) {
	for _, name := range []string{"confluence", "mkdocs"} {
		body, err := os.ReadFile(filepath.Join("testdata", name+".html"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "text/html; charset=UTF-8")
	}
	f.Add([]byte(`<table><tr><td><ul><li>a<pre>b|c</pre></table><a href="//x">`), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got := Convert(body, contentType, &url.URL{Scheme: "https", Host: "h", Path: "/p"}).Markdown
		for _, r := range string(got) {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
				t.Fatalf("%q in %q", r, got)
			}
		}
		runbook.Parse(got, runbook.Where{})
	})
}
