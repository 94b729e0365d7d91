//go:build !upstreamproto

package sim

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The server has no shreds to take transactions from.
func TestDeshredIsUnimplemented(t *testing.T) {
	w := newWorld(t, Settings{})
	stream, err := w.client.SubscribeDeshred(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Unimplemented {
		t.Errorf("deshred gave %v", err)
	}
}
