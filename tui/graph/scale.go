package graph

import (
	"math"
	"strconv"
)

// scale is the value axis: what stands at its lower and its upper edge.
type scale struct{ bottom, top float64 }

// huge is the largest value that is calculated with: beyond it sums overflow.
const huge = 1e300

// closeUp is below which share of the largest value the axis does not begin at
// zero: the whole course would be less than three rows of thirty-two dots.
const closeUp = 0.1

// headroom is how much higher than the limit the axis reaches at least, so that
// the line is not the edge.
const headroom = 1.15

func plainFormat(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// scaled finds the axis for the values and the limit. It begins at zero unless
// values are negative or nearly the same.
func (c Chart) scaled() scale {
	lo, hi, sunk := math.Inf(1), math.Inf(-1), false
	add := func(v float64) {
		v = max(-huge, min(v, huge))
		lo, hi = min(lo, v), max(hi, v)
	}
	for _, p := range c.Points {
		if math.IsInf(p.V, 0) {
			sunk = sunk || p.V < 0
		} else if p.V == p.V {
			add(p.V)
		}
	}
	if c.Op != "" {
		add(c.Limit)
	}
	largest := hi // before there is room above it
	if c.Op != "" && c.Limit > 0 && hi < c.Limit*headroom && !(lo > 0 && hi-lo < closeUp*hi) {
		hi = min(c.Limit*headroom, huge)
	}
	unit := c.Unit
	if !(unit > 0) || math.IsInf(unit, 0) {
		unit = 1
	}
	s := scale{}
	switch {
	case lo > hi || lo == 0 && hi == 0:
		s.top = unit
	case lo > 0 && hi > lo && hi-lo < closeUp*hi:
		return closer(lo, hi, unit)
	case hi > 0:
		if s.top = roundUp(hi/unit) * unit; c.Most >= largest {
			s.top = min(s.top, c.Most)
		}
	}
	if lo < 0 && lo <= hi {
		s.bottom = -roundUp(-lo/unit) * unit
	}
	if sunk && s.bottom >= 0 {
		s.bottom = -s.top
	}
	if !(s.top > s.bottom) { // values too small to calculate with
		s.top = s.bottom + unit
	}
	return s
}

// closer is an axis around values that are nearly the same.
func closer(lo, hi, unit float64) scale {
	step := roundUp((hi-lo)/4/unit) * unit
	s := scale{bottom: (math.Floor(lo/step) - 1) * step, top: (math.Ceil(hi/step) + 1) * step}
	if !(s.top > s.bottom) || !(step > 0) || math.IsInf(s.top, 0) {
		return scale{top: roundUp(hi)}
	}
	return s
}

// roundUp is the next number that people call round; x is positive.
func roundUp(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	if power == 0 {
		return x
	}
	for _, step := range [...]float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8} {
		if x <= step*power*(1+1e-9) {
			return step * power
		}
	}
	return 10 * power
}

// dot is the height of a value in dots above the lower edge.
func (p plan) dot(v float64) int {
	n := p.rows*4 - 1
	v = max(p.bottom, min(v, p.top))
	return max(0, min(int((v-p.bottom)/(p.top-p.bottom)*float64(n)+0.5), n))
}

// row is the row of cells that a value stands in, from above.
func (p plan) row(v float64) int { return p.rows - 1 - p.dot(v)/4 }
