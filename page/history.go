package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// HistoryWords say whether it has happened before, a fact a line; the first is
// of this very alert. Nil: not loaded yet. Times are in loc, and so are nights.
func HistoryWords(p Page, now time.Time, loc *time.Location) []string {
	slot, h := p.History, p.History.Value
	silence := p.LastSilence()
	var out []string
	switch slot.State {
	case OK, Stale:
		out = append(out, pastWords(h.Own, h, now, loc))
		if during(silence, h.Own) {
			out[0] += ", " + silenceWords(*silence)
			silence = nil
		}
		if len(h.Alike) > len(h.Own) {
			out = append(out, alikeName(p.Item)+" "+pastWords(h.Alike, h, now, loc))
		}
		if b, ok := h.Burst(); ok {
			out = append(out, fmt.Sprintf("it flaps: %d times in %s, from %s", b.Times, sources.Span(b.End.Sub(b.Start)), Clock(b.Start, now, loc)))
		}
		if len(h.Together) > 0 {
			out = append(out, togetherWords(h.Together))
		}
		if h.Note != "" {
			out = append(out, safe.Text(h.Note))
		}
		if slot.State == Stale {
			out = append(out, "as of "+Clock(slot.AsOf, now, loc)+": "+safe.Err(slot.Err))
		}
	case Failed:
		out = append(out, "not known: "+safe.Err(slot.Err))
	case Absent:
		out = append(out, "not known. "+safe.Text(h.Note))
	}
	if silence != nil {
		when := ", from " + Clock(silence.StartsAt, now, loc)
		if now.Before(silence.EndsAt) {
			when = ", until " + Clock(silence.EndsAt, now, loc)
		}
		out = append(out, silenceWords(*silence)+when)
	}
	return out
}

// firstSpan is how far back is to be known before "first time" is worth a word.
const firstSpan = 7 * 24 * time.Hour

// before is the past in the page's sentence; empty when there is nothing to say.
func (p Page) before() string {
	h := p.History.Value
	if s := p.History.State; s != OK && s != Stale || p.Over {
		return ""
	}
	usual, n := h.Own.Usual()
	known := "in " + spanWords(min(h.Kept, h.Window))
	words := "fired " + timesWords(len(h.Own)) + " " + known
	switch {
	case len(h.Own) == 0 && len(h.Alike) == 0 && h.AlikeKnown && h.Note == "" && h.Kept >= firstSpan:
		return "first time " + known
	case len(h.Own) == 0:
		return ""
	case n == 0:
		return words
	case len(h.Own) == 1:
		return words + ", for " + lengthWords(usual)
	}
	return words + ", usually " + lengthWords(usual)
}

// pastWords are how often, how long, how many at night and on weekends, and
// when it was last.
func pastWords(past triage.Past, h triage.History, now time.Time, loc *time.Location) string {
	usual, n := past.Usual()
	nights, weekends := past.Nights(loc), past.Weekends(loc)
	if len(past) == 0 {
		return "never " + withinWords(h)
	}
	words := timesWords(len(past)) + " " + withinWords(h)
	switch last := Clock(past[0].Start, now, loc); {
	case len(past) == 1:
		words += ": " + last
		if n > 0 {
			words += ", for " + lengthWords(usual)
		}
		if nights > 0 {
			words += ", at night"
		}
		if weekends > 0 {
			words += ", on a weekend"
		}
	default:
		if n > 0 {
			words += ", usually " + lengthWords(usual)
		}
		if nights > 0 {
			words += fmt.Sprintf(", %d at night", nights)
		}
		if weekends > 0 {
			words += fmt.Sprintf(", %d on weekends", weekends)
		}
		words += "; last " + last
	}
	return words
}

func timesWords(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func lengthWords(d time.Duration) string {
	if d < time.Minute {
		return "under 1 min"
	}
	return sources.Span(d)
}

// withinWords are how far back is known.
func withinWords(h triage.History) string {
	if h.Whole() {
		return "in " + spanWords(h.Window)
	}
	return "in the " + spanWords(h.Kept) + " that the server keeps"
}

// spanWords is a span as people say it in a sentence.
func spanWords(d time.Duration) string {
	if d < 48*time.Hour {
		return Ago(d)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// alikeName is what alike alerts have in common: "any KubePodCrashLooping of
// search".
func alikeName(it triage.Item) string {
	name := "any " + it.Name().String()
	if alikeByService(it) {
		name += " of " + it.Service.Name.String()
	}
	return name
}

func togetherWords(cs []triage.Companion) string {
	var words []string
	for _, c := range cs {
		words = append(words, fmt.Sprintf("%s (%d of %d times)", c.Name, c.Times, c.Of))
	}
	return "usually together with " + strings.Join(words, ", ")
}

// LastSilence is the silence that began last of those that hold or held for the
// alert, as far as its Alertmanager still has them. Nil: none is known.
func (p Page) LastSilence() *sources.Silence {
	ls := p.Item.Labels
	if am := p.Item.AM; am != nil {
		ls = am.Labels
	}
	for _, c := range p.board.Snapshot.Clusters {
		if c.Name == p.Item.Cluster {
			return triage.LastSilence(c.Silences.Items, ls)
		}
	}
	return nil
}

// during reports whether a silence held in the last firing.
func during(s *sources.Silence, past triage.Past) bool {
	return s != nil && len(past) > 0 && s.StartsAt.Before(past[0].End) && s.EndsAt.After(past[0].Start)
}

// commentCells is the width to which the comment of a silence is cut.
const commentCells = 120

func silenceWords(s sources.Silence) string {
	words := "silenced"
	if !s.CreatedBy.Empty() {
		words += " by " + s.CreatedBy.String()
	}
	if s.Comment.Empty() {
		return words + " without a comment"
	}
	return words + `: "` + shorten(s.Comment.String(), commentCells) + `"`
}
