package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"unicode/utf8"

	"weir/abi"
)

// buffer is the guest's memory that inputs are written to.
type buffer struct{ ptr, size uint32 }

// ready refuses calls that must not reach the guest.
func (i *Instance) ready(ctx context.Context) error {
	if i.Dead() {
		return ErrDead
	}
	return ctx.Err()
}

// Match asks the guest about one update. The error is about the guest, which is dead then; an update over Limits.InputBytes
// gives an ErrInput and does no harm. ctx is looked at before the call only: what bounds a call is its fuel.
func (i *Instance) Match(ctx context.Context, in Input) (Verdict, error) {
	if err := i.ready(ctx); err != nil {
		return Verdict{}, err
	}
	i.clock.set(in.NowMs)
	i.output.reset()
	n, err := i.write(in.Pieces, i.lim.InputBytes, i.lim.Fuel)
	if err != nil {
		return Verdict{}, err
	}
	i.stack = [3]uint64{uint64(i.input.ptr), uint64(n), in.Filters}
	return i.verdict(&i.match)
}

// Tick tells the guest the time, unix milliseconds. A guest without weir_tick answers 0.
func (i *Instance) Tick(ctx context.Context, unixMs int64) (Verdict, error) {
	if err := i.ready(ctx); err != nil || i.tick.f == nil {
		return Verdict{}, err
	}
	i.clock.set(unixMs)
	i.output.reset()
	i.stack[0] = uint64(unixMs)
	return i.verdict(&i.tick)
}

func (i *Instance) verdict(e *entry) (Verdict, error) {
	if err := i.call(e, i.lim.Fuel); err != nil {
		return Verdict{Fuel: uint64(i.limit)}, err
	}
	v := Verdict{Value: int32(uint32(i.stack[0])), Fuel: uint64(i.used())}
	switch {
	case v.Value > 0:
		v.Events = i.output.events
	case v.Value < 0:
		v.Reason = string(i.output.reason)
	}
	return v, nil
}

// write puts the pieces behind each other into the guest's input buffer, which is asked for first when it is too small.
func (i *Instance) write(pieces [][]byte, limit int, fuel int64) (n uint32, err error) {
	total := 0
	for _, p := range pieces {
		total += len(p)
	}
	if total > limit {
		return 0, fmt.Errorf("%w: %d bytes, the limit is %d", ErrInput, total, limit)
	}
	if total > int(i.input.size) {
		if err := i.grow(uint32(total), fuel); err != nil {
			return 0, err
		}
	}
	at := i.input.ptr
	for _, p := range pieces {
		if !i.memory.Write(at, p) {
			return 0, i.trapped(abi.ExportAlloc, "the input buffer is no longer inside the memory")
		}
		at += uint32(len(p))
	}
	return uint32(total), nil
}

// grow asks the guest for an input buffer; the one before is void from the call on.
func (i *Instance) grow(n uint32, fuel int64) error {
	n = max(n, abi.InputBuffer)
	i.input = buffer{}
	i.stack[0] = uint64(n)
	if err := i.call(&i.alloc, fuel); err != nil {
		return err
	}
	ptr := uint32(i.stack[0])
	switch {
	case ptr == 0:
		return i.trapped(abi.ExportAlloc, fmt.Sprintf("returned 0 for %d bytes", n))
	case ptr%abi.InputAlign != 0:
		return i.trapped(abi.ExportAlloc, fmt.Sprintf("returned %#x, which is not aligned to %d bytes", ptr, abi.InputAlign))
	case uint64(ptr)+uint64(n) > uint64(i.memory.Size()):
		return i.trapped(abi.ExportAlloc, fmt.Sprintf("returned %#x for %d bytes, outside of the memory of %d bytes", ptr, n, i.memory.Size()))
	}
	i.input = buffer{ptr: ptr, size: n}
	return nil
}

// Configure hands the operator's config, JSON, to the guest; call it before Describe. A guest without weir_configure gives
// ErrNotExported, one that does not like the config a *GuestError.
func (i *Instance) Configure(ctx context.Context, config []byte) error {
	return i.give(ctx, &i.configure, config, i.lim.ConfigBytes)
}

// Load hands over the state that a predecessor's Save returned. A guest without weir_load gives ErrNotExported, one that
// does not like the state a *GuestError.
func (i *Instance) Load(ctx context.Context, state []byte) error {
	return i.give(ctx, &i.load, state, i.lim.StateBytes)
}

func (i *Instance) give(ctx context.Context, e *entry, b []byte, limit int) error {
	if err := i.ready(ctx); err != nil {
		return err
	}
	if e.f == nil {
		return fmt.Errorf("%s: %w", e.name, ErrNotExported)
	}
	i.output.reset()
	n, err := i.write([][]byte{b}, limit, i.lim.LoadFuel)
	if err != nil {
		return err
	}
	i.stack = [3]uint64{uint64(i.input.ptr), uint64(n)}
	if err := i.call(e, i.lim.LoadFuel); err != nil {
		return err
	}
	if code := int32(uint32(i.stack[0])); code < 0 {
		return &GuestError{Export: e.name, Code: code, Reason: string(i.output.reason)}
	}
	return nil
}

// Describe returns the manifest's bytes, valid UTF-8 and the caller's own. A manifest that is empty, too long or no UTF-8 is
// an ErrAnswer; a place outside of the memory is an ErrTrap.
func (i *Instance) Describe(ctx context.Context) ([]byte, error) {
	b, err := i.take(ctx, &i.describe, i.lim.DescribeFuel, i.lim.ManifestBytes)
	switch {
	case err != nil:
		return nil, err
	case len(b) == 0:
		return nil, &AnswerError{Export: abi.ExportDescribe, Reason: "the manifest is empty"}
	case !utf8.Valid(b):
		return nil, &AnswerError{Export: abi.ExportDescribe, Reason: "the manifest is not UTF-8"}
	}
	return b, nil
}

// Save returns the guest's state for its successor, the caller's own; nil when it has none or no weir_save.
func (i *Instance) Save(ctx context.Context) ([]byte, error) {
	if i.save.f == nil {
		return nil, i.ready(ctx)
	}
	return i.take(ctx, &i.save, i.lim.LoadFuel, i.lim.StateBytes)
}

func (i *Instance) take(ctx context.Context, e *entry, fuel int64, limit int) ([]byte, error) {
	if err := i.ready(ctx); err != nil {
		return nil, err
	}
	i.output.reset()
	if err := i.call(e, fuel); err != nil {
		return nil, err
	}
	ptr, n := uint32(i.stack[0]>>32), uint32(i.stack[0])
	if n == 0 {
		return nil, nil
	}
	b, ok := i.memory.Read(ptr, n)
	if !ok {
		return nil, i.trapped(e.name, fmt.Sprintf("returned %d bytes at %#x, outside of the memory of %d bytes", n, ptr, i.memory.Size()))
	}
	if int64(n) > int64(limit) {
		return nil, &AnswerError{Export: e.name, Reason: fmt.Sprintf("returned %d bytes, the limit is %d", n, limit)}
	}
	return bytes.Clone(b), nil
}
