package sim

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
)

// slotFeed makes slots of 1000 small account writes without end, as cheaply as it can.
type slotFeed struct {
	n    uint64
	keys [256][]byte
}

func (f *slotFeed) Next(context.Context) (Item, error) {
	const writes = 1000
	slot, i := 100+f.n/(writes+4), f.n%(writes+4)
	f.n++
	switch {
	case i < writes:
		u := &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{
			Slot: slot, Account: &pb.SubscribeUpdateAccountInfo{
				Pubkey: f.keys[i%256], Owner: f.keys[0], WriteVersion: f.n, Lamports: 1, Data: f.keys[1],
			},
		}}}
		return Item{Update: u}, nil
	case i == writes:
		return Item{Update: metaUpdate(slot, 0, 0)}, nil
	}
	return Item{Update: statusUpdate(slot, pb.SlotStatus(i-writes-1))}, nil
}

func newSlotFeed() *slotFeed {
	f := new(slotFeed)
	for i := range f.keys {
		f.keys[i] = pubkey(string(rune('a' + i)))
	}
	return f
}

// BenchmarkServe measures small account updates (about 150 bytes) from the feed through loopback into clients that don't
// decode; one operation is one update at every client.
func BenchmarkServe(b *testing.B) {
	for _, bench := range []struct {
		name    string
		clients int
	}{{"one client", 1}, {"four clients", 4}} {
		b.Run(bench.name, func(b *testing.B) {
			s, err := New(Settings{Feed: newSlotFeed(), Lossless: true, WaitForSubscribers: bench.clients, ReplaySlots: -1, QueueMessages: 8192, RingMessages: 8192})
			if err != nil {
				b.Fatal(err)
			}
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			served := make(chan error, 1)
			go func() { served <- s.Serve(ctx, ln) }()
			defer func() {
				cancel()
				if err := <-served; err != nil {
					b.Error(err)
				}
			}()
			done := make(chan error, bench.clients)
			begin := make(chan struct{})
			for range bench.clients {
				go func() { done <- receiveRaw(ctx, ln.Addr().String(), b.N, begin) }()
			}
			b.ReportAllocs()
			b.ResetTimer()
			close(begin)
			for range bench.clients {
				if err := <-done; err != nil {
					b.Error(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(bench.clients)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

func receiveRaw(ctx context.Context, addr string, n int, begin <-chan struct{}) error {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithInitialWindowSize(8<<20), grpc.WithInitialConnWindowSize(16<<20), grpc.WithReadBufferSize(256<<10),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{encoding.GetCodecV2(proto.Name)})))
	if err != nil {
		return err
	}
	defer conn.Close()
	stream, err := pb.NewGeyserClient(conn).Subscribe(ctx)
	if err != nil {
		return err
	}
	<-begin
	if err := stream.Send(accounts()); err != nil {
		return err
	}
	for range n {
		if err := stream.RecvMsg(new(discarded)); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkReplay measures how fast a looped recording becomes a feed.
func BenchmarkReplay(b *testing.B) {
	rec, err := OpenRecording(filepath.Join(fixtures(b), "mixed.pbld"))
	if err != nil {
		b.Fatal(err)
	}
	for name, fresh := range map[string]bool{"as recorded": false, "fresh keys": true} {
		b.Run(name, func(b *testing.B) {
			r := NewReplay(rec, ReplayOptions{Loop: true, FreshKeys: fresh})
			defer r.Close()
			b.ReportAllocs()
			for b.Loop() {
				item, err := r.Next(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				if _, err := newMessage(item.Update, item.Payload, time.Time{}).body(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
