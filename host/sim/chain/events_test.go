package chain

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"path/filepath"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

func tradeFrom(f fields) *tradeEvent {
	e := &tradeEvent{
		mint: f.key("mint"), sol: f.u64("sol_amount"), token: f.u64("token_amount"), buy: f.flag("is_buy"),
		user: f.key("user"), time: int64(f.u64("timestamp")),
		virtualSOL: f.u64("virtual_sol_reserves"), virtualToken: f.u64("virtual_token_reserves"),
		realSOL: f.u64("real_sol_reserves"), realToken: f.u64("real_token_reserves"),
		feeRecipient: f.key("fee_recipient"), feeBPS: f.u64("fee_basis_points"), fee: f.u64("fee"),
		creator: f.key("creator"), creatorBPS: f.u64("creator_fee_basis_points"), creatorFee: f.u64("creator_fee"),
		trackVolume: f.flag("track_volume"), unclaimed: f.u64("total_unclaimed_tokens"),
		claimed: f.u64("total_claimed_tokens"), volume: f.u64("current_sol_volume"),
		lastUpdate: int64(f.u64("last_update_timestamp")), ixName: f.text("ix_name"), mayhem: f.flag("mayhem_mode"),
		cashbackBPS: f.u64("cashback_fee_basis_points"), cashback: f.u64("cashback"),
		buybackBPS: f.u64("buyback_fee_basis_points"), buybackFee: f.u64("buyback_fee"),
		quoteMint: f.key("quote_mint"), quote: f.u64("quote_amount"), virtualQuote: f.u64("virtual_quote_reserves"),
		realQuote: f.u64("real_quote_reserves"),
	}
	for _, s := range f.list("shareholders") {
		e.shareholders = append(e.shareholders, shareholder{s.key("address"), uint16(s["share_bps"].(float64))})
	}
	return e
}

func createFrom(f fields) *createEvent {
	return &createEvent{
		name: f.text("name"), symbol: f.text("symbol"), uri: f.text("uri"), mint: f.key("mint"),
		curve: f.key("bonding_curve"), user: f.key("user"), creator: f.key("creator"), time: int64(f.u64("timestamp")),
		virtualToken: f.u64("virtual_token_reserves"), virtualSOL: f.u64("virtual_sol_reserves"),
		realToken: f.u64("real_token_reserves"), total: f.u64("token_total_supply"), tokenProgram: f.key("token_program"),
		mayhem: f.flag("is_mayhem_mode"), cashback: f.flag("is_cashback_enabled"), quoteMint: f.key("quote_mint"),
		virtualQuote: f.u64("virtual_quote_reserves"),
	}
}

// encode encodes an event of the given name from its decoded values, in the layout that the manifest says it has.
func encode(t *testing.T, event string, f fields) []byte {
	t.Helper()
	missing, trailing := f.missing()
	var e enc
	switch event {
	case "TradeEvent":
		count := tradeFields202607 - missing
		switch trailing {
		case 16:
			count = tradeFields202609
		case 24:
			count = tradeFieldsNow
		}
		tradeFrom(f).append(&e, count)
	case "CreateEvent":
		count := createFields202607 - missing
		switch trailing {
		case 9:
			count = createFields202609
		case 10:
			count = createFieldsNow
		}
		createFrom(f).append(&e, count)
	case "CompleteEvent":
		c := completeEvent{f.key("user"), f.key("mint"), f.key("bonding_curve"), int64(f.u64("timestamp")), f.key("quote_mint")}
		c.append(&e, missing == 0)
	case "CompletePumpAmmMigrationEvent":
		m := migrationEvent{
			user: f.key("user"), mint: f.key("mint"), tokens: f.u64("mint_amount"), quote: f.u64("sol_amount"),
			fee: f.u64("pool_migration_fee"), curve: f.key("bonding_curve"), time: int64(f.u64("timestamp")),
			pool: f.key("pool"), quoteMint: f.key("quote_mint"),
		}
		m.append(&e, missing == 0)
	default:
		t.Fatalf("no encoder for %s", event)
	}
	return e
}

func TestEventVectors(t *testing.T) {
	rows := table(t, filepath.Join(fixtures(t), "event_vectors.tsv"))
	for _, row := range rows {
		want := fromBase64(t, row["payload_base64"])
		if got := encode(t, row["event"], parseFields(t, row["expected"])); !bytes.Equal(got, want) {
			t.Errorf("%s of %s\n got %x\nwant %x", row["event"], row["signature"], got, want)
		}
	}
	if len(rows) < 7 {
		t.Errorf("only %d vectors", len(rows))
	}
}

// TestRecordedEvents encodes every event that the manifest names and looks for the bytes in the transaction.
func TestRecordedEvents(t *testing.T) {
	messages, _, facts := recorded(t)
	layouts := map[string]int{}
	for i, u := range messages {
		for list, event := range map[string]string{
			"trades": "TradeEvent", "creates": "CreateEvent", "completes": "CompleteEvent",
		} {
			for _, f := range facts[i].list(list) {
				layouts[event+" "+f.text("_layout")]++
				if !carries(u, encode(t, event, f), f) {
					t.Errorf("%d: %s %s is not in the transaction as encoded", i, event, f.text("mint"))
				}
			}
		}
	}
	t.Log(layouts)
	if len(layouts) < 8 {
		t.Errorf("only %d layouts", len(layouts))
	}
}

