package sim

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"
)

// ReplayOptions say how a recording becomes a feed.
type ReplayOptions struct {
	// Loop starts again at the recording's end, for ever. A recording without a single update ends all the same.
	Loop bool

	// FreshKeys gives each update a natural key that no other one has (slot, index, write_version), in the feed's order.
	// Recordings hold 0 where these are unknown, and a looped one repeats itself: without fresh keys a client that
	// de-duplicates drops what it should keep. Pubkeys, signatures and all else stay as recorded.
	FreshKeys bool
	// FirstSlot is the first fresh slot; 0 means 400 000 000.
	FirstSlot uint64
	// SlotUpdates is how many updates share a fresh slot at most; 0 means 64.
	SlotUpdates int

	Logger *slog.Logger // told of messages that are no SubscribeUpdate; nil tells nobody
}

// Replay is a Feed that serves a recording. It belongs to one goroutine; Close gives the file back.
type Replay struct {
	rec     *Recording
	opt     ReplayOptions
	in      *recordingReader
	keys    freshKeys
	played  int // updates in this round
	skipped int
}

// NewReplay returns a feed of rec's updates in their order, all due at once.
func NewReplay(rec *Recording, opt ReplayOptions) *Replay {
	if opt.FirstSlot == 0 {
		opt.FirstSlot = 400_000_000
	}
	if opt.SlotUpdates <= 0 {
		opt.SlotUpdates = 64
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	return &Replay{rec: rec, opt: opt, keys: freshKeys{slot: opt.FirstSlot, limit: opt.SlotUpdates}}
}

// Skipped returns how many messages were left out because they are no SubscribeUpdate.
func (r *Replay) Skipped() int { return r.skipped }

// Close closes the file. Next opens it again.
func (r *Replay) Close() error {
	if r.in != nil {
		r.in.close()
		r.in = nil
	}
	return nil
}

// Next implements Feed. A damaged recording is a *RecordingError.
func (r *Replay) Next(ctx context.Context) (Item, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Item{}, err
		}
		m, err := r.message()
		if err != nil {
			return Item{}, err
		}
		u, err := m.Update()
		if err != nil {
			r.skipped++
			r.opt.Logger.Warn("recorded message skipped", "recording", r.rec.path, "error", err)
			continue
		}
		r.played++
		if r.opt.FreshKeys {
			r.keys.apply(u)
		}
		return Item{Update: u, At: time.Duration(0)}, nil
	}
}

// message reads the next message, from the start again where the options say so.
func (r *Replay) message() (Message, error) {
	if r.in == nil {
		in, err := r.rec.reader()
		if err != nil {
			return Message{}, err
		}
		r.in, r.played = in, 0
	}
	m, err := r.in.next()
	if !errors.Is(err, io.EOF) {
		return m, err
	}
	empty := r.played == 0
	if err := r.Close(); err != nil {
		return Message{}, err
	}
	if !r.opt.Loop || empty {
		return Message{}, io.EOF
	}
	return r.message()
}
