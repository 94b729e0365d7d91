package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"weir/host/geyser"
)

// validate checks the final values, each alone and against one another.
func (l *loader) validate(c *Config) {
	l.checkRanges(reflect.ValueOf(c).Elem(), allFields())
	l.checkPool(&c.Pool)
	l.checkLimits(&c.Limits)
	for i := range c.Endpoints {
		l.checkEndpoint(&c.Endpoints[i], fmt.Sprintf("endpoints[%d].", i))
	}
	l.checkNames(c.Endpoints)
	for name, m := range c.Monitors {
		prefix := "monitors." + name + "."
		l.checkRanges(reflect.ValueOf(&m).Elem(), monitorFields(prefix))
		if m.File != "" && (m.File != filepath.Base(m.File) || !strings.HasSuffix(m.File, ".wasm")) {
			l.fail(prefix+"file", "%q must be the plain name of a .wasm file in the plugins folder", m.File)
		}
	}
	l.checkListen(&c.Dashboard)
	slices.SortStableFunc(l.errs, func(a, b error) int { return lineOf(a) - lineOf(b) })
}

func lineOf(err error) int {
	if e, ok := errors.AsType[*KeyError](err); ok {
		return e.Line
	}
	return 0
}

// checkRanges holds values to the ranges of their struct tags.
func (l *loader) checkRanges(v reflect.Value, list []field) {
	for _, f := range list {
		x := v.FieldByIndex(f.index)
		if x.Kind() == reflect.Pointer {
			if x.IsNil() {
				continue
			}
			x = x.Elem()
		}
		if l.failed(f.Name) {
			continue
		}
		switch {
		case f.oneof != nil && !slices.Contains(f.oneof, x.String()):
			if strings.HasSuffix(f.Name, "policy") && x.String() == "block" {
				l.fail(f.Name, `"block" is not available: a monitor that holds up a stream would get it cut for all; take drop_oldest or drop_newest`)
				continue
			}
			l.fail(f.Name, "%q is none of its values: %s", x.String(), f.Range)
		case f.max != "" && !within(x, f):
			l.fail(f.Name, "%s is out of range: %s", format(x), f.Range)
		}
	}
}

// failed tells whether a key's value could not even be read.
func (l *loader) failed(key string) bool {
	return slices.ContainsFunc(l.errs, func(err error) bool {
		e, ok := errors.AsType[*KeyError](err)
		return ok && e.Key == key
	})
}

func within(x reflect.Value, f field) bool {
	low, high := reflect.New(x.Type()).Elem(), reflect.New(x.Type()).Elem()
	if setText(low, f.min) != nil || setText(high, f.max) != nil {
		return false // a tag is wrong: the defaults' test finds it
	}
	return low.Int() <= x.Int() && x.Int() <= high.Int()
}

func (l *loader) checkPool(p *Pool) {
	if sum := p.Shares.High + p.Shares.Medium + p.Shares.Low; sum == 0 {
		l.fail("pool.shares.high", "is 0 as all shares are: give at least one group a share")
	} else if sum+p.Reserve > 100 {
		l.fail("pool.reserve", "and pool.shares add up to %d percent: at most 100", sum+p.Reserve)
	}
	if p.Backoff.Cap < p.Backoff.Base {
		l.fail("pool.backoff.cap", "%s is below pool.backoff.base, %s", formatDuration(p.Backoff.Cap), formatDuration(p.Backoff.Base))
	}
	if p.ReceiveLimit < p.Window {
		l.fail("pool.receive_limit", "%s is below pool.window, %s", p.ReceiveLimit, p.Window)
	}
}

func (l *loader) checkLimits(lim *Limits) {
	if _, ok := geyser.LimitsPreset(lim.Preset); lim.Preset != "" && !ok {
		l.fail("limits.preset", "%q is no preset: take one of %s, or none and the single limits", lim.Preset, strings.Join(geyser.LimitsPresets(), ", "))
	}
	if err := lim.Validate(); err != nil {
		key, reason, _ := strings.Cut(err.Error(), ": ")
		l.fail("limits."+key, "%s", reason)
	}
}

