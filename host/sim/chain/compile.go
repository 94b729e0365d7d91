package chain

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// txParts are a transaction's messages, made in one piece.
type txParts struct {
	item
	of     pb.SubscribeUpdate_Transaction
	update pb.SubscribeUpdateTransaction
	info   pb.SubscribeUpdateTransactionInfo
	tx     pb.Transaction
	msg    pb.Message
	header pb.MessageHeader
	meta   pb.TransactionStatusMeta
	units  [2]uint64
	sig    [1][]byte
}

// link connects the parts.
func (p *txParts) link() {
	p.SubscribeUpdate = &p.message
	p.message.UpdateOneof = &p.of
	p.of.Transaction = &p.update
	p.update.Transaction = &p.info
	p.info.Transaction = &p.tx
	p.info.Meta = &p.meta
	p.tx.Message = &p.msg
	p.msg.Header = &p.header
	p.meta.ReturnDataNone = true
	p.meta.ComputeUnitsConsumed, p.meta.CostUnits = &p.units[0], &p.units[1]
}

// finish turns what was built into updates: the accounts that it wrote, then the transaction.
func (b *builder) finish() {
	c := b.c
	if len(b.log) >= 12 && b.failure == nil && !b.noInner && c.rnd.chance(90) {
		b.cutLog = true
	}
	p := &txParts{}
	p.link()
	b.arrange(&p.msg, &p.header, &p.meta)
	b.charge(&p.meta)
	b.instructions(&p.msg, &p.meta)
	b.balances(&p.meta)
	b.results(p)
	b.sign(p)
	for i := range b.writes {
		c.pushWrite(&b.writes[i], p.info.Signature)
	}
	c.pushTransaction(p)
}

// arrange puts the accounts in a message's order: signers that are written, that are read, others that are written, that
// are read, and behind them those of the look-up table.
func (b *builder) arrange(msg *pb.Message, h *pb.MessageHeader, m *pb.TransactionStatusMeta) {
	n := len(b.accts)
	order := b.c.order[:0]
	for _, want := range [...]role{signer | writable, signer, writable, 0} {
		for _, a := range b.accts {
			if a.role == want && !b.loaded(a) {
				order = append(order, a)
			}
		}
	}
	static := len(order)
	for _, want := range [...]role{writable, 0} {
		for _, a := range b.accts {
			if a.role == want && b.loaded(a) {
				order = append(order, a)
			}
		}
	}
	b.c.order = order
	keys := make([][]byte, n)
	for i, a := range order {
		a.index = uint8(i)
		keys[i] = a.key[:]
		if i >= static {
			continue
		}
		switch a.role {
		case signer | writable:
			h.NumRequiredSignatures++
		case signer:
			h.NumRequiredSignatures++
			h.NumReadonlySignedAccounts++
		case 0:
			h.NumReadonlyUnsignedAccounts++
		}
	}
	msg.AccountKeys = keys[:static:static]
	msg.Versioned = b.version != legacy
	msg.RecentBlockhash = b.c.recent
	if static < n {
		b.lookups(msg, m, keys[static:], order[static:])
	}
}

// loaded tells whether a comes out of the look-up table.
func (b *builder) loaded(a *account) bool {
	return b.version == v0Tables && a.table > 0 && a.role&signer == 0 && !a.topLevel
}

func (b *builder) lookups(msg *pb.Message, m *pb.TransactionStatusMeta, keys [][]byte, accts []*account) {
	l := &pb.MessageAddressTableLookup{AccountKey: b.c.tableKey[:]}
	for _, a := range accts {
		if a.role&writable != 0 {
			l.WritableIndexes = append(l.WritableIndexes, a.table-1)
		} else {
			l.ReadonlyIndexes = append(l.ReadonlyIndexes, a.table-1)
		}
	}
	w := len(l.WritableIndexes)
	m.LoadedWritableAddresses = keys[:w:w]
	m.LoadedReadonlyAddresses = keys[w:]
	msg.AddressTableLookups = []*pb.MessageAddressTableLookup{l}
}

// charge takes the fee from the payer.
func (b *builder) charge(m *pb.TransactionStatusMeta) {
	signers := uint64(0)
	for _, a := range b.accts {
		if a.role&signer != 0 {
			signers++
		}
	}
	m.Fee = 5000*signers + b.priority
	b.payer.lamports -= m.Fee
	b.c.fees += m.Fee
}

