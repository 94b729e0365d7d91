package plugin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the folder must be quiet before it is read: a copy in progress makes a stream of events.
const settle = 150 * time.Millisecond

// rescan is how often the folder is read although nothing was heard, for file systems that tell nothing.
const rescan = 5 * time.Second

// file is a module in the folder, with what tells that it changed.
type file struct {
	path string
	size int64
	mod  time.Time
}

// listFolder returns the .wasm files of the folder by path. Files whose name starts with a dot are left out: that is how
// careful copies are named until they are whole.
func listFolder(folder string) (map[string]file, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the plugins folder: %w", err)
	}
	files := map[string]file{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".wasm") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(folder, e.Name())
		info, err := os.Stat(path) // follows links: a deploy tool swaps them
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the plugins folder: %w", err)
		}
		files[path] = file{path: path, size: info.Size(), mod: info.ModTime()}
	}
	return files, nil
}

// watch sends on changed whenever the folder may have changed and has been quiet since, until ctx ends. Without
// notifications from the system it goes by time alone.
func watch(ctx context.Context, folder string, log *slog.Logger, changed chan<- struct{}) {
	events, failures, stop := notifications(folder, log)
	defer stop()
	quiet := time.NewTimer(rescan)
	defer quiet.Stop()
	for {
		select {
		case _, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			quiet.Reset(settle)
		case err, ok := <-failures:
			if !ok {
				failures = nil
				continue
			}
			log.Warn("the plugins folder is watched by reading it every few seconds", "folder", folder, "error", err)
		case <-quiet.C:
			select {
			case changed <- struct{}{}:
			default: // a look is due anyway
			}
			quiet.Reset(rescan)
		case <-ctx.Done():
			return
		}
	}
}

func notifications(folder string, log *slog.Logger) (<-chan fsnotify.Event, <-chan error, func()) {
	w, err := fsnotify.NewWatcher()
	if err == nil {
		if err = w.Add(folder); err == nil {
			return w.Events, w.Errors, func() { _ = w.Close() }
		}
		_ = w.Close()
	}
	log.Warn("the plugins folder is watched by reading it every few seconds", "folder", folder, "error", err)
	return nil, nil, func() {}
}
