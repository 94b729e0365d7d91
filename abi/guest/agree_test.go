package guest_test

import (
	"bytes"
	"slices"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/abi/guest"
)

// agree holds every reader against the generated code, where the generated code takes the bytes. It reports whether it does.
func agree(t *testing.T, raw []byte) bool {
	t.Helper()
	u := guest.NewUpdate(raw, 0)
	var want pb.SubscribeUpdate
	if err := proto.Unmarshal(raw, &want); err != nil {
		readAll(u)
		return false
	}
	c := &checker{T: t, raw: raw}
	c.update(u, &want)
	c.eq("Malformed", u.Malformed(), false)
	return true
}

type checker struct {
	*testing.T
	raw []byte
}

func (c *checker) eq(what string, got, want any) {
	c.Helper()
	if got != want {
		c.Fatalf("%s: got %v, want %v, in %x", what, got, want, c.raw)
	}
}

func (c *checker) bytes(what string, got, want []byte) {
	c.Helper()
	if !bytes.Equal(got, want) {
		c.Fatalf("%s: got %x, want %x, in %x", what, got, want, c.raw)
	}
}

func (c *checker) update(u *guest.Update, want *pb.SubscribeUpdate) {
	created := int64(0)
	if at := want.GetCreatedAt(); at != nil {
		created = at.GetSeconds()*1e9 + int64(at.GetNanos())
	}
	c.eq("CreatedAt", u.CreatedAt(), created)
	switch w := want.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		c.account(u, w.Account)
	case *pb.SubscribeUpdate_Slot:
		c.slot(u, w.Slot)
	case *pb.SubscribeUpdate_Transaction:
		tx, ok := u.Transaction()
		c.eq("Transaction", ok, true)
		c.eq("Slot", tx.Slot(), w.Transaction.GetSlot())
		c.eq("Update.Slot", u.Slot(), w.Transaction.GetSlot())
		c.eq("BankID", tx.BankID(), w.Transaction.GetBankId())
		c.transaction(tx, w.Transaction.GetTransaction())
	case *pb.SubscribeUpdate_TransactionStatus:
		c.status(u, w.TransactionStatus)
	case *pb.SubscribeUpdate_Block:
		c.block(u, w.Block)
	case *pb.SubscribeUpdate_BlockMeta:
		m, ok := u.BlockMeta()
		c.eq("BlockMeta", ok, true)
		c.blockMeta(m, w.BlockMeta)
		c.eq("BankID", m.BankID(), w.BlockMeta.GetBankId())
	case *pb.SubscribeUpdate_Entry:
		e, ok := u.Entry()
		c.eq("Entry", ok, true)
		c.entry(e, w.Entry)
	case *pb.SubscribeUpdate_BlockFooter:
		c.footer(u, w.BlockFooter)
	default:
		c.eq("Kind", u.Kind(), guest.KindNone)
		c.eq("Update.Slot", u.Slot(), uint64(0))
	}
}

func (c *checker) account(u *guest.Update, want *pb.SubscribeUpdateAccount) {
	a, ok := u.Account()
	c.eq("Account", ok, true)
	c.eq("Slot", a.Slot(), want.GetSlot())
	c.eq("Update.Slot", u.Slot(), want.GetSlot())
	c.eq("Startup", a.Startup(), want.GetIsStartup())
	c.accountInfo(a, want.GetAccount())
}

func (c *checker) accountInfo(a *guest.Account, want *pb.SubscribeUpdateAccountInfo) {
	c.bytes("Pubkey", a.Pubkey(), want.GetPubkey())
	c.bytes("Owner", a.Owner(), want.GetOwner())
	c.bytes("Data", a.Data(), want.GetData())
	c.bytes("TxnSignature", a.TxnSignature(), want.GetTxnSignature())
	c.eq("Lamports", a.Lamports(), want.GetLamports())
	c.eq("Executable", a.Executable(), want.GetExecutable())
	c.eq("RentEpoch", a.RentEpoch(), want.GetRentEpoch())
	c.eq("WriteVersion", a.WriteVersion(), want.GetWriteVersion())
}

func (c *checker) slot(u *guest.Update, want *pb.SubscribeUpdateSlot) {
	s, ok := u.SlotUpdate()
	c.eq("SlotUpdate", ok, true)
	c.eq("Slot", s.Slot(), want.GetSlot())
	c.eq("Update.Slot", u.Slot(), want.GetSlot())
	parent, hasParent := s.Parent()
	c.eq("Parent", parent, want.GetParent())
	c.eq("has parent", hasParent, want.Parent != nil)
	bank, hasBank := s.BankID()
	c.eq("BankID", bank, want.GetBankId())
	c.eq("has bank", hasBank, want.BankId != nil)
	c.eq("Status", int32(s.Status()), int32(want.GetStatus()))
	c.bytes("DeadError", s.DeadError(), []byte(want.GetDeadError()))
}

