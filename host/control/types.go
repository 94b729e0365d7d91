// Package control is the host's HTTP API as its clients see it: the wire types, the files in the data folder by which a
// client finds the host, and the client that the command line uses. It starts no goroutines.
//
// Times are RFC 3339; durations are in the unit that the field's name ends in; a missing value is left out.
package control

import (
	"encoding/json"
	"time"
)

// Counts are a monitor's totals since the host started, reloads included.
// In = Matched + Unmatched + Dropped + Errors + Queued + InFlight.
type Counts struct {
	In            uint64 `json:"in"`
	InBytes       uint64 `json:"in_bytes"`
	Matched       uint64 `json:"matched"`
	Unmatched     uint64 `json:"unmatched"`
	Errors        uint64 `json:"errors"`
	Dropped       uint64 `json:"dropped"`
	Queued        int64  `json:"queued"`
	QueuedBytes   int64  `json:"queued_bytes"`
	InFlight      int64  `json:"in_flight"`
	Events        uint64 `json:"events"`
	EventsDropped uint64 `json:"events_dropped"`
	LogsDropped   uint64 `json:"logs_dropped"`
	Traps         uint64 `json:"traps"`
	FuelExhausted uint64 `json:"fuel_exhausted"`
	Restarts      uint64 `json:"restarts"`
	Reloads       uint64 `json:"reloads"`
}

// Monitor is a row of `weir list`.
type Monitor struct {
	Name             string    `json:"name"`
	Version          string    `json:"version"`
	Description      string    `json:"description,omitempty"`
	Group            string    `json:"group"`
	State            string    `json:"state"`
	Reason           string    `json:"reason,omitempty"` // why it is in this state, where that is not plain
	Since            time.Time `json:"since"`
	ReloadError      string    `json:"reload_error,omitempty"` // the last version that was refused while this one serves
	Connections      []string  `json:"connections"`
	Streams          []string  `json:"streams"`
	InPerSecond      float64   `json:"in_per_second"`
	MatchedPerSecond float64   `json:"matched_per_second"`
	Counts           Counts    `json:"counts"`
	LastUpdateAgeMS  *int64    `json:"last_update_age_ms,omitempty"` // left out until the first update came
	File             string    `json:"file"`
	Digest           string    `json:"digest,omitempty"` // sha256:…
}

// MonitorDetail is `weir show`.
type MonitorDetail struct {
	Monitor
	Manifest      json.RawMessage    `json:"manifest,omitempty"`
	Config        json.RawMessage    `json:"config,omitempty"`
	Filters       []SentFilter       `json:"filters"`
	LastError     *MonitorError      `json:"last_error,omitempty"`
	FuelPerUpdate float64            `json:"fuel_per_update"` // mean over all updates
	FuelLimit     uint64             `json:"fuel_limit"`      // per update
	GuestMemory   int64              `json:"guest_memory_bytes"`
	MatchMicros   Quantiles          `json:"match_us"`
	QueueWaitMS   Quantiles          `json:"queue_wait_ms"`
	DeliveryLagMS Quantiles          `json:"delivery_lag_ms"`
	Metrics       map[string]float64 `json:"metrics,omitempty"` // the monitor's own
	Log           []LogLine          `json:"log,omitempty"`     // the last lines, oldest first
}

// SentFilter is one declared filter and what was sent to the server for it.
type SentFilter struct {
	Name    string          `json:"name"`    // the monitor's own name
	Kind    string          `json:"kind"`    // the request's field: accounts, transactions, …
	Bit     uint8           `json:"bit"`     // its bit in the mask that match gets
	SentAs  []string        `json:"sent_as"` // the names that the server knows it by
	Stream  string          `json:"stream"`  // where it was sent; empty while it waits
	Request json.RawMessage `json:"filter"`  // as declared, in protobuf JSON
	Widened bool            `json:"widened"` // the server was given a wider one, re-checked here
	Reason  string          `json:"waiting,omitempty"`
}

// MonitorError is the last failure of a monitor.
type MonitorError struct {
	At      time.Time `json:"at"`
	Message string    `json:"message"`
}

// LogLine is one line that a monitor logged.
type LogLine struct {
	At    time.Time `json:"at"`
	Level string    `json:"level"`
	Text  string    `json:"text"`
}

// Quantiles of a histogram; each is the upper bound of the bucket that holds it.
type Quantiles struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	Mean float64 `json:"mean"`
}

// Status is `weir status`.
type Status struct {
	Version     string         `json:"version"`
	PID         int            `json:"pid"`
	StartedAt   time.Time      `json:"started_at"`
	Endpoints   []Endpoint     `json:"endpoints"`
	Connections []Connection   `json:"connections"`
	Pool        PoolStatus     `json:"pool"`
	Groups      []Group        `json:"groups"`
	RateLimit   RateLimit      `json:"rate_limit"`
	Monitors    map[string]int `json:"monitors"` // by state
	Warnings    []string       `json:"warnings,omitempty"`
}

// Endpoint is a configured server, without its token.
type Endpoint struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// PoolStatus says how much of what the provider allows is in use.
type PoolStatus struct {
	MaxConnections int `json:"max_connections"`
	Connections    int `json:"connections"`
	MaxStreams     int `json:"max_streams"` // 0: no limit of our own
	Streams        int `json:"streams"`
	Idle           int `json:"idle"`
	Failed         int `json:"failed"`
	Connecting     int `json:"connecting"`
	Waiting        int `json:"waiting_monitors"`
}

// Group is one of high, medium, low, and the reserve.
type Group struct {
	Name                  string `json:"name"`
	Allocated             int    `json:"allocated_connections"`
	Connections           int    `json:"connections"`
	Monitors              int    `json:"monitors"`
	MonitorsPerConnection int    `json:"monitors_per_connection"`
}

// Connection is one gRPC connection with its streams.
type Connection struct {
	ID       string    `json:"id"`
	Endpoint string    `json:"endpoint"`
	Group    string    `json:"group"`
	State    string    `json:"state"`
	Reason   string    `json:"reason,omitempty"`
	Since    time.Time `json:"since"`
	Streams  []Stream  `json:"streams"`
}

// Stream is one Subscribe stream.
type Stream struct {
	ID               string          `json:"id"`
	State            string          `json:"state"`
	Reason           string          `json:"reason,omitempty"`
	Since            time.Time       `json:"since"`
	Lane             string          `json:"lane"`
	Monitors         []string        `json:"monitors"`
	Filters          int             `json:"filters"`
	Request          json.RawMessage `json:"request,omitempty"` // as sent, in protobuf JSON
	Received         uint64          `json:"received"`
	ReceivedBytes    uint64          `json:"received_bytes"`
	Unrouted         uint64          `json:"unrouted"`
	Reconnects       uint64          `json:"reconnects"`
	FilterUpdates    uint64          `json:"filter_updates"`
	PerSecond        float64         `json:"per_second"`
	LastMessageAgeMS *int64          `json:"last_message_age_ms,omitempty"`
}

// RateLimit is the state of the limiter for connects and subscribes.
type RateLimit struct {
	Limit       int     `json:"limit"` // tokens in any window
	WindowMS    int64   `json:"window_ms"`
	Available   int     `json:"available"`
	Used        int     `json:"used"`
	PercentUsed float64 `json:"percent_used"`
	NextTokenMS int64   `json:"next_token_ms"` // 0 while tokens are available
	Queued      int     `json:"queued"`
}

// Problem is the body of every answer that is not a success.
type Problem struct {
	Error string `json:"error"`
}
