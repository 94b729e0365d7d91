package plugin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"weir/abi"
	"weir/host/geyser"
	"weir/host/sandbox"
)

// Options are what weir.yaml says about one monitor; the zero value says nothing.
type Options struct {
	Group  string          // overrides the manifest's
	Config json.RawMessage // the operator's config, JSON; nil when there is none
	Limits *sandbox.Limits // nil: the defaults
}

// Version is one version of a monitor, checked and compiled, with the instance that it was described by, ready to run.
// Close it exactly once, after its instances.
type Version struct {
	Name     string // the manifest's
	Digest   string
	Group    string
	Manifest *abi.Manifest
	JSON     json.RawMessage // the manifest as the monitor gave it
	Declared *geyser.Declared
	Options  Options

	limits sandbox.Limits
	module *sandbox.Module   // nil while there is none
	first  *sandbox.Instance // taken by the first to run it
}

// LoadError says at which step a file was refused.
type LoadError struct {
	Step string // read, check, start, describe, manifest, subscribe, config
	Err  error
}

func (e *LoadError) Error() string { return e.Step + ": " + e.Err.Error() }
func (e *LoadError) Unwrap() error { return e.Err }

// Digest names a module by its content.
func Digest(wasm []byte) string {
	sum := sha256.Sum256(wasm)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Load checks, meters, compiles, starts and describes a module. named returns the options for the name that the
// manifest gives; it is not asked when the caller knows the name already and returns the same options for any.
func Load(ctx context.Context, rt *sandbox.Runtime, wasm []byte, defaults sandbox.Limits, g sandbox.Guest, named func(name string) Options) (*Version, error) {
	v := &Version{Digest: Digest(wasm), limits: defaults}
	err := v.compile(ctx, rt, wasm)
	if err == nil {
		err = v.describe(ctx, rt, wasm, g, named)
	}
	if err != nil {
		return nil, errors.Join(err, v.Close(ctx))
	}
	return v, nil
}

func (v *Version) compile(ctx context.Context, rt *sandbox.Runtime, wasm []byte) error {
	module, err := rt.Compile(ctx, wasm, v.limits)
	if err != nil {
		return &LoadError{"check", err}
	}
	v.module = module
	return nil
}

// describe asks the module for its manifest and sets it up as its name demands.
func (v *Version) describe(ctx context.Context, rt *sandbox.Runtime, wasm []byte, g sandbox.Guest, named func(string) Options) error {
	if err := v.read(ctx, g); err != nil {
		return err
	}
	v.Options = named(v.Manifest.Name)
	if own := v.Options.Limits; own != nil && *own != v.limits {
		if err := v.Close(ctx); err != nil {
			return &LoadError{"start", err}
		}
		v.module, v.limits = nil, *own
		if err := v.compile(ctx, rt, wasm); err != nil {
			return err
		}
		if err := v.read(ctx, g); err != nil {
			return err
		}
	}
	if len(v.Options.Config) > 0 {
		if err := v.Manifest.ValidateConfig(v.Options.Config); err != nil {
			return &LoadError{"config", err}
		}
		// The config comes before the manifest, which may depend on it: start anew now that the name is known.
		if err := v.read(ctx, g); err != nil {
			return err
		}
	}
	v.Group = v.Options.Group
	if v.Group == "" {
		v.Group = string(v.Manifest.Group)
	}
	declared, err := geyser.ParseDeclared(v.Manifest.Subscribe)
	if err != nil {
		return &LoadError{"subscribe", err}
	}
	v.Declared = declared
	return nil
}

// read makes an instance and asks it for its manifest.
func (v *Version) read(ctx context.Context, g sandbox.Guest) error {
	if v.first != nil {
		if err := v.first.Close(ctx); err != nil {
			return &LoadError{"start", err}
		}
		v.first = nil
	}
	instance, err := v.Instantiate(ctx, g)
	if err != nil {
		return err
	}
	v.first = instance
	text, err := instance.Describe(ctx)
	if err != nil {
		return &LoadError{"describe", err}
	}
	v.JSON = append(json.RawMessage(nil), text...)
	if v.Manifest, err = abi.ParseManifest(v.JSON); err != nil {
		return &LoadError{"manifest", err}
	}
	return nil
}

// Instantiate makes a configured instance.
func (v *Version) Instantiate(ctx context.Context, g sandbox.Guest) (*sandbox.Instance, error) {
	instance, err := v.module.Instantiate(ctx, g)
	if err != nil {
		return nil, &LoadError{"start", err}
	}
	if len(v.Options.Config) == 0 {
		return instance, nil
	}
	if err := instance.Configure(ctx, v.Options.Config); err != nil {
		return nil, errors.Join(&LoadError{"config", err}, instance.Close(ctx))
	}
	return instance, nil
}

// Take returns the instance that described the version, to the first who asks; later ones get a new one.
func (v *Version) Take(ctx context.Context, g sandbox.Guest) (*sandbox.Instance, error) {
	if first := v.first; first != nil {
		v.first = nil
		return first, nil
	}
	return v.Instantiate(ctx, g)
}

// Close gives the compiled code back. Instances made by Take and Instantiate are their owners' to close, before.
func (v *Version) Close(ctx context.Context) error {
	var err error
	if v.first != nil {
		err = v.first.Close(ctx)
		v.first = nil
	}
	if v.module != nil {
		err = errors.Join(err, v.module.Close(ctx))
	}
	return err
}
