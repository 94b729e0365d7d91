package sim

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixtures returns the folder of real recordings, or skips the test.
func fixtures(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WEIR_FIXTURES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "fixtures")
	}
	if _, err := os.Stat(filepath.Join(dir, "mixed.pbld")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("recordings are needed with CI=true: %v", err)
		}
		t.Skipf("no recordings: %v (set WEIR_FIXTURES)", err)
	}
	return dir
}
