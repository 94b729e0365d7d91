package dashboard

import (
	"bufio"
	"context"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
)

func (s *Server) monitors(c *fiber.Ctx) error { return c.JSON(s.set.Host.Monitors()) }

func (s *Server) status(c *fiber.Ctx) error { return c.JSON(s.set.Host.Status()) }

func (s *Server) monitor(c *fiber.Ctx) error {
	name, err := nameOf(c)
	if err != nil {
		return err
	}
	m, err := s.set.Host.Monitor(name)
	if err != nil {
		return err
	}
	return c.JSON(m)
}

// act answers with the monitor as it is after the change.
func (s *Server) act(change func(context.Context, string) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		name, err := nameOf(c)
		if err != nil {
			return err
		}
		if err := change(c.UserContext(), name); err != nil {
			return err
		}
		m, err := s.set.Host.Monitor(name)
		if err != nil {
			return err
		}
		return c.JSON(m.Monitor)
	}
}

// lifeSign is how often an idle tail writes an empty line: a reader that went away is noticed by the failing write.
const lifeSign = 2 * time.Second

func (s *Server) tail(c *fiber.Ctx) error {
	name, err := nameOf(c)
	if err != nil {
		return err
	}
	t, err := s.set.Host.Tail(name, c.QueryBool("raw"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/x-ndjson")
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer t.Close()
		s.copyLines(w, t)
	})
	return nil
}

// copyLines writes lines until the reader goes away or the server stops. It flushes whenever no further line waits.
func (s *Server) copyLines(w *bufio.Writer, t Tail) {
	idle := time.NewTicker(lifeSign)
	defer idle.Stop()
	if w.Flush() != nil { // sends the header, so that the client knows that it is connected
		return
	}
	for {
		select {
		case record := <-t.Records():
			line, err := t.Line(record)
			if err != nil {
				s.set.Log.Error("a record cannot be shown", "error", err)
				continue
			}
			_, _ = w.Write(line) // bufio keeps the first error for Flush
			_ = w.WriteByte('\n')
			if len(t.Records()) > 0 {
				continue
			}
		case <-idle.C:
			_ = w.WriteByte('\n')
		case <-s.stop:
			return
		}
		if w.Flush() != nil {
			return
		}
	}
}

func nameOf(c *fiber.Ctx) (string, error) {
	name, err := url.PathUnescape(c.Params("name"))
	if err != nil {
		return "", fiber.NewError(fiber.StatusBadRequest, "the monitor's name in the path is not well escaped")
	}
	return name, nil
}
