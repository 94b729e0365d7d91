package plugin

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"

	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/router"
	"weir/host/sandbox"
)

// slot is the place of one monitor: a file, under one name. Run's goroutine alone uses it, but for monitor, which anybody
// may view, and owns, which named reads.
type slot struct {
	key     string
	fixed   string // the name that weir.yaml gives; else empty
	monitor *Monitor
	owns    atomic.Bool // the name that the monitor shows is its own
	seen    file
	loading bool
	again   bool // the file changed while it was being loaded
	removed bool
	worker  *running
	epoch   int // of the route key: each set of filters routes under a key of its own
}

// running is a worker with what it holds. Its goroutine lets go of it all at the end and closes gone.
type running struct {
	worker   *worker
	version  atomic.Pointer[Version] // changed by a swap, on the worker's goroutine
	routeKey string
	gone     chan struct{}
}

// meet takes note of a file of the folder, under the name that weir.yaml gives it or "".
func (s *Supervisor) meet(ctx context.Context, f file, name string) {
	key := slotKey(f.path, name)
	sl := s.slots[key]
	if sl == nil {
		sl = s.newSlot(key, f, name)
	} else if sl.seen == f {
		return
	}
	sl.seen = f
	if st := sl.monitor.state(); st != Disabled && st != Quarantined {
		s.load(ctx, sl)
	}
}

