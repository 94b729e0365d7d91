// Package config reads weir.yaml, the WEIR_* variables and the flags into one checked Config, once, at the start. Every key
// has its name, default, range and description in the struct tags below; weir.example.yaml is held to them by a test. The
// package starts no goroutines.
package config

import (
	"encoding/json"
	"time"

	"weir/host/geyser"
)

// Config is a host's whole configuration, complete and checked. It is read-only.
type Config struct {
	Data      string             `yaml:"data" default:"" doc:"folder of the host's state, address and token; empty: weir under the user's data home"`
	Plugins   string             `yaml:"plugins" default:"" doc:"folder of the monitors' .wasm files; empty: plugins beside the program"`
	XToken    Secret             `yaml:"x_token" default:"" doc:"the provider's token, sent as x-token to endpoints that have none of their own; never on the command line"`
	Endpoints []Endpoint         `yaml:"endpoints" default:"" doc:"the provider's Yellowstone gRPC endpoints; the first healthy one is used. On the command line and in WEIR_ENDPOINTS: URLs, separated by commas"`
	Pool      Pool               `yaml:"pool"`
	Limits    Limits             `yaml:"limits"`
	Queue     Queues             `yaml:"queue"`
	Sandbox   Sandbox            `yaml:"sandbox"`
	Restart   Restart            `yaml:"restart"`
	Monitors  map[string]Monitor `yaml:"monitors"`
	Metrics   Metrics            `yaml:"metrics"`
	Dashboard Dashboard          `yaml:"dashboard"`
	Log       Log                `yaml:"log"`
	Shutdown  Shutdown           `yaml:"shutdown"`

	// Warnings are worth telling the operator and stop nothing.
	Warnings []string `yaml:"-"`

	source map[string]Source
}

// Endpoint is one address of a provider.
type Endpoint struct {
	Name        string `yaml:"name" default:"" doc:"for logs and the dashboard; empty: the URL's host"`
	URL         string `yaml:"url" default:"" doc:"https://host:port, or http://host:port for plain text; without a port 443 and 80"`
	XToken      Secret `yaml:"x_token" default:"" doc:"this endpoint's own token"`
	Compression string `yaml:"compression" default:"none" oneof:"none gzip" doc:"what the server may compress updates with; it costs processor time on both sides"`
	Insecure    bool   `yaml:"insecure" default:"false" doc:"allow a token over plain text to a host that is not this machine; http:// only"`
	TLS         TLS    `yaml:"tls"`
}

// TLS are the settings of an https endpoint.
type TLS struct {
	CAFile     string `yaml:"ca_file" default:"" doc:"certificate authorities (PEM) to trust instead of the system's"`
	ServerName string `yaml:"server_name" default:"" doc:"name that the certificate must have; empty: the URL's host"`
}

// Pool is how connections are made, shared and kept.
type Pool struct {
	MaxConnections        int           `yaml:"max_connections" default:"10" min:"1" max:"1000" doc:"connections at a time, idle ones included"`
	MaxStreams            int           `yaml:"max_streams" default:"0" min:"0" max:"10000" doc:"Subscribe streams over all connections, which is what providers count; 0: no limit of ours beside limits.streams"`
	Shares                PerGroup      `yaml:"shares" default:"40 30 20" min:"0" max:"100" doc:"percent of the connections for monitors of the group %s"`
	Reserve               int           `yaml:"reserve" default:"10" min:"0" max:"100" doc:"percent of the connections for dedicated and verifying streams"`
	MonitorsPerConnection PerGroup      `yaml:"monitors_per_connection" default:"5 10 15" min:"1" max:"10000" doc:"monitors of the group %s on one connection before another is opened; exceeded, with a warning, when there is none"`
	ConnectRate           int           `yaml:"connect_rate" default:"60" min:"2" max:"100000" doc:"new connections and subscribes, one each, in any connect_window"`
	ConnectWindow         time.Duration `yaml:"connect_window" default:"60s" min:"1s" max:"1h" doc:"length of the window in which the provider counts"`
	UpdatePace            int           `yaml:"update_pace" default:"10" min:"1" max:"1000" doc:"filter updates of one stream per second"`
	CoalesceWindow        time.Duration `yaml:"coalesce_window" default:"100ms" min:"0s" max:"10s" doc:"how long changes are gathered into one filter update behind the first, which goes at once; 0s: not at all"`
	CoalesceMax           int           `yaml:"coalesce_max" default:"10" min:"1" max:"10000" doc:"changes that are gathered at most"`
	IdleTTL               time.Duration `yaml:"idle_ttl" default:"5m" min:"0s" max:"24h" doc:"how long a connection without streams is kept for reuse; 0s: not at all"`
	IdleMax               int           `yaml:"idle_max" default:"2" min:"0" max:"1000" doc:"connections without streams that are kept at most"`
	ConnectTimeout        time.Duration `yaml:"connect_timeout" default:"10s" min:"100ms" max:"5m" doc:"time for one dial, TLS and HTTP/2 included"`
	Keepalive             time.Duration `yaml:"keepalive" default:"10s" min:"10s" max:"1h" doc:"time between HTTP/2 pings"`
	KeepaliveTimeout      time.Duration `yaml:"keepalive_timeout" default:"10s" min:"1s" max:"5m" doc:"a connection whose ping is unanswered for so long is dead"`
	StallAfter            time.Duration `yaml:"stall_after" default:"20s" min:"20s" max:"1h" doc:"a stream without any message for so long is cut and subscribed again; servers ping each stream every 10 s"`
	Backoff               Backoff       `yaml:"backoff"`
	ReceiveLimit          Size          `yaml:"receive_limit" default:"64MiB" min:"4MiB" max:"1GiB" doc:"largest update; blocks of 24 MB have been seen"`
	Window                Size          `yaml:"window" default:"8MiB" min:"64KiB" max:"1GiB" doc:"HTTP/2 receive window of a stream; the connection's is twice as large"`
	ReadBuffer            Size          `yaml:"read_buffer" default:"256KiB" min:"4KiB" max:"16MiB" doc:"bytes read from the network at a time"`
}

