package sandbox

import (
	"errors"
	"fmt"
)

// What callers decide by, with errors.Is. Every error of this package that is about the monitor is one of them, or a
// *GuestError.
var (
	// ErrRefused: the module was refused before any of its code ran. The *RefusedError in the chain says why.
	ErrRefused = errors.New("module refused")
	// ErrFuel: a call used up its fuel. The instance is dead.
	ErrFuel = errors.New("out of fuel")
	// ErrTrap: a call trapped, gave a bad pointer, or overflowed the stack. The instance is dead. The *TrapError in the chain
	// says which.
	ErrTrap = errors.New("trapped")
	// ErrExit: the guest asked to exit. The instance is dead. The *ExitError in the chain has the code.
	ErrExit = errors.New("exited")
	// ErrDead: the instance died in an earlier call, or was closed; make a new one from the same Module.
	ErrDead = errors.New("the instance is dead; a new one must be made")
	// ErrAnswer: what an export returned cannot be used. The *AnswerError in the chain says why.
	ErrAnswer = errors.New("unusable answer")
	// ErrInput: what the host wanted to hand to the guest is over its limit. The instance lives on.
	ErrInput = errors.New("input too large")
	// ErrNotExported: the monitor lacks the optional export that the call needs.
	ErrNotExported = errors.New("not exported by the monitor")
	// ErrClosed: the Runtime or the Module was closed.
	ErrClosed = errors.New("sandbox closed")
)

// Class tells the reasons of a refusal apart, for those who must react to them in different ways.
type Class string

// The classes of refusal.
const (
	Malformed   Class = "malformed"   // no valid WebAssembly
	Unsupported Class = "unsupported" // valid, but with a feature that monitors may not use
	OverLimit   Class = "over limit"  // larger than Limits allow
	WrongABI    Class = "wrong abi"   // exports or imports that are not those of a monitor of this version
	Reserved    Class = "reserved"    // uses what belongs to the meter
)

// RefusedError says why a module was refused. It is ErrRefused.
type RefusedError struct {
	Class  Class
	Reason string
}

func (e *RefusedError) Error() string { return "module refused: " + e.Reason }

// Is makes a RefusedError an ErrRefused.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

func refuse(c Class, format string, args ...any) *RefusedError {
	return &RefusedError{Class: c, Reason: fmt.Sprintf(format, args...)}
}

// FuelError names the call that ran out of fuel. It is ErrFuel.
type FuelError struct {
	Export string // "start" for the module's start function
	Limit  int64  // the fuel that the call had
}

func (e *FuelError) Error() string {
	return fmt.Sprintf("%s: out of fuel after %d (raise the limit, or make the monitor do less per call)", e.Export, e.Limit)
}

// Is makes a FuelError an ErrFuel.
func (e *FuelError) Is(target error) bool { return target == ErrFuel }

// TrapError says what killed an instance. It is ErrTrap.
type TrapError struct {
	Export string // the export that was called, or "start"
	Reason string // one line, the same on every run
	Stack  string // guest's stack trace, empty when there is none; bounded
}

func (e *TrapError) Error() string { return e.Export + ": trapped: " + e.Reason }

// Is makes a TrapError an ErrTrap.
func (e *TrapError) Is(target error) bool { return target == ErrTrap }

// ExitError says that the guest called proc_exit. It is ErrExit.
type ExitError struct {
	Export string
	Code   uint32
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("%s: the guest exited with code %d", e.Export, e.Code)
}

// Is makes an ExitError an ErrExit.
func (e *ExitError) Is(target error) bool { return target == ErrExit }

// GuestError is a negative answer of an export other than weir_match and weir_tick: the monitor's own refusal. The instance
// lives on.
type GuestError struct {
	Export string
	Code   int32
	Reason string // what the guest gave to set_error, possibly empty
}

func (e *GuestError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("%s: refused by the monitor (%d)", e.Export, e.Code)
	}
	return fmt.Sprintf("%s: refused by the monitor (%d): %s", e.Export, e.Code, e.Reason)
}

// AnswerError says that what an export returned cannot be used: too long, empty, no UTF-8. It is ErrAnswer. The instance
// lives on.
type AnswerError struct {
	Export string
	Reason string
}

func (e *AnswerError) Error() string { return e.Export + ": " + e.Reason }

// Is makes an AnswerError an ErrAnswer.
func (e *AnswerError) Is(target error) bool { return target == ErrAnswer }
