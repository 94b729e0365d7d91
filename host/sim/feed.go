package sim

import (
	"context"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// Item is one thing that a feed gives the server to broadcast.
type Item struct {
	// Update holds exactly one oneof field; its Filters and CreatedAt are ignored. The server keeps it: nobody may change
	// it afterwards. Pings and pongs are skipped, as they belong to a stream and not to the feed.
	Update *pb.SubscribeUpdate

	// Payload is the wire form of Update's oneof field, tag and length included, without filters and created_at. The
	// server makes it where it is nil; a feed that has the bytes at hand saves it the work. Nobody may change it.
	Payload []byte

	// At is when the item is due, counted from the moment the feed starts; 0 or a time that has passed means at once.
	At time.Duration
}

// Feed is where a server takes its updates from. Next is called from one goroutine at a time. It returns io.EOF at the
// feed's end: the server then keeps serving what it has. Any other error ends Server.Serve. Next returns soon after ctx
// ends.
type Feed interface {
	Next(ctx context.Context) (Item, error)
}
