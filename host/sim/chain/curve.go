package chain

import "math/bits"

// The start of a curve that is quoted in SOL, and how many tokens it does not sell (monitors.md 4.3; Global's defaults).
const (
	startVirtualToken = 1_073_000_000_000_000
	startVirtualSOL   = 30_000_000_000
	startRealToken    = 793_100_000_000_000
	tokenSupply       = 1_000_000_000_000_000
	unsoldTokens      = tokenSupply - startRealToken
)

const discBondingCurve = 0x17b7f83760d8ac60

// curve is one token on pump.fun.
type curve struct {
	mint         *mint
	account      *account
	tokens       *account // the curve's token account
	creator      *account
	creatorVault *account
	quote        *mint    // wrapped SOL, or another quote
	quoteTokens  *account // the curve's quote tokens; nil for SOL
	vaultTokens  *account // the creator vault's quote tokens; nil for SOL
	second       *account // PDA "bonding-curve-v2", named by newer instructions
	sharing      *account // PDA "sharing-config" of the fee program; nil for SOL
	name, symbol string
	uri          string

	virtualToken, virtualQuote uint64
	realToken, realQuote       uint64
	startQuote                 uint64
	postBase, postQuote        uint64 // what the buy that completed the curve took and paid beyond its end
	complete                   bool
	mayhem                     bool
	size                       int // of its account, in bytes
	holders                    []*holder
}

// holder is somebody with an account for a curve's token.
type holder struct {
	user   *account
	tokens *account
	volume *account // PDA "user_volume_accumulator"
	quote  *account // the user's quote tokens; nil for SOL
	qVol   *account // the volume account's quote tokens; nil for SOL
}

func (v *curve) inSOL() bool { return v.quote.native }

// quoteKey is the quote mint as events and accounts name it: zero for SOL.
func (v *curve) quoteKey() Key {
	if v.inSOL() {
		return Key{}
	}
	return v.quote.key
}

// tokensFor returns what quote buys: never more than there is, and then what the rest costs.
func (v *curve) tokensFor(quote uint64) (tokens, cost uint64) {
	tokens = mulDiv(v.virtualToken, quote, v.virtualQuote+quote)
	if tokens < v.realToken {
		return tokens, quote
	}
	return v.realToken, mulDiv(v.realToken, v.virtualQuote, v.virtualToken-v.realToken) + 1
}

// quoteFor returns what selling tokens brings.
func (v *curve) quoteFor(tokens uint64) uint64 {
	return min(mulDiv(tokens, v.virtualQuote, v.virtualToken+tokens), v.realQuote)
}

// unsold returns the tokens that are left for the pool.
func (v *curve) unsold() uint64 { return unsoldTokens - v.postBase }

func (v *curve) bought(tokens, quote uint64) {
	v.virtualToken -= tokens
	v.realToken -= tokens
	v.virtualQuote += quote
	v.realQuote += quote
	v.complete = v.realToken == 0
}

func (v *curve) sold(tokens, quote uint64) {
	v.virtualToken += tokens
	v.realToken += tokens
	v.virtualQuote -= quote
	v.realQuote -= quote
}

// mulDiv returns a*b/c; the quotient has to fit.
func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	q, _ := bits.Div64(hi, lo, c)
	return q
}

// share returns bps hundredths of a per cent of v, rounded up as the program rounds its fees.
func share(v, bps uint64) uint64 { return (v*bps + 9_999) / 10_000 }

// encodeCurve returns the account's data in the length that this curve's account has.
func (c *Chain) encodeCurve(v *curve) []byte {
	e := enc(c.mem.take(max(v.size, 166))[:0])
	e.disc(discBondingCurve)
	e.u64(v.virtualToken)
	e.u64(v.virtualQuote)
	e.u64(v.realToken)
	e.u64(v.realQuote)
	e.u64(tokenSupply)
	e.flag(v.complete)
	e.key(v.creator.key)
	e.flag(v.mayhem)
	e.flag(false) // is_cashback
	e.key(v.quoteKey())
	e.u64(0)   // creator_fee_bps
	e.zeros(1) // can_edit_creator_fee
	e.zeros(1) // is_holder_reward
	e.u64(0)   // creator_fee
	e.u64(0)   // protocol_fees
	e.u8(0)    // depth
	e.u64(v.startQuote)
	e.u64(v.postBase)
	e.u64(v.postQuote)
	return e[:v.size:v.size]
}

// writeCurve has the curve's account follow from the transaction.
func (b *builder) writeCurve(v *curve) {
	f := &BondingCurve{
		Type: "bonding_curve", Pubkey: v.account.key,
		VirtualTokenReserves: v.virtualToken, VirtualQuoteReserves: v.virtualQuote,
		RealTokenReserves: v.realToken, RealQuoteReserves: v.realQuote,
		TokenTotalSupply: tokenSupply, Complete: v.complete,
	}
	if v.size >= 81 {
		f.Creator = &v.creator.key
	}
	if v.size >= 115 {
		q := v.quoteKey()
		f.QuoteMint = &q
	}
	b.write(v.account, idPump, b.c.encodeCurve(v), f)
}

// keepCurve has a failed transaction leave the curve as it is.
func (b *builder) keepCurve(v *curve) {
	vt, vq, rt, rq, done, n := v.virtualToken, v.virtualQuote, v.realToken, v.realQuote, v.complete, len(v.holders)
	pb, pq := v.postBase, v.postQuote
	b.onFailure(func() {
		v.postBase, v.postQuote = pb, pq
		v.virtualToken, v.virtualQuote, v.realToken, v.realQuote, v.complete = vt, vq, rt, rq, done
		v.holders = v.holders[:n]
	})
}
