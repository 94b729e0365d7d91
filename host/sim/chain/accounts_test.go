package chain

import (
	"bytes"
	"slices"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// TestRecordedCurves encodes every recorded BondingCurve from its decoded values.
func TestRecordedCurves(t *testing.T) {
	messages, class, facts := recorded(t)
	c, lengths := New(Config{Seed: 1}), map[int]bool{}
	for i, u := range messages {
		if class[i] != "acct_bonding_curve" {
			continue
		}
		f, data := facts[i], u.GetAccount().GetAccount().GetData()
		v := &curve{
			virtualToken: f.u64("virtual_token_reserves"), virtualQuote: f.u64("virtual_quote_reserves"),
			realToken: f.u64("real_token_reserves"), realQuote: f.u64("real_quote_reserves"), complete: f.flag("complete"),
			creator: newAccount(f.key("creator"), 0), mayhem: f.flag("is_mayhem_mode"), size: len(data),
			quote: c.sys.wsol,
		}
		if q := f.key("quote_mint"); q != (Key{}) {
			v.quote = c.addMint(q, 6, c.sys.token)
		}
		got := c.encodeCurve(v)
		known := min(len(data), 115) // what the manifest decodes
		if f.flag("is_cashback_coin") {
			got[82] = 1
		}
		if len(got) != len(data) || !bytes.Equal(got[:known], data[:known]) {
			t.Errorf("%d: curve of %d bytes\n got %x\nwant %x", i, len(data), got, data)
		}
		lengths[len(data)] = true
	}
	if len(lengths) < 4 {
		t.Errorf("recorded lengths %v", lengths)
	}
}

// TestRecordedPools encodes the recorded AmmInfo and CPMM pool accounts and compares what monitors read of them.
func TestRecordedPools(t *testing.T) {
	messages, class, facts := recorded(t)
	c, seen := New(Config{Seed: 1}), map[string]int{}
	token := func(k Key, decimals uint8) *mint { return c.addMint(k, decimals, c.sys.token) }
	at := func(f fields, name string) *account { return newAccount(f.key(name), 0) }
	for i, u := range messages {
		f, data := facts[i], u.GetAccount().GetAccount().GetData()
		switch class[i] {
		case "acct_amm_info":
			p := &amm{
				status: f.u64("status"), openTime: f.u64("pool_open_time"), coin: token(f.key("coin_vault_mint"), data[32]),
				pc: token(f.key("pc_vault_mint"), data[40]), coinVault: at(f, "coin_vault"), pcVault: at(f, "pc_vault"),
				lp: token(f.key("lp_mint"), 9), openOrders: at(f, "open_orders"), market: at(f, "market"),
				targetOrders: at(f, "target_orders"), lpAmount: f.u64("lp_amount"),
			}
			got := c.encodeAMM(p)
			for _, r := range [][2]int{{0, 16}, {32, 48}, {128, 192}, {224, 232}, {336, 624}, {688, 728}} {
				if len(data) != ammInfoSize || !bytes.Equal(got[r[0]:r[1]], data[r[0]:r[1]]) {
					t.Errorf("%d: AmmInfo %v\n got %x\nwant %x", i, r, got[r[0]:r[1]], data[r[0]:r[1]])
				}
			}
		case "acct_cpmm_pool":
			p := &cpmmPool{
				observation: at(f, "observation_key"), vaults: [2]*account{at(f, "token_0_vault"), at(f, "token_1_vault")},
				mints:   [2]*mint{token(f.key("token_0_mint"), data[331]), token(f.key("token_1_mint"), data[332])},
				lp:      token(f.key("lp_mint"), 9),
				creator: f.key("pool_creator"), openTime: f.u64("open_time"), lpSupply: f.u64("lp_supply"),
			}
			got := c.encodeCPMM(p)
			for _, r := range [][2]int{{0, 8}, {40, 328}, {329, 341}, {373, 381}} {
				if len(data) != cpmmPoolSize || !bytes.Equal(got[r[0]:r[1]], data[r[0]:r[1]]) {
					t.Errorf("%d: PoolState %v\n got %x\nwant %x", i, r, got[r[0]:r[1]], data[r[0]:r[1]])
				}
			}
		case "acct_pump_global":
			got := encodeGlobal()
			if !bytes.Equal(got[:105], data[:105]) || !bytes.Equal(got[162:386], data[162:386]) {
				t.Errorf("%d: Global\n got %x\nwant %x", i, got[:386], data[:386])
			}
		}
		seen[class[i]]++
	}
	for _, k := range []string{"acct_amm_info", "acct_cpmm_pool", "acct_pump_global"} {
		if seen[k] == 0 {
			t.Errorf("no %s in the recording", k)
		}
	}
}

// TestSwapInstructions compares PumpSwap's buy and sell, CPMM's initialize and LaunchLab's initialize and buy with
// recorded ones: what is well known has to be at the same place, and there have to be as many accounts and bytes.
func TestSwapInstructions(t *testing.T) {
	messages, _, _ := recorded(t)
	c := New(Config{Seed: 6, Mix: busy()})
	for _, want := range []struct {
		name     string
		program  Key
		disc     uint64
		accounts int // ours
		recorded int // an older form may have fewer
		length   bool
	}{
		{"pumpswap buy", idPumpSwap, ixBuy, 23, 23, true},
		{"pumpswap sell", idPumpSwap, ixSell, 21, 19, true},
		{"cpmm initialize", idCPMM, ixInitialize, 20, 20, true},
		{"launchlab initialize", idLaunchLab, ixInitialize, 18, 18, false},
		{"launchlab initialize_v2", idLaunchLab, ixLaunchInitV2, 18, 18, false},
		{"launchlab buy", idLaunchLab, ixLaunchBuy, 15, 15, true},
	} {
		t.Run(want.name, func(t *testing.T) {
			var real *instruction
			var info *pb.SubscribeUpdateTransactionInfo
			for _, u := range messages { // the last one is the newest
				tx := u.GetTransaction().GetTransaction()
				if in := find(instructionsOf(tx), want.program, want.disc); in != nil && len(in.accounts) == want.recorded {
					real, info = in, tx
				}
			}
			if real == nil {
				t.Fatal("not in the recording")
			}
			ours, _ := sampled(t, c, func(_ *Update, all []instruction) bool {
				in := find(all, want.program, want.disc)
				return in != nil && slices.Contains(in.accounts, idWrappedSOL)
			})
			mine := find(instructionsOf(ours), want.program, want.disc)
			if len(mine.accounts) != want.accounts || want.length && len(mine.data) != len(real.data) {
				t.Fatalf("%d accounts and %d bytes, recorded %d and %d", len(mine.accounts), len(mine.data), want.recorded, len(real.data))
			}
			n := wellKnown()
			a, b := shapeOf(*mine, rights(ours), n), shapeOf(*real, rights(info), n)
			for i := range b.parts {
				x, y := a.parts[i], b.parts[i]
				same := x[:len(x)-3] == y[:len(y)-3] || oneOf(x, y)
				if !same {
					t.Errorf("account %d is %q, recorded %q", i, x, y)
				}
				if x[len(x)-1] == 'w' && y[len(y)-1] != 'w' {
					t.Errorf("account %d (%s) is written, recorded %q", i, x, y)
				}
			}
		})
	}
}

// oneOf tells whether both stand for accounts that other transactions have others of: fee recipients, platforms, mints
// on either side.
func oneOf(ours, real string) bool {
	vary := []string{"?", "fee recipient", "fee recipient's wSOL", "wSOL"}
	return slices.Contains(vary, ours[:len(ours)-3]) && slices.Contains(vary, real[:len(real)-3])
}
