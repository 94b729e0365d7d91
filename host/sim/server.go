// Package sim is a Yellowstone gRPC server for demos, tests and monitors' authors: it broadcasts a feed (a recording, or
// one that is generated) with the real server's filters, replay, errors and habits, and counts what a provider would
// hold against a client.
package sim

import (
	"context"
	"errors"
	"net"
)

// Server is a simulated Yellowstone server.
type Server struct{ set Settings }

// New checks the settings and returns a server that does nothing until Serve.
func New(set Settings) (*Server, error) { return &Server{set: set}, nil }

// Serve answers calls on ln and broadcasts the feed until ctx ends or the feed fails. It closes ln, and returns when all
// of the server's goroutines have ended. It may be called once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	return errors.New("sim: not there yet")
}

// Start lets the feed begin, whatever Hold, WaitForSubscribers and StartWhen say.
func (s *Server) Start() {}

// Stats returns the counts so far.
func (s *Server) Stats() Stats { return Stats{} }

// CutStreams ends all Subscribe streams with Unavailable and returns how many there were.
func (s *Server) CutStreams() int { return 0 }

// CutConnections closes all connections without a goodbye and returns how many there were.
func (s *Server) CutConnections() int { return 0 }

// Stall stops (true) or resumes (false) everything that is sent on Subscribe streams, pings included, while the
// connections stay up.
func (s *Server) Stall(on bool) {}
