package chain

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// shape is what an instruction looks like: its data's length and what each account is, written in a way that does not
// depend on the token: "signs" and "writes" as the message says, and the account's part.
type shape struct {
	data  int
	parts []string
}

// shapeOf writes an instruction down by the names of its accounts.
func shapeOf(in instruction, r map[Key]string, n names) shape {
	s := shape{data: len(in.data)}
	for _, a := range in.accounts {
		name, ok := n[a]
		if !ok {
			name = "?"
		}
		s.parts = append(s.parts, name+" "+r[a])
	}
	return s
}

// find returns the first instruction of a program that begins with a discriminator.
func find(all []instruction, program Key, disc uint64) *instruction {
	for i := range all {
		if in := &all[i]; in.program == program && len(in.data) >= 8 && binary.BigEndian.Uint64(in.data) == disc {
			return in
		}
	}
	return nil
}

// sampled returns a generated transaction for which ok holds.
func sampled(t *testing.T, c *Chain, ok func(*Update, []instruction) bool) (*pb.SubscribeUpdateTransactionInfo, *Update) {
	t.Helper()
	for range 400_000 {
		u := c.Next()
		info := u.GetTransaction().GetTransaction()
		if info == nil || info.GetIsVote() || info.GetMeta().GetErr() != nil {
			continue
		}
		if ok(u, instructionsOf(info)) {
			return info, u
		}
	}
	t.Fatal("no such transaction")
	return nil, nil
}

// TestPumpInstructions compares pump.fun's instructions with recorded ones of the same program, account by account.
func TestPumpInstructions(t *testing.T) {
	messages, class, facts := recorded(t)
	c := New(Config{Seed: 3, Mix: busy()})
	for _, want := range []struct {
		name       string
		disc       uint64
		class      string
		accounts   int
		newest     bool // compare with the last such transaction instead of the first
		sameLength bool
	}{
		{"buy, 2024", ixBuy, "pump_trade_top_buy", 12, false, true},
		{"sell, 2024", ixSell, "pump_trade_top_sell", 12, false, true},
		{"buy, 2025-05", ixBuy, "pump_trade_cpi", 12, false, true},
		{"buy, 2026", ixBuy, "pump_create_v2", 18, false, true},
		{"create", ixCreate, "pump_create", 14, false, false},
		{"create_v2", ixCreateV2, "pump_create_v2", 16, false, false},
		{"create_v2 with a quote", ixCreateV2, "pump_create_v2_tx1", 20, false, false},
		{"buy_exact_quote_in_v2", ixBuyExactQuoteV2, "pump_create_v2_tx1", 27, false, true},
		{"extend_account", ixExtendAccount, "pump_create_v2_tx1", 5, false, true},
	} {
		t.Run(want.name, func(t *testing.T) {
			var real shape
			for i, u := range messages {
				in := find(instructionsOf(u.GetTransaction().GetTransaction()), idPump, want.disc)
				if class[i] != want.class || in == nil || len(in.accounts) != want.accounts {
					continue
				}
				real = shapeOf(*in, rights(u.GetTransaction().GetTransaction()), namesFrom(facts[i], in))
				break
			}
			if real.parts == nil {
				t.Fatal("not in the recording")
			}
			info, u := sampled(t, c, func(_ *Update, all []instruction) bool {
				in := find(all, idPump, want.disc)
				return in != nil && len(in.accounts) == want.accounts && sameAge(in, real)
			})
			in := find(instructionsOf(info), idPump, want.disc)
			ours := shapeOf(*in, rights(info), namesFromFacts(t, u, in))
			compareShapes(t, ours, real, want.sameLength)
		})
	}
}

// sameAge tells forms of twelve accounts apart: the first layout names rent or the ATA program, the next does not.
func sameAge(in *instruction, real shape) bool {
	old := slices.ContainsFunc(in.accounts, func(k Key) bool { return k == idRent || k == idATA })
	return len(in.accounts) != 12 || old == slices.ContainsFunc(real.parts, func(p string) bool {
		return strings.HasPrefix(p, "rent") || strings.HasPrefix(p, "ATA program")
	})
}

