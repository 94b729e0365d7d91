package guest

import "errors"

// Monitor is what a monitor registers. Match is required.
type Monitor struct {
	Manifest Manifest

	// Match looks at one update. More than zero is a match, and the number is the monitor's own tag for it; zero is none; a negative
	// number is an error, whose reason SetError gives. Events count only with a number above zero.
	Match func(u *Update) int32

	// Configure takes the operator's config. It is called once, before anything else, also where the operator gave none; every option
	// then has its default. It may change the manifest, before the host reads it: add keys to a filter, say. An error refuses the
	// config and the monitor with it.
	Configure func(c *Config, m *Manifest) error

	// Tick is called about once a second, with the time in milliseconds since 1970, for what happens with the passing of time. It
	// returns what Match returns and can emit events.
	Tick func(unixMs int64) int32

	// Save returns the state that the next version of the monitor gets through Load. The slice is read before the next call.
	Save func() []byte

	// Load takes the state that an earlier instance of the monitor, maybe of another version, saved. The slice is valid until Load
	// returns. An error makes the monitor start without a state.
	Load func(state []byte) error
}

// errNotRegistered is the reason that the host shows for a module without a monitor.
var errNotRegistered = errors.New("the monitor registered nothing: call guest.Register in an init function")

// The one monitor of this module.
var (
	monitor    Monitor
	registered bool
	configured bool
	update     Update
)

// Register makes m the module's monitor. It is called once, in an init function, and panics on a manifest that is wrong in itself or
// a second call: the module then fails to load, with the reason.
func Register(m Monitor) {
	if registered {
		panic("guest: Register is called twice")
	}
	if m.Match == nil {
		panic("guest: " + m.Manifest.Name + " has no Match")
	}
	if mistake := m.Manifest.check(); mistake != "" {
		panic("guest: " + m.Manifest.Name + ": " + mistake)
	}
	monitor, registered = m, true
}

// Hit reports whether the monitor's filter of this name let the update through. It panics on a name that the manifest does not have.
func (u *Update) Hit(name string) bool {
	if monitor.Manifest.Subscribe != nil {
		if bit, ok := monitor.Manifest.Subscribe.bit(name); ok {
			return u.mask>>bit&1 != 0
		}
	}
	panic("guest: the manifest has no filter named " + name)
}

// callConfigure runs the monitor's Configure. It returns a negative number with a reason set where that refuses.
func callConfigure(json []byte) int32 {
	levelFresh = false
	configured = true
	if !registered {
		return refuse(errNotRegistered)
	}
	c, err := parseConfig(json, monitor.Manifest.Config)
	if err != nil {
		return refuse(err)
	}
	if monitor.Configure == nil {
		return 0
	}
	if err := monitor.Configure(c, &monitor.Manifest); err != nil {
		return refuse(err)
	}
	if mistake := monitor.Manifest.check(); mistake != "" {
		return refuse(errors.New("after Configure: " + mistake))
	}
	return 0
}

func refuse(err error) int32 {
	SetError(err.Error())
	return -1
}

// ensureConfigured configures a monitor that the host did not: it then has its defaults.
func ensureConfigured() {
	if !configured && callConfigure(nil) < 0 {
		panic("guest: the monitor refuses its default config")
	}
}

// callDescribe returns the manifest's JSON.
func callDescribe() []byte {
	ensureConfigured()
	return monitor.Manifest.appendJSON(nil)
}

// callMatch runs the monitor's Match.
func callMatch(raw []byte, filters uint64) int32 {
	if !configured {
		ensureConfigured()
	}
	levelFresh = false
	update.reset(raw, filters)
	return monitor.Match(&update)
}

// callTick runs the monitor's Tick.
func callTick(unixMs int64) int32 {
	ensureConfigured()
	levelFresh = false
	if monitor.Tick == nil {
		return 0
	}
	return monitor.Tick(unixMs)
}

// callSave runs the monitor's Save.
func callSave() []byte {
	ensureConfigured()
	levelFresh = false
	if monitor.Save == nil {
		return nil
	}
	return monitor.Save()
}

// callLoad runs the monitor's Load.
func callLoad(state []byte) int32 {
	ensureConfigured()
	levelFresh = false
	if monitor.Load == nil {
		return 0
	}
	if err := monitor.Load(state); err != nil {
		return refuse(err)
	}
	return 0
}
