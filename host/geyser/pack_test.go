package geyser

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// wants makes wants of pairs of a monitor's name and its request.
func wantsOf(t testing.TB, pairs ...string) (list []Want) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, Want{pairs[i], declare(t, pairs[i+1])})
	}
	return list
}

// including is a request with one transaction filter that includes keys.
func including(keys ...byte) string {
	return `{"transactions":{"x":{"vote":false,"accountInclude":["` + strings.Join(text(keys...), `","`) + `"]}}}`
}

func pack(t testing.TB, wants []Want, names *Names, lim Limits, maxStreams int, prev []Bin) []Bin {
	t.Helper()
	bins, err := Pack(wants, names, lim, maxStreams, prev)
	if err != nil {
		t.Fatal(err)
	}
	return bins
}

// plan writes bins as text: the monitors of each.
func plan(bins []Bin) string {
	var out []string
	for _, b := range bins {
		var ms []string
		for _, w := range b.Wants {
			ms = append(ms, w.Monitor)
		}
		out = append(out, strings.Join(ms, " "))
	}
	return strings.Join(out, "|")
}

var oneTransaction = Limits{Filters: FilterCount{Transactions: 1}}

func TestPackSharesEqualFilters(t *testing.T) {
	bins := pack(t, wantsOf(t, "a", including(1, 2), "b", including(2, 1, 2)), new(Names), oneTransaction, 0, nil)
	if plan(bins) != "a b" || len(bins[0].Request.Transactions) != 1 || len(bins[0].Routes) != 2 {
		t.Fatalf("plan is %s with %v", plan(bins), bins)
	}
	for i, r := range bins[0].Routes {
		if r.Monitor != []string{"a", "b"}[i] || r.Bit != 0 || r.Recheck != nil || bins[0].Request.Transactions[r.Name] == nil {
			t.Errorf("route %d is %+v", i, r)
		}
	}
	if bins[0].Prev != -1 || bins[0].Request.Commitment == nil {
		t.Errorf("bin is %+v", bins[0])
	}
}

// TestPackOrderOfResort: streams before widening, widening before refusal.
func TestPackOrderOfResort(t *testing.T) {
	wants := wantsOf(t, "a", including(1), "b", including(2), "c", including(3))
	bins := pack(t, wants, new(Names), oneTransaction, 0, nil)
	if plan(bins) != "a|b|c" {
		t.Errorf("without a bound on streams the plan is %s", plan(bins))
	}
	bins = pack(t, wants, new(Names), oneTransaction, 2, nil)
	if plan(bins) != "a c|b" {
		t.Fatalf("with two streams the plan is %s", plan(bins))
	}
	for _, f := range bins[0].Request.Transactions {
		if !slices.Equal(f.AccountInclude, set(text(1, 3))) || f.GetVote() || f.Vote == nil {
			t.Errorf("the widened filter is %v", f)
		}
	}
	for _, r := range bins[0].Routes {
		if r.Recheck == nil {
			t.Errorf("%s gets updates of the widened filter unchecked", r.Monitor)
		}
	}
	if bins[1].Routes[0].Recheck != nil {
		t.Error("b is checked again although its filter is its own")
	}
	narrow := oneTransaction
	narrow.TransactionInclude = 1
	bins, err := Pack(wants, new(Names), narrow, 2, nil)
	packed, ok := errors.AsType[*PackError](err)
	if plan(bins) != "a|b" || !ok || len(packed.Refused) != 1 {
		t.Fatalf("plan is %s, error %v", plan(bins), err)
	}
	if r := packed.Refused[0]; r.Monitor != "c" || r.Filter != "x" || r.Limit != "filters.transactions" ||
		!strings.Contains(r.Error(), `a stream may have 1 of them (limits.filters.transactions)`) || !strings.Contains(r.Error(), "all 2 streams are in use") {
		t.Errorf("refusal is %+v: %v", r, r)
	}
}

// TestPackUnwidens: when there is room again, filters are exact again.
func TestPackUnwidens(t *testing.T) {
	wants := wantsOf(t, "a", including(1), "b", including(2))
	names := new(Names)
	bins := pack(t, wants, names, oneTransaction, 1, nil)
	bins = pack(t, wants[1:], names, oneTransaction, 1, bins)
	if plan(bins) != "b" || bins[0].Routes[0].Recheck != nil || bins[0].Prev != 0 {
		t.Errorf("b alone is packed as %+v", bins)
	}
}

