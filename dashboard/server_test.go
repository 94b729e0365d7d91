package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weir/host/control"
)

// stage is a host of one monitor.
type stage struct{ disabled bool }

func (s *stage) Monitors() []control.Monitor { return []control.Monitor{s.row()} }

func (s *stage) row() control.Monitor {
	state := "running"
	if s.disabled {
		state = "disabled"
	}
	return control.Monitor{Name: "a b", State: state}
}

func (s *stage) Monitor(name string) (*control.MonitorDetail, error) {
	if name != "a b" {
		return nil, fmt.Errorf("no monitor %q: %w", name, ErrNotFound)
	}
	return &control.MonitorDetail{Monitor: s.row()}, nil
}

func (s *stage) set(name string, disabled bool) error {
	if _, err := s.Monitor(name); err != nil {
		return err
	}
	s.disabled = disabled
	return nil
}

func (s *stage) Enable(_ context.Context, name string) error  { return s.set(name, false) }
func (s *stage) Disable(_ context.Context, name string) error { return s.set(name, true) }
func (s *stage) Reload(context.Context, string) error         { return errors.New("the disk is on fire") }
func (s *stage) Status() *control.Status                      { return &control.Status{PID: 7} }
func (s *stage) Tail(string, bool) (Tail, error)              { return nil, ErrNotFound }

const token = "0123456789abcdef"

// call makes one request; change alters it.
func call(t *testing.T, s *Server, method, path string, change func(*http.Request)) (int, string) {
	t.Helper()
	req := httptest.NewRequest(method, "http://127.0.0.1:1234/api/v1/"+path, nil)
	req.Header.Set("Authorization", "Bearer "+token)
	if change != nil {
		change(req)
	}
	req.RequestURI = req.URL.RequestURI() // as clients write it; the whole URL would leave the Host header out
	res, err := s.app.Test(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestRoutes(t *testing.T) {
	s := New(Settings{Host: &stage{}, Token: token, Log: slog.New(slog.DiscardHandler)})
	for _, c := range []struct {
		method, path string
		status       int
		holds        string
	}{
		{"GET", "monitors", 200, `"name":"a b"`},
		{"GET", "monitors/a%20b", 200, `"state":"running"`},
		{"POST", "monitors/a%20b/disable", 200, `"state":"disabled"`},
		{"POST", "monitors/a%20b/enable", 200, `"state":"running"`},
		{"GET", "status", 200, `"pid":7`},
		{"GET", "monitors/c", 404, `no monitor \"c\"`},
		{"POST", "monitors/c/enable", 404, `no monitor \"c\"`},
		{"POST", "monitors/a%20b/reload", 500, "the disk is on fire"},
		{"GET", "monitors/a%20b/disable", 405, "error"},
		{"GET", "nothing", 404, "error"},
	} {
		status, body := call(t, s, c.method, c.path, nil)
		if status != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s %s: %d %s, want %d with %s", c.method, c.path, status, body, c.status, c.holds)
		}
		if status >= 300 {
			var p control.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil || p.Error == "" {
				t.Errorf("%s %s: no problem in %s", c.method, c.path, body)
			}
		}
	}
}

func TestStrangersAreTurnedAway(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"no token":              func(r *http.Request) { r.Header.Del("Authorization") },
		"a wrong token":         func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token[1:]) },
		"an empty token":        func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"the token in the path": func(r *http.Request) { r.Header.Del("Authorization"); r.URL.RawQuery = "token=" + token },
		"a rebound name":        func(r *http.Request) { r.Host = "evil.example:1234" },
		"another address":       func(r *http.Request) { r.Host = "192.0.2.1:1234" },
	} {
		host := &stage{}
		s := New(Settings{Host: host, Token: token, Log: slog.New(slog.DiscardHandler)})
		status, body := call(t, s, "POST", "monitors/a%20b/disable", change)
		if status != 401 && status != 403 || host.disabled || strings.Contains(body, token) {
			t.Errorf("%s: %d %s, disabled %v", name, status, body, host.disabled)
		}
	}
	for _, name := range []string{"localhost:1234", "[::1]:1234", "127.0.0.1"} {
		s := New(Settings{Host: &stage{}, Token: token, Log: slog.New(slog.DiscardHandler)})
		if status, body := call(t, s, "GET", "status", func(r *http.Request) { r.Host = name }); status != 200 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
