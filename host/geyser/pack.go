package geyser

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// Want is what one monitor asks for.
type Want struct {
	Monitor  string
	Declared *Declared
}

// Route says who gets an update that the server sent under a filter name.
type Route struct {
	Name    string
	Monitor string
	Bit     uint8    // the index of the monitor's filter
	Recheck *Matcher // nil unless the server's filter is wider: the route is taken only if this one hits the update
}

// Bin is one stream: the request to send and where its updates go.
type Bin struct {
	Request *pb.SubscribeRequest
	Routes  []Route // sorted by name, monitor, bit
	Wants   []Want  // the wants that this stream serves wholly or in part, in the order of their placement
	Prev    int     // the index of the earlier bin that this one continues, -1 for a new stream

	order []int // the placement's sequence numbers of Wants
}

// RefusedError says why a monitor's want is not in the plan.
type RefusedError struct {
	Monitor string
	Filter  string // the monitor's name of the filter that does not fit; empty when the whole want is at fault
	Limit   string // the key below `limits` that is short, such as "filters.transactions"
	Reason  string // what does not fit, and what to do
	Err     error  // the server's own words (*FilterError), where it has some
}

func (e *RefusedError) Error() string { return e.Reason }

// Unwrap returns the server's own words, nil where there are none.
func (e *RefusedError) Unwrap() error { return e.Err }

// PackError holds the wants that found no place. The plan beside it is good for all others.
type PackError struct{ Refused []*RefusedError }

func (e *PackError) Error() string { return "" }

// Unwrap lists the refusals for errors.As.
func (e *PackError) Unwrap() []error { return nil }

// Pack puts one lane's wants on as few streams as lim allows. The order of wants is their priority where room is short.
// maxStreams bounds the streams beside lim.Streams, 0 does not. prev is the plan in force. The result keeps the order of
// prev; a bin that nobody needs any more is left out. The error is nil or a *PackError; the bins are valid with either.
func Pack(wants []Want, names *Names, lim Limits, maxStreams int, prev []Bin) ([]Bin, error) {
	return nil, nil
}
