package chain

// poolSize is the length of PumpSwap's Pool account as it was recorded last: the official 245 bytes, virtual quote
// reserves (i128) and what has come since.
const (
	poolSize     = 301
	discSwapPool = 0xf19a6d0411b16dbc
)

// pool is one of PumpSwap's.
type pool struct {
	account     *account
	bump        uint8
	index       uint16
	creator     *account // canonical pools: the pool authority
	curve       *curve   // what it came from
	lp          *mint
	base, quote *account
	liquidity   uint64
	vaultOwner  *account // of the coin creator's fees
	vault       *account
}

// newPool derives the pool of a curve's token; nothing of it exists yet.
func (c *Chain) newPool(v *curve, creator *account, index uint16) *pool {
	id, bump := findPDA(idPumpSwap, []byte("pool"), u16le(index), creator.key[:], v.mint.key[:], v.quote.key[:])
	p := &pool{account: newAccount(id, 0), bump: bump, index: index, creator: creator, curve: v}
	p.lp = c.addMint(pda(idPumpSwap, []byte("pool_lp_mint"), id[:]), 9, c.sys.token2022)
	p.lp.lamports = 0
	p.base, p.quote = v.mint.holder(p.account), v.quote.holder(p.account)
	p.vaultOwner = newAccount(pda(idPumpSwap, []byte("creator_vault"), v.creator.key[:]), 0)
	p.vault = v.quote.holder(p.vaultOwner).open(c.rnd.between(1e6, 1e9))
	return p
}

// addPool has the pool traded from now on.
func (c *Chain) addPool(p *pool) {
	const most = 300
	c.pools = append(c.pools, p)
	if len(c.pools) > most {
		c.pools = append(c.pools[:0], c.pools[most/10:]...)
	}
}

func (c *Chain) somePool() *pool {
	if len(c.pools) == 0 {
		return nil
	}
	return pick(c.rnd, c.pools)
}

// graduated makes a token that has its pool since before the feed began.
func (c *Chain) graduated() {
	v := c.newCurve(c.rnd.chance(2), c.sys.wsol, pick(c.rnd, c.users))
	c.launch(v)
	c.live = c.live[:len(c.live)-1]
	v.complete = true
	p := c.newPool(v, newAccount(pda(idPump, []byte("pool-authority"), v.mint.key[:]), 0), 0)
	p.account.lamports, p.lp.lamports = rentFor(poolSize), rentMint
	p.base.open(unsoldTokens)
	p.quote.open(c.rnd.between(20, 400) * lamportsPerSOL)
	p.liquidity = c.rnd.between(3e12, 5e12)
	v.virtualToken, v.virtualQuote, v.realToken, v.realQuote = 0, 0, 0, 0
	c.addPool(p)
}

// encodePool is the Pool account.
func (c *Chain) encodePool(p *pool) []byte {
	e := enc(c.mem.take(poolSize)[:0])
	e.disc(discSwapPool)
	e.u8(p.bump)
	e.u16(p.index)
	e.key(p.creator.key)
	e.key(p.curve.mint.key)
	e.key(p.curve.quote.key)
	e.key(p.lp.key)
	e.key(p.base.key)
	e.key(p.quote.key)
	e.u64(p.liquidity)
	e.key(p.curve.creator.key)
	e.flag(p.curve.mayhem)
	return e[:poolSize:poolSize]
}

// makeSwap is a swap on PumpSwap.
func (c *Chain) makeSwap() {
	p := c.somePool()
	if p == nil {
		return
	}
	v, b := p.curve, &c.b
	h := c.newHolder(v, pick(c.rnd, c.users))
	buy := !h.tokens.token.open || h.tokens.token.amount < 1000 || c.rnd.chance(2)
	c.purse(h.user, 3*lamportsPerSOL)
	b.begin(h.user, pick(c.rnd, []version{legacy, v0, v0Tables, v0Tables}))
	b.budget(200_000, c.rnd.between(0, 4_000_000))
	var quote *account
	if v.inSOL() {
		quote = c.wrappedSOL(h.user)
	} else {
		quote = h.quote
	}
	spend := c.rnd.between(1e6, 2e9)
	if !v.inSOL() {
		spend = mulDiv(p.quote.token.amount, c.rnd.between(1, 200), 10_000)
		quote.token.amount = max(quote.token.amount, 2*spend)
	}
	if v.inSOL() && buy {
		b.wrap(h.user, quote, spend+spend/20)
	} else {
		b.openAssociated(1, h.user, quote, true)
	}
	b.openAssociated(1, h.user, h.tokens, true)
	b.swap(p, h, quote, buy, spend)
	if c.failing() {
		b.fail(6004, true)
	} else if v.inSOL() {
		b.unwrap(h.user, quote)
	}
	b.finish()
}

