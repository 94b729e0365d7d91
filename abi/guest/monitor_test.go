package guest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"weir/abi"
	"weir/abi/guest"
	"weir/abi/guest/guesttest"
)

const pumpfun = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"

// sample is the monitor of this test binary. What it does is up to the test.
var sample struct {
	match     func(u *guest.Update) int32
	configure func(c *guest.Config, m *guest.Manifest) error
}

func subscription() *guest.Subscription {
	return guest.Subscribe().
		Accounts("curves", guest.AccountFilter{Owner: []string{pumpfun}, States: []guest.AccountState{
			guest.Memcmp(0, []byte{0x17, 0xb7, 0xf8, 0x37}), guest.DataSize(151), guest.LamportsGt(1 << 60), guest.TokenAccountState(),
		}, NonemptyTxnSignature: guest.True}).
		Transactions("trades", guest.TransactionFilter{AccountInclude: []string{pumpfun}, Vote: guest.False, Failed: guest.False}).
		Slots("steps", guest.SlotFilter{InterslotUpdates: guest.True}).
		Accounts("config", guest.AccountFilter{Account: []string{pumpfun}}).
		Transactions("all", guest.TransactionFilter{AccountRequired: []string{pumpfun}, TokenAccounts: guest.TokenAccountsAll}).
		BlocksMeta("blocks").Entries("entries").
		Blocks("whole", guest.BlockFilter{IncludeAccounts: guest.False, CuckooInclude: &guest.Cuckoo{
			Data: []byte("cuckoo"), BucketCount: 4, EntriesPerBucket: 2, FingerprintBits: 8, HashSeed: 1 << 63,
		}}).
		TransactionsStatus("outcomes", guest.TransactionFilter{Signature: "sig", AccountExclude: []string{"x"}}).
		Commitment(guest.Confirmed).DataSlices(guest.DataSlice{Offset: 8, Length: 40})
}

func init() {
	guest.Register(guest.Monitor{
		Manifest: guest.Manifest{
			Name: "sample", Version: "1.2.3", Description: `says "hi"`, Group: guest.High, Subscribe: subscription(),
			Events: guest.Events{{Name: "trade", Fields: guest.Fields{
				{Name: "mint", Type: guest.TypePubkey}, {Name: "amount", Type: guest.TypeU64}, {Name: "delta", Type: guest.TypeI64},
				{Name: "is_buy", Type: guest.TypeBool}, {Name: "name", Type: guest.TypeString}, {Name: "n", Type: guest.TypeI32},
				{Name: "data", Type: guest.TypeBytes}, {Name: "price", Type: guest.TypeDecimal}, {Name: "list", Type: guest.TypeNumber},
			}}},
			Config: guest.Options{
				{Name: "min_sol", Type: guest.ConfigNumber, Default: `0.5`, Doc: "least"},
				{Name: "mints", Type: guest.ConfigArray, Default: `["a","b"]`},
				{Name: "label", Type: guest.ConfigString}, {Name: "quiet", Type: guest.ConfigBool}, {Name: "more", Type: guest.ConfigObject},
			},
		},
		Match: func(u *guest.Update) int32 { return sample.match(u) },
		Configure: func(c *guest.Config, m *guest.Manifest) error {
			if sample.configure == nil {
				return nil
			}
			return sample.configure(c, m)
		},
		Tick: func(unixMs int64) int32 {
			guest.NewEvent("trade").I64String("delta", unixMs).Emit()
			return 1
		},
		Save: func() []byte { return []byte("state") },
		Load: func(state []byte) error {
			if string(state) != "state" {
				return errors.New("not a state")
			}
			return nil
		},
	})
}

func open(t *testing.T, match func(u *guest.Update) int32) *guesttest.Guest {
	t.Helper()
	sample.match, sample.configure = match, nil
	return guesttest.Open(t, "")
}

func encode(t testing.TB, u *pb.SubscribeUpdate) []byte {
	t.Helper()
	raw, err := proto.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func slotUpdate(t testing.TB) []byte {
	return encode(t, &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{Slot: 5}}})
}