// compareShapes compares part by part. A "?" on the recorded side is an account that only that transaction has (another
// fee recipient, say).
func compareShapes(t *testing.T, ours, real shape, sameLength bool) {
	t.Helper()
	if sameLength && ours.data != real.data {
		t.Errorf("%d bytes of data, recorded %d", ours.data, real.data)
	}
	if len(ours.parts) != len(real.parts) {
		t.Fatalf("%d accounts, recorded %d", len(ours.parts), len(real.parts))
	}
	unknown := 0
	for i := range ours.parts {
		if strings.HasPrefix(real.parts[i], "?") {
			unknown++
			t.Logf("account %d: recorded %q, ours %q", i, real.parts[i], ours.parts[i])
			continue
		}
		if ours.parts[i] != real.parts[i] && !widened(ours.parts[i], real.parts[i]) {
			t.Errorf("account %d is %q, recorded %q", i, ours.parts[i], real.parts[i])
		}
	}
	if unknown > 1 {
		t.Errorf("%d of the recorded accounts have no name: nothing to compare with", unknown)
	}
}

// widened tells whether two parts have one name and the recorded one has rights that ours lacks: other instructions of
// its transaction, or its client's caution, gave them. The user signs here and pays there.
func widened(ours, real string) bool {
	a, b := len(ours)-3, len(real)-3
	if ours[:a] != real[:b] {
		return false
	}
	return ours[:a] == "user" || (ours[a+1] == '-' || real[b+1] == 's') && (ours[a+2] == '-' || real[b+2] == 'w')
}

// namesFrom names the parts of a recorded transaction's token by the manifest's facts.
func namesFrom(f fields, in *instruction) names {
	n := wellKnown()
	for _, list := range []string{"creates", "trades"} {
		for _, e := range f.list(list) {
			if mint := e.key("mint"); slices.Contains(in.accounts, mint) || len(in.accounts) == 5 {
				quote := e.key("quote_mint")
				if quote == (Key{}) {
					quote = idWrappedSOL
				}
				n.addToken(mint, e.key("creator"), e.key("user"), quote)
				return n
			}
		}
	}
	return n
}

// namesFromFacts does so by the generator's.
func namesFromFacts(t *testing.T, u *Update, in *instruction) names {
	t.Helper()
	n := wellKnown()
	for _, f := range u.truth {
		var mint, creator, user, quote Key
		switch f := f.(type) {
		case *minted:
			mint, creator, user, quote = f.event.mint, f.event.creator, f.event.user, f.event.quoteMint
		case *traded:
			mint, creator, user, quote = f.event.mint, f.event.creator, f.event.user, f.event.quoteMint
		default:
			continue
		}
		if slices.Contains(in.accounts, user) && (slices.Contains(in.accounts, mint) || len(in.accounts) == 5) { // extend_account does not name the mint
			if quote == (Key{}) {
				quote = idWrappedSOL
			}
			n.addToken(mint, creator, user, quote)
			return n
		}
	}
	t.Fatal("no fact names the token")
	return n
}

// busy is a mix in which everything happens often.
func busy() Mix {
	return Mix{
		Votes: 8, Transfers: 2, TokenTransfers: 2, Swaps: 6, Trades: 20, Creates: 3, Completes: 0.7, MigrateNoops: 0.5,
		AMMPools: 0.5, Decoys: 0.5, CPMMPools: 0.5, LaunchPools: 0.7, LaunchTrades: 2, AMMWrites: 1, CPMMWrites: 1,
		GlobalWrites: 0.2, OtherWrites: 4, Failed: 0.1, OldMigrator: 0.4,
	}
}

