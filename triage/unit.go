package triage

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Unit is what a number counts.
type Unit string

// The units. They are a contract of the JSON output.
const (
	NoUnit         Unit = ""
	Ratio          Unit = "ratio"   // 0 to 1, shown as %
	Percent        Unit = "percent" // 0 to 100
	Seconds        Unit = "seconds"
	Bytes          Unit = "bytes"
	PerSecond      Unit = "per_second"
	BytesPerSecond Unit = "bytes_per_second"
	Count          Unit = "count"
	Timestamp      Unit = "timestamp" // seconds since 1970, UTC
)

// Format writes a value for people: 12.4%, 1.9 s, 240 ms, 38 GiB, 412/s. Three
// digits that matter, binary prefixes for bytes, times in UTC. NaN is "no
// value".
func (u Unit) Format(v float64) string {
	switch {
	case math.IsNaN(v):
		return "no value"
	case math.IsInf(v, 1):
		return "infinite"
	case math.IsInf(v, -1):
		return "-infinite"
	case v == 0:
		v = 0 // no minus sign
	}
	switch u {
	case Ratio:
		return figures(v*100) + "%"
	case Percent:
		return figures(v) + "%"
	case Seconds:
		return formatSeconds(v)
	case Bytes:
		return formatBytes(v)
	case BytesPerSecond:
		return formatBytes(v) + "/s"
	case PerSecond:
		return number(v) + "/s"
	case Timestamp:
		if math.Abs(v) > 1e11 { // the year 5138: not seconds
			return number(v)
		}
		return time.Unix(int64(v), 0).UTC().Format("2006-01-02 15:04 UTC")
	}
	return number(v)
}

// figures writes up to three digits that matter: 412, 12.4, 5.04, 0.12.
func figures(v float64) string {
	a := math.Abs(v)
	digits := 0
	switch {
	case a >= 99.95:
	case a >= 9.995:
		digits = 1
	case a >= 1:
		digits = 2
	case a == 0:
	default:
		digits = min(1-int(math.Floor(math.Log10(a))), 12)
	}
	if a > 0 && a < 1e-9 || a >= 1e9 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return trimZeros(strconv.FormatFloat(v, 'f', digits, 64))
}

func trimZeros(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// number is figures for any size: whole numbers below a million keep every
// digit, larger ones get k, M, G, T.
func number(v float64) string {
	a := math.Abs(v)
	switch {
	case a >= 1e18:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 999.5e9:
		return figures(v/1e12) + "T"
	case a >= 999.5e6:
		return figures(v/1e9) + "G"
	case a >= 999_999.5:
		return figures(v/1e6) + "M"
	case a >= 999.5:
		return thousands(v)
	}
	return figures(v)
}

// thousands groups the digits of a whole number: 31,000.
func thousands(v float64) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if v < 0 {
		s = "-" + s
	}
	return s
}

func formatBytes(v float64) string {
	const prefixes = "KMGTPE"
	a, i := math.Abs(v), -1
	for a >= 1023.5 && i+1 < len(prefixes) {
		a /= 1024
		v /= 1024
		i++
	}
	if i < 0 {
		return figures(v) + " B"
	}
	return figures(v) + " " + prefixes[i:i+1] + "iB"
}

// formatSeconds picks the unit that people say: ms below a second, minutes
// from two minutes, hours from two hours, days from two days.
func formatSeconds(v float64) string {
	a := math.Abs(v)
	switch {
	case a == 0:
		return "0 s"
	case a < 0.9995e-6:
		return figures(v*1e9) + " ns"
	case a < 0.9995e-3:
		return figures(v*1e6) + " µs"
	case a < 0.9995:
		return figures(v*1e3) + " ms"
	case a < 120:
		return figures(v) + " s"
	case a < 2*3600:
		return figures(v/60) + " min"
	case a < 2*86400:
		return figures(v/3600) + " h"
	}
	return figures(v/86400) + " d"
}
