package page

import "github.com/firstpage-oncall/firstpage/sources"

// ChangeLetter is how a kind of change is drawn on an axis of time; 0: it is of
// no kind that is known.
func ChangeLetter(k sources.ChangeType) rune {
	return map[sources.ChangeType]rune{sources.Deploy: 'D', sources.Rollback: 'R', sources.Config: 'C', sources.Flag: 'F',
		sources.Infra: 'I', sources.Scale: 'S', sources.Restart: 'X'}[k]
}
