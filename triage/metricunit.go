package triage

import "strings"

// metricUnit reads the unit in a metric's name. Recording rules are named
// level:metric:operations.
func metricUnit(name string) quantity {
	if parts := strings.Split(name, ":"); len(parts) > 1 {
		metric, ops := parts[len(parts)-2], parts[len(parts)-1]
		if len(parts) == 2 {
			metric, ops = parts[1], ""
		}
		return recordedUnit(metric, ops)
	}
	switch {
	case name == "up":
		return quantity(Count)
	case hasAnySuffix(name, "timestamp_seconds", "start_time_seconds", "boot_time_seconds", "node_time_seconds", "_timestamp",
		"_expiry", "_not_after", "last_success_time_seconds", "_created", "_last_run_unixtime"):
		return quantity(Timestamp)
	}
	base := strings.TrimSuffix(name, "_total")
	counter := base != name
	for _, s := range []string{"_sum", "_bucket"} {
		base = strings.TrimSuffix(base, s)
	}
	switch {
	case strings.HasSuffix(name, "_count"), strings.HasSuffix(name, "_sum") && base == name:
		return ""
	case hasAnySuffix(base, "_bytes"):
		return quantity(Bytes)
	case hasAnySuffix(base, "_seconds"):
		return quantity(Seconds)
	case hasAnySuffix(base, "_ratio"):
		return quantity(Ratio)
	case hasAnySuffix(base, "_percent", "_percentage", "_pct", "_percents"):
		return quantity(Percent)
	case counter:
		return quantity(Count)
	}
	return ""
}

func recordedUnit(metric, ops string) quantity {
	u := metricUnit(metric)
	switch {
	case strings.HasPrefix(ops, "ratio"), strings.HasSuffix(metric, "_utilisation"), strings.HasSuffix(metric, "_utilization"):
		return quantity(Ratio)
	case strings.HasPrefix(ops, "rate"), strings.HasPrefix(ops, "irate"), strings.HasPrefix(ops, "sum_rate"), strings.HasPrefix(ops, "sum_irate"):
		return perSecond(u, "rate")
	}
	return u
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, x := range suffixes {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}
