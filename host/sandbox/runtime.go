package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// maxFuel leaves room for the sum of two globals, whatever one instruction may cost.
const maxFuel = 1 << 60

// Settings of a Runtime.
type Settings struct {
	// CacheDir keeps compiled modules across restarts; made with mode 0700 when missing, and refused when others may write
	// to it: what lies there is run as machine code. Empty: no cache.
	CacheDir string
	// Compiles bounds how many modules are compiled, or instantiated and run for the first time, at once. 0 means 2.
	Compiles int
	// SliceFuel is how much fuel a guest gets between two passes through Go. 0 means DefaultSliceFuel.
	SliceFuel int64
	// Interpreter forces the slow engine, which is otherwise taken only where the compiler does not run.
	Interpreter bool
}

// Runtime compiles modules. Its methods may be called from any goroutine.
type Runtime struct {
	settings Settings
	slots    chan struct{} // one per compile or first call

	mu       sync.Mutex // guards the fields below
	cached   *engine    // nil without a cache
	uncached *engine    // made when first needed
	closed   bool
}

// engine is one wazero runtime with the host functions in it.
type engine struct {
	wazero.Runtime
	cache wazero.CompilationCache
}

func (e *engine) close(ctx context.Context) error {
	if e == nil {
		return nil
	}
	err := e.Runtime.Close(ctx)
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(ctx))
	}
	return err
}

// New makes a Runtime. ctx is for the set-up alone.
func New(ctx context.Context, s Settings) (*Runtime, error) {
	if s.Compiles <= 0 {
		s.Compiles = 2
	}
	if s.SliceFuel <= 0 {
		s.SliceFuel = DefaultSliceFuel
	}
	r := &Runtime{settings: s, slots: make(chan struct{}, s.Compiles)}
	if s.CacheDir == "" {
		_, err := r.plain(ctx)
		return r, err
	}
	if err := privateDir(s.CacheDir); err != nil {
		return nil, err
	}
	cache, err := wazero.NewCompilationCacheWithDir(s.CacheDir)
	if err != nil {
		return nil, fmt.Errorf("open the cache of compiled modules: %w", err)
	}
	if r.cached, err = r.engine(ctx, cache); err != nil {
		return nil, err
	}
	return r, nil
}

// privateDir makes the folder, or checks that nobody else can put machine code into it.
func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the cache of compiled modules: %w", err)
	}
	st, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("check the cache of compiled modules: %w", err)
	}
	if st.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("the cache of compiled modules %s may be written by others (mode %v): its contents are run as machine code; chmod 700 it", dir, st.Mode().Perm())
	}
	return nil
}

func (r *Runtime) engine(ctx context.Context, cache wazero.CompilationCache) (*engine, error) {
	config := wazero.NewRuntimeConfig()
	if r.settings.Interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	config = config.WithCoreFeatures(api.CoreFeaturesV2).WithDebugInfoEnabled(false).WithCloseOnContextDone(false)
	if cache != nil {
		config = config.WithCompilationCache(cache)
	}
	e := &engine{Runtime: wazero.NewRuntimeWithConfig(ctx, config), cache: cache}
	if err := linkHost(ctx, e.Runtime); err != nil {
		return nil, errors.Join(fmt.Errorf("link the host functions: %w", err), e.close(ctx))
	}
	return e, nil
}

// plain returns the engine without a cache.
func (r *Runtime) plain(ctx context.Context) (*engine, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	var err error
	if r.uncached == nil {
		r.uncached, err = r.engine(ctx, nil)
	}
	return r.uncached, err
}

// current returns the engine to compile with.
func (r *Runtime) current(ctx context.Context) (*engine, error) {
	r.mu.Lock()
	e, closed := r.cached, r.closed
	r.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if e == nil {
		return r.plain(ctx)
	}
	return e, nil
}

// Close frees everything. Instances and modules should be closed before; it waits for none of them.
func (r *Runtime) Close(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	return errors.Join(r.cached.close(ctx), r.uncached.close(ctx))
}

