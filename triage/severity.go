package triage

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Word is the severity in a word of the screen: PAGE, CRIT, WARN, info, none;
// a value that is not in the table as it was written (clean); "alert" when
// the alert has no severity.
func (s Severity) Word() string {
	switch {
	case s.Value.Empty() || s.Rank == RankOther:
		return "alert"
	case s.Unknown:
		return s.Value.String()
	}
	switch s.Rank {
	case RankPage:
		return "PAGE"
	case RankCritical:
		return "CRIT"
	case RankWarning:
		return "WARN"
	case RankInfo:
		return "info"
	case RankNone:
		return "none"
	}
	return s.Value.String()
}

// Paging are the values of the severity label that wake somebody up, in lower
// case, sorted.
func (p Prefs) Paging() []string {
	var out []string
	for v, rank := range p.Ranks {
		if rank <= RankCritical {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// severity ranks a value as the table says; a value that the table does not
// know is a warning, an absent one comes last.
func severity(ranks map[string]SeverityRank, v safe.Value) Severity {
	raw := strings.ToLower(strings.TrimSpace(v.Raw()))
	if raw == "" {
		return Severity{Rank: RankOther}
	}
	if r, ok := ranks[raw]; ok {
		return Severity{Rank: r, Value: v}
	}
	return Severity{Rank: RankWarning, Value: v, Unknown: true}
}
