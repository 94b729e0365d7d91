package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/host/datadir"
	"weir/host/geyser"
)

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

// FileEnv is the variable that names weir.yaml for programs that look for it there; Load itself does not.
const FileEnv = "WEIR_CONFIG"

// maxFileBytes bounds weir.yaml.
const maxFileBytes = 1 << 20

// Options say where Load looks.
type Options struct {
	File    string            // path of weir.yaml; empty: none
	Environ []string          // NAME=value, as os.Environ returns it; an empty value counts as none
	Flags   map[string]string // values from the command line, by key ("pool.max_connections"); secrets are refused
}

// loader is the state of one Load.
type loader struct {
	options Options
	env     map[string]string
	doc     *document
	origins map[string]origin
	errs    []error
}

// origin is where a key's value was given.
type origin struct {
	source Source
	line   int
}

func (l *loader) mark(key string, s Source, line int) { l.origins[key] = origin{s, line} }

// fail notes what is wrong with a key's final value, naming the place it came from.
func (l *loader) fail(key, format string, args ...any) {
	o := l.origins[key]
	e := &KeyError{Key: key, Source: o.source, Line: o.line, Err: fmt.Errorf(format, args...)}
	if o.source == FromFile {
		e.File = l.options.File
	}
	l.errs = append(l.errs, e)
}

// Load reads and checks a configuration: defaults, over them the limits preset, the file, the environment, the flags. All
// problems found are in the error, each one a *KeyError; a missing file is fs.ErrNotExist.
func Load(o Options) (*Config, error) {
	l := &loader{options: o, env: environment(o.Environ), doc: &document{file: o.File}}
	if o.File != "" {
		text, err := readFile(o.File)
		if err != nil {
			return nil, err
		}
		if l.doc, err = parseFile(o.File, text); err != nil {
			return nil, err
		}
	}
	c := l.apply(geyser.Limits{}) // once to learn the preset, once over it
	if limits, ok := geyser.LimitsPreset(c.Limits.Preset); ok {
		c = l.apply(limits)
	}
	l.settle(c)
	l.validate(c)
	l.warn(c)
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	return c, nil
}

// readFile reads weir.yaml, of a bounded size.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("%s is larger than %d bytes: it is no weir.yaml", path, maxFileBytes)
	}
	return text, nil
}

// environment picks the WEIR_ variables that are set to something.
func environment(environ []string) map[string]string {
	env := make(map[string]string)
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "WEIR_") && value != "" {
			env[name] = value
		}
	}
	return env
}

// apply puts all layers over the defaults and the provider's limits, and collects errors anew.
func (l *loader) apply(limits geyser.Limits) *Config {
	l.errs, l.origins = nil, make(map[string]origin)
	c := defaultOf[Config]()
	c.Limits.Limits = limits
	c.Monitors = make(map[string]Monitor)
	var monitors ast.Node
	r := &reader{l, l.doc}
	r.section(reflect.ValueOf(&c).Elem(), allFields(), l.doc.root, "", func(key string, e *ast.MappingValueNode) bool {
		if key == "monitors" {
			monitors = e.Value
		}
		return key == "monitors"
	})
	for _, path := range []*string{&c.Data, &c.Plugins, &c.Sandbox.CacheDir} {
		*path = r.relative(*path)
	}
	l.applyTexts(&c)
	if monitors != nil {
		r.monitors(&c, monitors)
	}
	return &c
}

// applyTexts puts environment and flags over what is there.
func (l *loader) applyTexts(c *Config) {
	v := reflect.ValueOf(c).Elem()
	for _, f := range allFields() {
		if text, ok := l.env[f.Env]; ok {
			l.setText(v, f, text, FromEnv)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(l.options.Flags)) {
		f, ok := fieldByKey(key)
		switch {
		case !ok:
			l.mark(key, FromFlag, 0)
			l.fail(key, "is no key that Weir knows; `weir config` lists them")
		case f.Secret:
			l.mark(key, FromFlag, 0)
			l.fail(key, "is secret and not taken from the command line, which others can see: set %s or write it to weir.yaml", f.Env)
		default:
			l.setText(v, f, l.options.Flags[key], FromFlag)
		}
	}
}

func (l *loader) setText(v reflect.Value, f field, text string, s Source) {
	l.mark(f.Name, s, 0)
	if err := wrongValue(f, text, setText(v.FieldByIndex(f.index), text)); err != nil {
		l.fail(f.Name, "%w", err)
	}
}

// settle fills in what depends on the machine, and what is left for Describe.
func (l *loader) settle(c *Config) {
	c.source = make(map[string]Source, len(l.origins))
	for key, o := range l.origins {
		c.source[key] = o.source
	}
	if c.Data == "" {
		c.Data = l.dataHome()
	}
	if c.Plugins == "" {
		if self, err := os.Executable(); err == nil {
			c.Plugins = filepath.Join(filepath.Dir(self), "plugins")
		}
	}
	for i := range c.Endpoints {
		if e := &c.Endpoints[i]; !e.XToken.IsSet() {
			e.XToken = c.XToken
		}
	}
}

// dataHome is the default of data.
func (l *loader) dataHome() string {
	var xdg string
	for _, e := range l.options.Environ {
		if home, ok := strings.CutPrefix(e, "XDG_DATA_HOME="); ok {
			xdg = home
		}
	}
	dir, err := datadir.Default(xdg)
	if err != nil {
		l.fail("data", "has no default here: %w", err)
	}
	return dir
}
