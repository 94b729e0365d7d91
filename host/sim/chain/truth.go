package chain

import (
	"encoding/json"
	"math/big"
)

// The monitors, by the names that they have.
const (
	PriceMonitor      = "pumpfun-price-monitor"
	TradeMonitor      = "pumpfun-transaction-monitor"
	MintMonitor       = "pumpfun-mint-monitor"
	CurveMonitor      = "pumpfun-account-monitor"
	PoolMonitor       = "raydium-mint-monitor"
	AMMMonitor        = "raydium-account-monitor"
	GraduationMonitor = "graduation-monitor"
)

// Monitors lists them all.
func Monitors() []string {
	return []string{PriceMonitor, TradeMonitor, MintMonitor, CurveMonitor, PoolMonitor, AMMMonitor, GraduationMonitor}
}

// Fact is one event that a monitor has to find in an update.
type Fact struct {
	Monitor string
	Event   any // *Price, *Trade, *Mint, *BondingCurve, *Pool, *AMM or *Graduation
}

// MarshalJSON returns the event's JSON object as the monitor writes it, but for the order of the names.
func (f Fact) MarshalJSON() ([]byte, error) { return json.Marshal(f.Event) }

// MarshalText returns the key in base58.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// The events, as the monitors write them. A nil key or number is a field that the bytes lack; the monitor leaves it out.
type (
	// Price is one trade's price, in whole quote units per whole token.
	Price struct {
		Type                 string `json:"type"`
		Mint                 Key    `json:"mint"`
		Price                string `json:"price"`
		QuoteMint            *Key   `json:"quote_mint,omitempty"`
		VirtualQuoteReserves uint64 `json:"virtual_quote_reserves,string"`
		VirtualTokenReserves uint64 `json:"virtual_token_reserves,string"`
		IsBuy                bool   `json:"is_buy"`
	}

	// Trade is one TradeEvent.
	Trade struct {
		Type        string  `json:"type"`
		Mint        Key     `json:"mint"`
		User        Key     `json:"user"`
		IsBuy       bool    `json:"is_buy"`
		QuoteAmount uint64  `json:"quote_amount,string"`
		TokenAmount uint64  `json:"token_amount,string"`
		QuoteMint   *Key    `json:"quote_mint,omitempty"`
		Fee         *uint64 `json:"fee,string,omitempty"`
		Creator     *Key    `json:"creator,omitempty"`
		IxName      *string `json:"ix_name,omitempty"`
	}

	// Mint is one create or create_v2.
	Mint struct {
		Type         string `json:"type"`
		Mint         Key    `json:"mint"`
		Name         string `json:"name"`
		Symbol       string `json:"symbol"`
		URI          string `json:"uri"`
		Creator      *Key   `json:"creator,omitempty"`
		User         Key    `json:"user"`
		BondingCurve Key    `json:"bonding_curve"`
		QuoteMint    *Key   `json:"quote_mint,omitempty"`
	}

	// BondingCurve is one write to a curve's account.
	BondingCurve struct {
		Type                 string `json:"type"`
		Pubkey               Key    `json:"pubkey"`
		VirtualTokenReserves uint64 `json:"virtual_token_reserves,string"`
		VirtualQuoteReserves uint64 `json:"virtual_quote_reserves,string"`
		RealTokenReserves    uint64 `json:"real_token_reserves,string"`
		RealQuoteReserves    uint64 `json:"real_quote_reserves,string"`
		TokenTotalSupply     uint64 `json:"token_total_supply,string"`
		Complete             bool   `json:"complete"`
		Creator              *Key   `json:"creator,omitempty"`
		QuoteMint            *Key   `json:"quote_mint,omitempty"`
	}

	// Pool is a new pool of one of Raydium's programs.
	Pool struct {
		Type       string `json:"type"`
		Program    string `json:"program"` // amm_v4, cpmm or launchlab
		Pool       Key    `json:"pool"`
		BaseMint   Key    `json:"base_mint"`
		QuoteMint  Key    `json:"quote_mint"`
		BaseVault  Key    `json:"base_vault"`
		QuoteVault Key    `json:"quote_vault"`
		LPMint     *Key   `json:"lp_mint,omitempty"`
		Creator    Key    `json:"creator"`
	}

	// AMM is one write to an AmmInfo account of Raydium's AMM v4.
	AMM struct {
		Type       string `json:"type"`
		Pubkey     Key    `json:"pubkey"`
		Status     uint64 `json:"status,string"`
		BaseMint   Key    `json:"base_mint"`
		QuoteMint  Key    `json:"quote_mint"`
		BaseVault  Key    `json:"base_vault"`
		QuoteVault Key    `json:"quote_vault"`
		LPMint     Key    `json:"lp_mint"`
		OpenTime   uint64 `json:"open_time,string"`
	}

	// Graduation is a curve's end, or its token's new pool.
	Graduation struct {
		Type         string `json:"type"`
		Stage        string `json:"stage"`        // complete or migrated
		To           string `json:"to,omitempty"` // pumpswap or raydium_v4, when migrated
		Mint         Key    `json:"mint"`
		BondingCurve *Key   `json:"bonding_curve,omitempty"`
		User         Key    `json:"user"`
		Pool         *Key   `json:"pool,omitempty"`
	}
)