// TestMigrateAccounts compares migrate with the recorded one, which found its work done: 24 accounts then, 25 now.
func TestMigrateAccounts(t *testing.T) {
	messages, class, facts := recorded(t)
	at := slices.Index(class, "migrate_noop")
	info := messages[at].GetTransaction().GetTransaction()
	f := facts[at].list("migrations")[0]
	in := find(instructionsOf(info), idPump, ixMigrate)
	n := wellKnown()
	n.addToken(f.key("mint"), Key{}, f.key("user"), idWrappedSOL)
	real := shapeOf(*in, rights(info), n)

	c := New(Config{Seed: 4, Mix: busy()})
	ours, u := sampled(t, c, func(u *Update, all []instruction) bool {
		return find(all, idPump, ixMigrate) != nil && len(u.truth) == 1
	})
	g := u.truth[0].(*Graduation)
	mine := find(instructionsOf(ours), idPump, ixMigrate)
	n = wellKnown()
	n.addToken(g.Mint, Key{}, g.User, idWrappedSOL)
	got := shapeOf(*mine, rights(ours), n)
	if len(got.parts) != 25 || len(mine.data) != len(in.data) {
		t.Fatalf("%d accounts and %d bytes", len(got.parts), len(mine.data))
	}
	got.parts = got.parts[:len(real.parts)]
	compareShapes(t, got, real, true)
	if *g.Pool != mine.accounts[9] {
		t.Errorf("the fact's pool is %s, the instruction's %s", g.Pool, mine.accounts[9])
	}
}

// TestPoolInstructions compares what makes a pool on Raydium with recorded transactions: addresses that the programs
// derive have to come out of ours.
func TestPoolInstructions(t *testing.T) {
	messages, _, facts := recorded(t)
	seen := map[string]int{}
	for i, u := range messages {
		for _, p := range facts[i].list("raydium_pools") {
			kind := p.text("kind")
			all := instructionsOf(u.GetTransaction().GetTransaction())
			switch kind {
			case "raydium_amm_v4":
				checkRecordedAMM(t, p, all)
			case "raydium_cpmm":
				in := find(all, idCPMM, ixInitialize)
				c := New(Config{Seed: 1})
				q := c.newCPMM(c.addMint(p.key("token_0_mint"), 9, c.sys.token), c.addMint(p.key("token_1_mint"), 6, c.sys.token), p.key("creator"))
				sameKeys(t, kind, []Key{q.account.key, q.lp.key, q.vaults[0].key, q.vaults[1].key, q.observation.key},
					[]Key{in.accounts[3], in.accounts[6], in.accounts[10], in.accounts[11], in.accounts[13]})
			case "raydium_launchlab":
				base, quote := p.key("base_mint"), idWrappedSOL
				id := pda(idLaunchLab, []byte("pool"), base[:], quote[:])
				sameKeys(t, kind, []Key{id, pda(idLaunchLab, []byte("pool_vault"), id[:], base[:]), pda(idLaunchLab, []byte("pool_vault"), id[:], quote[:])},
					[]Key{p.key("pool"), p.key("base_vault"), p.key("quote_vault")})
			}
			seen[kind]++
		}
	}
	if seen["raydium_amm_v4"] < 8 || seen["raydium_cpmm"] == 0 || seen["raydium_launchlab"] == 0 {
		t.Errorf("recorded pools: %v", seen)
	}
}

func checkRecordedAMM(t *testing.T, p fields, all []instruction) {
	t.Helper()
	market := p.key("market")
	sameKeys(t, "amm_v4", []Key{
		ammSeed(market, "amm_associated_seed"), ammSeed(market, "lp_mint_associated_seed"),
		ammSeed(market, "coin_vault_associated_seed"), ammSeed(market, "pc_vault_associated_seed"),
		ammSeed(market, "target_associated_seed"), ammSeed(market, "open_order_associated_seed"),
	}, []Key{
		p.key("pool"), p.key("lp_mint"), p.key("coin_vault"), p.key("pc_vault"), p.key("target_orders"), p.key("open_orders"),
	})
	for _, in := range all {
		if in.program == idRaydium && in.data[0] == 1 && (len(in.accounts) != 21 || len(in.data) != 26) {
			t.Errorf("recorded initialize2 has %d accounts and %d bytes", len(in.accounts), len(in.data))
		}
	}
}

func sameKeys(t *testing.T, what string, ours, real []Key) {
	t.Helper()
	for i := range ours {
		if ours[i] != real[i] {
			t.Errorf("%s: address %d is %s, recorded %s", what, i, ours[i], real[i])
		}
	}
}