// TestPackKeepsPlaces: who has a place keeps it, whatever the order of the wants, and bins know what they continue.
func TestPackKeepsPlaces(t *testing.T) {
	wants := wantsOf(t, "a", including(1), "b", including(2), "c", including(3))
	names := new(Names)
	bins := pack(t, wants, names, oneTransaction, 0, nil)
	slices.Reverse(wants)
	bins = pack(t, wants, names, oneTransaction, 0, bins)
	if plan(bins) != "a|b|c" || bins[2].Prev != 2 {
		t.Fatalf("the plan is %s", plan(bins))
	}
	bins = pack(t, wantsOf(t, "d", including(4), "c", including(3)), names, oneTransaction, 0, bins)
	if plan(bins) != "d|c" || bins[0].Prev != 0 || bins[1].Prev != 2 {
		t.Fatalf("the plan is %s, continuing %d and %d", plan(bins), bins[0].Prev, bins[1].Prev)
	}
	// A monitor whose request changes stays on its stream, and the name of a filter that was there before comes back.
	old := bins[1].Routes[0].Name
	bins = pack(t, wantsOf(t, "d", including(4), "c", including(5)), names, oneTransaction, 0, bins)
	if plan(bins) != "d|c" || bins[1].Routes[0].Name == old {
		t.Fatalf("the plan is %s with %+v", plan(bins), bins[1].Routes)
	}
	bins = pack(t, wantsOf(t, "d", including(4), "c", including(3)), names, oneTransaction, 0, bins)
	if bins[1].Routes[0].Name != old {
		t.Errorf("the filter was %s and is %s", old, bins[1].Routes[0].Name)
	}
}

// TestPackFewerStreams: streams above a lowered bound are given up, the first ones stay.
func TestPackFewerStreams(t *testing.T) {
	wants := wantsOf(t, "a", including(1), "b", including(2), "c", including(3))
	names := new(Names)
	bins := pack(t, wants, names, oneTransaction, 0, nil)
	bins = pack(t, wants, names, oneTransaction, 2, bins)
	if plan(bins) != "a c|b" {
		t.Errorf("the plan is %s", plan(bins))
	}
}

// TestPackSpreads: a monitor with more filters than one stream takes is spread, kinds apart first.
func TestPackSpreads(t *testing.T) {
	lim := Limits{Filters: FilterCount{Transactions: 2, Slots: 1}}
	three := `{"slots":{"s":{}},"transactions":{"a":{"vote":true},"b":{"vote":false},"c":{"failed":true}}}`
	bins := pack(t, wantsOf(t, "m", three), new(Names), lim, 0, nil)
	if plan(bins) != "m|m" || len(bins[0].Request.Transactions) != 2 || len(bins[1].Request.Transactions) != 1 {
		t.Fatalf("plan is %s: %v", plan(bins), bins)
	}
	bits := make(map[uint8]int)
	for _, b := range bins {
		for _, r := range b.Routes {
			bits[r.Bit]++
		}
	}
	if fmt.Sprint(bits) != "map[0:1 1:1 2:1 3:1]" {
		t.Errorf("bits are routed %v", bits)
	}
	bins, err := Pack(wantsOf(t, "small", `{"slots":{"s":{}}}`, "m", three), new(Names), lim, 1, nil)
	if refused := refusedMonitors(t, err); plan(bins) != "small m" && !refused["m"] {
		t.Errorf("on one stream the plan is %s, %v", plan(bins), err)
	}
}

// TestPackSplitsLongLists: a list that is longer than the provider allows becomes several filters.
func TestPackSplitsLongLists(t *testing.T) {
	lim := Limits{TransactionInclude: 2, AccountKeys: 2}
	bins := pack(t, wantsOf(t, "m", including(1, 2, 3, 4, 5)), new(Names), lim, 0, nil)
	if len(bins) != 1 || len(bins[0].Request.Transactions) != 3 || len(bins[0].Routes) != 3 {
		t.Fatalf("bins are %+v", bins)
	}
	keys := `["` + strings.Join(text(1, 2, 3), `","`) + `"]`
	bins = pack(t, wantsOf(t, "m", `{"accounts":{"x":{"account":`+keys+`}}}`), new(Names), lim, 0, nil)
	if len(bins[0].Request.Accounts) != 2 || bins[0].Routes[0].Recheck != nil || bins[0].Routes[1].Recheck != nil {
		t.Fatalf("bins are %+v", bins)
	}
}