// The subscription in the manifest is the protobuf JSON of what was asked for.
func TestManifestIsProtobufJSON(t *testing.T) {
	g := open(t, nil)
	var got pb.SubscribeRequest
	if err := protojson.Unmarshal(g.Manifest().Subscribe, &got); err != nil {
		t.Fatalf("%v, in %s", err, g.Manifest().Subscribe)
	}
	yes, no := true, false
	confirmed, all := pb.CommitmentLevel_CONFIRMED, pb.TokenAccountExpansionControlFlag_ALL
	sig := "sig"
	state := func(f *pb.SubscribeRequestFilterAccountsFilter) *pb.SubscribeRequestFilterAccountsFilter { return f }
	want := &pb.SubscribeRequest{
		Accounts: map[string]*pb.SubscribeRequestFilterAccounts{
			"curves": {Owner: []string{pumpfun}, NonemptyTxnSignature: &yes, Filters: []*pb.SubscribeRequestFilterAccountsFilter{
				state(&pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_Memcmp{Memcmp: &pb.SubscribeRequestFilterAccountsFilterMemcmp{
					Data: &pb.SubscribeRequestFilterAccountsFilterMemcmp_Bytes{Bytes: []byte{0x17, 0xb7, 0xf8, 0x37}}}}}),
				state(&pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_Datasize{Datasize: 151}}),
				state(&pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_Lamports{Lamports: &pb.SubscribeRequestFilterAccountsFilterLamports{
					Cmp: &pb.SubscribeRequestFilterAccountsFilterLamports_Gt{Gt: 1 << 60}}}}),
				state(&pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_TokenAccountState{TokenAccountState: true}}),
			}},
			"config": {Account: []string{pumpfun}},
		},
		Transactions: map[string]*pb.SubscribeRequestFilterTransactions{
			"trades": {AccountInclude: []string{pumpfun}, Vote: &no, Failed: &no},
			"all":    {AccountRequired: []string{pumpfun}, TokenAccounts: &all},
		},
		TransactionsStatus: map[string]*pb.SubscribeRequestFilterTransactions{"outcomes": {Signature: &sig, AccountExclude: []string{"x"}}},
		Slots:              map[string]*pb.SubscribeRequestFilterSlots{"steps": {InterslotUpdates: &yes}},
		BlocksMeta:         map[string]*pb.SubscribeRequestFilterBlocksMeta{"blocks": {}},
		Entry:              map[string]*pb.SubscribeRequestFilterEntry{"entries": {}},
		Blocks: map[string]*pb.SubscribeRequestFilterBlocks{"whole": {IncludeAccounts: &no, CuckooAccountInclude: &pb.CuckooFilter{
			Data: []byte("cuckoo"), BucketCount: 4, EntriesPerBucket: 2, FingerprintBits: 8, HashSeed: 1 << 63}}},
		Commitment:        &confirmed,
		AccountsDataSlice: []*pb.SubscribeRequestAccountsDataSlice{{Offset: 8, Length: 40}},
	}
	if !proto.Equal(&got, want) {
		t.Errorf("got %v, want %v", &got, want)
	}
}

// A filter's bit is its place in the JSON, where filters are grouped by kind, whatever the order of the calls.
func TestHitFollowsTheOrderOfTheManifest(t *testing.T) {
	order := []string{"curves", "config", "trades", "all", "steps", "blocks", "entries", "whole", "outcomes"}
	g := open(t, nil)
	text := string(g.Manifest().Subscribe)
	for i, name := range order[1:] {
		if strings.Index(text, `"`+order[i]+`":{`) > strings.Index(text, `"`+name+`":{`) {
			t.Fatalf("%s is behind %s in %s", order[i], name, text)
		}
	}
	for bit, hit := range order {
		sample.match = func(u *guest.Update) int32 {
			for _, name := range order {
				if u.Hit(name) != (name == hit) {
					t.Errorf("with bit %d, Hit(%s) is %v", bit, name, u.Hit(name))
				}
			}
			if u.Filters() != 1<<bit {
				t.Errorf("mask %b, want bit %d", u.Filters(), bit)
			}
			return 1
		}
		g.MatchMask(slotUpdate(t), 1<<bit)
		g.Match(slotUpdate(t), hit)
	}
	sample.match = func(u *guest.Update) int32 {
		if !u.Hit("steps") || u.Filters() != 1<<4 {
			t.Errorf("a slot update hits %b", u.Filters())
		}
		return 0
	}
	g.Match(slotUpdate(t))
}

func TestHitOfAnUndeclaredNamePanics(t *testing.T) {
	g := open(t, func(u *guest.Update) int32 { u.Hit("trade"); return 0 })
	defer func() {
		if r := recover(); r != "guest: the manifest has no filter named trade" {
			t.Errorf("recovered %v", r)
		}
	}()
	g.Match(slotUpdate(t))
}

func TestEventsAndTheirLoss(t *testing.T) {
	key := make([]byte, 32)
	key[31] = 1
	verdict := int32(3)
	g := open(t, func(u *guest.Update) int32 {
		guest.NewEvent("trade").Key("mint", key).Key("none", nil).U64String("amount", 1<<63).I64String("delta", -5).Bool("is_buy", true).
			Str("name", "a\"\\\n\x01\xffé€😀\u2028").Text("none", nil).Int("n", -7).Bytes("data", []byte{1, 2, 3, 4}).Str("price", "0.5").
			Raw("list", []byte("1.5")).Emit()
		guest.SetError("a reason")
		return verdict
	})
	r := g.Match(slotUpdate(t))
	if r.Verdict != 3 || len(r.Events) != 1 || r.Reason != "" {
		t.Fatalf("%+v", r)
	}
	want := `{"type":"trade","mint":"11111111111111111111111111111112","amount":"9223372036854775808","delta":"-5","is_buy":true,` +
		`"name":"a\"\\\n\u0001` + "\ufffdé€😀\u2028" + `","n":-7,"data":"AQIDBA==","price":"0.5","list":1.5}`
	if string(r.Events[0]) != want {
		t.Errorf("got  %s\nwant %s", r.Events[0], want)
	}
	for _, verdict = range []int32{0, -2} {
		r := g.Match(slotUpdate(t))
		if len(r.Events) != 0 || r.Dropped != 1 || (r.Reason == "a reason") != (verdict < 0) {
			t.Errorf("verdict %d: %+v", verdict, r)
		}
	}
}

