package chain

const (
	ixLaunchInitV2   = 0x4399af27da102620
	ixLaunchInit2022 = 0x25be7ede2c9aab11
	ixLaunchBuy      = 0xfaea0d7bd59c13ec
	ixLaunchSell     = 0x9527de9bd37c981a
	launchPoolSize   = 429

	launchSupply = 1_000_000_000_000_000
	launchSell   = 793_100_000_000_000
	launchGoal   = 85_000_000_000
)

// launchPool is a pool of Raydium's LaunchLab: a curve of its own.
type launchPool struct {
	account                   *account
	base                      *mint
	baseVault, quoteVault     *account
	creator                   Key
	virtualBase, virtualQuote uint64
	realBase, realQuote       uint64 // sold, and raised
	holders                   []*holder
	name, symbol, uri         string
}

func (c *Chain) newLaunch(program *account, creator Key) *launchPool {
	k := &c.sys
	base := c.addMint(c.rnd.wallet(), 6, program)
	base.lamports = 0
	id := pda(idLaunchLab, []byte("pool"), base.key[:], idWrappedSOL[:])
	p := &launchPool{
		account: newAccount(id, 0), base: base, creator: creator, virtualBase: startVirtualToken, virtualQuote: startVirtualSOL,
	}
	p.baseVault = base.vault(pda(idLaunchLab, []byte("pool_vault"), id[:], base.key[:]), k.launchAuth)
	p.quoteVault = k.wsol.vault(pda(idLaunchLab, []byte("pool_vault"), id[:], idWrappedSOL[:]), k.launchAuth)
	p.name, p.symbol, p.uri = c.coinName()
	return p
}

// makeLaunch is a new token on LaunchLab: initialize, initialize_v2 or initialize_with_token_2022, with a first buy.
func (c *Chain) makeLaunch() {
	k, b := &c.sys, &c.b
	payer := pick(c.rnd, c.users)
	creator := payer
	if c.rnd.chance(4) {
		creator = pick(c.rnd, c.users)
	}
	form := pick(c.rnd, []uint64{ixInitialize, ixLaunchInitV2, ixLaunchInit2022})
	program := k.token
	if form == ixLaunchInit2022 {
		program = k.token2022
	}
	p := c.newLaunch(program, creator.key)
	c.purse(payer, 10*lamportsPerSOL)
	b.begin(payer, pick(c.rnd, []version{v0, v0Tables}))
	b.budget(600_000, c.rnd.between(10_000, 100_000))
	b.initLaunch(payer, creator, p, form)
	if c.failing() {
		b.fail(6003, true)
		b.finish()
		return
	}
	b.found(&Pool{
		Type: "pool", Program: "launchlab", Pool: p.account.key, BaseMint: p.base.key, QuoteMint: idWrappedSOL,
		BaseVault: p.baseVault.key, QuoteVault: p.quoteVault.key, Creator: creator.key,
	})
	if c.rnd.chance(2) {
		h := c.launchHolder(p, payer)
		b.launchTrade(1, p, h, true)
		b.unwrap(payer, h.quote)
	}
	if !c.cfg.NoAccounts {
		b.write(p.account, idLaunchLab, c.encodeLaunch(p), nil)
	}
	b.finish()
	c.launches = append(c.launches[max(0, len(c.launches)-99):], p)
}

// oldLaunch makes a pool that is there since before the feed began.
func (c *Chain) oldLaunch() {
	p := c.newLaunch(c.sys.token, pick(c.rnd, c.users).key)
	p.base.lamports, p.account.lamports = rentMint, rentFor(launchPoolSize)
	p.baseVault.open(launchSupply)
	p.quoteVault.open(0)
	c.launches = append(c.launches, p)
}

func (c *Chain) launchHolder(p *launchPool, user *account) *holder {
	for _, h := range p.holders {
		if h.user == user {
			return h
		}
	}
	if len(p.holders) >= maxHolders {
		return pick(c.rnd, p.holders)
	}
	h := &holder{user: user, tokens: p.base.holder(user), quote: c.wrappedSOL(user)}
	p.holders = append(p.holders, h)
	return h
}

