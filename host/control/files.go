package control

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"weir/host/datadir"
)

// The host's files in the data folder. Both are written when the API listens; the token is kept over restarts.
const (
	AddressFile = "address" // host:port of the API
	TokenFile   = "token"   // bearer token, mode 0600
)

// ErrNoHost means that no host runs on the data folder.
var ErrNoHost = errors.New("no host is running")

// WriteAddress records where the host listens, for clients on the same data folder.
func WriteAddress(data, address string) error {
	return datadir.Replace(filepath.Join(data, AddressFile), []byte(address+"\n"), 0o600)
}

// RemoveAddress is called when the host no longer listens.
func RemoveAddress(data string) error {
	if err := os.Remove(filepath.Join(data, AddressFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the address file: %w", err)
	}
	return nil
}

// EnsureToken returns the data folder's token, making one of 32 random bytes at the first call.
func EnsureToken(data string) (string, error) {
	path := filepath.Join(data, TokenFile)
	if token, err := readTrimmed(path); err == nil && token != "" {
		return token, os.Chmod(path, 0o600)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the token: %w", err)
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	token := hex.EncodeToString(raw)
	if err := datadir.Replace(path, []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the token: %w", err)
	}
	return token, nil
}

// find reads where the host of a data folder listens and the token that it takes.
func find(data string) (address, token string, err error) {
	address, err = readTrimmed(filepath.Join(data, AddressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("%w on %s: start one with `weir run`, or name its data folder with --data", ErrNoHost, data)
	}
	if err != nil {
		return "", "", fmt.Errorf("read the host's address: %w", err)
	}
	if token, err = readTrimmed(filepath.Join(data, TokenFile)); err != nil {
		return "", "", fmt.Errorf("read the host's token: %w", err)
	}
	return address, token, nil
}

func readTrimmed(path string) (string, error) {
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}