// Any bytes make a valid JSON string, and valid UTF-8 comes back as it was.
func FuzzEventText(f *testing.F) {
	f.Add([]byte("plain"))
	f.Add([]byte("\xf0\x9f\x98\x80 \xf0\x9f \xed\xa0\x80 \x00\x1f\x7f\"\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var got struct{ Type, Name string }
		sample.configure = nil
		sample.match = func(*guest.Update) int32 {
			e := guest.NewEvent("trade").Text("name", append([]byte{}, text...))
			if e.Len() > abi.DefaultEventBytes-1 {
				return 0
			}
			e.Emit()
			return 1
		}
		r := guesttest.Open(t, "").Match(slotUpdate(t))
		if r.Verdict == 0 {
			return
		}
		if err := json.Unmarshal(r.Events[0], &got); err != nil {
			t.Fatalf("%v in %s", err, r.Events[0])
		}
		if want := string([]rune(string(text))); got.Name != want {
			t.Errorf("got %q, want %q", got.Name, want)
		}
	})
}

func TestEventsAllocateNothing(t *testing.T) {
	key := make([]byte, 32)
	emit := func() {
		guest.NewEvent("trade").Key("mint", key).U64String("amount", 7).Bool("is_buy", true).Str("name", "é\n").Len()
	}
	emit()
	if n := testing.AllocsPerRun(100, emit); n > 0 {
		t.Errorf("%v allocations in an event", n)
	}
}

func TestLogLevels(t *testing.T) {
	g := open(t, func(*guest.Update) int32 {
		guest.Debug("hidden").Str("a", "b").Send()
		guest.Warn("slow").Str("name", "x y").U64("slot", 9).I64("d", -1).Bool("ok", true).Key("key", []byte{0, 1}).Send()
		guest.Error("bad").Text("t", []byte("z")).Send()
		return 0
	})
	g.LogLevel(abi.LogWarn)
	r := g.Match(slotUpdate(t))
	want := []guesttest.Log{{Level: abi.LogWarn, Text: `slow name="x y" slot=9 d=-1 ok=true key=12`}, {Level: abi.LogError, Text: `bad t="z"`}}
	if len(r.Logs) != 2 || r.Logs[0] != want[0] || r.Logs[1] != want[1] {
		t.Errorf("got %v, want %v", r.Logs, want)
	}
	g.LogLevel(abi.LogOff)
	if r := g.Match(slotUpdate(t)); len(r.Logs) != 0 {
		t.Errorf("with logs off: %v", r.Logs)
	}
}

var (
	tails = guest.NewCounter("unknown_tails")
	depth = guest.NewGauge("depth")
	wrong = guest.NewCounter("Not a name")
)

func TestMetrics(t *testing.T) {
	g := open(t, func(*guest.Update) int32 {
		tails.Inc()
		tails.Add(2)
		depth.Set(1.5)
		wrong.Inc()
		return 0
	})
	r := g.Match(slotUpdate(t))
	g.Match(slotUpdate(t))
	if v, ok := g.Metric("unknown_tails"); v != 6 || !ok {
		t.Errorf("counter %v %v", v, ok)
	}
	if v, ok := g.Metric("depth"); v != 1.5 || !ok {
		t.Errorf("gauge %v %v", v, ok)
	}
	if len(g.Metrics()) != 2 || len(r.Logs) != 1 || !strings.Contains(r.Logs[0].Text, "Not a name") {
		t.Errorf("%v, %v", g.Metrics(), r.Logs)
	}
	if g := open(t, nil); len(g.Metrics()) != 0 {
		t.Error("metrics outlive the test")
	}
}

func TestNowIsTheUpdatesClock(t *testing.T) {
	var now int64
	g := open(t, func(*guest.Update) int32 { now = guest.NowMs(); return 0 })
	g.Match(slotUpdate(t))
	if now != 0 {
		t.Errorf("before any time: %d", now)
	}
	g.Match(withCreatedAt(t, slotUpdate(t)))
	g.Match(slotUpdate(t))
	if now != 1_790_000_000_123 {
		t.Errorf("now %d", now)
	}
}

func TestTickSaveLoad(t *testing.T) {
	g := open(t, nil)
	if r := g.Tick(99); r.Verdict != 1 || len(r.Events) != 1 || string(r.Events[0]) != `{"type":"trade","delta":"99"}` {
		t.Errorf("%+v", r)
	}
	if r := g.Load(g.Save()); r.Verdict != 0 {
		t.Errorf("%+v", r)
	}
	if r := g.Load([]byte("else")); r.Verdict >= 0 || r.Reason != "not a state" {
		t.Errorf("%+v", r)
	}
}

func TestRegisterTwicePanics(t *testing.T) {
	defer func() {
		if r := recover(); r != "guest: Register is called twice" {
			t.Errorf("recovered %v", r)
		}
	}()
	guest.Register(guest.Monitor{})
}
