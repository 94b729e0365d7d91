package chain

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
)

func TestOnCurve(t *testing.T) {
	r := newRandom(1)
	for range 50 {
		seed := r.key()
		if k := Key(ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)); !onCurve(k) {
			t.Errorf("%s is a public key, and not on the curve", k)
		}
	}
	on := 0
	for range 2000 {
		if onCurve(r.key()) {
			on++
		}
	}
	if on < 850 || on > 1150 {
		t.Errorf("%d of 2000 random keys are on the curve, want about half", on)
	}
	if k := r.vanity(); !strings.HasSuffix(k.String(), "pump") || !onCurve(k) {
		t.Errorf("%s", k)
	}
}

// digest hashes what n updates marshal to.
func digest(t *testing.T, cfg Config, n int) [32]byte {
	t.Helper()
	c, h := New(cfg), sha256.New()
	var buf []byte
	for range n {
		u := c.Next()
		var err error
		if buf, err = (proto.MarshalOptions{Deterministic: true}).MarshalAppend(buf[:0], u.SubscribeUpdate); err != nil {
			t.Fatal(err)
		}
		h.Write(buf)
		facts, err := json.Marshal(u.Facts())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(h, u.Slot, u.Bank, u.Offset, u.At, u.Fate, u.Last, string(facts))
	}
	return [32]byte(h.Sum(nil))
}

func TestSameSeedSameBytes(t *testing.T) {
	a := digest(t, Config{Seed: 7}, 30_000)
	if digest(t, Config{Seed: 7}, 30_000) != a {
		t.Error("the same seed gives other bytes")
	}
	if digest(t, Config{Seed: 8}, 30_000) == a {
		t.Error("another seed gives the same bytes")
	}
}

// TestReleasedUpdatesStay checks that what was returned does not change while the chain goes on.
func TestReleasedUpdatesStay(t *testing.T) {
	c := New(Config{Seed: 9, Mix: busy()})
	var kept []*Update
	var bytesThen [][]byte
	for range 3000 {
		u := c.Next()
		b, err := proto.Marshal(u.SubscribeUpdate)
		if err != nil {
			t.Fatal(err)
		}
		kept, bytesThen = append(kept, u), append(bytesThen, b)
	}
	for range 60_000 {
		c.Next()
	}
	for i, u := range kept {
		if b, _ := proto.Marshal(u.SubscribeUpdate); !bytes.Equal(b, bytesThen[i]) {
			t.Fatalf("update %d has changed", i)
		}
	}
}

// TestFactsAreInTheBytes counts the events of succeeded transactions by a scan of its own and compares with the facts.
func TestFactsAreInTheBytes(t *testing.T) {
	c := New(Config{Seed: 13, Mix: busy()})
	discs := map[uint64]string{discTrade: PriceMonitor, discCreate: MintMonitor}
	total, void := map[string]int{}, 0
	for range 50_000 {
		u := c.Next()
		want, got := map[string]int{}, map[string]int{}
		for _, f := range u.Facts() {
			want[f.Monitor]++
			total[f.Monitor]++
		}
		info := u.GetTransaction().GetTransaction()
		for _, in := range instructionsOf(info) {
			if in.program != idPump || len(in.data) < 16 || binary.BigEndian.Uint64(in.data) != tagSelfCPI {
				continue
			}
			if info.GetMeta().GetErr() != nil {
				void++
			} else if m := discs[binary.BigEndian.Uint64(in.data[8:])]; m != "" {
				got[m]++
			}
		}
		if info.GetMeta().GetInnerInstructionsNone() {
			continue // it is in the log alone
		}
		for _, m := range discs {
			if want[m] != got[m] {
				t.Fatalf("slot %d: %d facts for %s, %d events", u.Slot, want[m], m, got[m])
			}
		}
	}
	for _, m := range Monitors() {
		if total[m] == 0 {
			t.Errorf("nothing for %s", m)
		}
	}
	if total[PriceMonitor] != total[TradeMonitor] || void == 0 {
		t.Errorf("%d prices, %d trades, %d void events", total[PriceMonitor], total[TradeMonitor], void)
	}
}

