package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"weir/host/geyser"
)

func accountUpdate(slot uint64, key string, version uint64) *pb.SubscribeUpdate {
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{
		Slot: slot, Account: &pb.SubscribeUpdateAccountInfo{Pubkey: pubkey(key), Owner: pubkey("owner"), WriteVersion: version, Lamports: 1},
	}}}
}

// pubkey returns an address that begins with name.
func pubkey(name string) []byte { return append([]byte(name), make([]byte, 32-len(name))...) }

func txUpdate(slot, index uint64) *pb.SubscribeUpdate {
	sig := make([]byte, 64)
	sig[0], sig[1], sig[2] = byte(slot), byte(index), byte(index>>8)
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Transaction{Transaction: &pb.SubscribeUpdateTransaction{
		Slot: slot, Transaction: &pb.SubscribeUpdateTransactionInfo{
			Signature: sig, Index: index,
			Transaction: &pb.Transaction{Signatures: [][]byte{sig}, Message: &pb.Message{AccountKeys: [][]byte{pubkey("payer")}}},
			Meta:        &pb.TransactionStatusMeta{Fee: 5000},
		},
	}}}
}

func entryUpdate(slot, index uint64) *pb.SubscribeUpdate {
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Entry{Entry: &pb.SubscribeUpdateEntry{Slot: slot, Index: index}}}
}

func metaUpdate(slot, txs, entries uint64) *pb.SubscribeUpdate {
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_BlockMeta{BlockMeta: &pb.SubscribeUpdateBlockMeta{
		Slot: slot, ParentSlot: slot - 1, Blockhash: fmt.Sprint("hash", slot), ExecutedTransactionCount: txs, EntriesCount: entries,
		BlockHeight: &pb.BlockHeight{BlockHeight: slot - 10},
	}}}
}

func statusUpdate(slot uint64, s pb.SlotStatus) *pb.SubscribeUpdate {
	parent := slot - 1
	u := slotUpdate(slot, s)
	u.GetSlot().Parent = &parent
	return u
}

// wholeSlot is a slot with one account write, two transactions and an entry.
func wholeSlot(slot uint64) []*pb.SubscribeUpdate {
	return []*pb.SubscribeUpdate{
		accountUpdate(slot, "a", slot*10), txUpdate(slot, 0), txUpdate(slot, 1), entryUpdate(slot, 0), metaUpdate(slot, 2, 1),
	}
}

// name writes an update shortly: "tx 5/1".
func name(u *pb.SubscribeUpdate) string {
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		key, _, _ := strings.Cut(string(o.Account.Account.Pubkey), "\x00")
		return fmt.Sprintf("acc %d/%s/%d", o.Account.Slot, key, o.Account.Account.WriteVersion)
	case *pb.SubscribeUpdate_Slot:
		return fmt.Sprintf("%s %d", strings.ToLower(strings.TrimPrefix(o.Slot.Status.String(), "SLOT_")), o.Slot.Slot)
	case *pb.SubscribeUpdate_Transaction:
		return fmt.Sprintf("tx %d/%d", o.Transaction.Slot, o.Transaction.Transaction.Index)
	case *pb.SubscribeUpdate_Block:
		return fmt.Sprintf("block %d:%d,%d,%d", o.Block.Slot, len(o.Block.Transactions), len(o.Block.Accounts), len(o.Block.Entries))
	case *pb.SubscribeUpdate_BlockMeta:
		return fmt.Sprintf("meta %d", o.BlockMeta.Slot)
	case *pb.SubscribeUpdate_Entry:
		return fmt.Sprintf("entry %d/%d", o.Entry.Slot, o.Entry.Index)
	case *pb.SubscribeUpdate_Ping:
		return "ping"
	case *pb.SubscribeUpdate_Pong:
		return fmt.Sprintf("pong %d", o.Pong.Id)
	}
	return "unknown"
}

// chainRun feeds updates and returns what is due at each commitment.
type chainRun struct {
	*chain
	due [levels][]string
}