// instructions encodes the calls: those of the message, and under each of them what it called.
func (b *builder) instructions(msg *pb.Message, m *pb.TransactionStatusMeta) {
	tops := make([]pb.CompiledInstruction, b.tops)
	msg.Instructions = make([]*pb.CompiledInstruction, b.tops)
	inner := make([]innerParts, len(b.calls)-b.tops)
	pointers := make([]*pb.InnerInstruction, len(inner))
	indexes := b.c.mem.take(len(b.metas))
	for i, a := range b.metas {
		indexes[i] = a.index
	}
	var group *pb.InnerInstructions
	top, in, start := -1, 0, 0
	flush := func() {
		if group != nil {
			group.Instructions = pointers[start:in:in]
			m.InnerInstructions = append(m.InnerInstructions, group)
			group = nil
		}
	}
	for i := range b.calls {
		k := &b.calls[i]
		accounts := indexes[k.from:k.to:k.to]
		if k.height == 1 {
			flush()
			top++
			t := &tops[top]
			t.ProgramIdIndex, t.Accounts, t.Data = uint32(k.program.index), accounts, k.data
			msg.Instructions[top] = t
			continue
		}
		if group == nil {
			group, start = &pb.InnerInstructions{Index: uint32(top)}, in
		}
		t := &inner[in]
		t.height = uint32(k.height)
		t.i.ProgramIdIndex, t.i.Accounts, t.i.Data, t.i.StackHeight = uint32(k.program.index), accounts, k.data, &t.height
		pointers[in] = &t.i
		in++
	}
	flush()
	if b.noInner {
		m.InnerInstructions, m.InnerInstructionsNone = nil, true
	}
}

type innerParts struct {
	i      pb.InnerInstruction
	height uint32
}

// balances lists what the accounts held before and hold after.
func (b *builder) balances(m *pb.TransactionStatusMeta) {
	order := b.c.order
	both := make([]uint64, 2*len(order))
	m.PreBalances, m.PostBalances = both[:len(order):len(order)], both[len(order):]
	for i, a := range order {
		m.PreBalances[i], m.PostBalances[i] = a.pre, a.lamports
	}
	m.PreTokenBalances = b.c.tokenBalances(order, true)
	m.PostTokenBalances = b.c.tokenBalances(order, false)
}

func (b *builder) results(p *txParts) {
	log := make([]string, len(b.log), len(b.log)+1)
	copy(log, b.log)
	limit := maxLogBytes
	if b.cutLog {
		limit = 200 + b.c.rnd.IntN(1800)
	}
	p.meta.LogMessages = cutLog(log, limit)
	p.units[0] = 300*uint64(b.tops) + 4000*uint64(len(b.calls)-b.tops) + b.c.rnd.Uint64N(20_000)
	p.units[1] = p.units[0] + 1500 + 720*uint64(p.header.NumRequiredSignatures)
	if b.failure != nil {
		p.meta.Err = &pb.TransactionError{Err: b.failure}
	}
	if b.version == v1 {
		b.c.newer.configure(&p.msg, b.priority, b.unitLimit)
	}
	p.truth = b.truth
}

// sign makes up the signatures: they have the right form, but nobody signed.
func (b *builder) sign(p *txParts) {
	n := int(p.header.NumRequiredSignatures)
	bytes := b.c.mem.take(64 * n)
	b.c.rnd.fill(bytes)
	p.info.Signature = bytes[:64:64]
	if n == 1 {
		p.sig[0] = p.info.Signature
		p.tx.Signatures = p.sig[:]
		return
	}
	p.tx.Signatures = make([][]byte, n)
	for i := range n {
		p.tx.Signatures[i] = bytes[64*i : 64*i+64 : 64*i+64]
	}
}

// newerFields are fields that the upstream Go package may not know: set by name where they are there.
type newerFields struct {
	config, priority, units, size protoreflect.FieldDescriptor
}

func findNewerFields() (f newerFields) {
	f.config = (*pb.Message)(nil).ProtoReflect().Descriptor().Fields().ByName("config")
	if f.config == nil {
		return f
	}
	in := f.config.Message().Fields()
	f.priority, f.units = in.ByName("priority_fee"), in.ByName("compute_unit_limit")
	f.size = in.ByName("loaded_accounts_data_size_limit")
	return f
}

// configure gives a version 1 message its configuration.
func (f *newerFields) configure(m *pb.Message, priority uint64, units uint32) {
	if f.config == nil || f.priority == nil || f.units == nil || f.size == nil {
		return
	}
	r := m.ProtoReflect()
	v := r.NewField(f.config)
	v.Message().Set(f.priority, protoreflect.ValueOfUint64(priority))
	v.Message().Set(f.units, protoreflect.ValueOfUint32(units))
	v.Message().Set(f.size, protoreflect.ValueOfUint32(64<<20))
	r.Set(f.config, v)
}