// params are the token's name and the curve's terms, as the instruction and the event carry them.
func (p *launchPool) params(d *enc) {
	d.u8(p.base.decimals)
	d.str(p.name)
	d.str(p.symbol)
	d.str(p.uri)
	d.u8(0) // a constant-product curve
	d.u64(launchSupply)
	d.u64(launchSell)
	d.u64(launchGoal)
	d.u8(1)     // migrate_type: CPMM
	d.zeros(24) // no vesting
}

// initLaunch names 18 accounts; for Token-2022 there is no metadata account, nor its program and rent.
func (b *builder) initLaunch(payer, creator *account, p *launchPool, form uint64) {
	c, k := b.c, &b.c.sys
	size := 8 + 1 + 12 + len(p.name) + len(p.symbol) + len(p.uri) + 1 + 24 + 1 + 24
	d := enc(c.mem.take(size)[:0])
	d.disc(form)
	p.params(&d)
	list := append(c.metas[:0], pays(payer), ro(creator), ro(k.launchConfig), ro(k.platform), ro(k.launchAuth),
		rw(p.account), pays(&p.base.account), ro(&k.wsol.account), rw(p.baseVault), rw(p.quoteVault))
	metadata := c.metadata(p.base.key)
	if form == ixLaunchInit2022 {
		list = append(list, ro(k.token2022), ro(k.token), ro(k.system), ro(k.launchEvents), ro(k.launchLab))
	} else {
		list = append(list, rw(metadata), ro(k.token), ro(k.token), ro(k.metadata), ro(k.system), ro(k.rent),
			ro(k.launchEvents), ro(k.launchLab))
	}
	c.metas = list
	b.call(1, k.launchLab, d, list...)
	b.say(launchLine(form))
	b.create(2, payer, p.account, launchPoolSize, idLaunchLab)
	b.create(2, payer, &p.base.account, 82, p.base.program.key)
	b.initMint(2, p.base, k.launchAuth)
	b.create(2, payer, p.baseVault, p.base.size(), p.base.program.key)
	b.initToken(2, p.baseVault)
	b.create(2, payer, p.quoteVault, 165, idToken)
	b.initToken(2, p.quoteVault)
	e := c.newEvent(8 + 96 + size)
	e.disc(discLaunchCreate)
	e.key(p.account.key)
	e.key(creator.key)
	e.key(idLaunchConfig)
	p.params(&e)
	b.event(2, k.launchLab, k.launchEvents, e, false)
	b.mintTo(2, p.base, p.baseVault, k.launchAuth, launchSupply)
	b.sealMint(p.base, k.launchAuth)
	b.done(k.launchLab)
}

func launchLine(form uint64) string {
	switch form {
	case ixLaunchInitV2:
		return "Program log: Instruction: InitializeV2"
	case ixLaunchInit2022:
		return "Program log: Instruction: InitializeWithToken2022"
	}
	return "Program log: Instruction: Initialize"
}

// makeLaunchTrade is a trade on LaunchLab, whose event has the discriminator of pump.fun's.
func (c *Chain) makeLaunchTrade() {
	if len(c.launches) == 0 {
		return
	}
	p, b := pick(c.rnd, c.launches), &c.b
	h := c.launchHolder(p, pick(c.rnd, c.users))
	buy := !h.tokens.token.open || h.tokens.token.amount < 1e6 || c.rnd.chance(2)
	if buy && p.realQuote > launchGoal*8/10 {
		return
	}
	c.purse(h.user, 4*lamportsPerSOL)
	b.begin(h.user, pick(c.rnd, []version{legacy, v0Tables}))
	b.budget(150_000, c.rnd.between(10_000, 900_000))
	b.launchTrade(1, p, h, buy)
	if c.failing() {
		b.fail(6006, true)
		b.finish()
		return
	}
	b.unwrap(h.user, h.quote)
	if !c.cfg.NoAccounts {
		b.write(p.account, idLaunchLab, c.encodeLaunch(p), nil)
	}
	b.finish()
}

