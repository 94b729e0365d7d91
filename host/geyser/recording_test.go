package geyser

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protodelim"
)

// fixture returns the path of a recorded file; it skips the test where the recordings are missing, and fails in CI.
func fixture(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("WEIR_FIXTURES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "fixtures")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("recordings: %v (set WEIR_FIXTURES)", err)
		}
		t.Skipf("no recordings: %v (set WEIR_FIXTURES)", err)
	}
	return path
}

// recording reads all updates of a recorded file.
func recording(t testing.TB, name string) []*pb.SubscribeUpdate {
	t.Helper()
	file, err := os.Open(fixture(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := bufio.NewReader(file)
	var all []*pb.SubscribeUpdate
	for {
		u := new(pb.SubscribeUpdate)
		switch err := protodelim.UnmarshalFrom(r, u); err {
		case nil:
			all = append(all, u)
		case io.EOF:
			return all
		default:
			t.Fatal(err)
		}
	}
}
