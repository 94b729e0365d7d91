package sim

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/zstd"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// MaxRecordedMessage is the longest message that a recording may hold, in bytes. Blocks of 24 MB have been seen.
const MaxRecordedMessage = 64 << 20

// ErrMessageSize says that a recorded length is over MaxRecordedMessage, or no length at all: the file is damaged, or is
// no recording.
var ErrMessageSize = errors.New("impossible message length")

// zstdMagic begins every zstd frame (RFC 8878, section 3.1.1).
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// Recording is a file of length-delimited SubscribeUpdates (google.golang.org/protobuf/encoding/protodelim), plain or
// compressed with zstd, which is told by its magic number. It is read from the start by each iteration and never held in
// memory whole. It is safe for concurrent use.
type Recording struct {
	path string
}

// Message is one message of a Recording.
type Message struct {
	Index int    // position in the recording, from 0
	Raw   []byte // the SubscribeUpdate as recorded, the caller's to keep
}

// Update decodes the message.
func (m Message) Update() (*pb.SubscribeUpdate, error) {
	u := new(pb.SubscribeUpdate)
	if err := proto.Unmarshal(m.Raw, u); err != nil {
		return nil, fmt.Errorf("message %d is no SubscribeUpdate: %w", m.Index, err)
	}
	return u, nil
}

// RecordingError says where a recording cannot be read any further.
type RecordingError struct {
	Path   string
	Index  int   // the message that is damaged, from 0; all before it are whole
	Offset int64 // where that message begins, in bytes of the uncompressed file
	Err    error // io.ErrUnexpectedEOF for a torn tail, ErrMessageSize, or what reading the file gave
}

// Error names the file, the message and what is wrong with it.
func (e *RecordingError) Error() string {
	what := e.Err.Error()
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		what = "the file ends inside it (torn tail)"
	}
	return fmt.Sprintf("recording %s: message %d at byte %d: %s", e.Path, e.Index, e.Offset, what)
}

// Unwrap returns the cause.
func (e *RecordingError) Unwrap() error { return e.Err }

// OpenRecording checks that the file at path can be read and begins like a recording. What is damaged further on is told
// by the iteration that comes to it.
func OpenRecording(path string) (*Recording, error) {
	r := &Recording{path: path}
	in, err := r.reader()
	if err != nil {
		return nil, err
	}
	defer in.close()
	if _, err := in.next(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return r, nil
}

// Path returns the file's path as it was given.
func (r *Recording) Path() string { return r.path }

// Messages yields the messages in order. Where the file is damaged it yields one *RecordingError beside an empty Message
// and ends.
func (r *Recording) Messages() iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		in, err := r.reader()
		if err != nil {
			yield(Message{}, err)
			return
		}
		defer in.close()
		for {
			m, err := in.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// recordingReader reads one recording from start to end. Whoever opens it closes it.
type recordingReader struct {
	path   string
	file   *os.File
	zstd   *zstd.Decoder // nil for a plain file
	in     *bufio.Reader
	index  int
	offset int64
}

func (r *Recording) reader() (*recordingReader, error) {
	f, err := os.Open(r.path)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	in := &recordingReader{path: r.path, file: f, in: bufio.NewReaderSize(f, 1<<16)}
	magic, err := in.in.Peek(len(zstdMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		in.close()
		return nil, in.fail(0, err)
	}
	if bytes.Equal(magic, zstdMagic) {
		in.zstd, err = zstd.NewReader(in.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			in.close()
			return nil, in.fail(0, err)
		}
		in.in = bufio.NewReaderSize(in.zstd, 1<<16)
	}
	return in, nil
}

func (in *recordingReader) close() {
	if in.zstd != nil {
		in.zstd.Close()
	}
	in.file.Close()
}

// next returns the next message, io.EOF after the last whole one.
func (in *recordingReader) next() (Message, error) {
	size, head, err := in.length()
	if err != nil {
		return Message{}, err
	}
	raw := make([]byte, 0, min(size, 1<<20)) // a lying length must not cost its memory
	buf := bytes.NewBuffer(raw)
	if _, err := io.CopyN(buf, in.in, size); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Message{}, in.fail(in.offset, err)
	}
	m := Message{Index: in.index, Raw: buf.Bytes()}
	in.index++
	in.offset += head + size
	return m, nil
}

// length reads a message's length, and says how many bytes that took.
func (in *recordingReader) length() (size, head int64, err error) {
	var b [binary.MaxVarintLen64]byte
	for n := range b {
		c, err := in.in.ReadByte()
		switch {
		case err == io.EOF && n == 0:
			return 0, 0, io.EOF
		case err == io.EOF:
			return 0, 0, in.fail(in.offset, io.ErrUnexpectedEOF)
		case err != nil:
			return 0, 0, in.fail(in.offset, err)
		}
		b[n] = c
		if c < 0x80 {
			v, w := binary.Uvarint(b[:n+1])
			if w <= 0 || v > MaxRecordedMessage {
				return 0, 0, in.fail(in.offset, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrMessageSize, v, MaxRecordedMessage))
			}
			return int64(v), int64(n + 1), nil
		}
	}
	return 0, 0, in.fail(in.offset, ErrMessageSize)
}

func (in *recordingReader) fail(offset int64, err error) error {
	return &RecordingError{Path: in.path, Index: in.index, Offset: offset, Err: err}
}
