package chain

// tagSelfCPI is what Anchor's emit_cpi puts before an event's discriminator in the instruction that carries it.
const tagSelfCPI = 0xe445a52e51cb9a1d

// Discriminators of pump.fun's events, and LaunchLab's where the name is the same (sha256 of "event:Name").
const (
	discTrade        = 0xbddb7fd34ee661ee
	discCreate       = 0x1b72a94ddeeb6376
	discComplete     = 0x5f72619cd42e9808
	discMigration    = 0xbde95db95c94ea94
	discPostComplete = 0x6fb06d8b316cd5fb
	discExtend       = 0x6161d7905d92167c
)

// tradeEvent is pump.fun's TradeEvent with all the fields that it has grown so far.
type tradeEvent struct {
	mint                                           Key
	sol, token                                     uint64
	buy                                            bool
	user                                           Key
	time                                           int64
	virtualSOL, virtualToken, realSOL, realToken   uint64
	feeRecipient                                   Key
	feeBPS, fee                                    uint64
	creator                                        Key
	creatorBPS, creatorFee                         uint64
	trackVolume                                    bool
	unclaimed, claimed, volume                     uint64
	lastUpdate                                     int64
	ixName                                         string
	mayhem                                         bool
	cashbackBPS, cashback, buybackBPS, buybackFee  uint64
	shareholders                                   []shareholder
	quoteMint                                      Key
	quote, virtualQuote, realQuote                 uint64
	holderRewardsBPS, holderRewards, creatorUnpaid uint64
}

type shareholder struct {
	key Key
	bps uint16
}

// How many fields a TradeEvent had, by when: the ages of layout that the feed writes.
const (
	tradeFields2024   = 10 // the first layout
	tradeFields202505 = 16 // fees and creator
	tradeFields202508 = 21 // volumes
	tradeFields202607 = 32 // ix_name, mayhem, cashback, buyback, shareholders, quote
	tradeFields202609 = 34 // holder rewards, 16 bytes more
	tradeFieldsNow    = 35 // creator_fee_unclaimed, 8 bytes more
)

// append encodes the discriminator and the first fields of the event.
func (t *tradeEvent) append(e *enc, fields int) {
	e.disc(discTrade)
	e.key(t.mint)
	e.u64(t.sol)
	e.u64(t.token)
	e.flag(t.buy)
	e.key(t.user)
	e.i64(t.time)
	e.u64(t.virtualSOL)
	e.u64(t.virtualToken)
	e.u64(t.realSOL)
	e.u64(t.realToken)
	if fields < tradeFields202505 {
		return
	}
	e.key(t.feeRecipient)
	e.u64(t.feeBPS)
	e.u64(t.fee)
	e.key(t.creator)
	e.u64(t.creatorBPS)
	e.u64(t.creatorFee)
	if fields < tradeFields202508 {
		return
	}
	e.flag(t.trackVolume)
	e.u64(t.unclaimed)
	e.u64(t.claimed)
	e.u64(t.volume)
	e.i64(t.lastUpdate)
	if fields < tradeFields202607 {
		return
	}
	t.append2026(e, fields)
}

func (t *tradeEvent) append2026(e *enc, fields int) {
	e.str(t.ixName)
	e.flag(t.mayhem)
	e.u64(t.cashbackBPS)
	e.u64(t.cashback)
	e.u64(t.buybackBPS)
	e.u64(t.buybackFee)
	e.u32(uint32(len(t.shareholders)))
	for _, s := range t.shareholders {
		e.key(s.key)
		e.u16(s.bps)
	}
	e.key(t.quoteMint)
	e.u64(t.quote)
	e.u64(t.virtualQuote)
	e.u64(t.realQuote)
	if fields < tradeFields202609 {
		return
	}
	e.u64(t.holderRewardsBPS)
	e.u64(t.holderRewards)
	if fields < tradeFieldsNow {
		return
	}
	e.u64(t.creatorUnpaid)
}

