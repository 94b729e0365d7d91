package chain

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protodelim"
)

// fixtures returns the folder of the recordings; the test is skipped where there is none, and fails in CI.
func fixtures(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("WEIR_FIXTURES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "fixtures")
	}
	if _, err := os.Stat(filepath.Join(dir, "MANIFEST.tsv")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no recordings: %v (set WEIR_FIXTURES)", err)
		}
		t.Skipf("no recordings: %v (set WEIR_FIXTURES)", err)
	}
	return dir
}

// table reads a tab-separated file and returns its rows by the names of its header.
func table(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	names := strings.Split(lines[0], "\t")
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[names[i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// recorded returns the messages of mixed.pbld with their classes and facts.
func recorded(t *testing.T) (messages []*pb.SubscribeUpdate, class []string, facts []fields) {
	t.Helper()
	dir := fixtures(t)
	f, err := os.Open(filepath.Join(dir, "mixed.pbld"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		u := &pb.SubscribeUpdate{}
		if err := protodelim.UnmarshalFrom(r, u); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, u)
	}
	for _, row := range table(t, filepath.Join(dir, "MANIFEST.tsv")) {
		if row["file"] == "mixed.pbld" {
			class = append(class, row["class"])
			facts = append(facts, parseFields(t, row["expected"]))
		}
	}
	if len(class) != len(messages) {
		t.Fatalf("%d messages, %d rows", len(messages), len(class))
	}
	return messages, class, facts
}

// fields are decoded values as the manifest writes them: keys in base58, 64-bit numbers as text.
type fields map[string]any

func parseFields(t *testing.T, text string) (f fields) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return f
}

func (f fields) list(name string) (all []fields) {
	items, _ := f[name].([]any)
	for _, i := range items {
		all = append(all, fields(i.(map[string]any)))
	}
	return all
}

func (f fields) text(name string) string { s, _ := f[name].(string); return s }
func (f fields) flag(name string) bool   { b, _ := f[name].(bool); return b }

func (f fields) key(name string) (k Key) {
	if s := f.text(name); s != "" {
		return address(s)
	}
	return k
}

func (f fields) u64(name string) uint64 {
	v, _ := strconv.ParseUint(f.text(name), 10, 64)
	return v
}

// missing reads "missing_fields=16 trailing_bytes=0"; "full" lacks nothing.
func (f fields) missing() (missing, trailing int) {
	for _, part := range strings.Fields(f.text("_layout")) {
		name, value, _ := strings.Cut(part, "=")
		n, _ := strconv.Atoi(value)
		switch name {
		case "missing_fields":
			missing = n
		case "trailing_bytes":
			trailing = n
		}
	}
	return missing, trailing
}

func fromBase64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
