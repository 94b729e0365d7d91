package upstream

import (
	"io"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // registers the compressor that Endpoint.Compression may name
)

func init() { encoding.RegisterCompressor(plain{}) }

// plain is a compressor that does nothing. grpc-go offers all registered compressors to a server unless a call names at
// least one, so an endpoint without compression names this one, which no server knows.
type plain struct{}

// Name implements encoding.Compressor.
func (plain) Name() string { return "x-none" }

// Compress implements encoding.Compressor.
func (plain) Compress(w io.Writer) (io.WriteCloser, error) { return unclosed{w}, nil }

// Decompress implements encoding.Compressor.
func (plain) Decompress(r io.Reader) (io.Reader, error) { return r, nil }

type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
