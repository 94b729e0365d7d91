package geyser

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// row is what MANIFEST.tsv says of one recorded update.
type row struct {
	kind, class string
	programs    []string // that run in a transaction; an account's owner
	failed      bool
	isVote      bool
}

// manifest reads the rows of one recorded file, by the position of their update in it.
func manifest(t testing.TB, file string) []row {
	t.Helper()
	f, err := os.Open(fixture(t, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	var rows []row
	for {
		// file, index, kind, slot, id, class, programs, source, sig_verified, expected, …
		fields, err := r.Read()
		switch {
		case err == io.EOF:
			return rows
		case err != nil:
			t.Fatal(err)
		case fields[0] != file:
			continue
		}
		x := row{kind: fields[2], class: fields[5], programs: strings.Split(fields[6], ",")}
		var expected struct {
			Failed bool `json:"failed"`
			IsVote bool `json:"is_vote"`
		}
		_ = json.Unmarshal([]byte(fields[9]), &expected) // other kinds have other facts there
		x.failed, x.isVote = expected.Failed, expected.IsVote
		rows = append(rows, x)
	}
}

func (r row) runs(program string) bool { return slices.Contains(r.programs, program) }

func (r row) is(classes ...string) bool {
	return slices.ContainsFunc(classes, func(c string) bool { return strings.HasPrefix(r.class, c) })
}
