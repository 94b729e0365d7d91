package guest_test

import (
	"math/rand/v2"
	"os"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
)

// Every recorded message, as recorded and with what a live server adds.
func TestReadersAgreeWithGeneratedCodeOnRecordings(t *testing.T) {
	for _, raw := range guesttest.Fixture(t, "mixed.pbld") {
		if !agree(t, raw) {
			t.Fatalf("the generated code refuses %x", raw)
		}
		agree(t, withCreatedAt(t, raw))
	}
}

func withCreatedAt(t *testing.T, raw []byte) []byte {
	t.Helper()
	at, err := proto.Marshal(&pb.SubscribeUpdate{CreatedAt: &timestamppb.Timestamp{Seconds: 1_790_000_000, Nanos: 123_456_789}})
	if err != nil {
		t.Fatal(err)
	}
	return append(append([]byte(nil), raw...), at...)
}

// A whole block, made of recorded transactions and accounts.
func TestReadersAgreeOnBlocks(t *testing.T) {
	var block pb.SubscribeUpdateBlock
	for _, raw := range guesttest.Fixture(t, "mixed.pbld") {
		var u pb.SubscribeUpdate
		if err := proto.Unmarshal(raw, &u); err != nil {
			t.Fatal(err)
		}
		if tx := u.GetTransaction().GetTransaction(); tx != nil {
			block.Transactions = append(block.Transactions, tx)
		}
		if a := u.GetAccount().GetAccount(); a != nil {
			block.Accounts = append(block.Accounts, a)
		}
		if e := u.GetEntry(); e != nil {
			block.Entries = append(block.Entries, e)
		}
	}
	block.Slot, block.Blockhash, block.ParentSlot, block.ParentBlockhash = 7, "hash", 6, "parent"
	block.BlockTime, block.BlockHeight = &pb.UnixTimestamp{Timestamp: -5}, &pb.BlockHeight{BlockHeight: 9}
	block.ExecutedTransactionCount, block.EntriesCount = 11, 12
	raw, err := proto.Marshal(&pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Block{Block: &block}})
	if err != nil {
		t.Fatal(err)
	}
	if !agree(t, raw) {
		t.Fatal("the generated code refuses the block")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		agree(t, scramble(rng, raw, (&pb.SubscribeUpdate{}).ProtoReflect().Descriptor(), 0))
	}
}

// The same messages in layouts that no server writes but protobuf allows: fields in any order, messages in pieces, unknown fields,
// numbers with surplus bytes, unpacked lists.
func TestReadersAgreeOnScrambledLayouts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	desc := (&pb.SubscribeUpdate{}).ProtoReflect().Descriptor()
	taken := 0
	for _, raw := range append(guesttest.Fixture(t, "mixed.pbld"), footer(t), status(t)) {
		for range 8 {
			if agree(t, scramble(rng, raw, desc, 0)) {
				taken++
			}
		}
	}
	if taken < 4000 {
		t.Fatalf("the generated code takes only %d scrambled messages", taken)
	}
}

func footer(t *testing.T) []byte {
	t.Helper()
	raw, err := proto.Marshal(&pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_BlockFooter{BlockFooter: &pb.SubscribeUpdateBlockFooter{
		Slot: 300, BankId: 4, BankHash: []byte("hash"), BlockProducerTimeNanos: 1 << 60, BlockUserAgent: []byte("agave"),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func status(t *testing.T) []byte {
	t.Helper()
	raw, err := proto.Marshal(&pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_TransactionStatus{
		TransactionStatus: &pb.SubscribeUpdateTransactionStatus{
			Slot: 300, Signature: make([]byte, 64), IsVote: true, Index: 77, Err: &pb.TransactionError{Err: []byte{8, 0, 0, 0}},
		}}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Cut anywhere, an update reads without a panic, and what is read of it is of the update: never bytes from elsewhere.
func TestTruncatedUpdates(t *testing.T) {
	recorded := guesttest.Fixture(t, "pumpfun_price/samples.pbld")
	for _, raw := range recorded[:6] {
		for n := range raw {
			u := guest.NewUpdate(raw[:n], 0)
			readAll(u)
			if n > 0 && u.Kind() != guest.KindNone {
				t.Fatalf("cut to %d of %d bytes, an update still has its kind", n, len(raw))
			}
			if n > 0 && !u.Malformed() {
				t.Fatalf("cut to %d of %d bytes, an update passes as whole", n, len(raw))
			}
		}
	}
}

// Bytes that are wrong somewhere inside read without a panic.
func TestCorruptUpdates(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, raw := range guesttest.Fixture(t, "mixed.pbld") {
		for range 40 {
			bad := append([]byte(nil), raw...)
			for range 1 + rng.IntN(4) {
				bad[rng.IntN(len(bad))] = byte(rng.Uint32())
			}
			agree(t, bad)
		}
	}
}

func FuzzUpdate(f *testing.F) {
	if _, err := os.Stat(os.Getenv("WEIR_FIXTURES")); err == nil {
		for _, raw := range guesttest.Fixture(f, "mixed.pbld") {
			f.Add(raw)
		}
	}
	f.Add([]byte{})
	f.Add([]byte{0x22, 0x00})
	f.Add([]byte{0x22, 0x04, 0x0a, 0x02, 0x1a, 0x00, 0x10, 0x05})
	f.Fuzz(func(t *testing.T, raw []byte) { agree(t, raw) })
}

// Reading allocates nothing once the scratch space has grown.
func TestReadingAllocatesNothing(t *testing.T) {
	recorded := guesttest.Fixture(t, "pumpfun_price/samples.pbld")
	u := guest.NewUpdate(nil, 0)
	read := func() {
		for _, raw := range recorded {
			guest.Reset(u, raw, 0)
			readAll(u)
		}
	}
	read()
	if n := testing.AllocsPerRun(10, read); n > 0 {
		t.Errorf("%v allocations in %d updates", n, len(recorded))
	}
}

func BenchmarkMatch(b *testing.B) {
	pump := guest.MustKey("6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P")
	raw := middling(b)
	u := guest.NewUpdate(nil, 0)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		guest.Reset(u, raw, 1)
		tx, _ := u.Transaction()
		if program := tx.KeyIndex(&pump); !tx.Failed() && program >= 0 {
			for i := range tx.All() {
				if x := &tx.All()[i]; x.Program() == program && x.IsInner() {
					x.Data()
				}
			}
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	raw := middling(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		var u pb.SubscribeUpdate
		if err := proto.Unmarshal(raw, &u); err != nil {
			b.Fatal(err)
		}
	}
}

// middling returns a recorded transaction of about 4 kB.
func middling(b *testing.B) []byte {
	for _, raw := range guesttest.Fixture(b, "pumpfun_price/samples.pbld") {
		if len(raw) > 3800 && len(raw) < 4800 {
			return raw
		}
	}
	b.Fatal("no transaction of about 4 kB")
	return nil
}