// PerGroup is a number for each group of monitors.
type PerGroup struct {
	High   int `yaml:"high"`
	Medium int `yaml:"medium"`
	Low    int `yaml:"low"`
}

// Backoff is the delay before reconnecting: random up to a bound that doubles from Base to Cap, without end.
type Backoff struct {
	Base time.Duration `yaml:"base" default:"100ms" min:"1ms" max:"1m" doc:"bound of the first reconnect's random delay; it doubles with each failure"`
	Cap  time.Duration `yaml:"cap" default:"30s" min:"100ms" max:"1h" doc:"largest bound"`
}

// Limits is what the provider allows: a preset, and what of it is different for this account.
type Limits struct {
	Preset        string `yaml:"preset" default:"" doc:"a provider's published limits, which the keys below override; empty: unlimited"`
	geyser.Limits `yaml:",inline"`
}

// Queues are the monitors' queues, by group.
type Queues struct {
	High   Queue `yaml:"high"`
	Medium Queue `yaml:"medium"`
	Low    Queue `yaml:"low"`
}

// Queue bounds one monitor's queue of updates. Both bounds hold at once.
type Queue struct {
	Items  int    `yaml:"items" default:"4096" min:"1" max:"16777216" doc:"updates in the queue of each monitor of the group"`
	Bytes  Size   `yaml:"bytes" default:"32MiB" min:"64KiB" max:"64GiB" doc:"memory that these updates keep"`
	Policy string `yaml:"policy" default:"drop_oldest" oneof:"drop_oldest drop_newest" doc:"what a full queue drops, for its own monitor only"`
}

// Sandbox is what one monitor may be and do.
type Sandbox struct {
	CacheDir        string `yaml:"cache_dir" default:"" doc:"folder of compiled modules; empty: cache in the data folder"`
	Fuel            int64  `yaml:"fuel" default:"50000000" min:"1000" max:"1000000000000" doc:"fuel of one match or tick, about one per instruction; the default is 3 to 15 ms"`
	LoadFuel        int64  `yaml:"load_fuel" default:"2000000000" min:"1000" max:"1000000000000" doc:"fuel of a module's start, and of each configure, save and load"`
	DescribeFuel    int64  `yaml:"describe_fuel" default:"500000000" min:"1000" max:"1000000000000" doc:"fuel of one describe"`
	MemoryPages     int    `yaml:"memory_pages" default:"1024" min:"1" max:"65536" doc:"pages of 64 KiB"`
	TableElements   int    `yaml:"table_elements" default:"65536" min:"0" max:"10000000" doc:"elements of one table"`
	Tables          int    `yaml:"tables" default:"8" min:"0" max:"100" doc:"number of tables"`
	FileSize        Size   `yaml:"file_size" default:"16MiB" min:"1KiB" max:"1GiB" doc:"the .wasm file, checked before it is read"`
	Functions       int    `yaml:"functions" default:"40000" min:"1" max:"1000000" doc:"functions in a module"`
	EventsPerUpdate int    `yaml:"events_per_update" default:"256" min:"0" max:"1000000" doc:"events of one match or tick"`
	EventsPerSecond int    `yaml:"events_per_second" default:"10000" min:"0" max:"10000000" doc:"events; more are refused and counted"`
	EventSize       Size   `yaml:"event_size" default:"16KiB" min:"64B" max:"16MiB" doc:"one event"`
	LogsPerSecond   int    `yaml:"logs_per_second" default:"50" min:"0" max:"100000" doc:"log messages; more are dropped and counted"`
	LogSize         Size   `yaml:"log_size" default:"1KiB" min:"16B" max:"1MiB" doc:"one log message; the rest is cut"`
}