func (s *Supervisor) newSlot(key string, f file, name string) *slot {
	base := filepath.Base(f.path)
	known, remembered := s.set.Memory.file(base)
	shown := strings.TrimSuffix(base, ".wasm")
	switch {
	case name != "":
		shown = name
	case remembered:
		shown = known.Name
	}
	owner := s.named(shown)
	if owner != nil && owner.owns.Load() && name == "" {
		shown = base
	}
	sl := &slot{key: key, fixed: name, monitor: newMonitor(shown, f.path)}
	sl.owns.Store(name != "" || remembered && owner == nil)
	if remembered {
		sl.monitor.edit(func(v *View) { v.Version, v.Group, v.Digest = known.Version, known.Group, known.Digest })
	}
	if why := s.disabled(shown); why != "" {
		s.must(sl, Disabled, why)
	} else if reason, yes := s.set.Memory.quarantined(shown); yes {
		s.must(sl, Quarantined, reason)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots[key] = sl
	return sl
}

// disabled says why the monitor is not to run; "" when it is.
func (s *Supervisor) disabled(name string) string {
	if on := s.set.Named[name].Enabled; on != nil {
		if !*on {
			return "disabled in weir.yaml"
		}
		return ""
	}
	if s.set.Memory.disabled(name) {
		return "disabled by the operator"
	}
	return ""
}

// must makes a change of state that the machine is known to allow; a mistake is logged, not hidden.
func (s *Supervisor) must(sl *slot, to State, reason string) {
	if err := sl.monitor.become(to, reason); err != nil {
		s.set.Log.Error("a monitor's state did not change", "error", err)
	}
}

// load reads the slot's file and puts it to work, off this goroutine.
func (s *Supervisor) load(ctx context.Context, sl *slot) {
	if sl.loading {
		sl.again = true
		return
	}
	sl.loading = true
	serving := ""
	switch {
	case sl.worker == nil:
		s.must(sl, Loading, "")
	case sl.monitor.state() != Draining:
		serving = sl.worker.version.Load().Digest
	}
	path, g := sl.seen.path, s.guest(sl)
	s.tasks.Go(func() {
		s.loads <- struct{}{}
		v, err := s.read(ctx, path, sl.fixed, g, serving)
		<-s.loads
		taken := s.post(func(work context.Context) { s.loaded(work, sl, v, err) })
		if !taken && v != nil {
			s.giveBack(v)
		}
	})
}

// giveBack closes a version that nothing runs.
func (s *Supervisor) giveBack(v *Version) {
	if err := v.Close(context.Background()); err != nil {
		s.set.Log.Error("a monitor's code was not given back", "digest", v.Digest, "error", err)
	}
}

// errSame means that the file holds the version that already runs.
var errSame = errors.New("the same version")

func (s *Supervisor) read(ctx context.Context, path, fixed string, g sandbox.Guest, serving string) (*Version, error) {
	wasm, err := sandbox.ReadFile(path, s.set.Limits)
	if err != nil {
		return nil, &LoadError{"read", err}
	}
	if Digest(wasm) == serving {
		return nil, errSame
	}
	return Load(ctx, s.set.Runtime, wasm, s.set.Limits, g, func(name string) Options {
		if fixed != "" {
			name = fixed
		}
		return s.set.Named[name].Options
	})
}

// loaded takes the outcome of a load.
func (s *Supervisor) loaded(ctx context.Context, sl *slot, v *Version, err error) {
	sl.loading = false
	if sl.again {
		sl.again = false
		defer s.load(ctx, sl)
	}
	if err == nil {
		if err = s.adopt(ctx, sl, v); err != nil {
			s.giveBack(v)
		}
	}
	switch {
	case err == nil, errors.Is(err, errSame), errors.Is(err, errUnwanted):
	case sl.worker != nil:
		sl.monitor.edit(func(m *View) { m.ReloadError = err.Error() })
		s.set.Log.Error("the new version is refused, the old one serves on", "monitor", sl.monitor.name(), "file", sl.seen.path, "error", err)
	default:
		sl.monitor.failed(err.Error())
		s.must(sl, Failed, err.Error())
		s.set.Log.Error("the monitor cannot be loaded", "file", sl.seen.path, "error", err)
	}
}

// errUnwanted means that the loaded version is not to run after all.
var errUnwanted = errors.New("not wanted any more")

// adopt puts a loaded version to work. On an error the version stays the caller's.
func (s *Supervisor) adopt(ctx context.Context, sl *slot, v *Version) error {
	if s.draining || sl.removed || ctx.Err() != nil {
		return errUnwanted
	}
	v.Name = v.Manifest.Name
	if sl.fixed != "" {
		v.Name = sl.fixed
	}
	if err := s.claim(sl, v); err != nil {
		return err
	}
	s.describe(sl, v)
	if why := s.disabled(v.Name); why != "" {
		s.must(sl, Disabled, why)
		return errUnwanted
	}
	if sl.worker != nil && sl.monitor.state() != Draining {
		if old := sl.worker.version.Load(); old.Group == v.Group && sameFilters(old.Declared, v.Declared) {
			return s.swap(ctx, sl, v)
		}
	}
	return s.start(ctx, sl, v)
}

// claim gives the slot the version's name, which one slot alone may have.
func (s *Supervisor) claim(sl *slot, v *Version) error {
	if owner := s.named(v.Name); owner != nil && owner != sl && owner.owns.Load() {
		return &LoadError{"name", fmt.Errorf("%s is taken by %s: give this file another name under `monitors:` in weir.yaml, or remove one of them", v.Name, owner.seen.path)}
	}
	if err := s.set.Memory.setFile(filepath.Base(sl.seen.path), knownFile{v.Name, v.Manifest.Version, v.Group, v.Digest}); err != nil {
		return err
	}
	sl.owns.Store(true)
	return nil
}

func (s *Supervisor) describe(sl *slot, v *Version) {
	sl.monitor.edit(func(m *View) {
		m.Name, m.Version, m.Description, m.Group = v.Name, v.Manifest.Version, v.Manifest.Description, v.Group
		m.Digest, m.Manifest, m.Config, m.Declared = v.Digest, v.JSON, v.Options.Config, v.Declared
		m.FuelLimit, m.ReloadError = uint64(v.limits.Fuel), ""
	})
}

func sameFilters(a, b *geyser.Declared) bool {
	return len(a.Filters) == len(b.Filters) && proto.Equal(a.Request(), b.Request()) && sameOrder(a, b)
}

func sameOrder(a, b *geyser.Declared) bool {
	for i := range a.Filters {
		if a.Filters[i].Section != b.Filters[i].Section || a.Filters[i].Name != b.Filters[i].Name {
			return false
		}
	}
	return true
}

// start runs the version with a queue and a route key of its own; an older worker finishes what it has.
func (s *Supervisor) start(ctx context.Context, sl *slot, v *Version) error {
	g := s.guest(sl)
	instance, err := v.Take(ctx, g)
	if err != nil {
		return err
	}
	queue, err := router.NewQueue(s.bounds(v), sl.monitor.metrics)
	if err != nil {
		return errors.Join(err, instance.Close(ctx))
	}
	s.stopWorker(sl)
	r := &running{routeKey: s.routeKey(sl, v), gone: make(chan struct{})}
	r.version.Store(v)
	r.worker = s.newWorker(sl, r, queue, instance, g)
	sl.worker = r
	s.set.Router.Attach(r.routeKey, queue)
	sl.monitor.edit(func(m *View) { m.RouteKey = r.routeKey })
	if st := sl.monitor.state(); st == Draining {
		s.must(sl, Loading, "")
	}
	s.must(sl, Running, "")
	s.tasks.Go(func() { s.work(ctx, sl, r) })
	s.publish()
	return nil
}

// routeKey names the routes of one set of filters of one monitor, so that what was routed by an older set is never
// matched by a newer one. Monitors' names have no tilde.
func (s *Supervisor) routeKey(sl *slot, v *Version) string {
	sl.epoch++
	if sl.epoch == 1 {
		return v.Name
	}
	return fmt.Sprintf("%s~%d", v.Name, sl.epoch)
}

func (s *Supervisor) bounds(v *Version) router.Bounds {
	if n, ok := s.set.Named[v.Name]; ok && n.Bounds != nil {
		return n.Bounds(v.Group)
	}
	return s.set.Bounds[v.Group]
}
