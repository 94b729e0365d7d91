package sim

import "sync"

// CutStreams ends all Subscribe streams with Unavailable, mid-batch, and returns how many there were. The connections
// stay.
func (s *Server) CutStreams() int {
	n := int(s.count.liveStreams.Load())
	s.count.cut.Add(uint64(n))
	s.cut.flip()
	return n
}

// CutConnections closes all connections without a goodbye, as a broken network does, and returns how many there were.
func (s *Server) CutConnections() int {
	ln := s.listener.Load()
	if ln == nil {
		return 0
	}
	n := ln.cut()
	s.count.cut.Add(uint64(n))
	return n
}

// Stall stops (true) or resumes (false) all that is sent on Subscribe streams, pings included, while the connections stay
// up. What is due meanwhile fills the streams' queues.
func (s *Server) Stall(on bool) {
	if on {
		gate := make(chan struct{})
		s.stall.CompareAndSwap(nil, &gate)
		return
	}
	if gate := s.stall.Swap(nil); gate != nil {
		close(*gate)
	}
}

// switchboard is a signal that can be given again and again: each time to all who hold the current channel.
type switchboard struct {
	mu sync.Mutex // guards c
	c  chan struct{}
}

func (b *switchboard) init() { b.c = make(chan struct{}) }

func (b *switchboard) current() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.c
}

func (b *switchboard) flip() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.c)
	b.c = make(chan struct{})
}
