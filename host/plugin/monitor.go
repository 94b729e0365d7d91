package plugin

import (
	"encoding/json"
	"sync"
	"time"

	"weir/host/geyser"
	"weir/host/metrics"
	"weir/host/sandbox"
)

// View is a monitor at one moment. Its slices and messages are shared: read only.
type View struct {
	Name        string // the manifest's or weir.yaml's; the file's stem while neither is known
	Version     string
	Description string
	Group       string
	File        string // path
	Digest      string // sha256:… of the version that runs, or that was tried last
	State       State
	Reason      string
	Since       time.Time
	ReloadError string // why the newest file was refused while an older version serves
	RouteKey    string // the name under which its updates are routed; empty while it has none
	Manifest    json.RawMessage
	Config      json.RawMessage
	Declared    *geyser.Declared // nil until a version was loaded
	Metrics     *metrics.Monitor // never nil
	Own         []sandbox.MetricValue
	LastError   string
	LastErrorAt time.Time
	Log         []LogLine
	FuelLimit   uint64 // per update
}

// LogLine is one line that a monitor logged.
type LogLine struct {
	At    time.Time
	Level string
	Text  string
}

// keptLines is how many log lines of a monitor are shown.
const keptLines = 100

// Monitor is one monitor for as long as its file is there: its state, its counts, and what to show of it.
type Monitor struct {
	metrics *metrics.Monitor

	mu   sync.Mutex // guards view and own
	view View
	own  func() []sandbox.MetricValue // reads the running instance's own metrics
}

func newMonitor(name, file string) *Monitor {
	m := &Monitor{metrics: &metrics.Monitor{}}
	m.view = View{Name: name, File: file, Metrics: m.metrics}
	return m
}

// View returns what there is to show.
func (m *Monitor) View() View {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.view
	v.Log = append([]LogLine(nil), m.view.Log...)
	if m.own != nil {
		v.Own = m.own()
	}
	return v
}

// become changes the state; reason says why, where that is not plain.
func (m *Monitor) become(to State, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.view.State.mayBecome(to) {
		return &TransitionError{Monitor: m.view.Name, From: m.view.State, To: to}
	}
	if m.view.State != to {
		m.view.Since = time.Now()
	}
	m.view.State, m.view.Reason = to, reason
	return nil
}

func (m *Monitor) name() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.view.Name
}

func (m *Monitor) state() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.view.State
}

// edit changes what is shown.
func (m *Monitor) edit(f func(*View)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.view)
}

func (m *Monitor) readOwn(f func() []sandbox.MetricValue) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.own = f
}

func (m *Monitor) failed(err string) {
	m.edit(func(v *View) { v.LastError, v.LastErrorAt = err, time.Now() })
}

func (m *Monitor) logged(level, text string) {
	line := LogLine{At: time.Now(), Level: level, Text: text}
	m.edit(func(v *View) {
		if len(v.Log) == keptLines {
			copy(v.Log, v.Log[1:])
			v.Log = v.Log[:keptLines-1]
		}
		v.Log = append(v.Log, line)
	})
}
