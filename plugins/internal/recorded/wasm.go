package recorded

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"weir/abi/guest/guesttest"
)

// built tells where the program and the compiled monitors are: `make test` makes them and sets both variables.
func built() (program, plugins string, ok bool) {
	program, plugins = os.Getenv("WEIR_TEST_PROGRAM"), os.Getenv("WEIR_TEST_PLUGINS")
	return program, plugins, program != "" && plugins != ""
}

// checkCompiled holds the monitor as WebAssembly, in the sandbox, against the same facts: `weir test` over the same file.
func checkCompiled(t *testing.T, name, file string, list []Row, expected func(Row) []Event) {
	t.Helper()
	program, plugins, ok := built()
	if !ok {
		t.Log("SKIPPED: the compiled monitor; `make test` checks it too")
		return
	}
	found := replayed(t, program, filepath.Join(plugins, name+".wasm"), filepath.Join(guesttest.FixtureDir(t), file))
	for i, row := range list {
		compare(t, fmt.Sprintf("compiled, %d %s (%s)", i, row.ID, row.Class), found[i], expected(row))
	}
}

// replayed runs `weir test` and returns the events of each message.
func replayed(t *testing.T, program, module, recording string) map[int][]json.RawMessage {
	t.Helper()
	out, err := exec.Command(program, "test", module, "--replay", recording, "-o", "json").Output()
	if err != nil {
		t.Fatalf("weir test: %v", err)
	}
	found := map[int][]json.RawMessage{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var line struct {
			Index  int
			Match  int
			Events []json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Match <= 0 {
			t.Fatalf("weir test printed %s: %v", lines.Bytes(), err)
		}
		found[line.Index] = append(found[line.Index], line.Events...)
	}
	return found
}
