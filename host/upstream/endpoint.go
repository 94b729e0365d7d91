package upstream

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Token gives the x-token of an endpoint each time a call needs it. It is a function so that no format verb, logger or
// encoder can print the secret. Nil means no token.
type Token func() string

// Endpoint is one address of a Yellowstone server.
type Endpoint struct {
	Name  string // for people and logs; empty means the URL's host and port
	URL   string // http://host:port for plain text, https://host:port for TLS; without a port 80 and 443
	Token Token

	// Compression is what the server may compress with: "" for none, or "gzip".
	Compression string

	// TLS changes how the server's certificate is checked; the zero value uses the system's roots.
	TLS TLS
}

// TLS are the settings of an https endpoint.
type TLS struct {
	ServerName string // what the certificate must name; empty means the URL's host
	RootsPEM   []byte // certificate authorities in PEM form instead of the system's
}

// target is an endpoint after its checks.
type target struct {
	Endpoint
	address string // host:port
	secure  bool
}

// ErrEndpoint is the class of every error about an endpoint's settings.
var ErrEndpoint = errors.New("bad endpoint")

// resolve checks the endpoint. Errors never repeat the URL beyond its scheme and host: people paste tokens into it.
func (e Endpoint) resolve(index int) (target, error) {
	label := e.Name
	if label == "" {
		label = fmt.Sprintf("endpoint %d", index+1)
	}
	fail := func(format string, args ...any) (target, error) {
		return target{}, fmt.Errorf("%w: %s: %s", ErrEndpoint, label, fmt.Sprintf(format, args...))
	}
	if !strings.Contains(e.URL, "://") {
		return fail("the URL has no scheme; write https://HOST:PORT for TLS or http://HOST:PORT for plain text")
	}
	u, err := url.Parse(e.URL)
	if err != nil {
		return fail("the URL cannot be read; write https://HOST:PORT")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return fail("scheme %q: want http or https", u.Scheme)
	}
	if u.Hostname() == "" {
		return fail("the URL names no host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return fail("the URL may hold only scheme, host and port; a token from its path or query belongs into the token setting")
	}
	if e.Compression != "" && e.Compression != "gzip" {
		return fail("compression %q: want gzip or nothing", e.Compression)
	}
	t := target{Endpoint: e, secure: u.Scheme == "https", address: hostPort(u)}
	if t.Name == "" {
		t.Name = t.address
	}
	return t, nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// exposesToken tells whether the endpoint would carry its token in plain text over a network.
func (t *target) exposesToken() bool {
	if t.secure || t.Token == nil {
		return false
	}
	host, _, _ := net.SplitHostPort(t.address)
	if host == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.IsLoopback()
}

// host is the name without the port.
func (t *target) host() string {
	host, _, _ := net.SplitHostPort(t.address)
	return host
}