// carries tells whether an inner instruction of u is the event. The values of fields behind those that the manifest
// decodes are not known, only their length is.
func carries(u *pb.SubscribeUpdate, event []byte, f fields) bool {
	_, trailing := f.missing()
	known := len(event) - trailing
	for _, group := range u.GetTransaction().GetTransaction().GetMeta().GetInnerInstructions() {
		for _, in := range group.GetInstructions() {
			d := in.GetData()
			if len(d) == 8+len(event) && binary.BigEndian.Uint64(d) == tagSelfCPI && bytes.Equal(d[8:8+known], event[:known]) {
				return true
			}
		}
	}
	return false
}

// TestRecordedSwapEvents holds PumpSwap's events against one of each that was recorded: lengths, and the sums that tie
// the fields together.
func TestRecordedSwapEvents(t *testing.T) {
	messages, _, _ := recorded(t)
	want := map[uint64]int{discSwapBuy: 0, discSwapSell: 0}
	for _, u := range messages {
		for _, group := range u.GetTransaction().GetTransaction().GetMeta().GetInnerInstructions() {
			for _, in := range group.GetInstructions() {
				d := in.GetData()
				if len(d) < 16+344 || binary.BigEndian.Uint64(d) != tagSelfCPI {
					continue
				}
				disc := binary.BigEndian.Uint64(d[8:])
				if _, ok := want[disc]; !ok {
					continue
				}
				want[disc]++
				checkSwapEvent(t, d[8:], disc == discSwapBuy)
			}
		}
	}
	if want[discSwapBuy] == 0 || want[discSwapSell] == 0 {
		t.Errorf("found %v", want)
	}
}

// checkSwapEvent decodes an event by offsets, encodes it again, and compares what both layouts have.
func checkSwapEvent(t *testing.T, d []byte, buy bool) {
	t.Helper()
	at := func(off int) uint64 { return binary.LittleEndian.Uint64(d[off:]) }
	key := func(off int) Key { return Key(d[off : off+32]) }
	s := swapEvent{
		time: int64(at(8)), base: at(16), limit: at(24), userBase: at(32), userQuote: at(40), poolBase: at(48),
		poolQuote: at(56), quote: at(64), lpFee: at(80), protocolFee: at(96), quoteLessFee: at(104), userPays: at(112),
		pool: key(120), user: key(152), userBaseATA: key(184), userQuoteATA: key(216), feeRecipient: key(248),
		feeRecipientATA: key(280), coinCreator: key(312), creatorFee: at(352),
	}
	var e enc
	s.append(&e, buy)
	for _, off := range []int{72, 88, 344} { // the rates were others then
		copy(e[off:off+8], d[off:])
	}
	if !bytes.Equal(e[:360], d[:360]) {
		t.Errorf("swap event\n got %x\nwant %x", e[:360], d[:360])
	}
	fees := s.protocolFee + s.creatorFee
	if buy && s.userPays != s.quoteLessFee+fees || !buy && s.userPays != s.quoteLessFee-fees {
		t.Errorf("the amounts of a recorded swap do not add up as ours do: %+v", s)
	}
	want := swapEvent{poolBase: s.poolBase, poolQuote: s.poolQuote, userBase: 2 * s.base}
	want.price(buy, s.quote)
	if off, most := int64(want.base-s.base), int64(4+s.base/1e8); off < -most || off > most { // rounded elsewhere
		t.Errorf("constant product: %d base by ours, %d recorded", want.base, s.base)
	}
}

func TestRecordedLaunchEvents(t *testing.T) {
	messages, _, facts := recorded(t)
	found := 0
	for i, u := range messages {
		for _, p := range facts[i].list("raydium_pools") {
			if p.text("kind") != "launchlab_event" {
				continue
			}
			f := fields(p["event"].(map[string]any))
			mint := fields(f["base_mint_param"].(map[string]any))
			var e enc
			e.disc(discLaunchCreate)
			e.key(f.key("pool_state"))
			e.key(f.key("creator"))
			e.key(f.key("config"))
			pool := &launchPool{name: mint.text("name"), symbol: mint.text("symbol"), uri: mint.text("uri"),
				base: &mint2}
			pool.params(&e)
			if !hasInner(u, e, 24+26) {
				t.Errorf("%d: PoolCreateEvent %s", i, hex.EncodeToString(e))
			}
			found++
		}
	}
	if found == 0 {
		t.Error("no PoolCreateEvent in the recording")
	}
}

var mint2 = mint{decimals: 6}

// hasInner tells whether an inner instruction is the event, but for its last bytes (the curve's terms differ), and as
// long or longer by what newer programs append.
func hasInner(u *pb.SubscribeUpdate, event []byte, last int) bool {
	for _, group := range u.GetTransaction().GetTransaction().GetMeta().GetInnerInstructions() {
		for _, in := range group.GetInstructions() {
			d := in.GetData()
			if len(d) >= 8+len(event) && bytes.HasPrefix(d[8:], event[:len(event)-last]) {
				return true
			}
		}
	}
	return false
}