// TestPackSplitsApart: pieces of one list on different streams never deliver a transaction twice.
func TestPackSplitsApart(t *testing.T) {
	lim := Limits{TransactionInclude: 1, Filters: FilterCount{Transactions: 1}}
	bins := pack(t, wantsOf(t, "m", including(11, 12, 13)), new(Names), lim, 0, nil)
	servers := compileBins(t, bins, lim, 0)
	if len(bins) != 3 {
		t.Fatalf("bins are %+v", bins)
	}
	for _, hitting := range [][]byte{{11}, {12, 9}, {13}, {11, 12}, {12, 13}, {13, 11, 12}} {
		u := transaction(func(i *pb.SubscribeUpdateTransactionInfo) { i.Transaction.Message.AccountKeys = keys(hitting...) })
		n := 0
		for _, times := range delivered(bins, servers, u) {
			n += times
		}
		if n != 1 {
			t.Errorf("a transaction with keys %v is delivered %d times", hitting, n)
		}
	}
}

// TestPackJoinsCompressed: a list beside a compressed set is an alternative to it, so an empty list is no full stream.
func TestPackJoinsCompressed(t *testing.T) {
	if !KnowsNewer {
		t.Skip("the protocol package has no compressed sets")
	}
	c := NewCuckoo(4, 1)
	k := Pubkey(key(13))
	if err := c.Insert(&k); err != nil {
		t.Fatal(err)
	}
	with := func(include ...byte) Want {
		f := &pb.SubscribeRequestFilterTransactions{AccountInclude: text(include...)}
		SetCuckoo(f, c)
		return Want{fmt.Sprint("m", len(include)), &Declared{Filters: []Filter{newFilter(sectionIndex("transactions"), "x", f)}}}
	}
	wants := []Want{with(), with(11)}
	bins := pack(t, wants, new(Names), oneTransaction, 1, nil)
	servers := compileBins(t, bins, oneTransaction, 1)
	for n, want := range map[byte]int{10: 0, 11: 1, 12: 0, 13: 2} {
		u := transaction(func(i *pb.SubscribeUpdateTransactionInfo) { i.Transaction.Message.AccountKeys = keys(n) })
		if got := len(delivered(bins, servers, u)); got != want {
			t.Errorf("key %d reaches %d monitors, want %d", n, got, want)
		}
	}
}

// TestPackNeverWidens what cannot be checked again on our side, or what would let in the whole chain.
func TestPackNeverWidens(t *testing.T) {
	owner := func(k byte, state, rest string) string {
		return `{"accounts":{"x":{"owner":["` + text(k)[0] + `"],"filters":[` + state + `]}}` + rest + `}`
	}
	sliced := `,"accountsDataSlice":[{"offset":0,"length":1}]`
	one := Limits{Filters: FilterCount{Accounts: 1, Transactions: 1, TransactionsStatus: 1, Blocks: 1}}
	for _, c := range []struct {
		a, b   string
		widens bool
	}{
		{owner(1, `{"datasize":8}`, ""), owner(1, `{"datasize":9}`, ""), true},
		{owner(1, `{"datasize":8}`, sliced), owner(1, `{"datasize":9}`, sliced), false},
		{owner(1, `{"datasize":8}`, sliced), owner(1, `{"lamports":{"gt":"1"}}`, sliced), false},
		{owner(1, `{"datasize":8}`, sliced), owner(2, `{"datasize":8}`, sliced), true},
		{owner(1, `{"lamports":{"gt":"2"}}`, sliced), owner(2, `{"lamports":{"gt":"1"}}`, sliced), true},
		{owner(1, `{"memcmp":{"bytes":"AQ=="}}`, sliced), owner(1, `{"memcmp":{"bytes":"Ag=="}}`, sliced), false},
		{owner(1, `{"tokenAccountState":true}`, sliced), owner(1, ``, sliced), false},
		{`{"blocks":{"x":{"includeAccounts":true}}}`, `{"blocks":{"x":{"includeEntries":true}}}`, false},
		{`{"transactionsStatus":{"x":{"accountInclude":["` + text(1)[0] + `"]}}}`, `{"transactionsStatus":{"x":{"accountInclude":["` + text(2)[0] + `"]}}}`, false},
		{including(1), `{"transactions":{"x":{"accountRequired":["` + text(2)[0] + `"]}}}`, false},
		{including(1), `{"transactions":{"x":{"vote":false}}}`, true}, // the chain is asked for already
		{`{"accounts":{"x":{"account":["` + text(1)[0] + `"]}}}`, owner(2, "", ""), false},
	} {
		bins, err := Pack(wantsOf(t, "a", c.a, "b", c.b), new(Names), one, 1, nil)
		if widens := err == nil; widens != c.widens || len(bins) != 1 {
			t.Errorf("%s with %s: widened %v, want %v (%v)", c.a, c.b, widens, c.widens, err)
		}
	}
}

