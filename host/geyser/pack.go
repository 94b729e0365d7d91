package geyser

import (
	"errors"
	"fmt"
	"strings"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

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

// Bin is one stream: the request to send and where its updates go. It is read-only.
type Bin struct {
	Request *pb.SubscribeRequest
	Routes  []Route // sorted by name, monitor, bit; a name may have several routes for one monitor and bit, any of which will do
	Wants   []Want  // the wants that this stream serves wholly or in part, in the order of their placement
	Prev    int     // the index of the earlier bin that this one continues, -1 for a new stream

	placed []placement
}

// placement remembers where a piece of a want was put, for the next plan.
type placement struct {
	monitor string
	bit     uint8
	part    filterKey // the server filter before any widening
	order   int       // its place in the sequence of all placements
}

// RefusedError says why a monitor's want is not in the plan.
type RefusedError struct {
	Monitor string
	Filter  string // the monitor's name of the filter that does not fit; empty when the want as a whole is at fault
	Limit   string // the key below `limits` that is short, such as "filters.transactions"; empty when no limit is
	Reason  string // what does not fit, and what to do
	Err     error  // the server's own words (*FilterError), where it has some
}

func (e *RefusedError) Error() string {
	if e.Monitor == "" {
		return e.Reason
	}
	return fmt.Sprintf("monitor %q: %s", e.Monitor, e.Reason)
}

// Unwrap returns the server's own words, nil where there are none.
func (e *RefusedError) Unwrap() error { return e.Err }

// PackError holds the wants that found no place, in the order of the wants. The plan beside it is good for all others.
type PackError struct{ Refused []*RefusedError }

func (e *PackError) Error() string {
	lines := make([]string, len(e.Refused))
	for i, r := range e.Refused {
		lines[i] = r.Error()
	}
	return strings.Join(lines, "; ")
}

// Unwrap lists the refusals for errors.Is and errors.As.
func (e *PackError) Unwrap() []error {
	list := make([]error, len(e.Refused))
	for i, r := range e.Refused {
		list[i] = r
	}
	return list
}

// Pack puts one lane's wants on as few streams as lim allows, never more than the smaller of maxStreams and lim.Streams
// (0: no bound). Where room is short it shares equal filters first, then opens streams, then widens filters, with a
// re-check on our side; a want whose filters one stream cannot take is spread over several. What finds no place even so
// is refused, alone: the error is nil or a *PackError, and the bins are good with either.
//
// prev is the plan in force, as Pack returned it. A want stays where it was unless it cannot; new ones follow in the order
// given, which is their priority where room is short. A bin of prev that nobody needs any more is left out; the rest keep
// their order, new ones come behind. The result depends on the arguments only.
//
// All that a route delivers for a monitor, after its re-check, is what the monitor's own request would be sent. On one
// stream an update comes once, under all names that hit; on several, a transaction that hits two filters of a monitor
// comes from each of them, with that filter's bit.
func Pack(wants []Want, names *Names, lim Limits, maxStreams int, prev []Bin) ([]Bin, error) {
	p := newPacker(names, lim, maxStreams, prev)
	items := p.admit(wants)
	for _, it := range p.inOrder(items) {
		if err := p.place(it); err != nil {
			p.refuse(it, err)
		}
	}
	bins, err := p.result()
	if err != nil {
		return nil, err
	}
	return bins, p.refusals(wants)
}

// refusals returns the refused wants in the order of wants, nil for none.
func (p *packer) refusals(wants []Want) error {
	if len(p.refused) == 0 {
		return nil
	}
	e := &PackError{}
	for i := range wants {
		if r := p.refused[i]; r != nil {
			e.Refused = append(e.Refused, r)
		}
	}
	return e
}

// refuse takes it out of the plan.
func (p *packer) refuse(it *item, err error) {
	r, ok := errors.AsType[*RefusedError](err)
	if !ok {
		r = &RefusedError{Reason: err.Error(), Err: err}
	}
	r.Monitor = it.want.Monitor
	p.refused[it.index] = r
}
