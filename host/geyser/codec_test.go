package geyser

import (
	"context"
	"io"
	"net"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
)

// echo sends each of its updates with the names of the request's slot filters in front.
type echo struct {
	pb.UnimplementedGeyserServer
	updates []*pb.SubscribeUpdate
}

func (s *echo) Subscribe(stream grpc.BidiStreamingServer[pb.SubscribeRequest, pb.SubscribeUpdate]) error {
	req, err := stream.Recv()
	if err != nil {
		return err
	}
	var names []string
	for n := range req.GetSlots() {
		names = append(names, n)
	}
	for _, u := range s.updates {
		b, err := proto.Marshal(u)
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&Outgoing{Prefix: AppendNames(nil, names...), Payload: NewFrame(b)}); err != nil {
			return err
		}
	}
	return nil
}

// dial starts a server of updates and connects to it.
func dial(t testing.TB, updates []*pb.SubscribeUpdate, opts ...grpc.CallOption) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.ForceServerCodecV2(Codec{}))
	pb.RegisterGeyserServer(server, &echo{updates: updates})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///sim", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(opts...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return conn
}

// sample is updates from small to far larger than a DATA frame.
func sample() []*pb.SubscribeUpdate {
	var all []*pb.SubscribeUpdate
	for i, n := range []int{0, 10, 3000, 3000, 16000, 200000, 5} {
		all = append(all, &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{
			Slot: uint64(i), Account: &pb.SubscribeUpdateAccountInfo{Data: make([]byte, n), WriteVersion: uint64(i)}}}})
	}
	return all
}

var request = &pb.SubscribeRequest{Slots: map[string]*pb.SubscribeRequestFilterSlots{"name": {}}}

func TestCodecOverGRPC(t *testing.T) {
	for name, opts := range map[string][]grpc.CallOption{"plain": nil, "gzip": {grpc.UseCompressor(gzip.Name)}} {
		t.Run(name, func(t *testing.T) {
			want := sample()
			conn := dial(t, want, append(opts, grpc.ForceCodecV2(Codec{}))...)
			stream, err := conn.NewStream(t.Context(), &pb.Geyser_ServiceDesc.Streams[0], pb.Geyser_Subscribe_FullMethodName)
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.SendMsg(request); err != nil {
				t.Fatal(err)
			}
			var f Frame
			e := new(Envelope)
			for i, u := range want {
				if err := stream.RecvMsg(&f); err != nil {
					t.Fatal(err)
				}
				if err := f.Scan(e); err != nil {
					t.Fatal(err)
				}
				u.Filters = []string{"name"}
				check(t, &f, e, u)
				f.Compact()
				if f.Size() <= CompactLimit && f.Retained() > max(2*f.Size(), minBlock) {
					t.Errorf("%d: %d bytes retain %d", i, f.Size(), f.Retained())
				}
				check(t, &f, e, u)
			}
			if err := stream.RecvMsg(&f); err != io.EOF {
				t.Errorf("end: %v", err)
			}
			f.Free()
		})
	}
}

// An ordinary generated client reads what an Outgoing sends.
func TestOutgoingToOrdinaryClient(t *testing.T) {
	want := sample()
	stream, err := pb.NewGeyserClient(dial(t, want)).Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(request); err != nil {
		t.Fatal(err)
	}
	for i, u := range want {
		got, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		u.Filters = []string{"name"}
		if !proto.Equal(got, u) {
			t.Errorf("%d: got %v", i, got)
		}
	}
}

func TestCodecRefuses(t *testing.T) {
	if _, err := (Codec{}).Marshal("text"); err == nil {
		t.Error("marshalled a string")
	}
	if err := (Codec{}).Unmarshal(nil, new(string)); err == nil {
		t.Error("unmarshalled into a string")
	}
	if err := (Codec{}).Unmarshal(mem.BufferSlice{mem.SliceBuffer{0x80}}, new(pb.SubscribeUpdate)); err == nil {
		t.Error("unmarshalled half a tag")
	}
}