// createEvent is pump.fun's CreateEvent.
type createEvent struct {
	name, symbol, uri                          string
	mint, curve, user, creator                 Key
	time                                       int64
	virtualToken, virtualSOL, realToken, total uint64
	tokenProgram                               Key
	mayhem, cashback                           bool
	quoteMint                                  Key
	virtualQuote                               uint64
	creatorFeeBPS                              uint64
	holderReward                               bool
	depth                                      uint8
}

// How many fields a CreateEvent had, by when.
const (
	createFields2024   = 6  // to user
	createFields2025   = 12 // creator, time, reserves
	createFields202607 = 17 // token program, modes, quote
	createFields202609 = 19 // creator_fee_bps and is_holder_reward, 9 bytes more
	createFieldsNow    = 20 // depth
)

func (c *createEvent) append(e *enc, fields int) {
	e.disc(discCreate)
	e.str(c.name)
	e.str(c.symbol)
	e.str(c.uri)
	e.key(c.mint)
	e.key(c.curve)
	e.key(c.user)
	if fields < createFields2025 {
		return
	}
	e.key(c.creator)
	e.i64(c.time)
	e.u64(c.virtualToken)
	e.u64(c.virtualSOL)
	e.u64(c.realToken)
	e.u64(c.total)
	if fields < createFields202607 {
		return
	}
	e.key(c.tokenProgram)
	e.flag(c.mayhem)
	e.flag(c.cashback)
	e.key(c.quoteMint)
	e.u64(c.virtualQuote)
	if fields < createFields202609 {
		return
	}
	e.u64(c.creatorFeeBPS)
	e.flag(c.holderReward)
	if fields >= createFieldsNow {
		e.u8(c.depth)
	}
}

// completeEvent is pump.fun's CompleteEvent: 144 bytes, or 112 from before there were other quotes than SOL.
type completeEvent struct {
	user, mint, curve Key
	time              int64
	quoteMint         Key
}

func (c *completeEvent) append(e *enc, withQuote bool) {
	e.disc(discComplete)
	e.key(c.user)
	e.key(c.mint)
	e.key(c.curve)
	e.i64(c.time)
	if withQuote {
		e.key(c.quoteMint)
	}
}

// migrationEvent is pump.fun's CompletePumpAmmMigrationEvent, 200 bytes.
type migrationEvent struct {
	user, mint         Key
	tokens, quote, fee uint64
	curve              Key
	time               int64
	pool, quoteMint    Key
}

func (m *migrationEvent) append(e *enc, withQuote bool) {
	e.disc(discMigration)
	e.key(m.user)
	e.key(m.mint)
	e.u64(m.tokens)
	e.u64(m.quote)
	e.u64(m.fee)
	e.key(m.curve)
	e.i64(m.time)
	e.key(m.pool)
	if withQuote {
		e.key(m.quoteMint)
	}
}

// postCompleteEvent is pump.fun's PostCompleteBuyEvent, 232 bytes: the rest of a buy that completed the curve.
type postCompleteEvent struct {
	user, mint, curve, quoteMint                                   Key
	time                                                           int64
	baseOut, quoteIn, feeBPS, fee, creatorBPS, creatorFee, buyback uint64
	poolBaseBefore, poolQuoteBefore, poolBaseAfter, poolQuoteAfter uint64
}

func (p *postCompleteEvent) append(e *enc) {
	e.disc(discPostComplete)
	e.key(p.user)
	e.key(p.mint)
	e.key(p.curve)
	e.key(p.quoteMint)
	e.i64(p.time)
	for _, v := range [...]uint64{
		p.baseOut, p.quoteIn, p.feeBPS, p.fee, p.creatorBPS, p.creatorFee, p.buyback,
		p.poolBaseBefore, p.poolQuoteBefore, p.poolBaseAfter, p.poolQuoteAfter,
	} {
		e.u64(v)
	}
}