// TestInitialize2 compares the generated initialize2 with a recorded one by what each account's place means.
func TestInitialize2(t *testing.T) {
	messages, class, _ := recorded(t)
	info := messages[slices.Index(class, "migrate_raydium_v4")].GetTransaction().GetTransaction()
	c := New(Config{Seed: 5, Mix: busy()})
	ours, _ := sampled(t, c, func(u *Update, all []instruction) bool {
		return len(u.truth) == 2 && findAMM(all) != nil
	})
	shape := func(info *pb.SubscribeUpdateTransactionInfo) (s shape) {
		in := findAMM(instructionsOf(info))
		n := wellKnown()
		n[in.accounts[4]], n[in.accounts[6]], n[in.accounts[7]] = "amm", "open orders", "lp"
		n[in.accounts[9]], n[in.accounts[10]], n[in.accounts[11]] = "pc mint", "coin vault", "pc vault"
		n[in.accounts[12]], n[in.accounts[16]] = "target orders", "market"
		n[in.accounts[18]], n[in.accounts[19]], n[in.accounts[20]] = "user coin", "user pc", "user lp"
		return shapeOf(*in, rights(info), n)
	}
	compareShapes(t, shape(ours), shape(info), true)
	if got, want := logKinds(ours), logKinds(info); !slices.Equal(got, want) {
		t.Errorf("own log lines %q, recorded %q", got, want)
	}
}

func findAMM(all []instruction) *instruction {
	for i := range all {
		if in := &all[i]; in.program == idRaydium && len(in.data) == 26 && in.data[0] == 1 {
			return in
		}
	}
	return nil
}

// logKinds returns the beginnings of Raydium's own log lines with the ray_log's length.
func logKinds(info *pb.SubscribeUpdateTransactionInfo) (kinds []string) {
	for _, l := range info.GetMeta().GetLogMessages() {
		if strings.Contains(l, "initialize2: InitializeInstruction2 { nonce: 254, open_time: 0") {
			kinds = append(kinds, "initialize2")
		}
		if _, b64, ok := strings.Cut(l, "ray_log: "); ok {
			kinds = append(kinds, fmt.Sprintf("ray_log %d", len(b64)))
		}
	}
	return kinds
}

// TestAddresses holds what is derived against addresses known from elsewhere.
func TestAddresses(t *testing.T) {
	for want, got := range map[string]Key{
		"4wTV1YmiEkRvAtNtsSGPtUrqRYQMe5SKy2uB4Jjaxnjf": idPumpGlobal,
		"Ce6TQqeHC9p8KetsN6JsjHK7UTZk7nasjjnr7XxXp9F1": idPumpEvents,
		"TSLvdd1pWpHVjahSpsvCXUbgwsL3JAcvokwaKt1eokM":  idMintAuthority,
		"Hq2wp8uJ9jCPsYgNHex8RtqdvMPfVGoYwjvF1ATiwn2Y": idGlobalVolume,
		"8Wf5TiAheLUqBrKXeYg2JtAFFMWtKdG2BSFgqUcPVwTt": idPumpFeeConfig,
		"ADyA8hdefvWN2dbGGWFotbzWxrAvLW83WG6QCVXvJKqw": idSwapGlobal,
		"GS4CU59F31iL7aR2Q8zVS8DRrcRnXX1yjQ66TqNVQnaR": idSwapEvents,
		"5PHirr8joyTMp9JMm6nW7hNDVyEYdkzDqazxPD7RaTjx": idSwapFeeConfig,
		"C2aFPdENg4A2HQsmrd5rTw5TaYBX5Ku887cWjbFKtZpw": idSwapVolume,
		"WLHv2UAZm6z4KyaaELi5pjdbJh6RESMva1Rnn8pJVVh":  idLaunchAuthority,
		"2DPAtwB8L12vrMRExbLuyGnC7n2J5LNoZQSejeQGpwkr": idLaunchEvents,
		"GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL": pda(idCPMM, []byte("vault_and_lp_mint_auth_seed")),
		"9DCxsMizn3H1hprZ7xWe6LDzeUeZBksYFpBWBtSf1PQX": pda(idRaydium, []byte("amm_config_account_seed")),
		"9hgcsTpZP48Ttku3uhg5gZ388YFCfErayJ5rHSru9PF7": pda(idPump, []byte("bonding-curve"),
			base58Bytes(t, "7YD6ZHb39jGb33ki2iFd7kHK11yMkSFCc9kvjJscpump")),
	} {
		if got.String() != want {
			t.Errorf("derived %s, want %s", got, want)
		}
	}
}

func base58Bytes(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base58.Decode(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