func newChainRun(capacity int, every bool) *chainRun {
	return &chainRun{chain: newChain(capacity, every)}
}

func (r *chainRun) feed(updates ...*pb.SubscribeUpdate) *chainRun {
	for _, u := range updates {
		for _, p := range r.add(newMessage(u, nil, time.Now())) {
			r.due[p.level] = append(r.due[p.level], name(p.message.update))
		}
	}
	return r
}

func (r *chainRun) replayed(t *testing.T, from uint64, at pb.CommitmentLevel) []string {
	t.Helper()
	ms, err := r.replay(from, at)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range ms {
		out = append(out, name(m.update))
	}
	return out
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

const (
	processed = pb.CommitmentLevel_PROCESSED
	confirmed = pb.CommitmentLevel_CONFIRMED
	finalized = pb.CommitmentLevel_FINALIZED
)

func TestChainDeliversByCommitment(t *testing.T) {
	r := newChainRun(10, false).feed(statusUpdate(5, pb.SlotStatus_SLOT_CREATED_BANK)).feed(wholeSlot(5)...)
	data := []string{"acc 5/a/50", "tx 5/0", "tx 5/1", "entry 5/0"}
	expect(t, "processed, before a status", r.due[processed], append([]string{"created_bank 5"}, data...)...)
	expect(t, "confirmed, before a status", r.due[confirmed], "created_bank 5")
	r.due = [levels][]string{}
	r.feed(statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	expect(t, "processed", r.due[processed], "block 5:2,1,1", "meta 5", "processed 5")
	expect(t, "confirmed", r.due[confirmed], "processed 5")
	r.due = [levels][]string{}
	r.feed(statusUpdate(5, pb.SlotStatus_SLOT_CONFIRMED))
	expect(t, "processed", r.due[processed], "confirmed 5")
	expect(t, "confirmed", r.due[confirmed], append(data, "block 5:2,1,1", "meta 5", "confirmed 5")...)
	expect(t, "finalized", r.due[finalized], "confirmed 5")
	r.due = [levels][]string{}
	r.feed(statusUpdate(5, pb.SlotStatus_SLOT_FINALIZED), statusUpdate(5, pb.SlotStatus_SLOT_FINALIZED))
	expect(t, "finalized", r.due[finalized], append(data, "block 5:2,1,1", "meta 5", "finalized 5")...)
	expect(t, "confirmed", r.due[confirmed], "finalized 5")
}

func TestChainKeepsStatusBackUntilTheSlotIsWhole(t *testing.T) {
	whole := wholeSlot(5)
	r := newChainRun(10, false).feed(whole[:3]...).feed(statusUpdate(5, pb.SlotStatus_SLOT_CONFIRMED))
	expect(t, "confirmed before the slot is whole", r.due[confirmed])
	r.due = [levels][]string{}
	r.feed(whole[4]).feed(whole[3])
	expect(t, "processed", r.due[processed], "entry 5/0", "block 5:2,1,1", "meta 5", "processed 5", "confirmed 5")
	expect(t, "confirmed", r.due[confirmed], "processed 5",
		"acc 5/a/50", "tx 5/0", "tx 5/1", "entry 5/0", "block 5:2,1,1", "meta 5", "confirmed 5")
}

func TestChainRaisesAncestors(t *testing.T) {
	r := newChainRun(10, false).feed(wholeSlot(5)...).feed(statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	r.feed(wholeSlot(6)...).feed(statusUpdate(6, pb.SlotStatus_SLOT_PROCESSED))
	r.due = [levels][]string{}
	r.feed(statusUpdate(6, pb.SlotStatus_SLOT_FINALIZED))
	got := strings.Join(r.due[finalized], " ")
	if !strings.Contains(got, "finalized 6") || !strings.Contains(got, "finalized 5") {
		t.Errorf("finalized: %q, want both slots", got)
	}
	if !slices.Contains(r.due[confirmed], "confirmed 5") {
		t.Errorf("confirmed: %q, want the level in between too", r.due[confirmed])
	}
}

func TestChainDropsSupersededWrites(t *testing.T) {
	r := newChainRun(10, false).feed(
		accountUpdate(5, "a", 1), accountUpdate(5, "b", 2), accountUpdate(5, "a", 3), metaUpdate(5, 0, 0),
		statusUpdate(5, pb.SlotStatus_SLOT_CONFIRMED))
	expect(t, "processed", r.due[processed],
		"acc 5/a/1", "acc 5/b/2", "acc 5/a/3", "block 5:0,2,0", "meta 5", "processed 5", "confirmed 5")
	expect(t, "confirmed", r.due[confirmed],
		"processed 5", "acc 5/b/2", "acc 5/a/3", "block 5:0,2,0", "meta 5", "confirmed 5")
	expect(t, "replay at processed", r.replayed(t, 5, processed),
		"acc 5/b/2", "acc 5/a/3", "block 5:0,2,0", "meta 5", "processed 5", "confirmed 5")
}

func TestChainTakesTheFeedsBlock(t *testing.T) {
	b := &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Block{Block: &pb.SubscribeUpdateBlock{Slot: 5, ParentSlot: 4, Blockhash: "h"}}}
	r := newChainRun(10, false).feed(b, statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	expect(t, "processed", r.due[processed], "block 5:0,0,0", "meta 5", "processed 5")
}

func TestChainReplay(t *testing.T) {
	r := newChainRun(10, false)
	for slot := uint64(5); slot <= 7; slot++ {
		r.feed(statusUpdate(slot, pb.SlotStatus_SLOT_CREATED_BANK)).feed(wholeSlot(slot)...)
		r.feed(statusUpdate(slot, pb.SlotStatus_SLOT_PROCESSED))
	}
	r.feed(statusUpdate(5, pb.SlotStatus_SLOT_CONFIRMED))
	r.feed(txUpdate(8, 0)) // the open slot
	replay := func(slot uint64, statuses ...string) []string {
		data := []string{fmt.Sprintf("acc %d/a/%d", slot, slot*10), fmt.Sprintf("tx %d/0", slot), fmt.Sprintf("tx %d/1", slot),
			fmt.Sprintf("entry %d/0", slot), fmt.Sprintf("block %d:2,1,1", slot), fmt.Sprintf("meta %d", slot)}
		return append(data, statuses...)
	}
	expect(t, "processed from 6", r.replayed(t, 6, processed), append(replay(6, "processed 6"), replay(7, "processed 7")...)...)
	expect(t, "confirmed from 5", r.replayed(t, 5, confirmed), replay(5, "processed 5", "confirmed 5")...)
}

func TestChainReplayErrors(t *testing.T) {
	full := newChainRun(10, false).feed(wholeSlot(5)...)
	for _, c := range []struct {
		name string
		run  *chainRun
		from uint64
		at   pb.CommitmentLevel
		code codes.Code
		text string
	}{
		{"off", newChainRun(0, false), 5, processed, codes.Internal, "from_slot is not supported"},
		{"too old", full, 4, processed, codes.OutOfRange, "broadcast from 4 is not available, last available: 5"},
		{"ahead", full, 6, processed, codes.Internal, "failed to get replay response"},
		{"not that far", full, 5, confirmed, codes.Internal, "failed to get replay response"},
		{"nothing yet", newChainRun(10, false), 5, processed, codes.Internal, "failed to get replay response"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.run.replay(c.from, c.at)
			if s := status.Convert(err); s.Code() != c.code || s.Message() != c.text {
				t.Errorf("got %v, want %v %q", err, c.code, c.text)
			}
		})
	}
}

func TestChainForgets(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []pb.SlotStatus
		first    uint64
	}{
		{"finalized", []pb.SlotStatus{pb.SlotStatus_SLOT_PROCESSED, pb.SlotStatus_SLOT_FINALIZED}, 1000 - 20 + 1},
		{"without statuses", nil, 1000 - 2*20 - staleSlots + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newChainRun(20, false)
			for slot := uint64(1); slot <= 1000; slot++ {
				r.feed(metaUpdate(slot, 0, 0))
				for _, s := range c.statuses {
					r.feed(statusUpdate(slot, s))
				}
				r.feed(txUpdate(slot+5000, 0)) // never whole
			}
			if first, _ := r.first(); first != c.first {
				t.Errorf("first slot is %d, want %d", first, c.first)
			}
			if len(r.open) > staleSlots+sweepEvery+1 || len(r.floor) > len(r.frozen)+staleSlots+sweepEvery {
				t.Errorf("%d open slots and %d levels are kept", len(r.open), len(r.floor))
			}
		})
	}
}