func (c *checker) status(u *guest.Update, want *pb.SubscribeUpdateTransactionStatus) {
	s, ok := u.TransactionStatus()
	c.eq("TransactionStatus", ok, true)
	c.eq("Slot", s.Slot(), want.GetSlot())
	c.eq("Update.Slot", u.Slot(), want.GetSlot())
	c.eq("Index", s.Index(), want.GetIndex())
	c.eq("IsVote", s.IsVote(), want.GetIsVote())
	c.bytes("Signature", s.Signature(), want.GetSignature())
	c.bytes("Err", s.Err(), want.GetErr().GetErr())
	c.eq("Failed", s.Failed(), len(want.GetErr().GetErr()) > 0)
}

// blockHead is what a block and a block meta have in common.
type blockHead interface {
	GetSlot() uint64
	GetBlockhash() string
	GetBlockTime() *pb.UnixTimestamp
	GetBlockHeight() *pb.BlockHeight
	GetParentSlot() uint64
	GetParentBlockhash() string
	GetExecutedTransactionCount() uint64
	GetEntriesCount() uint64
}

func (c *checker) blockMeta(m *guest.BlockMeta, want blockHead) {
	c.eq("Slot", m.Slot(), want.GetSlot())
	c.eq("Blockhash", string(m.Blockhash()), want.GetBlockhash())
	c.eq("ParentSlot", m.ParentSlot(), want.GetParentSlot())
	c.eq("ParentBlockhash", string(m.ParentBlockhash()), want.GetParentBlockhash())
	c.eq("ExecutedTransactions", m.ExecutedTransactions(), want.GetExecutedTransactionCount())
	c.eq("Entries", m.Entries(), want.GetEntriesCount())
	time, hasTime := m.Time()
	c.eq("Time", time, want.GetBlockTime().GetTimestamp())
	c.eq("has time", hasTime, want.GetBlockTime() != nil)
	height, hasHeight := m.Height()
	c.eq("Height", height, want.GetBlockHeight().GetBlockHeight())
	c.eq("has height", hasHeight, want.GetBlockHeight() != nil)
}

func (c *checker) block(u *guest.Update, want *pb.SubscribeUpdateBlock) {
	b, ok := u.Block()
	c.eq("Block", ok, true)
	c.eq("Block.Slot", b.Slot(), want.GetSlot())
	m, ok := u.BlockMeta()
	c.eq("BlockMeta", ok, true)
	c.blockMeta(m, want)
	n := 0
	for tx := range b.Transactions() {
		c.eq("Slot", tx.Slot(), want.GetSlot())
		c.transaction(tx, want.GetTransactions()[n])
		n++
	}
	c.eq("transactions", n, len(want.GetTransactions()))
	n = 0
	for a := range b.Accounts() {
		c.eq("Slot", a.Slot(), want.GetSlot())
		c.accountInfo(a, want.GetAccounts()[n])
		n++
	}
	c.eq("accounts", n, len(want.GetAccounts()))
	n = 0
	for e := range b.Entries() {
		c.entry(e, want.GetEntries()[n])
		n++
	}
	c.eq("entries", n, len(want.GetEntries()))
}

func (c *checker) entry(e *guest.Entry, want *pb.SubscribeUpdateEntry) {
	c.eq("Slot", e.Slot(), want.GetSlot())
	c.eq("Index", e.Index(), want.GetIndex())
	c.eq("NumHashes", e.NumHashes(), want.GetNumHashes())
	c.bytes("Hash", e.Hash(), want.GetHash())
	c.eq("ExecutedTransactions", e.ExecutedTransactions(), want.GetExecutedTransactionCount())
	c.eq("StartingIndex", e.StartingIndex(), want.GetStartingTransactionIndex())
}

func (c *checker) footer(u *guest.Update, want *pb.SubscribeUpdateBlockFooter) {
	b, ok := u.BlockFooter()
	c.eq("BlockFooter", ok, true)
	c.eq("Slot", b.Slot(), want.GetSlot())
	c.eq("BankID", b.BankID(), want.GetBankId())
	c.bytes("BankHash", b.BankHash(), want.GetBankHash())
	c.eq("ProducerTimeNanos", b.ProducerTimeNanos(), want.GetBlockProducerTimeNanos())
	c.bytes("UserAgent", b.UserAgent(), want.GetBlockUserAgent())
}

