package geyser

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// A merge never narrows what a monitor asked for: whatever the monitors want and the provider allows, what the routes
// deliver after their re-checks is what each monitor's own request would be sent.

func flip(r *rand.Rand, oneIn int) bool { return r.IntN(oneIn) == 0 }

func randomStates(r *rand.Rand) (list []*pb.SubscribeRequestFilterAccountsFilter) {
	for range r.IntN(3) {
		s := &pb.SubscribeRequestFilterAccountsFilter{}
		switch r.IntN(3) {
		case 0:
			s.Filter = &pb.SubscribeRequestFilterAccountsFilter_Datasize{Datasize: uint64(2 + r.IntN(2))}
		case 1:
			s.Filter = &pb.SubscribeRequestFilterAccountsFilter_Memcmp{Memcmp: &pb.SubscribeRequestFilterAccountsFilterMemcmp{
				Offset: uint64(r.IntN(2)), Data: &pb.SubscribeRequestFilterAccountsFilterMemcmp_Bytes{Bytes: []byte{byte(r.IntN(2))}}}}
		default:
			s.Filter = &pb.SubscribeRequestFilterAccountsFilter_Lamports{Lamports: &pb.SubscribeRequestFilterAccountsFilterLamports{
				Cmp: &pb.SubscribeRequestFilterAccountsFilterLamports_Gt{Gt: uint64(r.IntN(3))}}}
		}
		if list == nil || reflect.TypeOf(list[0].Filter) != reflect.TypeOf(s.Filter) { // the server takes one datasize
			list = append(list, s)
		}
	}
	return list
}

func randomTransactions(r *rand.Rand) *pb.SubscribeRequestFilterTransactions {
	f := &pb.SubscribeRequestFilterTransactions{Vote: someBool(r), Failed: someBool(r), AccountInclude: text(someKeys(r, 5)...)}
	if flip(r, 3) {
		f.AccountExclude = text(someKeys(r, 3)...)
	}
	if flip(r, 3) {
		f.AccountRequired = text(someKeys(r, 3)...)
	}
	if KnowsNewer && flip(r, 8) {
		SetTokenAccounts(f, int32(r.IntN(2)))
	}
	if KnowsNewer && flip(r, 12) {
		SetCuckoo(f, randomCuckoo(r))
	}
	return f
}

func randomCuckoo(r *rand.Rand) *CuckooBits {
	c := NewCuckoo(4, 1)
	for _, n := range someKeys(r, 2) {
		k := Pubkey(key(n))
		if err := c.Insert(&k); err != nil {
			panic(err)
		}
	}
	return c
}

func randomAccounts(r *rand.Rand) *pb.SubscribeRequestFilterAccounts {
	f := &pb.SubscribeRequestFilterAccounts{NonemptyTxnSignature: someBool(r), Filters: randomStates(r)}
	if flip(r, 2) {
		f.Account = text(someKeys(r, 6)...)
	}
	if flip(r, 2) {
		f.Owner = text(someKeys(r, 4)...)
	}
	if KnowsNewer && flip(r, 12) {
		SetCuckoo(f, randomCuckoo(r))
	}
	return f
}

func randomRequest(r *rand.Rand, lane *pb.SubscribeRequest) *pb.SubscribeRequest {
	req := proto.CloneOf(lane)
	req.Accounts = map[string]*pb.SubscribeRequestFilterAccounts{}
	req.Transactions, req.TransactionsStatus = map[string]*transactionsFilter{}, map[string]*transactionsFilter{}
	req.Slots, req.Blocks = map[string]*pb.SubscribeRequestFilterSlots{}, map[string]*pb.SubscribeRequestFilterBlocks{}
	req.BlocksMeta, req.Entry = map[string]*pb.SubscribeRequestFilterBlocksMeta{}, map[string]*pb.SubscribeRequestFilterEntry{}
	for i := range 1 + r.IntN(5) {
		name := string(rune('a' + i))
		switch r.IntN(12) {
		case 0, 1, 2:
			req.Accounts[name] = randomAccounts(r)
		case 3, 4, 5, 6:
			req.Transactions[name] = randomTransactions(r)
		case 7:
			req.TransactionsStatus[name] = randomTransactions(r)
		case 8:
			req.Slots[name] = &pb.SubscribeRequestFilterSlots{FilterByCommitment: someBool(r), InterslotUpdates: someBool(r)}
		case 9:
			req.Blocks[name] = &pb.SubscribeRequestFilterBlocks{AccountInclude: text(someKeys(r, 2)...),
				IncludeTransactions: someBool(r), IncludeAccounts: someBool(r), IncludeEntries: someBool(r)}
		case 10:
			req.BlocksMeta[name] = &pb.SubscribeRequestFilterBlocksMeta{}
		default:
			req.Entry[name] = &pb.SubscribeRequestFilterEntry{}
		}
	}
	return req
}

