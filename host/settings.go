package host

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"weir/host/config"
	"weir/host/metrics"
	"weir/host/plugin"
	"weir/host/router"
	"weir/host/sandbox"
	"weir/host/upstream"
)

// endpoints turns the config's into the pool's, reading the certificates that they name.
func endpoints(cfg *config.Config) ([]upstream.Endpoint, error) {
	list := make([]upstream.Endpoint, len(cfg.Endpoints))
	for i, e := range cfg.Endpoints {
		list[i] = upstream.Endpoint{Name: e.Name, URL: e.URL, TLS: upstream.TLS{ServerName: e.TLS.ServerName}}
		if e.Compression != "none" {
			list[i].Compression = e.Compression
		}
		if token := e.XToken; token.IsSet() {
			list[i].Token = token.Reveal
		}
		if e.TLS.CAFile == "" {
			continue
		}
		pem, err := os.ReadFile(e.TLS.CAFile)
		if err != nil {
			return nil, fmt.Errorf("endpoints[%d].tls.ca_file: %w", i, err)
		}
		list[i].TLS.RootsPEM = pem
	}
	return list, nil
}

func poolSettings(cfg *config.Config, to []upstream.Endpoint, r upstream.Router, m *metrics.Pool, log *slog.Logger) upstream.Settings {
	p := &cfg.Pool
	return upstream.Settings{
		Endpoints: to, Router: r, Limits: cfg.Limits.Limits, Metrics: m, Logger: log,
		MaxConnections: p.MaxConnections, MaxStreams: p.MaxStreams,
		Shares: upstream.PerGroup(p.Shares), Reserve: orNegative(p.Reserve),
		MonitorsPerConnection: upstream.PerGroup(p.MonitorsPerConnection),
		ConnectRate:           p.ConnectRate, ConnectWindow: p.ConnectWindow, UpdatePace: time.Second / time.Duration(p.UpdatePace),
		CoalesceWindow: orNegative(p.CoalesceWindow), CoalesceMax: p.CoalesceMax,
		IdleTTL: orNegative(p.IdleTTL), IdleMax: orNegative(p.IdleMax),
		ConnectTimeout: p.ConnectTimeout, Keepalive: p.Keepalive, KeepaliveTimeout: p.KeepaliveTimeout, StallAfter: p.StallAfter,
		BackoffBase: p.Backoff.Base, BackoffCap: p.Backoff.Cap,
		ReceiveLimit: int(p.ReceiveLimit), Window: int(p.Window), ReadBuffer: int(p.ReadBuffer),
	}
}

// orNegative writes weir.yaml's 0, none, as the pool does, for which 0 is the default.
func orNegative[T int | time.Duration](v T) T {
	if v == 0 {
		return -1
	}
	return v
}

func supervisorSettings(cfg *config.Config) plugin.Settings {
	set := plugin.Settings{
		Folder: cfg.Plugins, Limits: sandboxLimits(&cfg.Sandbox),
		Restart: plugin.Restart(cfg.Restart), Bounds: map[string]router.Bounds{}, Named: map[string]plugin.Named{},
	}
	for _, group := range []string{"high", "medium", "low"} {
		set.Bounds[group] = bounds(cfg.QueueFor("", group))
	}
	for name, m := range cfg.Monitors {
		limits := sandboxLimits(&m.Sandbox)
		n := plugin.Named{
			Options: plugin.Options{Group: m.Group, Config: m.Config, Limits: &limits},
			File:    m.File, Enabled: m.Enabled,
			Bounds: func(group string) router.Bounds { return bounds(cfg.QueueFor(name, group)) },
		}
		set.Named[name] = n
	}
	return set
}

func bounds(q config.Queue) router.Bounds {
	return router.Bounds{Items: q.Items, Bytes: int64(q.Bytes), Policy: router.Policy(q.Policy)}
}

func sandboxLimits(s *config.Sandbox) sandbox.Limits {
	l := sandbox.DefaultLimits()
	l.Fuel, l.LoadFuel, l.DescribeFuel = s.Fuel, s.LoadFuel, s.DescribeFuel
	l.MemoryPages, l.TableElements, l.Tables = uint32(s.MemoryPages), uint32(s.TableElements), s.Tables
	l.FileBytes, l.Functions = int64(s.FileSize), s.Functions
	l.EventsPerUpdate, l.EventsPerSecond, l.EventBytes = s.EventsPerUpdate, s.EventsPerSecond, int(s.EventSize)
	l.LogsPerSecond, l.LogBytes = s.LogsPerSecond, int(s.LogSize)
	return l
}
