package chain

// Discriminators of PumpSwap's and LaunchLab's events.
const (
	discCreatePool   = 0xb1310cd2a076a774
	discSwapBuy      = 0x67f4521f2cf57777
	discSwapSell     = 0x3e2f370aa503dc2a
	discLaunchCreate = 0x97d7e20976a173ae
)

// swapEvent is PumpSwap's BuyEvent or SellEvent. base and quote are what goes out and comes in, or the other way round.
type swapEvent struct {
	time                                    int64
	base, limit                             uint64 // limit: most quote in, or least quote out
	userBase, userQuote                     uint64 // the user's balances before
	poolBase, poolQuote                     uint64 // the pool's balances before
	quote, lpFee, protocolFee, quoteLessFee uint64
	userPays                                uint64 // what the user pays or gets in the end
	pool, user, userBaseATA, userQuoteATA   Key
	feeRecipient, feeRecipientATA           Key
	coinCreator                             Key
	creatorFee                              uint64
	minBaseOut                              uint64
	buybackFee                              uint64
}

// PumpSwap's fees, in hundredths of a per cent.
const (
	swapLPBPS       = 20
	swapProtocolBPS = 5
	swapCreatorBPS  = 5
)

func (s *swapEvent) append(e *enc, buy bool) {
	if buy {
		e.disc(discSwapBuy)
	} else {
		e.disc(discSwapSell)
	}
	e.i64(s.time)
	for _, v := range [...]uint64{
		s.base, s.limit, s.userBase, s.userQuote, s.poolBase, s.poolQuote, s.quote,
		swapLPBPS, s.lpFee, swapProtocolBPS, s.protocolFee, s.quoteLessFee, s.userPays,
	} {
		e.u64(v)
	}
	for _, k := range [...]*Key{
		&s.pool, &s.user, &s.userBaseATA, &s.userQuoteATA, &s.feeRecipient, &s.feeRecipientATA, &s.coinCreator,
	} {
		e.key(*k)
	}
	e.u64(swapCreatorBPS)
	e.u64(s.creatorFee)
	if buy {
		e.flag(true) // track_volume
		e.zeros(24)  // total_unclaimed, total_claimed, current_sol_volume
		e.i64(s.time)
		e.u64(s.minBaseOut)
		e.str("buy")
	}
	e.u64(0) // cashback_fee_basis_points
	e.u64(0) // cashback
	e.u64(0) // buyback_fee_basis_points
	e.u64(s.buybackFee)
}

// createPoolEvent is PumpSwap's CreatePoolEvent, 334 bytes.
type createPoolEvent struct {
	time                              int64
	index                             uint16
	creator, base, quote              Key
	baseDecimals, quoteDecimals       uint8
	baseIn, quoteIn, liquidity        uint64
	bump                              uint8
	pool, lpMint, userBase, userQuote Key
	coinCreator                       Key
	mayhem                            bool
}

// minimumLiquidity stays in the pool for ever.
const minimumLiquidity = 100

func (p *createPoolEvent) append(e *enc) {
	e.disc(discCreatePool)
	e.i64(p.time)
	e.u16(p.index)
	e.key(p.creator)
	e.key(p.base)
	e.key(p.quote)
	e.u8(p.baseDecimals)
	e.u8(p.quoteDecimals)
	for _, v := range [...]uint64{
		p.baseIn, p.quoteIn, p.baseIn, p.quoteIn, minimumLiquidity, p.liquidity, p.liquidity - minimumLiquidity,
	} {
		e.u64(v)
	}
	e.u8(p.bump)
	for _, k := range [...]*Key{&p.pool, &p.lpMint, &p.userBase, &p.userQuote, &p.coinCreator} {
		e.key(*k)
	}
	e.flag(p.mayhem)
}

// launchTradeEvent is LaunchLab's TradeEvent, which has pump.fun's discriminator.
type launchTradeEvent struct {
	pool                                           Key
	totalSell, virtualBase, virtualQuote           uint64
	baseBefore, quoteBefore, baseAfter, quoteAfter uint64
	in, out, protocolFee, platformFee, shareFee    uint64
	sell                                           bool
}

func (t *launchTradeEvent) append(e *enc) {
	e.disc(discTrade)
	e.key(t.pool)
	for _, v := range [...]uint64{
		t.totalSell, t.virtualBase, t.virtualQuote, t.baseBefore, t.quoteBefore, t.baseAfter, t.quoteAfter,
		t.in, t.out, t.protocolFee, t.platformFee, t.shareFee,
	} {
		e.u64(v)
	}
	e.flag(t.sell)
	e.u8(0) // pool_status: still funding
}