// TestCurvesHoldTogether checks each curve's account against the ones before: SOL quotes are backed by lamports, the
// product never falls, and a migration follows a completion.
func TestCurvesHoldTogether(t *testing.T) {
	c := New(Config{Seed: 17, Mix: busy()})
	completed, migrated := map[Key]bool{}, 0
	for range 90_000 {
		u := c.Next()
		if u.Fate != Rooted {
			continue
		}
		for _, f := range u.Facts() {
			switch e := f.Event.(type) {
			case *BondingCurve:
				a := u.GetAccount().GetAccount()
				rent := rentFor(len(a.GetData()))
				if e.QuoteMint != nil && *e.QuoteMint == (Key{}) && e.VirtualTokenReserves > 0 {
					if a.GetLamports() < e.RealQuoteReserves+rent {
						t.Errorf("%s has %d lamports for %d of quote", e.Pubkey, a.GetLamports(), e.RealQuoteReserves)
					}
					if float64(e.VirtualTokenReserves)*float64(e.VirtualQuoteReserves) < startVirtualToken*startVirtualSOL*0.999999 {
						t.Errorf("%s: the product has fallen", e.Pubkey)
					}
				}
			case *Graduation:
				switch {
				case e.Stage == "complete":
					completed[e.Mint] = true
				case !completed[e.Mint]:
					t.Errorf("%s has migrated and was not complete", e.Mint)
				default:
					migrated++
				}
			}
		}
	}
	if migrated < 10 {
		t.Errorf("%d migrations", migrated)
	}
}

// TestDefaultProportions checks what somebody sees who starts the demonstration: seven transactions in ten are votes, and
// each monitor finds something within a minute.
func TestDefaultProportions(t *testing.T) {
	c := New(Config{Seed: 23})
	votes, all, found := 0, 0, map[string]bool{}
	for u := c.Next(); u.At < 150*SlotTime; u = c.Next() {
		if info := u.GetTransaction().GetTransaction(); info != nil {
			all++
			if info.GetIsVote() {
				votes++
			}
		}
		for _, f := range u.Facts() {
			found[f.Monitor] = true
		}
	}
	if share := float64(votes) / float64(all); share < 0.65 || share > 0.75 {
		t.Errorf("%.0f %% of %d transactions are votes", 100*share, all)
	}
	if len(found) != len(Monitors()) {
		t.Errorf("within a minute only %v find anything (seed %d)", found, c.cfg.Seed)
	}
}

func TestFactShapes(t *testing.T) {
	c := New(Config{Seed: 19, Mix: busy()})
	keys := map[string]map[string]bool{}
	for range 60_000 {
		for _, f := range c.Next().Facts() {
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			var e map[string]any
			if err := json.Unmarshal(text, &e); err != nil {
				t.Fatal(err)
			}
			kind := e["type"].(string)
			if keys[kind] == nil {
				keys[kind] = map[string]bool{}
			}
			for k := range e {
				keys[kind][k] = true
			}
		}
	}
	for kind, want := range map[string]string{
		"price":         "type mint price quote_mint virtual_quote_reserves virtual_token_reserves is_buy",
		"trade":         "type mint user is_buy quote_amount token_amount quote_mint fee creator ix_name",
		"mint":          "type mint name symbol uri creator user bonding_curve quote_mint",
		"bonding_curve": "type pubkey virtual_token_reserves virtual_quote_reserves real_token_reserves real_quote_reserves token_total_supply complete creator quote_mint",
		"pool":          "type program pool base_mint quote_mint base_vault quote_vault lp_mint creator",
		"amm":           "type pubkey status base_mint quote_mint base_vault quote_vault lp_mint open_time",
		"graduation":    "type stage to mint bonding_curve user pool",
	} {
		names := strings.Fields(want)
		for _, n := range names {
			if !keys[kind][n] {
				t.Errorf("no %s has %s", kind, n)
			}
		}
		if len(keys[kind]) != len(names) {
			t.Errorf("%s has %v, want %s", kind, keys[kind], want)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	c := New(Config{Seed: 1})
	b.ReportAllocs()
	for b.Loop() {
		c.Next()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Config{Seed: 1})
	}
}

func BenchmarkPDA(b *testing.B) {
	k := idPumpGlobal
	for b.Loop() {
		k = pda(idPump, []byte("bonding-curve"), k[:])
	}
}
