package page

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

// historyJSON is the alert's past. What is not known is null, not none.
type historyJSON struct {
	partJSON
	WindowDays float64 `json:"window_days"` // how far back is known
	Zone       string  `json:"zone"`        // whose nights and weekends they are
	pastJSON
	Alike       *pastJSON       `json:"alike"` // of the same name and service; null: not known
	Flapping    *burstJSON      `json:"flapping"`
	Together    []companionJSON `json:"together"`
	LastSilence *silenceJSON    `json:"last_silence"`
	Note        string          `json:"note"`
}

// pastJSON is a past before the present firing, newest first.
type pastJSON struct {
	Count        *int         `json:"count"`
	UsualSeconds *float64     `json:"usual_seconds"` // median
	UsualOf      *int         `json:"usual_of"`      // of how many
	Nights       *int         `json:"nights"`
	Weekends     *int         `json:"weekends"`
	Last         *firingJSON  `json:"last"`
	Firings      []firingJSON `json:"firings"`
}

type firingJSON struct {
	Start *time.Time `json:"start"`
	End   *time.Time `json:"end"`
	Cut   bool       `json:"cut"` // it began before start
}

type burstJSON struct {
	Times int        `json:"times"`
	Start *time.Time `json:"start"`
	End   *time.Time `json:"end"`
}

type companionJSON struct {
	Name  safe.Value `json:"name"`
	Times int        `json:"times"`
	Of    int        `json:"of"`
}

type silenceJSON struct {
	ID      safe.Value `json:"id"`
	By      safe.Value `json:"by"`
	Comment safe.Value `json:"comment"`
	At      *time.Time `json:"at"`
	Until   *time.Time `json:"until"`
	State   string     `json:"state"`
}

func (p Page) historyJSON() historyJSON {
	h := p.History.Value
	zone := h.Zone
	if zone == nil {
		zone = time.UTC
	}
	out := historyJSON{partJSON: part(p.History), Zone: p.At.In(zone).Format("MST"), Note: safe.Text(h.Note), Together: []companionJSON{},
		pastJSON: pastJSON{Firings: []firingJSON{}}}
	if s := p.LastSilence(); s != nil {
		out.LastSilence = &silenceJSON{s.ID, s.CreatedBy, s.Comment, stamp(s.StartsAt), stamp(s.EndsAt), safe.Text(s.State)}
	}
	if p.History.State != OK && p.History.State != Stale {
		return out
	}
	out.WindowDays = min(h.Kept, h.Window).Hours() / 24
	out.pastJSON = pastOf(h.Own, zone)
	if h.AlikeKnown {
		alike := pastOf(h.Alike, zone)
		out.Alike = &alike
	}
	if b, ok := h.Burst(); ok {
		out.Flapping = &burstJSON{b.Times, stamp(b.Start), stamp(b.End)}
	}
	for _, c := range h.Together {
		out.Together = append(out.Together, companionJSON(c))
	}
	return out
}

func pastOf(past triage.Past, zone *time.Location) pastJSON {
	count, nights, weekends := len(past), past.Nights(zone), past.Weekends(zone)
	out := pastJSON{Count: &count, Nights: &nights, Weekends: &weekends, Firings: make([]firingJSON, 0, count)}
	usual, n := past.Usual()
	if out.UsualOf = &n; n > 0 {
		s := usual.Seconds()
		out.UsualSeconds = &s
	}
	for _, f := range past {
		out.Firings = append(out.Firings, firingJSON{stamp(f.Start), stamp(f.End), f.Cut})
	}
	if count > 0 {
		out.Last = &out.Firings[0]
	}
	return out
}