func (c *checker) transaction(tx *guest.Transaction, want *pb.SubscribeUpdateTransactionInfo) {
	c.bytes("Signature", tx.Signature(), want.GetSignature())
	c.eq("IsVote", tx.IsVote(), want.GetIsVote())
	c.eq("Index", tx.Index(), want.GetIndex())
	meta, message := want.GetMeta(), want.GetTransaction().GetMessage()
	c.bytes("Err", tx.Err(), meta.GetErr().GetErr())
	c.eq("Failed", tx.Failed(), len(meta.GetErr().GetErr()) > 0)
	c.eq("Fee", tx.Fee(), meta.GetFee())
	units, has := tx.ComputeUnits()
	c.eq("ComputeUnits", units, meta.GetComputeUnitsConsumed())
	c.eq("has ComputeUnits", has, meta != nil && meta.ComputeUnitsConsumed != nil)
	c.eq("CostUnits", tx.CostUnits(), meta.GetCostUnits())
	program, data := tx.ReturnData()
	c.bytes("ReturnData", program, meta.GetReturnData().GetProgramId())
	c.bytes("ReturnData", data, meta.GetReturnData().GetData())
	c.eq("NumSignatures", tx.NumSignatures(), len(want.GetTransaction().GetSignatures()))
	c.eq("NumSigners", tx.NumSigners(), int(message.GetHeader().GetNumRequiredSignatures()))
	c.bytes("RecentBlockhash", tx.RecentBlockhash(), message.GetRecentBlockhash())
	version := guest.VersionLegacy
	if message.GetConfig() != nil {
		version = guest.Version1
	} else if message.GetVersioned() {
		version = guest.Version0
	}
	c.eq("Version", tx.Version(), version)
	c.keys(tx, slices.Concat(message.GetAccountKeys(), meta.GetLoadedWritableAddresses(), meta.GetLoadedReadonlyAddresses()))
	c.eq("NumStaticKeys", tx.NumStaticKeys(), len(message.GetAccountKeys()))
	c.lists(tx, meta)
	c.instructions(tx, message, meta)
}

func (c *checker) keys(tx *guest.Transaction, want [][]byte) {
	c.eq("NumKeys", tx.NumKeys(), len(want))
	c.bytes("Key past the end", tx.Key(len(want)), nil)
	c.bytes("Key before the start", tx.Key(-1), nil)
	for i, key := range want {
		c.bytes("Key", tx.Key(i), key)
		if len(key) == 32 {
			first := slices.IndexFunc(want, func(k []byte) bool { return bytes.Equal(k, key) })
			c.eq("KeyIndex", tx.KeyIndex((*guest.Pubkey)(key)), first)
		}
	}
	c.eq("KeyIndex of another", tx.KeyIndex(&guest.Pubkey{1, 2, 3, 250, 251, 252}), -1)
}

func (c *checker) lists(tx *guest.Transaction, meta *pb.TransactionStatusMeta) {
	var logs []string
	for l := range tx.Logs() {
		logs = append(logs, string(l))
	}
	c.eq("Logs", slices.Equal(logs, meta.GetLogMessages()), true)
	var pre, post []uint64
	for i, v := range tx.PreBalances() {
		c.eq("index", i, len(pre))
		pre = append(pre, v)
	}
	for _, v := range tx.PostBalances() {
		post = append(post, v)
	}
	c.eq("PreBalances", slices.Equal(pre, meta.GetPreBalances()), true)
	c.eq("PostBalances", slices.Equal(post, meta.GetPostBalances()), true)
	n := 0
	for b := range tx.PreTokenBalances() {
		c.token(b, meta.GetPreTokenBalances()[n])
		n++
	}
	c.eq("PreTokenBalances", n, len(meta.GetPreTokenBalances()))
	n = 0
	for b := range tx.PostTokenBalances() {
		c.token(b, meta.GetPostTokenBalances()[n])
		n++
	}
	c.eq("PostTokenBalances", n, len(meta.GetPostTokenBalances()))
}