func TestChainDropsDeadSlots(t *testing.T) {
	r := newChainRun(10, false).feed(wholeSlot(5)...).feed(statusUpdate(5, pb.SlotStatus_SLOT_DEAD))
	if _, ok := r.first(); ok {
		t.Error("a dead slot can be replayed")
	}
}

func TestChainEveryCommitment(t *testing.T) {
	r := newChainRun(10, true).feed(txUpdate(5, 0), metaUpdate(5, 9, 9), statusUpdate(5, pb.SlotStatus_SLOT_CONFIRMED), txUpdate(6, 0))
	for at := range r.due {
		expect(t, pb.CommitmentLevel(at).String(), r.due[at], "tx 5/0", "meta 5", "confirmed 5", "tx 6/0")
	}
	expect(t, "replay", r.replayed(t, 0+5, finalized), "tx 5/0", "meta 5", "confirmed 5")
	r.feed(txUpdate(5, 1), txUpdate(7, 0)) // back to 5, and on
	expect(t, "replay after coming back", r.replayed(t, 5, finalized), "tx 5/0", "tx 5/1", "meta 5", "confirmed 5", "tx 6/0")
}

// of makes updates a bank's.
func of(bank uint64, updates ...*pb.SubscribeUpdate) []*pb.SubscribeUpdate {
	for _, u := range updates {
		geyser.SetBankID(u, bank)
	}
	return updates
}

