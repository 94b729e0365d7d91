// Package datadir is the host's data folder: one host at a time holds it, and its small files are replaced whole.
// It starts no goroutines.
package datadir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Default returns the data folder for when none is named: `weir` under the user's data home, which is xdg, the value of
// XDG_DATA_HOME, where that is an absolute path, else ~/.local/share.
func Default(xdg string) (string, error) {
	if filepath.IsAbs(xdg) {
		return filepath.Join(xdg, "weir"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no data folder: name one with --data or WEIR_DATA: %w", err)
	}
	return filepath.Join(home, ".local", "share", "weir"), nil
}

// Dir is a data folder held by this process.
type Dir struct {
	Path string
	lock *os.File
}

// InUseError means that another host holds the folder.
type InUseError struct {
	Path string
	PID  int // 0 when it could not be read
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("data folder %s is in use by the host with pid %d: stop it, or choose another folder with --data", e.Path, e.PID)
}

// Hold makes the folder (mode 0700) where it is missing and takes it for this process until Release; *InUseError when
// another process has it. The kernel lets go of the lock when the process dies, however it dies.
func Hold(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the data folder's lock: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &InUseError{Path: path, PID: readPID(lock)}
		}
		return nil, fmt.Errorf("lock the data folder %s: %w", path, err)
	}
	if err := writePID(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("note the pid in the data folder: %w", err), lock.Close())
	}
	return &Dir{Path: path, lock: lock}, nil
}

// Release lets other hosts have the folder.
func (d *Dir) Release() error { return d.lock.Close() }

// File returns the path of a file in the folder.
func (d *Dir) File(elem ...string) string {
	return filepath.Join(append([]string{d.Path}, elem...)...)
}

func readPID(lock *os.File) int {
	b, _ := io.ReadAll(io.LimitReader(lock, 32))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

func writePID(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// Replace writes the file in one step, through a temporary one beside it: after a crash the old content is there or the
// new, never a part.
func Replace(path string, content []byte, mode fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