func randomUpdate(r *rand.Rand) *pb.SubscribeUpdate {
	tx := func() *pb.SubscribeUpdate {
		return transaction(func(i *pb.SubscribeUpdateTransactionInfo) {
			i.Transaction.Message.AccountKeys = keys(someKeys(r, 4)...)
			i.Meta.LoadedWritableAddresses = keys(someKeys(r, 2)...)
			if i.IsVote = flip(r, 2); flip(r, 2) {
				i.Meta.Err = &pb.TransactionError{}
			}
			for i2, n := range someKeys(r, 2) {
				i.Meta.PostTokenBalances = append(i.Meta.PostTokenBalances,
					&pb.TokenBalance{AccountIndex: uint32(i2), Owner: text(n)[0], UiTokenAmount: &pb.UiTokenAmount{Amount: "1"}})
			}
		})
	}
	acc := func() *pb.SubscribeUpdate {
		return account(func(i *pb.SubscribeUpdateAccountInfo) {
			i.Pubkey, i.Owner, i.Lamports = key(byte(1+r.IntN(12))), key(byte(1+r.IntN(12))), uint64(r.IntN(4))
			i.Data = []byte{byte(r.IntN(2)), byte(r.IntN(2)), 9}[:2+r.IntN(2)]
			if flip(r, 2) {
				i.TxnSignature = make([]byte, 64)
			}
		})
	}
	switch r.IntN(9) {
	case 0, 1, 2:
		return acc()
	case 3:
		return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{
			Slot: 5, Status: pb.SlotStatus(r.IntN(7))}}}
	case 4:
		return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Block{Block: &pb.SubscribeUpdateBlock{Slot: 5,
			Transactions: []*pb.SubscribeUpdateTransactionInfo{tx().GetTransaction().Transaction, tx().GetTransaction().Transaction},
			Accounts:     []*pb.SubscribeUpdateAccountInfo{acc().GetAccount().Account},
			Entries:      []*pb.SubscribeUpdateEntry{{Slot: 5}}}}}
	case 5:
		return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_BlockMeta{BlockMeta: &pb.SubscribeUpdateBlockMeta{Slot: 5}}}
	case 6:
		return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Entry{Entry: &pb.SubscribeUpdateEntry{Slot: 5}}}
	}
	return tx()
}

func randomLimits(r *rand.Rand) (Limits, int) {
	few := func() int { return []int{0, 0, 1, 2, 3}[r.IntN(5)] }
	l := Limits{
		Filters: FilterCount{Accounts: few(), Slots: few(), Transactions: few(), TransactionsStatus: few(), Blocks: few(),
			BlocksMeta: few(), Entry: few()},
		AccountKeys: few(), AccountOwners: few(), TransactionInclude: few(), TransactionExclude: few(),
		TransactionRequired: few(), BlockInclude: few(), NoFullStreams: flip(r, 3), Streams: few(),
	}
	if flip(r, 4) {
		l.RequestBytes = 300 + r.IntN(2000)
	}
	if flip(r, 6) {
		l = Limits{}
	}
	return l, few()
}

// randomWants makes n wants of one lane.
func randomWants(t *testing.T, r *rand.Rand, n int) []Want {
	lane := &pb.SubscribeRequest{Commitment: pb.CommitmentLevel(r.IntN(3)).Enum()}
	if flip(r, 2) {
		lane.AccountsDataSlice = []*pb.SubscribeRequestAccountsDataSlice{{Offset: 1, Length: 1}}
	}
	var wants []Want
	for len(wants) < n {
		d, err := NewDeclared(randomRequest(r, lane))
		if err != nil {
			t.Fatal(err)
		}
		if len(wants) > 0 && d.Lane() != wants[0].Declared.Lane() {
			continue
		}
		wants = append(wants, Want{fmt.Sprintf("m%d", len(wants)), d})
	}
	return wants
}

// hit is an update that reached a filter of a monitor.
type hit struct {
	monitor string
	bit     int
	content string
}

// sectionOfKind is the section whose filters deliver a kind of update.
var sectionOfKind = map[string]string{
	"account": "accounts", "slot": "slots", "transaction": "transactions", "transaction_status": "transactions_status",
	"block": "blocks", "block_meta": "blocks_meta", "entry": "entry",
}