// checkEndpoint refuses URLs with parts that could hide a secret or are ignored, and tokens that would travel in the open.
// Its messages do not repeat the URL.
func (l *loader) checkEndpoint(e *Endpoint, prefix string) {
	key := prefix + "url"
	if _, ok := l.origins[key]; !ok {
		l.origins[key] = l.origins["endpoints"]
	}
	u, err := url.Parse(e.URL)
	switch {
	case e.URL == "":
		l.fail(key, "is missing: give https://host:port")
		return
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		l.fail(key, "is no URL of an endpoint: write https://host:port, or http://host:port for plain text")
		return
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		l.fail(key, "has more than scheme, host and port: leave the rest out; a token goes to x_token or WEIR_X_TOKEN")
		return
	}
	l.checkRanges(reflect.ValueOf(e).Elem(), endpointFields(prefix))
	if u.Port() != "" && !validPort(u.Port(), 1) {
		l.fail(key, "has port %s: 1 to 65535", u.Port())
	}
	l.checkTransport(e, u, prefix)
	if e.Name == "" {
		e.Name = u.Host
	}
}

func (l *loader) checkTransport(e *Endpoint, u *url.URL, prefix string) {
	switch {
	case u.Scheme == "https":
		if e.Insecure {
			l.fail(prefix+"insecure", "is for http:// endpoints only: remove it; a private authority goes to tls.ca_file")
		}
		if e.TLS.CAFile != "" {
			if _, err := os.Stat(e.TLS.CAFile); err != nil {
				l.fail(prefix+"tls.ca_file", "cannot be read: %w", err)
			}
		}
	case e.TLS != TLS{}:
		l.fail(prefix+"tls", "is for https:// endpoints only: change the URL or remove it")
	case e.XToken.IsSet() && !e.Insecure && !loopback(u.Hostname()):
		l.fail(prefix+"url", "would send the token in plain text: use https://, or set insecure: true for this endpoint")
	}
}

func (l *loader) checkNames(list []Endpoint) {
	seen := make(map[string]bool)
	for i, e := range list {
		if e.Name != "" && seen[e.Name] {
			l.fail(fmt.Sprintf("endpoints[%d].url", i), "has the name %q of an earlier endpoint: give it a name of its own", e.Name)
		}
		seen[e.Name] = true
	}
}

func (l *loader) checkListen(d *Dashboard) {
	host, port, err := net.SplitHostPort(d.Listen)
	if err != nil || !validPort(port, 0) {
		l.fail("dashboard.listen", "%q is no address: write host:port, such as 127.0.0.1:0", d.Listen)
		return
	}
	if !loopback(host) && !d.Insecure {
		l.fail("dashboard.listen", "%q is open to other machines: use 127.0.0.1, or set dashboard.insecure: true behind a proxy of your own", d.Listen)
	}
}

func validPort(text string, least uint64) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n >= least
}

// loopback tells whether a host is this machine for certain, without asking anybody.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// validName reports whether s can be a monitor's name, by the rule of the plugin ABI (abi.ValidName).
func validName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	return s != "" && len(s) <= 64 && strings.Trim(s, letters) == ""
}

// warn notes what is allowed but likely a mistake.
func (l *loader) warn(c *Config) {
	known := []string{FileEnv, "WEIR_FIXTURES"}
	for _, f := range allFields() {
		known = append(known, f.Env)
	}
	for name := range l.env {
		if !slices.Contains(known, name) {
			c.Warnings = append(c.Warnings, fmt.Sprintf("the variable %s is no key that Weir knows and changes nothing", name))
		}
	}
	if info, err := os.Stat(l.options.File); err == nil && info.Mode().Perm()&0o077 != 0 && c.fileHasSecret() {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s holds a secret and others may read it: chmod 600 it", l.options.File))
	}
	slices.Sort(c.Warnings)
}

// fileHasSecret tells whether a secret came from the file.
func (c *Config) fileHasSecret() bool {
	for key, s := range c.source {
		if s == FromFile && (strings.HasSuffix(key, "x_token") || key == "metrics.dsn") {
			return true
		}
	}
	return false
}
