package chain

import (
	"fmt"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// ledgerCheck follows a feed and complains about what no ledger does.
type ledgerCheck struct {
	t        *testing.T
	versions uint64
	at       int64
	seen     map[string]bool
	banks    map[uint64]*bankCheck
	status   map[pb.SlotStatus]int
	lastDone uint64 // the last rooted slot that froze
	final    uint64
	parents  map[uint64]uint64
}

type bankCheck struct {
	slot, transactions, entries, covered uint64
	frozen, dead                         bool
}

func TestLedger(t *testing.T) {
	mix := busy()
	l := &ledgerCheck{t: t, seen: map[string]bool{}, banks: map[uint64]*bankCheck{}, status: map[pb.SlotStatus]int{},
		parents: map[uint64]uint64{}}
	c := New(Config{Seed: 11, Mix: mix, DeadEvery: 20, SkipEvery: 15, ForkEvery: 25})
	for range 60_000 {
		l.update(c.Next())
		if t.Failed() {
			return
		}
	}
	for s := range 7 {
		if l.status[pb.SlotStatus(s)] == 0 {
			t.Errorf("no %s", pb.SlotStatus(s))
		}
	}
	if c.height <= c.cfg.StartSlot-25_000_000 {
		t.Error("block height does not grow")
	}
}

func (l *ledgerCheck) update(u *Update) {
	t := l.t
	if int64(u.At) < l.at {
		t.Errorf("slot %d: time goes back from %d to %d", u.Slot, l.at, u.At)
	}
	l.at = int64(u.At)
	if id, ok := geyser.BankID(u.SubscribeUpdate); geyser.KnowsNewer && (ok != (u.Bank != 0) || id != u.Bank) {
		t.Errorf("bank id %d in the message, %d beside it", id, u.Bank)
	}
	switch of := u.UpdateOneof.(type) {
	case *pb.SubscribeUpdate_Slot:
		l.slot(u, of.Slot)
	case *pb.SubscribeUpdate_Account:
		v := of.Account.GetAccount().GetWriteVersion()
		if v <= l.versions {
			t.Errorf("write version %d after %d", v, l.versions)
		}
		l.versions = v
		l.open(u)
	case *pb.SubscribeUpdate_Transaction:
		b := l.open(u)
		info := of.Transaction.GetTransaction()
		if info.GetIndex() != b.transactions {
			t.Errorf("slot %d bank %d: transaction %d after %d", u.Slot, u.Bank, info.GetIndex(), b.transactions)
		}
		b.transactions++
		l.unique(fmt.Sprintf("%d/%d/%x", u.Slot, u.Bank, info.GetSignature()))
		checkTransaction(t, info)
	case *pb.SubscribeUpdate_Entry:
		b, e := l.open(u), of.Entry
		if e.GetIndex() != b.entries || e.GetStartingTransactionIndex() != b.covered {
			t.Errorf("slot %d: entry %d starts at %d, want %d at %d", u.Slot, e.GetIndex(), e.GetStartingTransactionIndex(), b.entries, b.covered)
		}
		b.entries++
		b.covered += e.GetExecutedTransactionCount()
	case *pb.SubscribeUpdate_BlockMeta:
		l.meta(u, of.BlockMeta)
	default:
		t.Errorf("unexpected %T", of)
	}
}

func (l *ledgerCheck) unique(key string) {
	if l.seen[key] {
		l.t.Errorf("%s comes twice", key)
	}
	l.seen[key] = true
}

// open returns the bank that u belongs to, which has to be there and not frozen.
func (l *ledgerCheck) open(u *Update) *bankCheck {
	b := l.banks[u.Bank]
	if b == nil || b.frozen || b.dead || b.slot != u.Slot {
		l.t.Fatalf("slot %d, bank %d: content outside of its bank %+v", u.Slot, u.Bank, b)
	}
	return b
}

func (l *ledgerCheck) slot(u *Update, s *pb.SubscribeUpdateSlot) {
	t := l.t
	l.status[s.GetStatus()]++
	l.unique(fmt.Sprintf("%d/%d/%s/%t", s.GetSlot(), u.Bank, s.GetStatus(), u.Fate == Abandoned))
	b := l.banks[u.Bank]
	switch s.GetStatus() {
	case pb.SlotStatus_SLOT_CREATED_BANK:
		if s.GetParent() != l.lastDone && l.lastDone != 0 {
			t.Errorf("slot %d has parent %d, want %d", s.GetSlot(), s.GetParent(), l.lastDone)
		}
		l.banks[u.Bank] = &bankCheck{slot: s.GetSlot()}
		if u.Fate == Rooted {
			l.parents[s.GetSlot()] = s.GetParent()
		}
	case pb.SlotStatus_SLOT_PROCESSED:
		if !b.frozen {
			t.Errorf("slot %d is processed before its block meta", s.GetSlot())
		}
		if u.Fate == Rooted {
			l.lastDone = s.GetSlot()
		}
	case pb.SlotStatus_SLOT_DEAD:
		b.dead = true
		if s.GetDeadError() == "" {
			t.Error("a dead slot without a reason")
		}
	case pb.SlotStatus_SLOT_CONFIRMED:
		if !b.frozen || u.Fate != Rooted {
			t.Errorf("slot %d is confirmed, frozen %t, fate %d", s.GetSlot(), b.frozen, u.Fate)
		}
	case pb.SlotStatus_SLOT_FINALIZED:
		if l.final != 0 && l.parents[s.GetSlot()] != l.final {
			t.Errorf("slot %d is finalized after %d", s.GetSlot(), l.final)
		}
		if lag := l.lastDone - s.GetSlot(); lag < 31 || lag > 45 {
			t.Errorf("slot %d is finalized %d slots later", s.GetSlot(), lag)
		}
		l.final = s.GetSlot()
	}
}

func (l *ledgerCheck) meta(u *Update, m *pb.SubscribeUpdateBlockMeta) {
	b := l.open(u)
	b.frozen = true
	if m.GetExecutedTransactionCount() != b.transactions || m.GetEntriesCount() != b.entries {
		l.t.Errorf("slot %d: block meta says %d transactions and %d entries, there were %d and %d", u.Slot,
			m.GetExecutedTransactionCount(), m.GetEntriesCount(), b.transactions, b.entries)
	}
	if u.Fate == Rooted && b.covered != b.transactions {
		l.t.Errorf("slot %d: entries cover %d of %d transactions", u.Slot, b.covered, b.transactions)
	}
}

// checkTransaction checks that indexes are in range, that lamports and tokens are conserved, and that the log is one.
func checkTransaction(t *testing.T, info *pb.SubscribeUpdateTransactionInfo) {
	t.Helper()
	keys, m := keysOf(info), info.GetMeta()
	msg := info.GetTransaction().GetMessage()
	if len(m.GetPreBalances()) != len(keys) || len(m.GetPostBalances()) != len(keys) {
		t.Fatalf("%d keys, %d and %d balances", len(keys), len(m.GetPreBalances()), len(m.GetPostBalances()))
	}
	if n := int(msg.GetHeader().GetNumRequiredSignatures()); n != len(info.GetTransaction().GetSignatures()) || n == 0 {
		t.Errorf("%d signatures for %d signers", len(info.GetTransaction().GetSignatures()), n)
	}
	seen := map[Key]bool{}
	for _, k := range keys {
		if seen[k] {
			t.Errorf("key %s comes twice", k)
		}
		seen[k] = true
	}
	var before, after uint64
	r := rights(info)
	for i := range keys {
		before += m.GetPreBalances()[i]
		after += m.GetPostBalances()[i]
		if m.GetPreBalances()[i] != m.GetPostBalances()[i] && r[keys[i]][1] != 'w' {
			t.Errorf("%s changes and is read-only", keys[i])
		}
		if m.GetPostBalances()[i] > 1<<60 {
			t.Errorf("%s has %d lamports", keys[i], m.GetPostBalances()[i])
		}
	}
	if before != after+m.GetFee() {
		t.Errorf("lamports before %d, after %d with a fee of %d", before, after, m.GetFee())
	}
	checkTokens(t, m)
	checkLog(t, info)
}

// checkTokens checks that no token comes or goes but by being minted, burnt or wrapped.
func checkTokens(t *testing.T, m *pb.TransactionStatusMeta) {
	t.Helper()
	sums := map[string][2]uint64{}
	for i, list := range [][]*pb.TokenBalance{m.GetPreTokenBalances(), m.GetPostTokenBalances()} {
		for _, b := range list {
			var n uint64
			if _, err := fmt.Sscan(b.GetUiTokenAmount().GetAmount(), &n); err != nil {
				t.Fatal(err)
			}
			if n > 1<<60 {
				t.Errorf("%d of %s", n, b.GetMint())
			}
			s := sums[b.GetMint()]
			s[i] += n
			sums[b.GetMint()] = s
		}
	}
	minted := strings.Contains(strings.Join(m.GetLogMessages(), "\n"), "MintTo") || truncated(m)
	for mint, s := range sums {
		if s[0] != s[1] && mint != idWrappedSOL.String() && !minted {
			t.Errorf("%s: %d before, %d after", mint, s[0], s[1])
		}
	}
}

func truncated(m *pb.TransactionStatusMeta) bool {
	log := m.GetLogMessages()
	return len(log) > 0 && log[len(log)-1] == "Log truncated"
}

// checkLog follows the stack of calls through the log.
func checkLog(t *testing.T, info *pb.SubscribeUpdateTransactionInfo) {
	t.Helper()
	m := info.GetMeta()
	depth, size := 0, 0
	for _, l := range m.GetLogMessages() {
		size += len(l)
		switch {
		case strings.HasSuffix(l, fmt.Sprintf(" invoke [%d]", depth+1)):
			depth++
		case strings.HasSuffix(l, " success") && strings.HasPrefix(l, "Program ") && !strings.HasPrefix(l, "Program log:"):
			depth--
		case strings.Contains(l, " failed: "):
			depth--
		case strings.Contains(l, " invoke ["):
			t.Errorf("at depth %d: %s", depth, l)
		}
	}
	if !truncated(m) && depth != 0 && m.GetErr() == nil {
		t.Errorf("log ends at depth %d: %s", depth, strings.Join(m.GetLogMessages(), "\n"))
	}
	if size > 10_000 {
		t.Errorf("%d bytes of log", size)
	}
}
