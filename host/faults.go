package host

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/host/datadir"
)

// keptFaults bounds how many updates are kept for each monitor; the oldest go first.
const keptFaults = 20

// faults keeps the updates that killed instances, each as a recording of one message that `weir test --replay` reads.
type faults struct {
	folder string
	log    *slog.Logger

	mu sync.Mutex // one write at a time
}

// keep is called by the workers, after an instance died.
func (f *faults) keep(monitor string, update []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, err := f.write(monitor, update)
	if err != nil {
		f.log.Error("the update that killed an instance is not kept", "monitor", monitor, "error", err)
		return
	}
	f.log.Warn("an instance died; the update that did it is kept", "monitor", monitor, "file", path,
		"next", "weir test PLUGIN.wasm --replay "+path)
}

func (f *faults) write(monitor string, update []byte) (string, error) {
	folder := filepath.Join(f.folder, monitor)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	if err := f.makeRoom(folder); err != nil {
		return "", err
	}
	path := filepath.Join(folder, time.Now().UTC().Format("20060102T150405.000000000Z")+".pbld")
	return path, datadir.Replace(path, delimited(update), 0o600)
}

func (f *faults) makeRoom(folder string) error {
	kept, err := filepath.Glob(filepath.Join(folder, "*.pbld"))
	if err != nil {
		return err
	}
	slices.Sort(kept) // named by time
	for len(kept) >= keptFaults {
		if err := os.Remove(kept[0]); err != nil {
			return err
		}
		kept = kept[1:]
	}
	return nil
}

// delimited puts the length before an encoded message, as recordings have it.
func delimited(update []byte) []byte {
	return append(protowire.AppendVarint(nil, uint64(len(update))), update...)
}