func contentOf(u *pb.SubscribeUpdate) (section, content string) {
	m := u.ProtoReflect()
	fd := m.WhichOneof(m.Descriptor().Oneofs().ByName("update_oneof"))
	return sectionOfKind[string(fd.Name())], string(encode(u))
}

// asked evaluates the wants' own requests.
func asked(wants []Want, own []*Matcher, u *pb.SubscribeUpdate) map[hit]int {
	hits := make(map[hit]int)
	for i, w := range wants {
		for _, d := range own[i].Evaluate(u, nil) {
			section, content := contentOf(d.Update)
			for _, name := range d.Names {
				bit := slices.IndexFunc(w.Declared.Filters, func(f Filter) bool { return f.Section == section && f.Name == name })
				hits[hit{w.Monitor, bit, content}]++
			}
		}
	}
	return hits
}

// delivered plays server and router for a plan.
func delivered(bins []Bin, servers []*Matcher, u *pb.SubscribeUpdate) map[hit]int {
	hits := make(map[hit]int)
	for i, b := range bins {
		for _, d := range servers[i].Evaluate(u, nil) {
			_, content := contentOf(d.Update)
			once := make(map[hit]bool)
			for _, name := range d.Names {
				for _, r := range b.Routes {
					if r.Name == name && (r.Recheck == nil || len(r.Recheck.Evaluate(d.Update, nil)) > 0) {
						once[hit{r.Monitor, int(r.Bit), content}] = true
					}
				}
			}
			for h := range once {
				hits[h]++
			}
		}
	}
	return hits
}

// compileBins holds every request to the provider's rules.
func compileBins(t *testing.T, bins []Bin, lim Limits, maxStreams int) []*Matcher {
	t.Helper()
	for _, n := range []int{maxStreams, lim.Streams} {
		if n > 0 && len(bins) > n {
			t.Errorf("%d streams, %d allowed", len(bins), n)
		}
	}
	var servers []*Matcher
	for _, b := range bins {
		m, err := Compile(b.Request, lim.Server())
		if err != nil {
			t.Fatalf("the provider refuses a request: %v\n%v", err, b.Request)
		}
		if n := proto.Size(b.Request); lim.RequestBytes > 0 && n > lim.RequestBytes {
			t.Errorf("a request has %d bytes, %d allowed", n, lim.RequestBytes)
		}
		servers = append(servers, m)
	}
	return servers
}

func refusedMonitors(t *testing.T, err error) map[string]bool {
	t.Helper()
	refused := make(map[string]bool)
	if err == nil {
		return refused
	}
	packed, ok := errors.AsType[*PackError](err)
	if !ok {
		t.Fatalf("error is %T: %v", err, err)
	}
	for _, r := range packed.Refused {
		if r.Limit == "" || !strings.Contains(r.Error(), r.Monitor) || !strings.Contains(r.Error(), "limits") {
			t.Errorf("a refusal names no limit, monitor or remedy: %+v", r)
		}
		refused[r.Monitor] = true
	}
	return refused
}

// verify checks a plan against the wants with random updates. It returns how many hits it saw.
func verify(t *testing.T, r *rand.Rand, wants []Want, bins []Bin, err error, lim Limits, maxStreams int) (seen int) {
	t.Helper()
	servers := compileBins(t, bins, lim, maxStreams)
	refused := refusedMonitors(t, err)
	wants = slices.DeleteFunc(slices.Clone(wants), func(w Want) bool { return refused[w.Monitor] })
	var own []*Matcher
	for _, w := range wants {
		m, err := Compile(w.Declared.Request(), nil)
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, m)
	}
	for range 60 {
		u := randomUpdate(r)
		want, got := asked(wants, own, u), delivered(bins, servers, u)
		seen += len(want)
		section, _ := contentOf(u)
		for h, n := range got {
			if want[h] == 0 {
				t.Errorf("%s bit %d got an update that it did not ask for: %v", h.monitor, h.bit, u)
			} else if n > want[h] && section != "transactions" {
				t.Errorf("%s bit %d got an update %d times, want %d: %v", h.monitor, h.bit, n, want[h], u)
			}
		}
		for h := range want {
			if got[h] == 0 {
				t.Errorf("%s bit %d did not get an update: %v", h.monitor, h.bit, u)
			}
		}
	}
	return seen
}