// TestPackRefusesAlone: what the provider forbids is refused in its words, and for its monitor only.
func TestPackRefusesAlone(t *testing.T) {
	lim, _ := LimitsPreset("triton-sample")
	lim.Filters = FilterCount{}
	wants := wantsOf(t,
		"good", including(1),
		"any", `{"transactions":{"x":{}}}`,
		"rejected", `{"accounts":{"y":{"account":["`+tokenProgram+`"]}}}`,
		"blocks", `{"blocks":{"z":{"includeAccounts":true,"accountInclude":["`+text(1)[0]+`"]}}}`,
	)
	bins, err := Pack(append(wants, Want{Monitor: "good"}, Want{Monitor: "none", Declared: &Declared{}}), new(Names), lim, 0, nil)
	if plan(bins) != "good" {
		t.Errorf("plan is %s", plan(bins))
	}
	got := make(map[string]*RefusedError)
	for _, e := range err.(*PackError).Refused {
		got[e.Monitor] = e
	}
	for monitor, want := range map[string]string{
		"any":      "no_full_streams|x|full stream with `any`",
		"rejected": "reject_accounts|y|" + tokenProgram,
		"blocks":   "no_block_accounts|z|not allowed",
		"good":     "||two wants",
		"none":     "||1 to 64 filters",
	} {
		part := strings.Split(want, "|")
		r := got[monitor]
		if r == nil || r.Limit != part[0] || r.Filter != part[1] || !strings.Contains(r.Error(), part[2]) {
			t.Errorf("%s: refusal %+v, want %s", monitor, r, want)
			continue
		}
		if _, ok := errors.AsType[*FilterError](error(r)); ok != (part[0] != "") {
			t.Errorf("%s: the server's own error is there: %v", monitor, ok)
		}
	}
	if _, err := Pack(wantsOf(t, "a", including(1), "b", `{"slots":{"x":{}},"commitment":"FINALIZED"}`), new(Names), Limits{}, 0, nil); err == nil ||
		!strings.Contains(err.Error(), "lane") {
		t.Errorf("two lanes in one call: %v", err)
	}
}

func TestPackNobody(t *testing.T) {
	bins := pack(t, wantsOf(t, "a", including(1)), new(Names), Limits{}, 0, nil)
	if bins, err := Pack(nil, new(Names), Limits{}, 0, bins); len(bins) != 0 || err != nil {
		t.Errorf("nobody gets %v, %v", bins, err)
	}
}

// TestPackRequestBytes: a request keeps below the server's 4 MiB also when nothing else is limited.
func TestPackRequestBytes(t *testing.T) {
	var wants []Want
	for i := range 20 {
		f := &pb.SubscribeRequestFilterTransactions{}
		for j := range 8000 {
			f.AccountInclude = append(f.AccountInclude, longKey(i, j))
		}
		d := &Declared{Filters: []Filter{newFilter(sectionIndex("transactions"), "x", f)}}
		wants = append(wants, Want{fmt.Sprint("m", i), d})
	}
	bins := pack(t, wants, new(Names), Limits{}, 0, nil)
	compileBins(t, bins, Limits{RequestBytes: serverRequestBytes}, 0)
	if len(bins) != 2 {
		t.Errorf("%d streams for 7 MB of filters, want 2", len(bins))
	}
}
