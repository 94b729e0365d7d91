package datadir

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecondHolderIsToldThePID(t *testing.T) {
	if path := os.Getenv("WEIR_TEST_HOLD"); path != "" {
		_, err := Hold(path)
		os.Stdout.WriteString(err.Error())
		var inUse *InUseError
		if !errors.As(err, &inUse) || inUse.PID != os.Getppid() {
			os.Exit(1)
		}
		os.Exit(0)
	}
	path := filepath.Join(t.TempDir(), "new", "weir")
	d, err := Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command(os.Args[0], "-test.run", "^TestSecondHolderIsToldThePID$")
	again.Env = append(os.Environ(), "WEIR_TEST_HOLD="+path)
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("another process got the folder, or the wrong error: %v, %s", err, out)
	}
	if err := d.Release(); err != nil {
		t.Fatal(err)
	}
	if d, err = Hold(path); err != nil {
		t.Fatalf("released folder cannot be held again: %v", err)
	}
	d.Release()
}

func TestReplaceLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	for _, content := range []string{"first, and longer", "second"} {
		if err := Replace(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(path); string(b) != content {
			t.Errorf("content %q, want %q", b, content)
		}
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 || strings.HasPrefix(left[0].Name(), ".") {
		t.Errorf("left behind: %v", left)
	}
}
