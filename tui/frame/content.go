package frame

// Content is the rows of a pane that is laid out as a whole and then scrolled.
// A pane embeds it and lays itself out between Begin and the next Rows. The
// zero Content is empty. It belongs to one goroutine.
type Content struct {
	w, h   int
	rows   []string
	window Window
	about  string
	foot   string
}

// SetSize sets the pane's size in cells; the next layout is made for it.
func (c *Content) SetSize(w, h int) { c.w, c.h = w, h }

// Width is the pane's width in cells.
func (c *Content) Width() int { return c.w }

// Height is the pane's height in rows.
func (c *Content) Height() int { return c.h }

// Begin starts a new layout. The scroll position is kept while the layout is
// about the same thing.
func (c *Content) Begin(about string) {
	c.rows, c.foot = c.rows[:0], ""
	if about != c.about {
		c.about, c.window.Offset = about, 0
	}
}

// Add appends rows, each cut to the pane's width.
func (c *Content) Add(rows ...string) {
	for _, r := range rows {
		c.rows = append(c.rows, Cut(r, c.w))
	}
}

// Foot sets what stands in the last row while rows below are cut off.
func (c *Content) Foot(row string) { c.foot = Cut(row, c.w) }

// Len is how many rows the content has at the pane's width.
func (c *Content) Len() int { return len(c.rows) }

// Scroll moves the content by n rows.
func (c *Content) Scroll(n int) {
	c.window.Offset += n
	c.window.Clip(len(c.rows), c.h)
}

// Reveal scrolls as little as shows the rows from up to to; of more than fit the
// first.
func (c *Content) Reveal(from, to int) {
	c.window.Offset = min(max(c.window.Offset, to-c.h), from)
	c.window.Clip(len(c.rows), c.h)
}

// Shows reports whether a row is in view.
func (c *Content) Shows(row int) bool {
	return row >= c.window.Offset && row < c.window.Offset+c.h && row < len(c.rows)
}

// Below is how many rows there are below those in view.
func (c *Content) Below() int { return max(0, len(c.rows)-c.window.Offset-c.h) }

// Rows draws the pane: exactly its height, each row at most its width.
func (c *Content) Rows() []string {
	rows := c.window.View(c.rows, c.h)
	if c.foot != "" && c.h > 1 && c.Below() > 0 {
		rows[c.h-1] = c.foot
	}
	return rows
}