// acquire waits for one of the few slots for expensive work.
func (r *Runtime) acquire(ctx context.Context) (release func(), err error) {
	select {
	case r.slots <- struct{}{}:
		return func() { <-r.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Compile checks a module, writes the meter into it and compiles it. What is wrong with the module is an ErrRefused; other
// errors are the host's. It waits while too many others compile.
func (r *Runtime) Compile(ctx context.Context, wasm []byte, lim Limits) (*Module, error) {
	if err := lim.check(); err != nil {
		return nil, err
	}
	m, metered, err := prepare(wasm, &lim, r.settings.SliceFuel)
	if err != nil {
		return nil, err
	}
	release, err := r.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	e, err := r.current(ctx)
	if err != nil {
		return nil, err
	}
	compiled, err := compile(ctx, e, metered)
	if err != nil && e.cache != nil && isCacheError(err) {
		compiled, e, err = r.recompile(ctx, e, metered)
	}
	if err != nil {
		return nil, err
	}
	return &Module{runtime: r, engine: e, compiled: compiled, limits: lim, report: m.report(len(wasm))}, nil
}

// compile runs wazero's compiler. Its panics are refusals: whatever trips it came from the module.
func compile(ctx context.Context, e *engine, metered []byte) (m wazero.CompiledModule, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, refuse(Unsupported, "the compiler gave up on it: %.200v", p)
		}
	}()
	m, err = e.CompileModule(ctx, metered)
	if err != nil && !isCacheError(err) {
		line, _, _ := strings.Cut(err.Error(), "\n")
		err = refuse(Malformed, "not valid: %s", clean(line))
	}
	return m, err
}

// isCacheError tells the cache's troubles from the module's.
func isCacheError(err error) bool {
	var path *fs.PathError
	var link *os.LinkError
	return errors.As(err, &path) || errors.As(err, &link) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.HasPrefix(err.Error(), "compilationcache:")
}

// recompile deletes what is cached, since a damaged entry cannot be told by name, and compiles again; where the cache itself
// does not work it does without.
func (r *Runtime) recompile(ctx context.Context, e *engine, metered []byte) (wazero.CompiledModule, *engine, error) {
	if err := emptyDir(r.settings.CacheDir); err == nil {
		if m, err := compile(ctx, e, metered); err == nil || !isCacheError(err) {
			return m, e, err
		}
	}
	e, err := r.plain(ctx)
	if err != nil {
		return nil, nil, err
	}
	m, err := compile(ctx, e, metered)
	return m, e, err
}

// emptyDir deletes the entries; wazero keeps them in one folder per version of itself.
func emptyDir(dir string) error {
	entries, err := filepath.Glob(filepath.Join(dir, "wazero-*", "*"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Remove(e); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// ReadFile reads a module. A file above the limit is refused by its size, before it is read; the limit holds for what is read
// as well, should the file grow meanwhile.
func ReadFile(path string, lim Limits) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, refuse(Malformed, "%s is no regular file", path)
	}
	if st.Size() > lim.FileBytes {
		return nil, refuse(OverLimit, "%s has %d bytes, the limit is %d", path, st.Size(), lim.FileBytes)
	}
	b, err := io.ReadAll(io.LimitReader(f, lim.FileBytes+1))
	if err == nil && int64(len(b)) > lim.FileBytes {
		return nil, refuse(OverLimit, "%s has over %d bytes, the limit", path, lim.FileBytes)
	}
	return b, err
}

// Engine names what runs the guests: "compiler" or "interpreter", which is some ten times slower.
func (r *Runtime) Engine() string {
	if r.settings.Interpreter || !compilerWorks() {
		return "interpreter"
	}
	return "compiler"
}

// compilerWorks tells whether wazero has a compiler for this machine: it panics when asked for one that it lacks.
var compilerWorks = sync.OnceValue(func() (works bool) {
	defer func() { works = recover() == nil }()
	ctx := context.Background()
	wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler()).Close(ctx)
	return true
})
