package host

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// clientEnv is the load server's address, in the environment of the ordinary client. That is a process of its own, with
// nothing in its memory but itself, since the cost of its garbage depends on what else is there.
const clientEnv = "WEIR_FIGURE_CLIENT"

// ordinaryClient is the process, seen from the test.
type ordinaryClient struct {
	received, events atomic.Uint64
	cpu              atomic.Int64 // nanoseconds
}

func (c *ordinaryClient) processorTime(*testing.T) time.Duration { return time.Duration(c.cpu.Load()) }

// startOrdinary starts an ordinary client of a load server.
func startOrdinary(t *testing.T, address string) *ordinaryClient {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	process := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestOrdinaryClient$", "-test.count=1")
	process.Env = append(os.Environ(), clientEnv+"="+address)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	c := new(ordinaryClient)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for in := bufio.NewScanner(out); in.Scan(); {
			var received, events uint64
			var cpu int64
			if _, err := fmt.Sscanf(in.Text(), "%d %d %d", &received, &events, &cpu); err == nil {
				c.events.Store(events)
				c.cpu.Store(cpu)
				c.received.Store(received)
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-read
		_ = process.Wait() // it was killed
	})
	return c
}

// TestOrdinaryClient is the ordinary client's process; by itself it does nothing.
func TestOrdinaryClient(t *testing.T) {
	address := os.Getenv(clientEnv)
	if address == "" {
		t.Skip("SKIPPED: the ordinary client of the figures, which start it themselves")
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithInitialWindowSize(8<<20), grpc.WithInitialConnWindowSize(16<<20),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := pb.NewGeyserClient(conn).Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	request := &pb.SubscribeRequest{Transactions: map[string]*pb.SubscribeRequestFilterTransactions{
		"trades": {AccountInclude: []string{pumpProgram.String()}},
	}}
	if err := stream.Send(request); err != nil {
		t.Fatal(err)
	}
	received, found := 0, 0
	for {
		u, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		events, err := ordinaryMatch(u)
		if err != nil {
			t.Fatal(err)
		}
		found += len(events)
		if received++; received%creditUpdates == 0 {
			fmt.Println(received, found, processorTime(t).Nanoseconds())
		}
	}
}
