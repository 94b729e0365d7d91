package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// Client talks to the host of one data folder.
type Client struct {
	data    string
	address string
	token   string
	http    *http.Client
}

// Dial finds the host of the data folder; ErrNoHost when none runs there. It makes no connection yet.
func Dial(data string) (*Client, error) {
	address, token, err := find(data)
	if err != nil {
		return nil, err
	}
	return &Client{data: data, address: address, token: token, http: &http.Client{Transport: &http.Transport{}}}, nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Monitors lists all monitors by name.
func (c *Client) Monitors(ctx context.Context) ([]Monitor, error) {
	var list []Monitor
	return list, c.call(ctx, http.MethodGet, "monitors", &list)
}

// Monitor returns one monitor in full.
func (c *Client) Monitor(ctx context.Context, name string) (*MonitorDetail, error) {
	d := new(MonitorDetail)
	return d, c.call(ctx, http.MethodGet, "monitors/"+url.PathEscape(name), d)
}

// Enable lets the monitor run, now and after restarts; it also ends a quarantine.
func (c *Client) Enable(ctx context.Context, name string) (*Monitor, error) {
	return c.act(ctx, name, "enable")
}

// Disable stops the monitor, now and after restarts.
func (c *Client) Disable(ctx context.Context, name string) (*Monitor, error) {
	return c.act(ctx, name, "disable")
}

// Reload reads the monitor's file again.
func (c *Client) Reload(ctx context.Context, name string) (*Monitor, error) {
	return c.act(ctx, name, "reload")
}

func (c *Client) act(ctx context.Context, name, verb string) (*Monitor, error) {
	m := new(Monitor)
	return m, c.call(ctx, http.MethodPost, "monitors/"+url.PathEscape(name)+"/"+verb, m)
}

// Status returns the state of connections, groups, streams and the rate limit.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	s := new(Status)
	return s, c.call(ctx, http.MethodGet, "status", s)
}

// Tail calls line for each event of the monitor (raw: for each matched update, as protobuf JSON), until ctx ends, the
// host stops or line returns an error. The line is valid until line returns and has no line feed.
func (c *Client) Tail(ctx context.Context, name string, raw bool, line func([]byte) error) error {
	path := "monitors/" + url.PathEscape(name) + "/tail"
	if raw {
		path += "?raw=true"
	}
	res, err := c.send(ctx, http.MethodGet, path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	in.Buffer(nil, 256<<20)
	for in.Scan() {
		if len(in.Bytes()) == 0 {
			continue // a sign of life
		}
		if err := line(in.Bytes()); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("tail %s: the host went away: %w", name, err)
	}
	return ctx.Err()
}

func (c *Client) call(ctx context.Context, method, path string, into any) error {
	res, err := c.send(ctx, method, path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("the host's answer to %s %s: %w", method, path, err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.address+"/api/v1/"+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.explain(err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	var p Problem
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if json.Unmarshal(body, &p) != nil || p.Error == "" {
		p.Error = res.Status
	}
	return nil, &RefusedError{Status: res.StatusCode, Reason: p.Error}
}

// explain turns a refused connection into ErrNoHost: the address file outlives a host that was killed.
func (c *Client) explain(err error) error {
	var dial *net.OpError
	if errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &dial) && dial.Op == "dial" {
		return fmt.Errorf("%w on %s (nothing listens at %s): start one with `weir run`", ErrNoHost, c.data, c.address)
	}
	return err
}

// RefusedError is the host's own "no".
type RefusedError struct {
	Status int    // HTTP
	Reason string // the host's words, with what to do next
}

func (e *RefusedError) Error() string { return e.Reason }