func (c *checker) token(got guest.TokenBalance, want *pb.TokenBalance) {
	c.eq("AccountIndex", got.AccountIndex, int(want.GetAccountIndex()))
	c.eq("Mint", string(got.Mint), want.GetMint())
	c.eq("Owner", string(got.Owner), want.GetOwner())
	c.eq("ProgramID", string(got.ProgramID), want.GetProgramId())
	c.eq("Amount", string(got.AmountText), want.GetUiTokenAmount().GetAmount())
	c.eq("Decimals", got.Decimals, want.GetUiTokenAmount().GetDecimals())
}

// instruction is what CompiledInstruction and InnerInstruction have in common.
type instruction interface {
	GetProgramIdIndex() uint32
	GetAccounts() []byte
	GetData() []byte
}

func (c *checker) instructions(tx *guest.Transaction, message *pb.Message, meta *pb.TransactionStatusMeta) {
	all := tx.All()
	n := 0
	next := func(want instruction, top, inner int) *guest.Instruction {
		c.eq("more instructions", n < len(all), true)
		x := &all[n]
		n++
		c.eq("Index", x.Index(), top)
		c.eq("InnerIndex", x.InnerIndex(), inner)
		c.eq("IsInner", x.IsInner(), inner >= 0)
		c.eq("Program", x.Program(), int(want.GetProgramIdIndex()))
		c.bytes("ProgramID", x.ProgramID(), tx.Key(int(want.GetProgramIdIndex())))
		c.bytes("Data", x.Data(), want.GetData())
		c.eq("NumAccounts", x.NumAccounts(), len(want.GetAccounts()))
		for i, a := range want.GetAccounts() {
			c.eq("AccountIndex", x.AccountIndex(i), int(a))
			c.bytes("Account", x.Account(i), tx.Key(int(a)))
		}
		c.eq("AccountIndex past the end", x.AccountIndex(x.NumAccounts()), -1)
		return x
	}
	for top, want := range message.GetInstructions() {
		x := next(want, top, -1)
		c.eq("StackHeight", x.StackHeight(), 1)
		c.eq("Instruction", tx.Instruction(top), x)
		inner := 0
		for _, g := range meta.GetInnerInstructions() {
			if g.GetIndex() != uint32(top) {
				continue
			}
			for _, want := range g.GetInstructions() {
				x := next(want, top, inner)
				c.eq("StackHeight", x.StackHeight(), int(want.GetStackHeight()))
				c.eq("Inner", &tx.Inner(top)[inner], x)
				inner++
			}
		}
		c.eq("len Inner", len(tx.Inner(top)), inner)
	}
	c.eq("instructions", len(all), n)
	c.eq("NumInstructions", tx.NumInstructions(), len(message.GetInstructions()))
	n = 0
	for x := range tx.Instructions() {
		c.eq("Instructions", x, tx.Instruction(n))
		n++
	}
	c.eq("Instructions", n, len(message.GetInstructions()))
	if tx.Instruction(n) != nil || tx.Inner(n) != nil || tx.Instruction(-1) != nil {
		c.Fatal("an instruction that is not there")
	}
}

// readAll calls every reader: none may panic, whatever the bytes.
func readAll(u *guest.Update) {
	u.CreatedAt()
	u.Slot()
	u.Account()
	u.SlotUpdate()
	u.TransactionStatus()
	u.BlockMeta()
	u.Entry()
	u.BlockFooter()
	if tx, ok := u.Transaction(); ok {
		readTransaction(tx)
	}
	if b, ok := u.Block(); ok {
		for tx := range b.Transactions() {
			readTransaction(tx)
		}
		for a := range b.Accounts() {
			a.Data()
		}
		for e := range b.Entries() {
			e.Hash()
		}
	}
}

func readTransaction(tx *guest.Transaction) {
	tx.Signature()
	tx.Slot()
	tx.Index()
	tx.Err()
	tx.Fee()
	tx.ComputeUnits()
	tx.CostUnits()
	tx.ReturnData()
	tx.Version()
	tx.NumSigners()
	tx.RecentBlockhash()
	tx.KeyIndex(&guest.Pubkey{})
	for i := range tx.NumKeys() {
		tx.Key(i)
		tx.IsWritable(i)
	}
	for _, x := range tx.All() {
		x.ProgramID()
		x.Data()
		for i := range x.NumAccounts() {
			x.Account(i)
		}
	}
	for l := range tx.Logs() {
		_ = l
	}
	for _, v := range tx.PreBalances() {
		_ = v
	}
	for _, v := range tx.PostBalances() {
		_ = v
	}
	for b := range tx.PreTokenBalances() {
		b.Amount()
	}
	for b := range tx.PostTokenBalances() {
		b.Amount()
	}
}
