package host

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
)

// The load server is a process of its own, so that a receiver's processor time is the receiver's alone. It sends one
// encoded update again and again, as fast as the receiver has credit.

const (
	loadEnv = "WEIR_FIGURE_LOAD" // the file of the update, in the load server's environment

	// A byte on the load server's standard input lets it send creditUpdates more. As the receivers get at most creditAhead
	// ahead of what they have done, no queue of the default bounds ever drops; TCP alone does as much for an ordinary client.
	creditUpdates = 250
	creditAhead   = 1500
)

// load is the process, seen from the test.
type load struct {
	address string
	credits io.Writer
}

// startLoad starts a load server that sends message, a SubscribeUpdate without filter names.
func startLoad(t *testing.T, message []byte) *load {
	t.Helper()
	file := filepath.Join(t.TempDir(), "update")
	if err := os.WriteFile(file, message, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0], "-test.run=^TestLoadServer$", "-test.count=1")
	c.Env = append(os.Environ(), loadEnv+"="+file)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("the load server says nothing: %v", err)
	}
	t.Cleanup(func() {
		in.Close()
		_, _ = io.Copy(io.Discard, lines) // until it has ended
		if err := c.Wait(); err != nil {
			t.Errorf("the load server: %v", err)
		}
	})
	return &load{address: strings.TrimSpace(address), credits: in}
}

// run has n updates sent and returns once processed has grown by as many.
func (l *load) run(t *testing.T, n uint64, processed func() uint64) {
	t.Helper()
	begin, granted := processed(), uint64(0)
	deadline := time.After(patience)
	look := time.NewTicker(500 * time.Microsecond)
	defer look.Stop()
	for {
		done := processed() - begin
		if done >= n {
			return
		}
		for granted < n && granted+creditUpdates <= done+creditAhead {
			if _, err := l.credits.Write([]byte{1}); err != nil {
				t.Fatal(err)
			}
			granted += creditUpdates
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("%d of %d updates came", done, n)
		}
	}
}

// TestLoadServer is the load server's process; by itself it does nothing.
func TestLoadServer(t *testing.T) {
	file := os.Getenv(loadEnv)
	if file == "" {
		t.Skip("SKIPPED: the load server of the figures, which start it themselves")
	}
	message, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &loadServer{message: message, credits: make(chan struct{}, creditAhead)}
	server := &http.Server{Handler: s, Protocols: new(http.Protocols), ReadHeaderTimeout: patience}
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() {
		s.read(os.Stdin)
		server.Close()
	}()
	fmt.Println(listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

// loadServer is Subscribe without grpc-go, which would spend more on sending a message than Weir on receiving it: many
// messages are one write, cut into DATA frames wherever those are full, as servers in Rust (tonic) send them too.
type loadServer struct {
	message []byte
	credits chan struct{}
}

// read turns input into credits until it ends.
func (s *loadServer) read(in io.Reader) {
	b := make([]byte, 1)
	for {
		if _, err := in.Read(b); err != nil {
			return
		}
		s.credits <- struct{}{}
	}
}

// ServeHTTP serves one call of Subscribe, for the transaction filters of its first request.
func (s *loadServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, err := readRequest(r.Body)
	if err != nil {
		return
	}
	update := geyser.AppendNames(nil, slices.Sorted(maps.Keys(first.GetTransactions()))...)
	burst := bytes.Repeat(grpcMessage(append(update, s.message...)), creditUpdates)
	w.Header().Set("Content-Type", "application/grpc")
	control := http.NewResponseController(w)
	if control.Flush() != nil {
		return
	}
	pings := make(chan int32, 16)
	go answer(r.Body, pings)
	for {
		b := burst
		select {
		case id, more := <-pings:
			if b, err = proto.Marshal(pong(id)); err != nil || !more {
				return
			}
			b = grpcMessage(b)
		case <-s.credits:
		case <-r.Context().Done():
			return
		}
		if _, err := w.Write(b); err != nil || control.Flush() != nil {
			return
		}
	}
}

// answer passes the pings of the client's requests on, until the client ends the stream.
func answer(body io.Reader, pings chan<- int32) {
	defer close(pings)
	for {
		request, err := readRequest(body)
		if err != nil {
			return
		}
		if p := request.GetPing(); p != nil {
			pings <- p.GetId()
		}
	}
}

func pong(id int32) *pb.SubscribeUpdate {
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Pong{Pong: &pb.SubscribeUpdatePong{Id: id}}}
}

// grpcMessage puts gRPC's prefix before an uncompressed message: a zero byte and the length.
func grpcMessage(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(b))), b...)
}

func readRequest(body io.Reader) (*pb.SubscribeRequest, error) {
	var prefix [5]byte
	if _, err := io.ReadFull(body, prefix[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(prefix[1:]))
	if _, err := io.ReadFull(body, b); err != nil {
		return nil, err
	}
	request := new(pb.SubscribeRequest)
	return request, proto.Unmarshal(b, request)
}
