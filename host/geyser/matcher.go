package geyser

import (
	"fmt"
	"maps"
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// Matcher is one SubscribeRequest with the semantics of a Yellowstone server, compiled (rpcpool/yellowstone-grpc,
// yellowstone-grpc-geyser/src/plugin/filter). It is immutable and safe for concurrent use.
type Matcher struct {
	commitment   pb.CommitmentLevel
	accounts     accountSet
	slots        slotSet
	transactions transactionSet
	statuses     transactionSet
	blocks       blockSet
	entries      []string // names, sorted, as all names here
	blocksMeta   []string
	footers      []string
	slices       dataSlices
}

// Delivery is one message that the server would send.
type Delivery struct {
	Names  []string            // the filters that hit, sorted; may be shared, not to be changed
	Update *pb.SubscribeUpdate // the update given, or a copy that shares its parts; read-only. Its own Filters count for nothing
}

// Compile checks req with the server's rules and in its wording (the error is a *FilterError) and compiles it. Nil
// limits mean UnlimitedServer. `ping` and `from_slot` are the caller's business.
func Compile(req *pb.SubscribeRequest, lim *ServerLimits) (*Matcher, error) {
	if lim == nil {
		lim = UnlimitedServer()
	}
	m := new(Matcher)
	for _, step := range []func(*pb.SubscribeRequest, *ServerLimits) error{ // in the server's order
		m.compileAccounts, m.compileSlots, m.compileTransactions, m.compileStatuses, m.compileEntries,
		m.compileBlocks, m.compileBlocksMeta, m.compileFooters, m.compileCommitment, m.compileSlices,
	} {
		if err := step(req, lim); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Commitment returns the request's commitment, PROCESSED when it has none.
func (m *Matcher) Commitment() pb.CommitmentLevel { return m.commitment }

// Evaluate appends what the server would send for u to dst: at most one message with all names, but for a block one per
// name, and for a transaction up to two, the second as a transaction_status. For updates that a server makes itself
// (transaction_status, ping, pong) it appends nothing. Whether u is due at the matcher's commitment is the caller's
// business; only slot filters look at the commitment here.
func (m *Matcher) Evaluate(u *pb.SubscribeUpdate, dst []Delivery) []Delivery {
	if !m.Wants(KindOf(u)) {
		return dst
	}
	p := preparedPool.Get().(*Prepared)
	p.prepare(u)
	dst = m.EvaluatePrepared(p, dst)
	p.recycle()
	return dst
}

// Wants tells whether the request has a filter for updates of kind k, where k is a kind that Evaluate takes.
func (m *Matcher) Wants(k Kind) bool {
	n := 0
	switch k {
	case KindAccount:
		n = len(m.accounts.names)
	case KindSlot:
		n = len(m.slots.names)
	case KindTransaction:
		n = len(m.transactions.names) + len(m.statuses.names)
	case KindBlock:
		n = len(m.blocks.names)
	case KindEntry:
		n = len(m.entries)
	case KindBlockMeta:
		n = len(m.blocksMeta)
	case KindBlockFooter:
		n = len(m.footers)
	}
	return n > 0
}

// EvaluatePrepared is Evaluate for an update that many matchers see.
func (m *Matcher) EvaluatePrepared(p *Prepared, dst []Delivery) []Delivery {
	switch p.kind {
	case KindAccount:
		return m.evaluateAccount(p, dst)
	case KindSlot:
		return m.evaluateSlot(p, dst)
	case KindTransaction:
		return m.evaluateTransaction(p, dst)
	case KindBlock:
		return m.evaluateBlock(p, dst)
	case KindEntry:
		return deliver(dst, m.entries, p.update)
	case KindBlockMeta:
		return deliver(dst, m.blocksMeta, p.update)
	case KindBlockFooter:
		return deliver(dst, m.footers, p.update)
	}
	return dst
}

func deliver(dst []Delivery, names []string, u *pb.SubscribeUpdate) []Delivery {
	if len(names) == 0 {
		return dst
	}
	return append(dst, Delivery{Names: names, Update: u})
}

func (m *Matcher) compileEntries(req *pb.SubscribeRequest, lim *ServerLimits) (err error) {
	m.entries, err = compileNames(req.GetEntry(), lim.Entries, lim, "entry")
	return err
}

func (m *Matcher) compileBlocksMeta(req *pb.SubscribeRequest, lim *ServerLimits) (err error) {
	m.blocksMeta, err = compileNames(req.GetBlocksMeta(), lim.BlocksMeta, lim, "blocks_meta")
	return err
}

func (m *Matcher) compileFooters(req *pb.SubscribeRequest, lim *ServerLimits) (err error) {
	names := BlockFooterNames(req)
	if err := located(checkMax(len(names), lim.BlockFooter), "block_footer", ""); err != nil {
		return err
	}
	m.footers, err = checkNames(names, lim, "block_footer")
	return err
}

func (m *Matcher) compileCommitment(req *pb.SubscribeRequest, _ *ServerLimits) error {
	m.commitment = req.GetCommitment()
	if _, ok := pb.CommitmentLevel_name[int32(m.commitment)]; !ok {
		return &FilterError{Section: "commitment", Reason: fmt.Sprintf("failed to create CommitmentLevel from %d", m.commitment)}
	}
	return nil
}

// compileNames checks the filters of one kind as far as the server does for all kinds, and returns their sorted names.
func compileNames[F any](filters map[string]F, limit int, lim *ServerLimits, section string) ([]string, error) {
	if err := located(checkMax(len(filters), limit), section, ""); err != nil {
		return nil, err
	}
	return checkNames(slices.Sorted(maps.Keys(filters)), lim, section)
}

func checkNames(names []string, lim *ServerLimits, section string) ([]string, error) {
	for _, n := range names {
		if err := located(checkName(n, lim.NameMax), section, n); err != nil {
			return nil, err
		}
	}
	return names, nil
}
