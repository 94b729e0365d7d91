// Package dashboard serves the host's HTTP API on Fiber, for the command line and, later, for the browser. It sees the
// host only through the small interface that it declares.
//
// Goroutines: Serve runs the listener in the caller's goroutine and ends with its context; the connections are fasthttp's,
// which Serve waits for; each tail is written by its connection's goroutine.
package dashboard

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"weir/host/control"
)

// ErrNotFound is wrapped by what Host returns for a name that it does not know.
var ErrNotFound = errors.New("not found")

// Host is what the API needs of the host.
type Host interface {
	Monitors() []control.Monitor
	Monitor(name string) (*control.MonitorDetail, error)
	Enable(ctx context.Context, name string) error
	Disable(ctx context.Context, name string) error
	Reload(ctx context.Context, name string) error
	Status() *control.Status
	// Tail starts to collect the monitor's events, or with raw its matched updates, for one reader.
	Tail(name string, raw bool) (Tail, error)
}

// Tail is a running collection for one reader.
type Tail interface {
	Records() <-chan []byte
	// Line writes a record as one line, without line feed. It runs on the reader's goroutine.
	Line(record []byte) ([]byte, error)
	Close()
}

// Settings of a Server.
type Settings struct {
	Host  Host
	Token string // the bearer token that every call needs
	Log   *slog.Logger
}

// Server is the HTTP API.
type Server struct {
	set  Settings
	app  *fiber.App
	stop chan struct{} // closed: tails end
}

// New sets the routes up.
func New(set Settings) *Server {
	s := &Server{set: set, stop: make(chan struct{})}
	s.app = fiber.New(fiber.Config{
		AppName: "weir", DisableStartupMessage: true, ErrorHandler: s.fail,
		ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, BodyLimit: 1 << 20,
	})
	s.app.Use(s.guard)
	api := s.app.Group("/api/v1")
	api.Get("/monitors", s.monitors)
	api.Get("/monitors/:name", s.monitor)
	api.Get("/monitors/:name/tail", s.tail)
	api.Post("/monitors/:name/enable", s.act(set.Host.Enable))
	api.Post("/monitors/:name/disable", s.act(set.Host.Disable))
	api.Post("/monitors/:name/reload", s.act(set.Host.Reload))
	api.Get("/status", s.status)
	return s
}

// shutdownWait is how long open requests may take to end once Serve is told to stop.
const shutdownWait = 2 * time.Second

// Serve answers on the listener until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- s.app.Listener(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("the API's listener: %w", err)
	case <-ctx.Done():
	}
	close(s.stop)
	err := s.app.ShutdownWithTimeout(shutdownWait)
	if served := <-ended; err == nil {
		err = served
	}
	return err
}

// guard lets in who knows the token and names a loopback host, which keeps web pages that rebind their name out.
func (s *Server) guard(c *fiber.Ctx) error {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderCacheControl, "no-store")
	// The header is what a browser sends; a request line with a whole URL would hide it behind the URL's host.
	header := string(c.Request().Header.Host())
	if !loopbackName(header) || !loopbackName(string(c.Request().URI().Host())) {
		return fiber.NewError(fiber.StatusForbidden, "the request names another host than this one")
	}
	given, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	if !ok || !sameSecret(given, s.set.Token) {
		return fiber.NewError(fiber.StatusUnauthorized, "the token is missing or wrong: it is in the file `token` of the data folder")
	}
	return c.Next()
}

// sameSecret compares in constant time, whatever the lengths.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func loopbackName(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = hostPort
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

func (s *Server) fail(c *fiber.Ctx, err error) error {
	status := fiber.StatusInternalServerError
	var known *fiber.Error
	switch {
	case errors.As(err, &known):
		status = known.Code
	case errors.Is(err, ErrNotFound):
		status = fiber.StatusNotFound
	default:
		s.set.Log.Error("the API failed", "method", c.Method(), "route", c.Route().Path, "error", err)
	}
	return c.Status(status).JSON(control.Problem{Error: err.Error()})
}
