package upstream

import "fmt"

// Group is a monitor's class of service. Each group has a share of the connections of its own, so that a busy monitor of
// one group does not slow down the streams of another.
type Group string

// The groups, by falling priority. The empty Group means Medium.
const (
	High   Group = "high"
	Medium Group = "medium"
	Low    Group = "low"
)

// reserve is the share that serves dedicated streams. It is no group that a monitor can be in.
const reserve Group = "reserve"

// classes are all that connections are opened for, by falling priority.
var classes = [...]Group{High, Medium, Low, reserve}

// ParseGroup reads a group's name; the empty string is Medium.
func ParseGroup(s string) (Group, error) {
	switch g := Group(s); g {
	case High, Medium, Low:
		return g, nil
	case "":
		return Medium, nil
	}
	return "", fmt.Errorf("group %q: want high, medium or low", s)
}

// rank orders groups by falling priority, from 0 on.
func (g Group) rank() int {
	for i, c := range classes {
		if c == g {
			return i
		}
	}
	return 1 // unset: Medium
}

func (g Group) orMedium() Group {
	if g == "" {
		return Medium
	}
	return g
}

// PerGroup is a number for each group.
type PerGroup struct{ High, Medium, Low int }

func (p PerGroup) of(g Group) int {
	switch g {
	case High:
		return p.High
	case Low:
		return p.Low
	default:
		return p.Medium
	}
}