// wrappedSOL returns owner's account for wrapped SOL, which is closed between transactions.
func (c *Chain) wrappedSOL(owner *account) *account {
	a := c.wrapped[owner]
	if a == nil {
		a = c.sys.wsol.holder(owner)
		c.wrapped[owner] = a
	}
	return a
}

// swap is buy (23 accounts) or sell (21).
func (b *builder) swap(p *pool, h *holder, quote *account, buy bool, spend uint64) {
	c, k, v := b.c, &b.c.sys, p.curve
	at := c.rnd.IntN(len(k.feeTaker))
	takerTokens := k.feeTakerWSOL[at]
	if !v.inSOL() {
		takerTokens = c.quoteAccount(v.quote, k.feeTaker[at])
	}
	base, q := p.base.token.amount, p.quote.token.amount
	e := &swapEvent{
		time: c.unix, userBase: h.tokens.token.amount, userQuote: quote.token.amount, poolBase: base, poolQuote: q,
		pool: p.account.key, user: h.user.key, userBaseATA: h.tokens.key, userQuoteATA: quote.key,
		feeRecipient: k.feeTaker[at].key, feeRecipientATA: takerTokens.key, coinCreator: v.creator.key,
	}
	e.price(buy, spend)
	d := enc(c.mem.take(25)[:0])
	d.disc(either(buy, ixBuy, ixSell))
	d.u64(e.base)
	d.u64(e.limit)
	list := append(c.metas[:0], ro(p.account), pays(h.user), ro(k.swapGlobal), ro(&v.mint.account), ro(&v.quote.account),
		rw(h.tokens), rw(quote), rw(p.base), rw(p.quote), ro(k.feeTaker[at]), rw(takerTokens), ro(v.mint.program),
		ro(v.quote.program), ro(k.system), ro(k.associated), ro(k.swapEvents), ro(k.pumpSwap), rw(p.vault), ro(p.vaultOwner))
	if buy {
		d.u8(0) // track_volume
		list = append(list, ro(k.swapVolume), rw(h.volume))
	}
	list = append(list, ro(k.swapFeeConfig), ro(k.pumpFees))
	c.metas = list
	b.call(1, k.pumpSwap, d, list...)
	b.settleSwap(p, h, quote, takerTokens, buy, e)
	buf := c.newEvent(450)
	e.append(&buf, buy)
	b.event(2, k.pumpSwap, k.swapEvents, buf, true)
	b.done(k.pumpSwap)
	if !c.cfg.NoAccounts {
		b.writeToken(p.base)
		b.writeToken(p.quote)
		b.writeToken(h.tokens)
	}
}

func (b *builder) settleSwap(p *pool, h *holder, quote, taker *account, buy bool, e *swapEvent) {
	if buy {
		b.say("Program log: Instruction: Buy")
		b.send(2, p.base, h.tokens, p.account, e.base, true)
		b.send(2, quote, p.quote, h.user, e.quoteLessFee, true)
		b.send(2, quote, taker, h.user, e.protocolFee, true)
		b.send(2, quote, p.vault, h.user, e.creatorFee, true)
		return
	}
	b.say("Program log: Instruction: Sell")
	b.send(2, h.tokens, p.base, h.user, e.base, true)
	b.send(2, p.quote, quote, p.account, e.userPays, true)
	b.send(2, p.quote, taker, p.account, e.protocolFee, true)
	b.send(2, p.quote, p.vault, p.account, e.creatorFee, true)
}

// price fills in the amounts by the constant product and the fees. quoteLessFee is what the pool gets, or gives.
func (e *swapEvent) price(buy bool, spend uint64) {
	if buy {
		e.quote = min(spend, e.poolQuote/4)
		e.base = mulDiv(e.poolBase, e.quote, e.poolQuote+e.quote)
		e.limit = e.quote + e.quote/20
	} else {
		e.base = max(1, min(e.userBase/2, e.poolBase/4))
		e.quote = mulDiv(e.poolQuote, e.base, e.poolBase+e.base)
		e.limit = e.quote - e.quote/20
	}
	e.lpFee, e.protocolFee = share(e.quote, swapLPBPS), share(e.quote, swapProtocolBPS)
	e.creatorFee = share(e.quote, swapCreatorBPS)
	if buy {
		e.quoteLessFee = e.quote + e.lpFee
		e.userPays = e.quoteLessFee + e.protocolFee + e.creatorFee
		return
	}
	fees := e.lpFee + e.protocolFee + e.creatorFee
	e.quoteLessFee = e.quote - min(e.quote, e.lpFee)
	e.userPays = e.quote - min(e.quote, fees)
}