func samePlan(a, b []Bin) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d bins and %d", len(a), len(b))
	}
	for i := range a {
		if !proto.Equal(a[i].Request, b[i].Request) {
			return fmt.Errorf("requests of bin %d differ:\n%v\n%v", i, a[i].Request, b[i].Request)
		}
		if !slices.Equal(a[i].Routes, b[i].Routes) {
			return fmt.Errorf("routes of bin %d differ:\n%v\n%v", i, a[i].Routes, b[i].Routes)
		}
	}
	return nil
}

// homesOf says on which bins, by their index in the earlier plan, each filter of each monitor is.
func homesOf(bins []Bin, index func(i int, b Bin) int) map[string][]int {
	homes := make(map[string][]int)
	for i, b := range bins {
		for _, p := range b.placed {
			k := fmt.Sprint(p.monitor, p.bit, p.part)
			homes[k] = append(homes[k], index(i, b))
		}
	}
	return homes
}

func here(i int, _ Bin) int   { return i }
func before(_ int, b Bin) int { return b.Prev }

func TestPackDeliversWhatWasAsked(t *testing.T) {
	seen, widened, spread, refusals := 0, 0, 0, 0
	for seed := range uint64(250) {
		r := rand.New(rand.NewPCG(seed, 7))
		lim, maxStreams := randomLimits(r)
		wants := randomWants(t, r, 1+r.IntN(12))
		names := new(Names)
		half := wants[:(len(wants)+1)/2]
		first, err := Pack(half, names, lim, maxStreams, nil)
		seen += verify(t, r, half, first, err, lim, maxStreams)
		lost := refusedMonitors(t, err)
		again, err := Pack(half, names, lim, maxStreams, first)
		stillLost := refusedMonitors(t, err) // a refused want is tried anew, and may find room beside a settled plan
		if err := samePlan(first, again); err != nil && maps.Equal(lost, stillLost) {
			t.Errorf("packing the same again changes the plan: %v", err)
		}
		all, err := Pack(wants, names, lim, maxStreams, first)
		refusals += len(refusedMonitors(t, err))
		seen += verify(t, r, wants, all, err, lim, maxStreams)
		now := homesOf(all, before)
		for k, bins := range homesOf(first, here) {
			if !slices.Equal(now[k], bins) {
				t.Errorf("%s was on %v and is on %v now", k, bins, now[k])
			}
		}
		rest := wants[r.IntN(len(wants)):]
		fewer, err := Pack(rest, names, lim, maxStreams, all)
		seen += verify(t, r, rest, fewer, err, lim, maxStreams)
		tighter, streams := randomLimits(r)
		other, err := Pack(wants, names, tighter, streams, all)
		seen += verify(t, r, wants, other, err, tighter, streams)
		w, s := countWidened(all)
		widened, spread = widened+w, spread+s
		if t.Failed() {
			t.Fatalf("with seed %d, limits %+v, %d streams", seed, lim, maxStreams)
		}
	}
	t.Logf("%d hits, %d widened routes, %d monitors on several streams, %d refusals", seen, widened, spread, refusals)
	if seen < 10_000 || widened < 50 || spread < 20 || refusals < 50 {
		t.Error("the test no longer tries what it is for")
	}
}

func countWidened(bins []Bin) (widened, spread int) {
	streams := make(map[string]int)
	for _, b := range bins {
		for _, r := range b.Routes {
			if r.Recheck != nil {
				widened++
			}
		}
		for _, w := range b.Wants {
			streams[w.Monitor]++
		}
	}
	for n := range maps.Values(streams) {
		if n > 1 {
			spread++
		}
	}
	return widened, spread
}

// TestPackIsDeterministic packs with two registries and compares all but the matchers' addresses.
func TestPackIsDeterministic(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 8))
		lim, maxStreams := randomLimits(r)
		wants := randomWants(t, r, 10)
		var plans [2][]Bin
		for i := range plans {
			plans[i], _ = Pack(wants, new(Names), lim, maxStreams, nil)
			for _, b := range plans[i] {
				for j := range b.Routes {
					b.Routes[j].Recheck = nil
				}
			}
		}
		if err := samePlan(plans[0], plans[1]); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestPackUnlimitedRefusesNothing: without limits one stream takes everybody, and nothing is re-checked.
func TestPackUnlimitedRefusesNothing(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 9))
		bins, err := Pack(randomWants(t, r, 20), new(Names), Limits{}, 0, nil)
		if w, _ := countWidened(bins); err != nil || len(bins) != 1 || w != 0 {
			t.Fatalf("seed %d: %d bins, %d re-checks, %v", seed, len(bins), w, err)
		}
	}
}
