package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/plugin"
	"weir/host/sandbox"
	"weir/host/sim"
)

// found is a line of `weir test -o json`: one match.
type found struct {
	Index  int               `json:"index"` // of the message in the recording, from 0
	Kind   string            `json:"kind"`
	Slot   string            `json:"slot"`
	ID     string            `json:"id,omitempty"` // signature or pubkey, base58
	Match  int32             `json:"match"`
	Events []json.RawMessage `json:"events"`
}

// tally is what a replay comes to.
type tally struct {
	messages, passed, matched, refused, events int
	fuel                                       uint64
	lastRefusal                                string
}

// replay runs one monitor over a recording, as the server and the host would: its declared filters, then match.
type replay struct {
	declared *geyser.Declared
	matcher  *geyser.Matcher
	instance *sandbox.Instance
	report   func(*found) error
	tally    tally

	envelope geyser.Envelope
	sends    []geyser.Delivery
	now      int64 // the last created_at, unix milliseconds
}

func newReplay(ctx context.Context, v *plugin.Version, g sandbox.Guest, report func(*found) error) (*replay, error) {
	matcher, err := geyser.Compile(v.Declared.Request(), nil)
	if err != nil {
		return nil, err
	}
	instance, err := v.Take(ctx, g)
	if err != nil {
		return nil, err
	}
	return &replay{declared: v.Declared, matcher: matcher, instance: instance, report: report}, nil
}

// run goes through the recording and stops at the first failure of the monitor or the file.
func (r *replay) run(ctx context.Context, rec *sim.Recording) error {
	for m, err := range rec.Messages() {
		if err != nil {
			return &usageError{err}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		r.tally.messages++
		if err := r.message(ctx, m); err != nil {
			return fmt.Errorf("message %d: %w", m.Index, err)
		}
	}
	return nil
}

func (r *replay) message(ctx context.Context, m sim.Message) error {
	u, err := m.Update()
	if err != nil {
		return &usageError{err}
	}
	if t := u.GetCreatedAt(); t != nil {
		r.now = t.AsTime().UnixMilli()
	}
	r.sends = r.matcher.Evaluate(u, r.sends[:0])
	for _, d := range r.sends {
		if err := r.deliver(ctx, m, u, d); err != nil {
			return err
		}
	}
	return nil
}

// deliver runs match over one delivery of the message.
func (r *replay) deliver(ctx context.Context, m sim.Message, u *pb.SubscribeUpdate, d geyser.Delivery) error {
	frame := geyser.NewFrame(m.Raw)
	if d.Update != u { // cut by slices or a block filter, or a status made of a transaction
		raw, err := proto.Marshal(d.Update)
		if err != nil {
			return err
		}
		frame = geyser.NewFrame(raw)
	}
	if err := frame.Scan(&r.envelope); err != nil {
		return &usageError{err}
	}
	r.tally.passed++
	v, err := r.instance.Match(ctx, sandbox.Input{
		Pieces: frame.AppendPieces(nil, r.envelope.Payload), Filters: r.mask(r.envelope.Kind, d.Names), NowMs: r.now,
	})
	r.tally.fuel += v.Fuel
	if err != nil {
		return err
	}
	return r.count(m.Index, d.Update, v)
}

func (r *replay) count(index int, u *pb.SubscribeUpdate, v sandbox.Verdict) error {
	switch {
	case v.Value < 0:
		r.tally.refused++
		r.tally.lastRefusal = fmt.Sprintf("message %d: match returned %d: %s", index, v.Value, v.Reason)
		return nil
	case v.Value == 0:
		return nil
	}
	r.tally.matched++
	r.tally.events += len(v.Events)
	f := &found{
		Index: index, Kind: r.envelope.Kind.String(), Slot: strconv.FormatUint(r.envelope.Slot, 10),
		ID: identity(u), Match: v.Value, Events: []json.RawMessage{},
	}
	for _, e := range v.Events {
		f.Events = append(f.Events, json.RawMessage(e))
	}
	return r.report(f)
}

// sections are the request's fields that lead to each kind of update.
var sections = map[geyser.Kind]string{
	geyser.KindAccount: "accounts", geyser.KindSlot: "slots", geyser.KindTransaction: "transactions",
	geyser.KindTransactionStatus: "transactions_status", geyser.KindBlock: "blocks", geyser.KindBlockMeta: "blocks_meta",
	geyser.KindEntry: "entry", geyser.KindBlockFooter: "block_footer",
}

// mask turns names of filters into the bits of the monitor's declared ones.
func (r *replay) mask(kind geyser.Kind, names []string) (bits uint64) {
	for i, f := range r.declared.Filters {
		for _, name := range names {
			if f.Name == name && f.Section == sections[kind] {
				bits |= 1 << i
			}
		}
	}
	return bits
}

// identity is the signature or the pubkey of what the update is about, where it is about one.
func identity(u *pb.SubscribeUpdate) string {
	switch {
	case u.GetTransaction() != nil:
		return base58.Encode(u.GetTransaction().GetTransaction().GetSignature())
	case u.GetTransactionStatus() != nil:
		return base58.Encode(u.GetTransactionStatus().GetSignature())
	case u.GetAccount() != nil:
		return base58.Encode(u.GetAccount().GetAccount().GetPubkey())
	}
	return ""
}
