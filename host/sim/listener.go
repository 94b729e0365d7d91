package sim

import (
	"net"
	"sync"
)

// meteredListener counts connections and can cut them.
type meteredListener struct {
	net.Listener
	opened func() // called for each accepted connection

	mu    sync.Mutex // guards conns
	conns map[*meteredConn]struct{}
}

func newMeteredListener(ln net.Listener, opened func()) *meteredListener {
	return &meteredListener{Listener: ln, opened: opened, conns: map[*meteredConn]struct{}{}}
}

// Accept implements net.Listener.
func (l *meteredListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.opened()
	m := &meteredConn{Conn: c, from: l}
	l.mu.Lock()
	l.conns[m] = struct{}{}
	l.mu.Unlock()
	return m, nil
}

// live returns how many connections are open.
func (l *meteredListener) live() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// cut closes all connections as a broken network would and returns how many there were.
func (l *meteredListener) cut() int {
	l.mu.Lock()
	conns := make([]*meteredConn, 0, len(l.conns))
	for c := range l.conns {
		conns = append(conns, c)
	}
	l.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	return len(conns)
}

// meteredConn leaves its listener's list when it is closed.
type meteredConn struct {
	net.Conn
	from *meteredListener
}

// Close implements net.Conn.
func (c *meteredConn) Close() error {
	c.from.mu.Lock()
	delete(c.from.conns, c)
	c.from.mu.Unlock()
	return c.Conn.Close()
}
