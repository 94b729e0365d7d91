package chain

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// validator votes.
type validator struct {
	identity, vote Key
	keys           [][]byte // of its votes' messages
	lamports       uint64
	voteLamports   uint64
}

const validators = 400

func (c *Chain) addValidators() {
	c.validators = make([]validator, validators)
	for i := range c.validators {
		v := &c.validators[i]
		v.identity, v.vote = c.rnd.key(), c.rnd.key()
		v.lamports, v.voteLamports = c.rnd.between(1e9, 90e9), 27_074_400
		v.keys = [][]byte{v.identity[:], v.vote[:], idVote[:]}
	}
}

// voteShared is what all votes of a slot have in common: they all vote for the same thing.
type voteShared struct {
	instructions []*pb.CompiledInstruction
	header       *pb.MessageHeader
	log          []string
	units        [2]uint64
}

// shareVotes makes the slot's TowerSync: 31 lockouts on the last slots, the root, the parent's bank hash, a time and a
// block id (148 bytes).
func (c *Chain) shareVotes() {
	e := enc(c.mem.take(148)[:0])
	e.u32(14) // VoteInstruction::TowerSync
	e.u64(c.parent - min(c.parent, 31))
	e.u8(31)
	for i := range 31 {
		e.u8(1)             // slots since the one before, as a varint
		e.u8(uint8(31 - i)) // confirmations
	}
	e.raw(c.recent...)
	e.u8(1)
	e.i64(c.unix)
	e.zeros(148 - len(e))
	c.votes.instructions = []*pb.CompiledInstruction{{ProgramIdIndex: 2, Accounts: voteAccounts, Data: e}}
	c.votes.header = &pb.MessageHeader{NumRequiredSignatures: 1, NumReadonlyUnsignedAccounts: 1}
	p := c.sys.vote.program
	c.votes.log = []string{p.invoke[1], p.success}
	c.votes.units = [2]uint64{2100, 3428}
}

var voteAccounts = []byte{1, 0}

// voteParts are a vote's messages, made in one piece.
type voteParts struct {
	item
	of       pb.SubscribeUpdate_Transaction
	update   pb.SubscribeUpdateTransaction
	info     pb.SubscribeUpdateTransactionInfo
	tx       pb.Transaction
	msg      pb.Message
	meta     pb.TransactionStatusMeta
	balances [6]uint64
	sig      [1][]byte
}

// makeVote is one validator's vote. One in a hundred fails, since it comes too late.
func (c *Chain) makeVote() {
	v := &c.validators[c.rnd.IntN(len(c.validators))]
	p := &voteParts{}
	p.SubscribeUpdate = &p.message
	p.message.UpdateOneof = &p.of
	p.of.Transaction = &p.update
	p.update.Transaction = &p.info
	p.info.Transaction, p.info.Meta, p.info.IsVote = &p.tx, &p.meta, true
	signature := c.mem.take(64)
	c.rnd.fill(signature)
	p.info.Signature, p.sig[0] = signature, signature
	p.tx.Signatures, p.tx.Message = p.sig[:], &p.msg
	p.msg.Header, p.msg.AccountKeys, p.msg.RecentBlockhash = c.votes.header, v.keys, c.recent
	p.msg.Instructions = c.votes.instructions
	if v.lamports < 1e8 {
		v.lamports += 10e9
	}
	p.balances = [6]uint64{v.lamports, v.voteLamports, 1, v.lamports - 5000, v.voteLamports, 1}
	v.lamports -= 5000
	c.fees += 5000
	p.meta.Fee, p.meta.PreBalances, p.meta.PostBalances = 5000, p.balances[:3:3], p.balances[3:]
	p.meta.LogMessages, p.meta.ReturnDataNone = c.votes.log, true
	p.meta.ComputeUnitsConsumed, p.meta.CostUnits = &c.votes.units[0], &c.votes.units[1]
	if c.rnd.chance(100) {
		c.failVote(&p.meta)
	}
	c.pushVote(p)
}

// failVote is VoteError::VoteTooOld.
func (c *Chain) failVote(m *pb.TransactionStatusMeta) {
	var e enc
	e.u32(8)
	e.u8(0)
	e.u32(25)
	e.u32(0)
	m.Err = &pb.TransactionError{Err: e}
	m.LogMessages = []string{c.votes.log[0], "Program Vote111111111111111111111111111111111111111 failed: custom program error: 0x0"}
}
