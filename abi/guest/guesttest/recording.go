package guesttest

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Recording reads a recording, messages of the form varint length + SubscribeUpdate, uncompressed. It fails the test where there is
// none or it is cut.
func Recording(tb testing.TB, path string) [][]byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	messages, err := SplitRecording(data)
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return messages
}

// SplitRecording returns the messages of a recording's bytes. They point into data.
func SplitRecording(data []byte) (messages [][]byte, err error) {
	for rest := data; len(rest) > 0; {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return messages, fmt.Errorf("message %d, at byte %d, is cut", len(messages), len(data)-len(rest))
		}
		end := n + int(size)
		messages = append(messages, rest[n:end:end])
		rest = rest[end:]
	}
	return messages, nil
}

// Fixture reads a recording of the project's fixtures, by its path within them: the folder $WEIR_FIXTURES, else shared/fixtures
// beside the repository. Without the folder the test is skipped, or fails with CI=true.
func Fixture(tb testing.TB, path string) [][]byte {
	tb.Helper()
	return Recording(tb, filepath.Join(FixtureDir(tb), path))
}

// FixtureDir returns the fixtures' folder; see Fixture.
func FixtureDir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("WEIR_FIXTURES")
	if dir == "" {
		dir = filepath.Join(repositoryRoot(tb), "..", "shared", "fixtures")
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("no fixtures, and CI=true: %v; set WEIR_FIXTURES", err)
		}
		tb.Skipf("no fixtures: %v; set WEIR_FIXTURES", err)
	}
	return dir
}

// repositoryRoot is the folder of go.mod above the test's package.
func repositoryRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod above the test's folder")
		}
	}
}