// finding is what the generator knows about an update, kept as it is until somebody asks for facts.
type finding interface{ facts(dst []Fact) []Fact }

// Facts returns what the monitors have to find in u, in the order in which its bytes tell it.
func (u *Update) Facts() []Fact {
	var all []Fact
	for _, f := range u.truth {
		all = f.facts(all)
	}
	return all
}

// traded is what a TradeEvent says: a price and a trade.
type traded struct {
	event    *tradeEvent
	fields   int   // of the event's
	decimals uint8 // of the quote
}

func (t *traded) facts(dst []Fact) []Fact {
	e := t.event
	price := &Price{Type: "price", Mint: e.mint, VirtualTokenReserves: e.virtualToken, IsBuy: e.buy}
	trade := &Trade{Type: "trade", Mint: e.mint, User: e.user, IsBuy: e.buy, TokenAmount: e.token}
	price.VirtualQuoteReserves, trade.QuoteAmount = e.virtualSOL, e.sol
	if t.fields >= tradeFields202505 {
		trade.Fee, trade.Creator = &e.fee, &e.creator
	}
	if t.fields >= tradeFields202607 {
		price.VirtualQuoteReserves, trade.QuoteAmount = e.virtualQuote, e.quote
		price.QuoteMint, trade.QuoteMint, trade.IxName = &e.quoteMint, &e.quoteMint, &e.ixName
	}
	price.Price = priceOf(price.VirtualQuoteReserves, t.decimals, e.virtualToken)
	return append(dst, Fact{PriceMonitor, price}, Fact{TradeMonitor, trade})
}

// priceOf returns (quote / 10^decimals) / (token / 10^6) with 30 decimal places.
func priceOf(quote uint64, decimals uint8, token uint64) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	n := new(big.Int).Mul(new(big.Int).SetUint64(quote), big.NewInt(1_000_000))
	return new(big.Rat).SetFrac(n, scale.Mul(scale, new(big.Int).SetUint64(token))).FloatString(30)
}

// minted is what a CreateEvent says.
type minted struct {
	event  *createEvent
	fields int
}

func (m *minted) facts(dst []Fact) []Fact {
	e := m.event
	f := &Mint{
		Type: "mint", Mint: e.mint, Name: e.name, Symbol: e.symbol, URI: e.uri, User: e.user, BondingCurve: e.curve,
	}
	if m.fields >= createFields2025 {
		f.Creator = &e.creator
	}
	if m.fields >= createFields202607 {
		f.QuoteMint = &e.quoteMint
	}
	return append(dst, Fact{MintMonitor, f})
}

// A finding that is a fact already.
func (p *Pool) facts(dst []Fact) []Fact         { return append(dst, Fact{PoolMonitor, p}) }
func (a *AMM) facts(dst []Fact) []Fact          { return append(dst, Fact{AMMMonitor, a}) }
func (g *Graduation) facts(dst []Fact) []Fact   { return append(dst, Fact{GraduationMonitor, g}) }
func (b *BondingCurve) facts(dst []Fact) []Fact { return append(dst, Fact{CurveMonitor, b}) }
