// Package plugin turns the .wasm files of a folder into running monitors: it reads, checks and compiles them, gives each
// a queue and a worker, replaces dead instances, quarantines what keeps dying, and follows changes of the folder.
//
// Goroutines: Supervisor.Run owns them all and waits for them. One watches the folder, a few load files, and each running
// monitor has one worker; Run itself is the only one that changes which monitors there are.
package plugin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"weir/host/geyser"
	"weir/host/router"
	"weir/host/sandbox"
)

// Named is a monitor that weir.yaml names.
type Named struct {
	Options
	File    string                           // the file's name in the folder; empty: the file whose manifest gives this name
	Enabled *bool                            // nil: as Enable and Disable said last
	Bounds  func(group string) router.Bounds // of its queue; nil: the group's
}

// Want is what a running monitor asks of the upstream.
type Want struct {
	geyser.Want        // Monitor is the route key
	Name        string // of the monitor
	Group       string // high, medium, low
}

// Settings of a Supervisor.
type Settings struct {
	Folder  string
	Runtime *sandbox.Runtime
	Router  *router.Router
	Memory  *Memory
	Limits  sandbox.Limits           // of monitors for which weir.yaml says nothing else
	Bounds  map[string]router.Bounds // queue bounds by group
	Named   map[string]Named         // by monitor
	Restart Restart
	Wanted  func([]Want)                        // called with all wants when they changed, by Run's goroutine
	Matched func(*Match)                        // called by the workers; must not block
	Fault   func(monitor string, update []byte) // keeps an update that killed an instance
	Log     *slog.Logger
}

// ErrUnknown means that no monitor has the name.
var ErrUnknown = errors.New("no such monitor")

// ErrStopped means that the supervisor no longer runs.
var ErrStopped = errors.New("the host is stopping")

// Supervisor keeps the monitors. Its methods may be called from any goroutine.
type Supervisor struct {
	set      Settings
	requests chan func(work context.Context) // run by Run's goroutine, which has taken what was sent
	stopped  chan struct{}                   // closed when Run no longer takes requests
	loads    chan struct{}                   // a place for each load under way
	tasks    sync.WaitGroup

	draining bool // Run is ending: nothing new starts; Run's goroutine alone uses it

	mu    sync.Mutex       // guards slots; only Run's goroutine writes it
	slots map[string]*slot // by slotKey
}

// parallelLoads bounds how many modules are compiled at once: compiling is the work of a whole core.
const parallelLoads = 2

// New returns a supervisor that does nothing until Run.
func New(set Settings) *Supervisor {
	return &Supervisor{
		set: set, requests: make(chan func(work context.Context)), stopped: make(chan struct{}),
		loads: make(chan struct{}, parallelLoads), slots: map[string]*slot{},
	}
}

// Run works until ctx ends. Then the workers finish what is queued, until force ends, which cuts them off.
func (s *Supervisor) Run(ctx, force context.Context) error {
	work, cancel := context.WithCancel(force) // outlives ctx, for the draining
	defer cancel()
	changed := make(chan struct{}, 1)
	s.tasks.Go(func() { watch(ctx, s.set.Folder, s.set.Log, changed) })
	err := s.look(work)
	if err == nil {
		s.serve(ctx, work, changed)
	}
	s.drainAll(work)
	close(s.stopped)
	s.tasks.Wait()
	return err
}

// serve does what is asked until ctx ends.
func (s *Supervisor) serve(ctx, work context.Context, changed <-chan struct{}) {
	for {
		select {
		case f := <-s.requests:
			f(work)
		case <-changed:
			if err := s.look(work); err != nil {
				s.set.Log.Error("the monitors that run go on; changes in the plugins folder are not seen", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// drainAll lets the workers finish, and serves requests meanwhile, since they post their endings there.
func (s *Supervisor) drainAll(work context.Context) {
	s.draining = true
	var left []*running
	for _, sl := range s.slots {
		if sl.worker != nil {
			s.stopWorker(sl)
			left = append(left, sl.worker)
		}
	}
	done := make(chan struct{})
	s.tasks.Go(func() {
		for _, r := range left {
			<-r.gone
		}
		close(done)
	})
	for {
		select {
		case f := <-s.requests:
			f(work)
		case <-done:
			return
		}
	}
}

// do runs f on Run's goroutine and waits for it.
func (s *Supervisor) do(ctx context.Context, f func(work context.Context)) error {
	done := make(chan struct{})
	select {
	case s.requests <- func(work context.Context) { defer close(done); f(work) }:
	case <-s.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	<-done // it was taken, so it is run
	return nil
}

// post has f run on Run's goroutine; false when Run has ended and f will not be run.
func (s *Supervisor) post(f func(work context.Context)) bool {
	select {
	case s.requests <- f:
		return true
	case <-s.stopped:
		return false
	}
}

// List returns all monitors by name.
func (s *Supervisor) List() []View {
	views := []View{}
	for _, sl := range s.sorted() {
		views = append(views, sl.monitor.View())
	}
	slices.SortFunc(views, func(a, b View) int {
		return strings.Compare(a.Name+"\x00"+a.File, b.Name+"\x00"+b.File)
	})
	return views
}

// Get returns one monitor; ErrUnknown when there is none of that name.
func (s *Supervisor) Get(name string) (View, error) {
	if sl := s.named(name); sl != nil {
		return sl.monitor.View(), nil
	}
	return View{}, s.unknown(name)
}

func (s *Supervisor) unknown(name string) error {
	return fmt.Errorf("%w: %q; `weir list` shows the names", ErrUnknown, name)
}

func (s *Supervisor) sorted() []*slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.Sorted(maps.Keys(s.slots))
	all := make([]*slot, len(keys))
	for i, k := range keys {
		all[i] = s.slots[k]
	}
	return all
}

// named finds the slot of a name: the one that owns it, before one that merely shows it.
func (s *Supervisor) named(name string) *slot {
	var shown *slot
	for _, sl := range s.sorted() {
		if sl.monitor.name() == name {
			if sl.owns.Load() {
				return sl
			}
			shown = sl
		}
	}
	return shown
}

// look compares the folder with the slots: loads what is new or changed, removes what is gone.
func (s *Supervisor) look(ctx context.Context) error {
	files, err := listFolder(s.set.Folder)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		for _, name := range s.namesOf(path) {
			wanted[slotKey(path, name)] = true
			s.meet(ctx, files[path], name)
		}
	}
	for _, sl := range s.sorted() {
		if !wanted[sl.key] {
			s.remove(sl)
		}
	}
	return nil
}

// namesOf returns the names that weir.yaml gives to the file, or "" when the manifest is to name it.
func (s *Supervisor) namesOf(path string) []string {
	var names []string
	for name, n := range s.set.Named {
		if n.File != "" && n.File == filepath.Base(path) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return []string{""}
	}
	slices.Sort(names)
	return names
}

func slotKey(path, name string) string { return path + "\x00" + name }
