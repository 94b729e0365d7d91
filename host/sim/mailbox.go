package sim

import (
	"sync"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// subscription is a request that passed the filters' rules.
type subscription struct {
	request *pb.SubscribeRequest
	matcher *geyser.Matcher
}

// mailbox keeps the newest subscription only: the real server forwards to the latest filter that is queued, and forgets
// those before it together with their from_slot.
type mailbox struct {
	ready chan struct{} // a token: there is a subscription

	mu     sync.Mutex // guards newest
	newest *subscription
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

func (b *mailbox) put(s *subscription) {
	b.mu.Lock()
	b.newest = s
	b.mu.Unlock()
	signal(b.ready)
}

// take returns the newest subscription, nil when there is none.
func (b *mailbox) take() *subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.newest
	b.newest = nil
	return s
}
