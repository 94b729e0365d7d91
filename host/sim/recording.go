package sim

import (
	"iter"
)

// Recording is a file of length-delimited SubscribeUpdates (google.golang.org/protobuf/encoding/protodelim), plain or
// as zstd.
type Recording struct {
	path string
}

// Message is one message of a Recording.
type Message struct {
	Index int    // position in the recording, from 0
	Raw   []byte // the SubscribeUpdate as recorded; not to be changed
}

// OpenRecording reads the file at path whole and checks its framing. A torn tail or an impossible length is a
// *RecordingError that names file and message; the recording returned beside it holds what came before.
func OpenRecording(path string) (*Recording, error) { return nil, nil }

// Len returns the number of messages.
func (r *Recording) Len() int { return 0 }

// Messages yields the messages in order.
func (r *Recording) Messages() iter.Seq[Message] { return nil }

// RecordingError says where a recording cannot be read.
type RecordingError struct {
	Path   string
	Index  int   // the message that is damaged, from 0
	Offset int64 // where it begins, in bytes of the uncompressed file
	Err    error // what is wrong: io.ErrUnexpectedEOF, ErrMessageSize, or the decoder's own
}

func (e *RecordingError) Error() string { return "" }
func (e *RecordingError) Unwrap() error { return e.Err }
