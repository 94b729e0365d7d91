package geyser

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// Programs and accounts of the monitors' filters.
const (
	pump          = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
	pumpMintAuth  = "TSLvdd1pWpHVjahSpsvCXUbgwsL3JAcvokwaKt1eokM"
	pumpMigrator  = "39azUYFWPz3VHgKCf3VChUwbpURdCHRxjWVowf5jUJjg"
	raydiumV4     = "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8"
	raydiumV4Fee  = "7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5"
	raydiumCPFee  = "DNXgeM9EiiaAbaWvwjHj9fQQLAX5ZsfHyvmYUNRAdNC8"
	launchLab     = "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj"
	voteProgram   = "Vote111111111111111111111111111111111111111"
	bondingCurve  = "\x17\xb7\xf8\x37\x60\xd8\xac\x60"
	ammInfoLength = 752
)

// candidates are the filters that the monitors use, and more.
func candidates() *pb.SubscribeRequest {
	yes, no := proto.Bool(true), proto.Bool(false)
	include := func(keys ...string) *transactionsFilter {
		return &transactionsFilter{AccountInclude: keys, Vote: no, Failed: no}
	}
	return &pb.SubscribeRequest{
		Accounts: map[string]*accountsFilter{
			"curves":   {Owner: []string{pump}, Filters: states{memcmp(0, bondingCurve)}},
			"pump":     {Owner: []string{pump}},
			"amm":      {Owner: []string{raydiumV4}, Filters: states{state(ammInfoLength)}},
			"accounts": {},
		},
		Transactions: map[string]*transactionsFilter{
			"pump": include(pump), "mint": include(pumpMintAuth), "graduation": include(pump, pumpMigrator),
			"pools": include(raydiumV4Fee, raydiumCPFee), "launchlab": include(launchLab),
			"failed": {Failed: yes}, "vote": {Vote: yes}, "no vote": {AccountExclude: []string{voteProgram}},
			"vote program": {AccountRequired: []string{voteProgram}},
		},
		TransactionsStatus: map[string]*transactionsFilter{"all": {}},
		Slots:              map[string]*pb.SubscribeRequestFilterSlots{"slots": {InterslotUpdates: yes}},
		Entry:              map[string]*pb.SubscribeRequestFilterEntry{"entries": {}},
		BlocksMeta:         map[string]*pb.SubscribeRequestFilterBlocksMeta{"meta": {}},
	}
}

// hitsOf returns, for each name that u was delivered under, the kind of the message.
func hitsOf(m *Matcher, u *pb.SubscribeUpdate) map[string]Kind {
	hits := map[string]Kind{}
	for _, d := range m.Evaluate(u, nil) {
		for _, n := range d.Names {
			hits[n] = KindOf(d.Update)
		}
	}
	return hits
}

// mentions tells whether a transaction has an account, straight from the protocol's messages.
func mentions(u *pb.SubscribeUpdate, keys ...string) bool {
	info := u.GetTransaction().GetTransaction()
	for _, k := range keys {
		b, _ := base58.Decode(k)
		for _, list := range [][][]byte{info.GetTransaction().GetMessage().GetAccountKeys(),
			info.GetMeta().GetLoadedWritableAddresses(), info.GetMeta().GetLoadedReadonlyAddresses()} {
			for _, have := range list {
				if bytes.Equal(have, b) {
					return true
				}
			}
		}
	}
	return false
}

func TestCandidateFiltersOnRecordings(t *testing.T) {
	updates, rows := recording(t, "mixed.pbld"), manifest(t, "mixed.pbld")
	if len(updates) != len(rows) || len(rows) == 0 {
		t.Fatalf("%d updates, %d rows", len(updates), len(rows))
	}
	m := compile(t, candidates())
	count := map[string]int{}
	for i, u := range updates {
		r := rows[i]
		tx, good := r.kind == "transaction", r.kind == "transaction" && !r.failed && !r.isVote
		account := r.kind == "account"
		hits := hitsOf(m, u)
		for name := range hits {
			count[name]++
		}
		for name, want := range map[string]bool{
			"accounts": account, "pump": account && r.runs(pump) || good && mentions(u, pump),
			"curves": r.is("acct_bonding_curve"), "amm": r.is("acct_amm_info"),
			"mint": good && mentions(u, pumpMintAuth), "graduation": good && mentions(u, pump, pumpMigrator),
			"pools": good && mentions(u, raydiumV4Fee, raydiumCPFee), "launchlab": good && mentions(u, launchLab),
			"failed": tx && r.failed, "vote": tx && r.isVote, "vote program": tx && mentions(u, voteProgram),
			"no vote": tx && !mentions(u, voteProgram), "all": tx,
			"slots": r.kind == "slot", "entries": r.kind == "entry", "meta": r.kind == "block_meta",
		} {
			if _, got := hits[name]; got != want {
				t.Errorf("%d (%s %s): filter %q hits: %v, want %v", i, r.kind, r.class, name, got, want)
			}
		}
		// What the monitors look for gets through their filters.
		for name, must := range map[string]bool{
			"pump": good && r.runs(pump), "launchlab": good && r.runs(launchLab), "mint": good && r.is("pump_create"),
			"pools": good && r.is("pool_raydium", "pool_v4"), "graduation": good && r.is("migrate_"), "vote program": tx && r.is("other_vote"),
		} {
			if _, got := hits[name]; must && !got {
				t.Errorf("%d (%s): filter %q misses it", i, r.class, name)
			}
		}
		if kind, ok := hits["all"]; ok && kind != KindTransactionStatus {
			t.Errorf("%d: status filter delivers %v", i, kind)
		}
	}
	if len(count) != 16 {
		t.Errorf("filters that never hit: %v", count)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	updates := recording(b, "mixed.pbld")
	var txs, accounts []*pb.SubscribeUpdate
	for _, u := range updates {
		switch KindOf(u) {
		case KindTransaction:
			txs = append(txs, u)
		case KindAccount:
			accounts = append(accounts, u)
		}
	}
	one := compile(b, onlyTx(&transactionsFilter{AccountInclude: []string{pump}, Vote: proto.Bool(false), Failed: proto.Bool(false)}))
	large := &transactionsFilter{}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		var k Pubkey
		for j := range k {
			k[j] = byte(r.Uint32())
		}
		large.AccountInclude = append(large.AccountInclude, base58.Encode(k[:]))
	}
	for _, bc := range []struct {
		name    string
		matcher *Matcher
		updates []*pb.SubscribeUpdate
	}{
		{"transactions, one filter", one, txs},
		{"transactions, 9 filters", compile(b, candidates()), txs},
		{"transactions, 10000 accounts", compile(b, onlyTx(large)), txs},
		{"accounts, 4 filters", compile(b, candidates()), accounts},
	} {
		prepared := make([]*Prepared, len(bc.updates))
		for i, u := range bc.updates {
			prepared[i] = Prepare(u)
		}
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			var dst []Delivery
			for i := 0; b.Loop(); i++ {
				dst = bc.matcher.Evaluate(bc.updates[i%len(bc.updates)], dst[:0])
			}
		})
		b.Run(bc.name+", prepared", func(b *testing.B) {
			b.ReportAllocs()
			var dst []Delivery
			for i := 0; b.Loop(); i++ {
				dst = bc.matcher.EvaluatePrepared(prepared[i%len(prepared)], dst[:0])
			}
		})
	}
}
