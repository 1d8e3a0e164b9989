package runbook

import (
	"context"
	"time"

	"github.com/yuin/goldmark/ast"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Via says which rung of the ladder gave the text.
type Via string

// The rungs. They are a contract of the JSON output.
const (
	ViaCheckout Via = "checkout"
	ViaNetwork  Via = "network"
	ViaCache    Via = "cache"
	ViaName     Via = "name"
	ViaCatalog  Via = "catalog"
	ViaNone     Via = "none"
)

// Where says where a document came from.
type Where struct {
	Via      Via
	Path     string    // absolute file path; empty for a fetched page without a file
	Rel      string    // Path relative to Root, with slashes
	Root     string    // the checkout's directory; empty: none
	URL      string    // where the same text is on the web; empty: not known
	AsOf     time.Time // of the text: file modification or fetch
	Edited   time.Time // last commit that touched the file; zero: not known
	Revision string    // of the checkout, abbreviated; empty: not a git checkout
	Also     []string  // other places of the same name, with ViaName
}

// Document is a runbook's text as blocks. The zero Document is "none".
type Document struct {
	Where  Where
	Title  safe.Value // front matter's title, else the first heading, else the file's name
	Source []byte     // as read, possibly cut
	Blocks []Block    // in source order; front matter and comments left out
	Cut    []string   // plain sentences about what was left out, such as "cut at 4 MiB"

	Aliases []string // other site addresses of this page (front matter), as written; `./x` is its slug in place of its file's name

	text    []byte  // what was parsed: Source made harmless; Node segments index it
	lines   []int32 // offset of each line of text
	codes   []CodeBlock
	heads   []head
	anchors []anchor
}

// head is one heading, nested or not, with what Block says of it.
type head struct {
	node          *ast.Heading
	Line, EndLine int
	Text          string
	Slugs         []string // in a part: the first without its number and its variant
	block         int      // index into Blocks of the block that holds it
}

// Empty reports whether there is no text.
func (d Document) Empty() bool { return len(d.Blocks) == 0 }

// Text is the prepared text that the segments of Block.Node index. It has the
// same number of lines as Source. It must not be changed.
func (d Document) Text() []byte { return d.text }

// BlockKind says what a top-level block is.
type BlockKind string

// The kinds of block.
const (
	Heading   BlockKind = "heading"
	Paragraph BlockKind = "paragraph"
	Code      BlockKind = "code" // fenced or indented
	Item      BlockKind = "item" // one item of a top-level list, nested blocks inside
	Quote     BlockKind = "quote"
	Table     BlockKind = "table"
	Rule      BlockKind = "rule"
	HTML      BlockKind = "html"
	Plain     BlockKind = "plain" // text that is not parsed further (nesting or size beyond the cap)
)

// Block is one top-level piece of a document. A top-level list is one block
// per item, so that a list of 2,000 items is rendered as it comes on screen. A
// definition list is a Paragraph.
//
// For whoever draws Node: its segments index Document.Text. What stands around
// it (parent, siblings) means nothing, save that the items of one list have the
// same parent. The tree holds no comments, no String and no footnote nodes
// (Glamour cannot draw those), and RawHTML and HTMLBlock nodes of real tags
// only, so nothing that was written is lost by dropping tags. What it holds
// reads harmless, entities resolved, but the renderer's output passes safe.ANSI
// all the same. Destinations of links and images are as written: Glamour draws
// `../x.md` as `/x.md`, so draw relative ones yourself and follow them with
// Where.Follow. Code is drawn from Code and Document.Codes, never from the tree:
// the text under it may have been changed for the parser. Mermaid and PlantUML
// are Code with that Lang.
type Block struct {
	Kind    BlockKind
	Node    ast.Node // nil for Plain; see the rules for drawing below
	Line    int      // first line in Source, from 1
	EndLine int      // last line in Source

	Level int      // Heading: 1 to 6
	Text  string   // Heading, Plain: its clean text
	Slugs []string // Heading: GitHub's slug, GitLab's where it differs, ids; lower case
	ID    string   // HTML id or name inside the block; may be empty

	Marker string // Item: "1.", "-" ...
	Tight  bool   // Item: no blank line between the items
	Task   Task   // Item: a checkbox

	Links bool // Node may hold links; false: it holds none

	Lang string // Code: first word of the info string, lower case
	Code []byte // Code: as CodeBlock.Code; it must not be changed
}

// CodeBlock is one block of code, wherever it stands: 44 percent of the code
// in real runbooks is inside list items.
type CodeBlock struct {
	Node ast.Node // the goldmark node, to find it while drawing an item
	Lang string   // first word of the info string, lower case; empty: none given
	// Code is what was written: the source bytes of the lines between the
	// fences without the indent of the list, quote or fence they stand in.
	// Lines end in LF (a CR before it is a line end of the file, not a part
	// of the command). It may hold control and invisible characters.
	Code    []byte
	Line    int // of the opening fence or first line, from 1
	EndLine int // of the closing fence or last line
	Block   int // index into Document.Blocks

	sets  *sets // of the document; nil: it stands alone
	index int   // in Document.Codes

	fenced bool // Line is that of a fence
}

// Codes is every code block of the document in order, nested ones included.
// It must not be changed.
func (d Document) Codes() []CodeBlock { return d.codes }

// anchor is one thing that a fragment can name.
type anchor struct {
	id    string // lower case
	kind  anchorKind
	line  int
	block int
}

// anchorKind orders the ways an anchor is made, surest first.
type anchorKind int8

const (
	githubAnchor anchorKind = iota
	gitlabAnchor
	htmlAnchor
)

// Task is the checkbox of a list item.
type Task int8

// The states of a checkbox.
const (
	NoTask Task = iota
	Open
	Ticked
)

// PlaceKind says how a place was found.
type PlaceKind string

// The ways a place is found.
const (
	AtAnchor  PlaceKind = "anchor"  // the link's fragment
	AtHeading PlaceKind = "heading" // a heading that names the alert
	AtMention PlaceKind = "mention" // the first line that names the alert
	AtTop     PlaceKind = "top"
)

// Pos is a place in a document.
type Pos struct {
	Block   int // index into Blocks
	Line    int // in Source, from 1
	Kind    PlaceKind
	Heading string // clean text of the heading there or the nearest above; may be empty
	Slug    string // of that heading
	// Missed is true when the link has a fragment and nothing in the document
	// answers to it: the anchor is dead.
	Missed bool
}

// Rung is one attempt of a resolver.
type Rung struct {
	Name   string // link, checkout, network, cache, name, default
	Tried  string // clean: what was looked at
	Result string // clean, one clause: "no cart.md", "not asked: your setting is never"
	Found  bool

	Fetch Fetch  // of the network: whether asking it is worth a try
	Host  string // of the network: the page's host, with its port; clean
}

// Trail is what a resolver tried, in order.
type Trail []Rung

// Reason says in one word how a link resolves.
type Reason string

// The reasons. They are a contract of `runbook check -o json`.
const (
	OK          Reason = "ok"
	NoLink      Reason = "no_link"
	Templated   Reason = "templated"
	NoCheckout  Reason = "no_checkout"
	NoFile      Reason = "no_file"
	NoHeading   Reason = "no_heading"
	FetchFailed Reason = "fetch_failed"
	ByName      Reason = "by_name"
)

// NotFoundError is the resolver's answer when no rung gave text. The Trail
// beside it says what was tried.
type NotFoundError struct {
	Reason Reason
	Stub   Stub // where the text would be found; zero: in no checkout
}

// Stub is a file that is not there yet, in a checkout.
type Stub struct {
	Root string // absolute
	Rel  string // below Root, with slashes
}

func (e *NotFoundError) Error() string { return "no runbook text: " + string(e.Reason) }

// Resolver finds the document behind a reference. A Document that was found
// comes with a nil error; the Trail is always filled. Safe for concurrent use.
type Resolver interface {
	Resolve(ctx context.Context, ref Ref) (Document, Trail, error)
}
