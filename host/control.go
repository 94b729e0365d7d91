package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"weir/dashboard"
	"weir/host/plugin"
	"weir/host/sink"
)

// notFound lets the API tell an unknown name from a failure.
func notFound(err error) error {
	if errors.Is(err, plugin.ErrUnknown) {
		return fmt.Errorf("%w (%w)", err, dashboard.ErrNotFound)
	}
	return err
}

// Enable implements dashboard.Host.
func (h *Host) Enable(ctx context.Context, name string) error {
	return notFound(h.supervisor.Enable(ctx, name))
}

// Disable implements dashboard.Host.
func (h *Host) Disable(ctx context.Context, name string) error {
	return notFound(h.supervisor.Disable(ctx, name))
}

// Reload implements dashboard.Host.
func (h *Host) Reload(ctx context.Context, name string) error {
	return notFound(h.supervisor.Reload(ctx, name))
}

// tailQueue is how many records wait for one slow reader before it loses some.
const tailQueue = 4096

// Tail implements dashboard.Host.
func (h *Host) Tail(name string, raw bool) (dashboard.Tail, error) {
	if _, err := h.supervisor.Get(name); err != nil {
		return nil, notFound(err)
	}
	if raw {
		return rawTail{h.hub.Subscribe(name, tailQueue, sink.Updates)}, nil
	}
	return eventTail{h.hub.Subscribe(name, tailQueue, sink.Events)}, nil
}

// eventTail shows events as the monitor wrote them, each on one line.
type eventTail struct{ *sink.Subscription }

func (eventTail) Line(record []byte) ([]byte, error) {
	if !bytes.ContainsAny(record, "\r\n") {
		return record, nil
	}
	var line bytes.Buffer
	err := json.Compact(&line, record)
	return line.Bytes(), err
}

// rawTail shows matched updates as protobuf JSON.
type rawTail struct{ *sink.Subscription }

func (rawTail) Line(record []byte) ([]byte, error) {
	var u pb.SubscribeUpdate
	if err := proto.Unmarshal(record, &u); err != nil {
		return nil, fmt.Errorf("decode a matched update: %w", err)
	}
	return protojson.Marshal(&u)
}
