// Package recorded holds what monitors find in the recorded samples against the facts that were decoded from them independently. It is
// for the monitors' tests and no part of any monitor.
package recorded

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/abi/guest/guesttest"
)

// Row is what MANIFEST.tsv says about one message of a recording.
type Row struct {
	Index int
	Kind  string
	ID    string
	Class string
	Facts Facts
}

// Facts is one JSON object of the column "expected".
type Facts map[string]any

// List returns the objects of a list, none where there is no such list.
func (f Facts) List(name string) (list []Facts) {
	values, _ := f[name].([]any)
	for _, v := range values {
		list = append(list, v.(map[string]any))
	}
	return list
}

// Text returns a text, "" where there is none.
func (f Facts) Text(name string) string {
	s, _ := f[name].(string)
	return s
}

// rows reads the rows of one file.
func rows(tb testing.TB, file string) (list []Row) {
	eachRow(tb, "MANIFEST.tsv", func(cell func(string) string) {
		if cell("file") != file {
			return
		}
		index, err := strconv.Atoi(cell("index"))
		if err != nil || index != len(list) {
			tb.Fatalf("MANIFEST.tsv: %s: index %q at row %d", file, cell("index"), len(list))
		}
		list = append(list, Row{index, cell("kind"), cell("id"), cell("class"), facts(tb, cell("expected"))})
	})
	return list
}

func facts(tb testing.TB, text string) (f Facts) {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		tb.Fatalf("expected facts: %v", err)
	}
	return f
}

// eachRow calls f for each row of a table of the fixtures, with a function that returns the cell of a column. The tables quote nothing.
func eachRow(tb testing.TB, table string, f func(cell func(string) string)) {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(guesttest.FixtureDir(tb), table))
	if err != nil {
		tb.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	columns := strings.Split(lines[0], "\t")
	for _, line := range lines[1:] {
		cells := strings.Split(line, "\t")
		f(func(name string) string {
			i := slices.Index(columns, name)
			if i < 0 || i >= len(cells) {
				tb.Fatalf("%s has no column %s in row %q", table, name, cells[0])
			}
			return cells[i]
		})
	}
}

// Vector is one recorded event without a transaction around it.
type Vector struct {
	Event   string
	Payload []byte
	Facts   Facts
}

// Vectors reads event_vectors.tsv.
func Vectors(tb testing.TB) (list []Vector) {
	tb.Helper()
	eachRow(tb, "event_vectors.tsv", func(cell func(string) string) {
		payload, err := base64.StdEncoding.DecodeString(cell("payload_base64"))
		if err != nil {
			tb.Fatalf("event_vectors.tsv: %v", err)
		}
		list = append(list, Vector{cell("event"), payload, facts(tb, cell("expected"))})
	})
	return list
}
