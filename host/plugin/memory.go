package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"weir/host/datadir"
)

// Memory is what the host remembers about monitors across restarts, in one JSON file of the data folder: which are
// disabled or quarantined, and which name and digest each file had, so that a disabled file keeps its name without its
// code being run. Its methods may be called from any goroutine; each change is on disk when its method returns.
type Memory struct {
	path string

	mu   sync.Mutex // guards what
	what remembered
}

type remembered struct {
	Disabled    map[string]bool      `json:"disabled"`    // by monitor
	Quarantined map[string]string    `json:"quarantined"` // by monitor: the reason
	Files       map[string]knownFile `json:"files"`       // by file name
}

type knownFile struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Group   string `json:"group"`
	Digest  string `json:"digest"`
}

// OpenMemory reads the file, or starts empty when there is none.
func OpenMemory(path string) (*Memory, error) {
	m := &Memory{path: path, what: remembered{
		Disabled: map[string]bool{}, Quarantined: map[string]string{}, Files: map[string]knownFile{},
	}}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m.what)
	}
	if err != nil {
		return nil, fmt.Errorf("read what is remembered of the monitors (remove %s to forget it): %w", path, err)
	}
	return m, nil
}

// disabled reports whether the operator disabled the monitor.
func (m *Memory) disabled(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.what.Disabled[name]
}

// quarantined returns the reason of the monitor's quarantine, if it is in one.
func (m *Memory) quarantined(name string) (reason string, yes bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	reason, yes = m.what.Quarantined[name]
	return reason, yes
}

// file returns what is known of the file, by its name without folder.
func (m *Memory) file(file string) (knownFile, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.what.Files[file]
	return k, ok
}

func (m *Memory) setDisabled(name string, disabled bool) error {
	return m.change(func(w *remembered) {
		delete(w.Quarantined, name)
		if disabled {
			w.Disabled[name] = true
		} else {
			delete(w.Disabled, name)
		}
	})
}

func (m *Memory) setQuarantined(name, reason string) error {
	return m.change(func(w *remembered) { w.Quarantined[name] = reason })
}

func (m *Memory) setFile(file string, k knownFile) error {
	if old, ok := m.file(file); ok && old == k {
		return nil
	}
	return m.change(func(w *remembered) { w.Files[file] = k })
}

// change edits and writes. The file is replaced in one step: a crash leaves the old or the new one.
func (m *Memory) change(edit func(*remembered)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	edit(&m.what)
	b, err := json.MarshalIndent(m.what, "", "  ")
	if err == nil {
		err = datadir.Replace(m.path, b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("remember the monitors' state: %w", err)
	}
	return nil
}
