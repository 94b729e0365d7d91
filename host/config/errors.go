package config

import (
	"fmt"
	"slices"
	"strings"
)

// KeyError is what is wrong with one key, and where it was given.
type KeyError struct {
	File   string // weir.yaml's path when the value is from there, with the line from 1 on
	Line   int
	Key    string // "pool.max_connections"; empty where the file as a whole is at fault
	Source Source
	Err    error // what is wrong and what to do
}

func (e *KeyError) Error() string {
	switch {
	case e.Key == "":
		return fmt.Sprintf("%s: %v", e.place(), e.Err)
	case e.Source == FromEnv:
		return fmt.Sprintf("%s (%s) %v", envName(e.Key), e.Key, e.Err)
	case e.Source == FromFlag:
		return fmt.Sprintf("command line: %s %v", e.Key, e.Err)
	case e.File != "":
		return fmt.Sprintf("%s: %s %v", e.place(), e.Key, e.Err)
	}
	return fmt.Sprintf("%s %v", e.Key, e.Err)
}

func (e *KeyError) place() string {
	if e.Line == 0 {
		return e.File
	}
	return fmt.Sprintf("%s:%d", e.File, e.Line)
}

// Unwrap returns the reason alone.
func (e *KeyError) Unwrap() error { return e.Err }

// knownKeys tells which keys a section has, the closest first where one is likely meant.
func knownKeys(list []field, prefix, wrong string) string {
	var names []string
	for _, f := range list {
		name, _, _ := strings.Cut(strings.TrimPrefix(f.Name, prefix), ".")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if prefix == "" {
		names = append(names, "monitors")
	}
	wrong = strings.TrimPrefix(wrong, prefix)
	for _, n := range names {
		if distance(n, wrong) <= max(1, len(n)/4) {
			return fmt.Sprintf("did you mean %s?", n)
		}
	}
	return "the keys here are " + strings.Join(names, ", ")
}

// distance counts the letters to insert, remove or change to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
