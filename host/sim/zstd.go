package sim

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // the server's other compression
)

// The real server takes and sends gzip and zstd (config.rs, compression). gRPC has a process-wide table of compressors
// which may only be written during initialisation.
func init() {
	if encoding.GetCompressor(zstdName) == nil {
		encoding.RegisterCompressor(new(zstdCompressor))
	}
}

const (
	zstdName   = "zstd"
	zstdWindow = 8 << 20 // bytes; the most that RFC 8878 wants every decoder to support
)

// zstdCompressor is gRPC's zstd, with its coders kept for reuse.
type zstdCompressor struct{ encoders, decoders sync.Pool }

// Name implements encoding.Compressor.
func (*zstdCompressor) Name() string { return zstdName }

// Compress implements encoding.Compressor.
func (c *zstdCompressor) Compress(w io.Writer) (io.WriteCloser, error) {
	if e, ok := c.encoders.Get().(*zstdEncoder); ok {
		e.Reset(w)
		return e, nil
	}
	e, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<18))
	return &zstdEncoder{e, &c.encoders}, err
}

type zstdEncoder struct {
	*zstd.Encoder
	pool *sync.Pool
}

// Close implements io.Closer.
func (e *zstdEncoder) Close() error {
	err := e.Encoder.Close()
	e.pool.Put(e)
	return err
}

// Decompress implements encoding.Compressor.
func (c *zstdCompressor) Decompress(r io.Reader) (io.Reader, error) {
	if d, ok := c.decoders.Get().(*zstdDecoder); ok {
		if err := d.Reset(r); err != nil {
			return nil, err
		}
		return d, nil
	}
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
	return &zstdDecoder{d, &c.decoders}, err
}

type zstdDecoder struct {
	*zstd.Decoder
	pool *sync.Pool
}

// Read implements io.Reader, and keeps the decoder once the message is read.
func (d *zstdDecoder) Read(p []byte) (int, error) {
	n, err := d.Decoder.Read(p)
	if errors.Is(err, io.EOF) {
		d.pool.Put(d)
	}
	return n, err
}
