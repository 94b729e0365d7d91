package geyser

import (
	"cmp"
	"fmt"
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// MaxFilters is the number of filters that one monitor may declare: one bit each of weir_match's argument.
const MaxFilters = 64

// Declared is what a monitor asks for: its manifest's "subscribe". It is immutable and safe for concurrent use.
type Declared struct {
	Filters    []Filter // in the order of the JSON text; a filter's index is its bit
	Commitment pb.CommitmentLevel
	Slices     []*pb.SubscribeRequestAccountsDataSlice
}

// Filter is one filter of a SubscribeRequest.
type Filter struct {
	Section string        // the request's field by its protobuf name, such as "transactions_status"
	Name    string        // the monitor's own name for it
	Message proto.Message // the filter itself, of the section's message type; read-only

	canon *canonical
}

// DeclaredError says what is wrong with a monitor's request, and where.
type DeclaredError struct {
	Path string // such as "transactions.creates.accountInclude", in the spelling of the JSON text; empty for the whole
	Err  error  // a *FilterError where the server's own rules refuse the request
}

func (e *DeclaredError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns the reason without the path.
func (e *DeclaredError) Unwrap() error { return e.Err }

// sections are the fields of SubscribeRequest that hold filters, by field number. They are read from the descriptor, so
// that a section is known exactly when the protocol package knows it.
var sections = sectionsOf((*pb.SubscribeRequest)(nil).ProtoReflect().Descriptor())

func sectionsOf(request protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	var found []protoreflect.FieldDescriptor
	fields := request.Fields()
	for i := range fields.Len() {
		if fields.Get(i).IsMap() {
			found = append(found, fields.Get(i))
		}
	}
	slices.SortFunc(found, func(a, b protoreflect.FieldDescriptor) int { return cmp.Compare(a.Number(), b.Number()) })
	return found
}

// sectionIndex returns the index in sections of the section with a protobuf name, -1 for none.
func sectionIndex(name string) int {
	return slices.IndexFunc(sections, func(fd protoreflect.FieldDescriptor) bool { return string(fd.Name()) == name })
}

func newFilter(section int, name string, m proto.Message) Filter {
	return Filter{Section: string(sections[section].Name()), Name: name, Message: m, canon: canonicalise(section, m)}
}

// canonicalForm returns f's canonical form, nil when its section is unknown.
func (f *Filter) canonicalForm() *canonical {
	if f.canon != nil {
		return f.canon
	}
	if s := sectionIndex(f.Section); s >= 0 && f.Message != nil {
		return canonicalise(s, f.Message)
	}
	return nil
}

// NewDeclared makes a Declared of a request: its filters in the order of sections (by field number) and names. It holds
// req to the rules of ParseDeclared.
func NewDeclared(req *pb.SubscribeRequest) (*Declared, error) {
	if req.FromSlot != nil {
		return nil, refusedField("from_slot")
	}
	if req.Ping != nil {
		return nil, refusedField("ping")
	}
	d := &Declared{Commitment: req.GetCommitment()}
	for _, s := range req.AccountsDataSlice {
		d.Slices = append(d.Slices, proto.CloneOf(s))
	}
	for i, fd := range sections {
		req.ProtoReflect().Get(fd).Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
			d.Filters = append(d.Filters, newFilter(i, k.String(), proto.Clone(v.Message().Interface())))
			return true
		})
	}
	slices.SortFunc(d.Filters, func(a, b Filter) int {
		return cmp.Or(cmp.Compare(sectionIndex(a.Section), sectionIndex(b.Section)), cmp.Compare(a.Name, b.Name))
	})
	return d, d.check()
}

// check holds d to the rules that are about the request as a whole, the server's own among them.
func (d *Declared) check() error {
	switch n := len(d.Filters); {
	case n == 0:
		return &DeclaredError{Err: fmt.Errorf("the request has no filter: declare at least one (%s)", sectionList())}
	case n > MaxFilters:
		return &DeclaredError{Err: fmt.Errorf("the request has %d filters, a monitor may have %d: join some of them", n, MaxFilters)}
	}
	if _, err := Compile(d.Request(), nil); err != nil {
		return &DeclaredError{Err: err}
	}
	return nil
}

// Request returns the request under the monitor's own filter names, a new message with each call.
func (d *Declared) Request() *pb.SubscribeRequest {
	req := d.Lane().request()
	if d.Lane().slices == "" { // the lane leaves out slices that nothing is cut by
		for _, s := range d.Slices {
			req.AccountsDataSlice = append(req.AccountsDataSlice, proto.CloneOf(s))
		}
	}
	for i := range d.Filters {
		f := &d.Filters[i]
		if s := sectionIndex(f.Section); s >= 0 && f.Message != nil {
			setFilter(req, s, f.Name, proto.Clone(f.Message))
		}
	}
	return req
}

// setFilter puts m into req; m is not copied.
func setFilter(req *pb.SubscribeRequest, section int, name string, m proto.Message) {
	filters := req.ProtoReflect().Mutable(sections[section]).Map()
	filters.Set(protoreflect.ValueOfString(name).MapKey(), protoreflect.ValueOfMessage(m.ProtoReflect()))
}

// Lane returns the key of what is global to a stream: wants of different lanes can never share one. Slices count only
// where a filter delivers account data, which is what they cut.
func (d *Declared) Lane() Lane {
	l := Lane{Commitment: d.Commitment}
	if slices.ContainsFunc(d.Filters, deliversAccounts) {
		l.slices = formatSlices(d.Slices)
	}
	return l
}

func deliversAccounts(f Filter) bool {
	switch m := f.Message.(type) {
	case *pb.SubscribeRequestFilterAccounts:
		return true
	case *pb.SubscribeRequestFilterBlocks:
		return m.GetIncludeAccounts()
	}
	return false
}