// Restart is what happens to a monitor whose instance died.
type Restart struct {
	Base       time.Duration `yaml:"base" default:"100ms" min:"1ms" max:"1m" doc:"delay before the first restart of a monitor that died; it doubles with each further death"`
	Cap        time.Duration `yaml:"cap" default:"30s" min:"10ms" max:"1h" doc:"longest delay"`
	Quarantine int           `yaml:"quarantine" default:"5" min:"1" max:"1000" doc:"deaths in a row after which the monitor stays stopped until it is enabled again"`
	Forget     time.Duration `yaml:"forget" default:"1m" min:"1s" max:"24h" doc:"a life of this length makes the next death the first again"`
}

// Monitor is what weir.yaml says about one monitor. What it leaves out comes from the manifest and the defaults.
type Monitor struct {
	File    string          `yaml:"file" default:"" doc:"the file's name in the plugins folder; empty: the file whose manifest has this name"`
	Enabled *bool           `yaml:"enabled" default:"" doc:"false: never run it; true: run it; left out: as weir enable and weir disable said last"`
	Group   string          `yaml:"group" default:"" oneof:" high medium low" doc:"overrides the manifest's group"`
	Config  json.RawMessage `yaml:"config" default:"" doc:"the monitor's own options, any object; given to it as JSON"`
	Sandbox Sandbox         `yaml:"sandbox"` // complete: the host's sandbox section with this monitor's overrides
	Queue   QueueOverride   `yaml:"queue"`
}

// QueueOverride is a monitor's difference from its group's queue; nil leaves the group's value.
type QueueOverride struct {
	Items  *int    `yaml:"items" default:"" min:"1" max:"16777216" doc:"updates in this monitor's queue"`
	Bytes  *Size   `yaml:"bytes" default:"" min:"64KiB" max:"64GiB" doc:"memory that these updates keep"`
	Policy *string `yaml:"policy" default:"" oneof:"drop_oldest drop_newest" doc:"what its full queue drops"`
}

// Metrics is how often measurements are stored, and where.
type Metrics struct {
	Interval time.Duration `yaml:"interval" default:"10s" min:"1s" max:"10m" doc:"time between two stored samples"`
	DSN      Secret        `yaml:"dsn" default:"" doc:"PostgreSQL or TimescaleDB connection string; empty: SQLite in the data folder"`
}

// Dashboard is the HTTP server that the dashboard and the command line talk to.
type Dashboard struct {
	Listen   string `yaml:"listen" default:"127.0.0.1:0" doc:"host:port; port 0 takes a free one; a host that is not this machine's own needs insecure"`
	Insecure bool   `yaml:"insecure" default:"false" doc:"allow listening for other machines, in plain text; the token is still needed"`
}

// Log is the host's own log, on standard error.
type Log struct {
	Level  string `yaml:"level" default:"info" oneof:"debug info warn error" doc:"least important messages that are written"`
	Format string `yaml:"format" default:"text" oneof:"text json" doc:"form of a line"`
}

// Shutdown bounds how long stopping takes.
type Shutdown struct {
	Deadline time.Duration `yaml:"deadline" default:"10s" min:"100ms" max:"10m" doc:"time for draining the queues after a signal; then, or at a second signal, work is cut off"`
}

// QueueFor returns the bounds of a monitor's queue: its group's (medium for an unknown group) with its own overrides.
func (c *Config) QueueFor(monitor, group string) Queue {
	q := c.Queue.Medium
	switch group {
	case "high":
		q = c.Queue.High
	case "low":
		q = c.Queue.Low
	}
	o := c.Monitors[monitor].Queue
	q.Items, q.Bytes, q.Policy = or(o.Items, q.Items), or(o.Bytes, q.Bytes), or(o.Policy, q.Policy)
	return q
}

func or[T any](p *T, def T) T {
	if p != nil {
		return *p
	}
	return def
}

// SandboxFor returns the limits of a monitor: the sandbox section with its own overrides.
func (c *Config) SandboxFor(monitor string) Sandbox {
	if m, ok := c.Monitors[monitor]; ok {
		return m.Sandbox
	}
	return c.Sandbox
}