func TestChainTellsForksApart(t *testing.T) {
	if !geyser.KnowsNewer {
		t.Skip("the protocol package has no bank ids")
	}
	first := of(1, txUpdate(5, 0), metaUpdate(5, 1, 0), statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	second := of(2, txUpdate(5, 1), txUpdate(5, 2), metaUpdate(5, 2, 0), statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	r := newChainRun(10, false).feed(first...)
	expect(t, "first bank", r.due[processed], "tx 5/0", "block 5:1,0,0", "meta 5", "processed 5")
	r.due = [levels][]string{}
	r.feed(second...)
	expect(t, "second bank: processed has no precedence", r.due[processed], "tx 5/1", "tx 5/2")
	expect(t, "replay of both", r.replayed(t, 5, processed),
		"tx 5/0", "block 5:1,0,0", "meta 5", "processed 5", "tx 5/1", "tx 5/2", "block 5:2,0,0", "meta 5", "processed 5")
	r.due = [levels][]string{}
	r.feed(of(2, statusUpdate(5, pb.SlotStatus_SLOT_CONFIRMED))...)
	expect(t, "confirmed", r.due[confirmed], "processed 5", "tx 5/1", "tx 5/2", "block 5:2,0,0", "meta 5", "confirmed 5")
	r.feed(of(1, txUpdate(5, 7), statusUpdate(5, pb.SlotStatus_SLOT_FINALIZED))...)
	if len(r.due[finalized]) != 2 {
		t.Errorf("finalized: %q: the bank that lost was finalized", r.due[finalized])
	}
	expect(t, "replay of the winner", r.replayed(t, 5, confirmed), "tx 5/1", "tx 5/2", "block 5:2,0,0", "meta 5", "processed 5", "confirmed 5")
	for _, id := range r.banks[5] {
		if id != 2 {
			t.Errorf("bank %d is still there", id)
		}
	}
}
