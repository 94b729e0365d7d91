package sandbox

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAssembled: each .wasm in testdata is what its .wat says. The assembler is wat2wasm of wabt 1.0.39; without checks, since
// some modules are wrong on purpose.
func TestAssembled(t *testing.T) {
	tool := os.Getenv("WEIR_WAT2WASM")
	if tool == "" {
		var err error
		if tool, err = exec.LookPath("wat2wasm"); err != nil {
			t.Skip("no wat2wasm on PATH or in WEIR_WAT2WASM: the committed .wasm files are not compared with their .wat")
		}
	}
	sources, err := filepath.Glob("testdata/*.wat")
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	for _, wat := range sources {
		out := filepath.Join(t.TempDir(), "out.wasm")
		if msg, err := exec.Command(tool, "--no-check", wat, "-o", out).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", wat, err, msg)
			continue
		}
		want, errWant := os.ReadFile(out)
		have, errHave := os.ReadFile(strings.TrimSuffix(wat, ".wat") + ".wasm")
		if errWant != nil || errHave != nil || !bytes.Equal(want, have) {
			t.Errorf("%s and its .wasm differ (%d and %d bytes; %v, %v); assemble it again", wat, len(want), len(have), errWant, errHave)
		}
	}
	binaries, err := filepath.Glob("testdata/*.wasm")
	if err != nil || len(binaries) != len(sources) {
		t.Errorf("%d .wasm files for %d .wat, %v", len(binaries), len(sources), err)
	}
}
