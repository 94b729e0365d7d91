package upstream

// allot divides n connections among the groups and the reserve by largest remainder; ties go to the higher priority.
func allot(n int, shares PerGroup, reserved int) map[Group]int {
	weights := map[Group]int{High: shares.High, Medium: shares.Medium, Low: shares.Low, reserve: reserved}
	total := 0
	for _, w := range weights {
		total += w
	}
	got, left := map[Group]int{}, n
	for _, c := range classes {
		got[c] = n * weights[c] / total
		left -= got[c]
	}
	given := map[Group]bool{}
	for range left {
		best := High
		found := false
		for _, c := range classes {
			if given[c] || (found && n*weights[c]%total <= n*weights[best]%total) {
				continue
			}
			best, found = c, true
		}
		given[best] = true
		got[best]++
	}
	return got
}

// hostOf returns the class whose connections serve class c: c itself when it has any, else the nearest one that has,
// higher priorities first. A dedicated stream without a reserve is served by its monitor's own group.
func hostOf(c, group Group, allotted map[Group]int) Group {
	if allotted[c] > 0 {
		return c
	}
	if c == reserve {
		return hostOf(group, group, allotted)
	}
	at := c.rank()
	for r := at - 1; r >= 0; r-- {
		if allotted[classes[r]] > 0 {
			return classes[r]
		}
	}
	for r := at + 1; r < len(classes); r++ {
		if allotted[classes[r]] > 0 {
			return classes[r]
		}
	}
	return c
}
