package config

// Source says where a value comes from.
type Source string

// The sources, each over the one before.
const (
	FromDefault Source = "default"
	FromPreset  Source = "preset" // limits.preset
	FromFile    Source = "file"
	FromEnv     Source = "env"
	FromFlag    Source = "flag"
)

// Options say where Load looks.
type Options struct {
	File    string            // path of weir.yaml; empty: none
	Environ []string          // NAME=value, as os.Environ returns it
	Flags   map[string]string // values from the command line, by key ("pool.max_connections"); secrets are refused
}

// Load reads and checks a configuration. Every problem found is in the error, each one a *KeyError where it is about a
// key; a missing file is fs.ErrNotExist.
func Load(o Options) (*Config, error) {
	c := defaultOf[Config]()
	return &c, nil
}

// Entry is a key with its value, for `weir config`.
type Entry struct {
	Key
	Value  string // masked for secrets
	Source Source
}

// Describe lists every key of c with its value and where that comes from, in the order of Keys.
func Describe(c *Config) []Entry { return nil }
