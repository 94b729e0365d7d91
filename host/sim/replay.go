package sim

import (
	"context"
	"errors"
	"io"
	"log/slog"
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

// replayCache is how much of a looped recording is kept in memory, in bytes as recorded. A longer one is read again in
// each round.
const replayCache = 64 << 20

// Replay is a Feed that serves a recording. It belongs to one goroutine; Close gives the file back.
type Replay struct {
	rec     *Recording
	opt     ReplayOptions
	in      *recordingReader // nil between rounds, and once the cache is whole
	keys    freshKeys
	played  int // updates in this round
	skipped int

	cache []*template // of this round so far, or of a whole one
	size  int         // bytes of it, over replayCache once it has been given up
	whole bool        // the cache has all of the recording
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

// Skipped returns how many messages were left out because they are no SubscribeUpdate, each counted once.
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
	if err := ctx.Err(); err != nil {
		return Item{}, err
	}
	t, err := r.template(ctx)
	switch {
	case err != nil:
		return Item{}, err
	case r.opt.FreshKeys:
		return t.fresh(&r.keys), nil
	}
	return Item{Update: t.update, Payload: t.payload}, nil
}

// template returns the next update, from the start again where the options say so.
func (r *Replay) template(ctx context.Context) (*template, error) {
	if r.whole {
		t := r.cache[r.played%len(r.cache)]
		r.played++
		return t, nil
	}
	for {
		m, err := r.message()
		if errors.Is(err, io.EOF) && r.opt.Loop && r.played > 0 {
			if r.played = 0; r.size <= replayCache {
				r.whole = true
				return r.template(ctx)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		t, err := newTemplate(m)
		if err == nil {
			r.keep(t, len(m.Raw))
			return t, nil
		}
		r.skipped++
		r.opt.Logger.Warn("recorded message skipped", "recording", r.rec.path, "error", err)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// keep adds to the cache, or gives it up.
func (r *Replay) keep(t *template, size int) {
	r.played++
	if r.size += size; !r.opt.Loop || r.size > replayCache {
		r.cache = nil
		return
	}
	r.cache = append(r.cache, t)
}

// message reads the next message. At io.EOF the file is closed, and the next call begins anew.
func (r *Replay) message() (Message, error) {
	if r.in == nil {
		in, err := r.rec.reader()
		if err != nil {
			return Message{}, err
		}
		r.in = in
	}
	m, err := r.in.next()
	if errors.Is(err, io.EOF) {
		r.Close()
	}
	return m, err
}