// launchTrade is buy_exact_in or sell_exact_in (15 accounts), behind what wraps the SOL.
func (b *builder) launchTrade(height int, p *launchPool, h *holder, buy bool) {
	c, k := b.c, &b.c.sys
	vb, vq, rb, rq := p.virtualBase, p.virtualQuote, p.realBase, p.realQuote
	b.onFailure(func() { p.virtualBase, p.virtualQuote, p.realBase, p.realQuote = vb, vq, rb, rq })
	e := &launchTradeEvent{pool: p.account.key, totalSell: launchSell, virtualBase: p.virtualBase,
		virtualQuote: p.virtualQuote, baseBefore: p.realBase, quoteBefore: p.realQuote, sell: !buy}
	var into uint64 // what reaches the curve, or leaves it
	if buy {
		e.in = c.rnd.between(1e7, 2e9)
		e.protocolFee, e.platformFee = share(e.in, 25), share(e.in, 75)
		into = e.in - e.protocolFee - e.platformFee
		x, y := p.virtualBase-p.realBase, p.virtualQuote+p.realQuote
		e.out = mulDiv(x, into, y+into)
		p.realBase, p.realQuote = p.realBase+e.out, p.realQuote+into
		b.wrap(h.user, h.quote, e.in)
	} else {
		e.in = h.tokens.token.amount / 2
		x, y := p.virtualBase-p.realBase, p.virtualQuote+p.realQuote
		into = min(mulDiv(y, e.in, x+e.in), p.realQuote)
		e.protocolFee, e.platformFee = share(into, 25), share(into, 75)
		e.out = into - min(into, e.protocolFee+e.platformFee)
		p.realBase, p.realQuote = p.realBase-min(e.in, p.realBase), p.realQuote-into
		b.openAssociated(1, h.user, h.quote, true)
	}
	e.baseAfter, e.quoteAfter = p.realBase, p.realQuote
	b.openAssociated(1, h.user, h.tokens, true)
	d := enc(c.mem.take(32)[:0])
	d.disc(either(buy, ixLaunchBuy, ixLaunchSell))
	d.u64(e.in)
	d.u64(e.out - e.out/20)
	d.u64(0) // share_fee_rate
	b.call(height, k.launchLab, d, pays(h.user), ro(k.launchAuth), ro(k.launchConfig), ro(k.platform), rw(p.account),
		rw(h.tokens), rw(h.quote), rw(p.baseVault), rw(p.quoteVault), ro(&p.base.account), ro(&k.wsol.account),
		ro(p.base.program), ro(k.token), ro(k.launchEvents), ro(k.launchLab))
	if buy {
		b.say("Program log: Instruction: BuyExactIn")
	} else {
		b.say("Program log: Instruction: SellExactIn")
	}
	buf := c.newEvent(138)
	e.append(&buf)
	b.event(height+1, k.launchLab, k.launchEvents, buf, false)
	if buy {
		b.send(height+1, h.quote, p.quoteVault, h.user, e.in, true)
		b.send(height+1, p.baseVault, h.tokens, k.launchAuth, e.out, true)
	} else {
		b.send(height+1, h.tokens, p.baseVault, h.user, e.in, true)
		b.send(height+1, p.quoteVault, h.quote, k.launchAuth, e.out, true)
	}
	b.done(k.launchLab)
}

// encodeLaunch is LaunchLab's PoolState.
func (c *Chain) encodeLaunch(p *launchPool) []byte {
	e := enc(c.mem.take(launchPoolSize)[:0])
	e.disc(discPoolState)
	e.u64(800)             // epoch
	e.raw(254, 0, 6, 9, 1) // bump, status, decimals, migrate_type
	for _, v := range [...]uint64{
		launchSupply, launchSell, p.virtualBase, p.virtualQuote, p.realBase, p.realQuote, launchGoal,
	} {
		e.u64(v)
	}
	e.zeros(141 - len(e)) // fees, vesting
	for _, k := range [...]*Key{
		&idLaunchConfig, &idPlatform, &p.base.key, &idWrappedSOL, &p.baseVault.key, &p.quoteVault.key, &p.creator,
	} {
		e.key(*k)
	}
	return e[:launchPoolSize:launchPoolSize]
}
