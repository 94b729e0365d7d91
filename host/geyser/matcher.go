package geyser

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// Matcher is one SubscribeRequest with the server's filter semantics, compiled. It is immutable and safe for concurrent
// use.
type Matcher struct{ commitment pb.CommitmentLevel }

// Delivery is one message that the server would send.
type Delivery struct {
	Names  []string            // the filters that hit, sorted; shared, not to be changed
	Update *pb.SubscribeUpdate // the update given, or a shallow copy where slices or a block filter cut it; read-only
}

// Compile checks req with the server's rules and its wording (the error is a *FilterError) and compiles it. Nil limits
// mean a server without limits. `ping` and `from_slot` are the caller's business.
func Compile(req *pb.SubscribeRequest, lim *ServerLimits) (*Matcher, error) { return &Matcher{}, nil }

// Commitment returns the request's commitment, PROCESSED when it has none.
func (m *Matcher) Commitment() pb.CommitmentLevel { return m.commitment }

// Evaluate appends what the server would send for u to dst. Whether u is due at the matcher's commitment at all is the
// caller's business.
func (m *Matcher) Evaluate(u *pb.SubscribeUpdate, dst []Delivery) []Delivery {
	return m.EvaluatePrepared(Prepare(u), dst)
}

// Prepared is an update with its account keys collected, so that many matchers evaluate it at little cost. It is
// immutable and safe for concurrent use.
type Prepared struct{ update *pb.SubscribeUpdate }

// Prepare collects u's keys. u must not be changed while the result is in use.
func Prepare(u *pb.SubscribeUpdate) *Prepared { return &Prepared{update: u} }

// Update returns the update that was prepared.
func (p *Prepared) Update() *pb.SubscribeUpdate { return p.update }

// EvaluatePrepared is Evaluate for an update that many matchers see.
func (m *Matcher) EvaluatePrepared(p *Prepared, dst []Delivery) []Delivery { return dst }
