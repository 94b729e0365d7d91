package chain

import "math"

const (
	ixMigrate    = 0x9beae792ec9ea21e
	ixMigrateV2  = 0xbbcb121fceedfe29
	ixCreatePool = 0xe992d18ecf6840bc

	poolMigrationFee = 15_000_001 // lamports (Global)
)

// makeComplete is a buy that takes a curve's last tokens: its migration follows a few slots later.
func (c *Chain) makeComplete() {
	if len(c.live) == 0 {
		return
	}
	at := 0
	for range 40 { // of forty, the one that is nearest to its end
		if i := c.rnd.IntN(len(c.live)); c.live[i].realToken < c.live[at].realToken {
			at = i
		}
	}
	v := c.live[at]
	user := pick(c.rnd, c.users)
	h := c.newHolder(v, user)
	user = h.user
	_, cost := v.tokensFor(math.MaxUint32 * uint64(1000))
	c.afford(h, v, 2*cost)
	b := &c.b
	b.begin(user, pick(c.rnd, []version{legacy, v0, v0Tables}))
	b.budget(250_000, c.rnd.between(100_000, 9_000_000))
	b.openAssociated(1, user, h.tokens, true)
	b.trade(1, &order{
		curve: v, holder: h, buy: true, exactIn: c.rnd.chance(2), v3: !v.inSOL() && c.rnd.chance(2), amount: cost + cost/9,
		fields: tradeFieldsNow,
	})
	if c.failing() {
		b.fail(6002, true)
		b.finish()
		return
	}
	b.finish()
	c.live = append(c.live[:at], c.live[at+1:]...)
	c.due = append(c.due, migration{v, c.turns + 1 + uint64(c.rnd.IntN(4))})
}

// migration is a complete curve that waits for its pool.
type migration struct {
	curve *curve
	turn  uint64 // when
}

// afford gives a holder what a buy for quote costs, fees and rent included.
func (c *Chain) afford(h *holder, v *curve, quote uint64) {
	c.purse(h.user, lamportsPerSOL)
	need := quote + share(quote, feeBPS+creatorFeeBPS) + 10
	if v.inSOL() {
		c.purse(h.user, need+lamportsPerSOL/10)
		return
	}
	if t := h.quote.token; t.amount < need {
		t.amount = need + need/3
	}
}

// makeMigrations migrates the curves that are due: to PumpSwap, or as it was before 2025-03 to Raydium.
func (c *Chain) makeMigrations() {
	rest := c.due[:0]
	for _, m := range c.due {
		if m.turn > c.turns {
			rest = append(rest, m)
			continue
		}
		if m.curve.inSOL() && m.curve.mint.program == c.sys.token && c.rnd.Float64() < c.cfg.Mix.OldMigrator {
			c.makeOldMigration(m.curve)
			continue
		}
		c.makeMigration(m.curve)
	}
	c.due = rest
}

// migrationAccounts are what migrate and migrate_v2 name beside the well-known ones.
type migrationAccounts struct {
	authority, authorityBase, authorityQuote *account // the pool authority, and what passes through its hands
	user, userLP                             *account
}

// makeMigration is migrate (25 accounts) for SOL, migrate_v2 (27) for other quotes.
func (c *Chain) makeMigration(v *curve) {
	k, b := &c.sys, &c.b
	user := pick(c.rnd, c.users)
	c.purse(user, lamportsPerSOL)
	m := &migrationAccounts{user: user}
	m.authority = newAccount(pda(idPump, []byte("pool-authority"), v.mint.key[:]), 0)
	m.authorityBase, m.authorityQuote = v.mint.holder(m.authority), v.quote.holder(m.authority)
	p := c.newPool(v, m.authority, 0)
	m.userLP = p.lp.holder(m.authority)
	b.begin(user, pick(c.rnd, []version{legacy, v0Tables}))
	b.budget(500_000, c.rnd.between(10_000, 2_000_000))
	d := enc(c.mem.take(8)[:0])
	if v.inSOL() {
		d.disc(ixMigrate)
		b.call(1, k.pump, d, b.migrateAccounts(v, p, m)...)
		b.say("Program log: Instruction: Migrate")
	} else {
		d.disc(ixMigrateV2)
		b.call(1, k.pump, d, b.migrateV2Accounts(v, p, m)...)
		b.say("Program log: Instruction: MigrateV2")
	}
	quote := v.realQuote + v.postQuote
	if v.inSOL() {
		quote -= poolMigrationFee
	}
	b.emptyCurve(v, m, quote)
	b.createPool(v, p, m, quote)
	b.burnLP(p, m)
	e := migrationEvent{
		user: user.key, mint: v.mint.key, tokens: v.unsold(), quote: quote, fee: poolMigrationFee,
		curve: v.account.key, time: c.unix, pool: p.account.key, quoteMint: v.quoteKey(),
	}
	buf := c.newEvent(200)
	e.append(&buf, true)
	b.event(2, k.pump, k.pumpEvents, buf, true)
	b.done(k.pump)
	if c.failing() {
		b.fail(6019, true)
		b.finish()
		c.due = append(c.due, migration{v, c.turns + 2})
		return
	}
	b.found(&Graduation{
		Type: "graduation", Stage: "migrated", To: "pumpswap", Mint: v.mint.key, BondingCurve: &v.account.key,
		User: user.key, Pool: &p.account.key,
	})
	c.emptied(v)
	if !c.cfg.NoAccounts {
		b.writeCurve(v)
		b.write(p.account, idPumpSwap, c.encodePool(p), nil)
		b.writeToken(p.base)
		b.writeToken(p.quote)
	}
	b.finish()
	c.addPool(p)
}

// emptied is what remains of a curve after its migration: its account's reserves read 0, and some have shrunk.
func (c *Chain) emptied(v *curve) {
	v.virtualToken, v.virtualQuote, v.realToken, v.realQuote = 0, 0, 0, 0
	if c.rnd.chance(4) {
		v.size = 49
	}
}

func (b *builder) migrateAccounts(v *curve, p *pool, m *migrationAccounts) []meta {
	k := &b.c.sys
	list := append(b.c.metas[:0], ro(k.global), rw(k.migrator), ro(&v.mint.account), rw(v.account), rw(v.tokens),
		pays(m.user), ro(k.system), ro(v.mint.program), ro(k.pumpSwap), rw(p.account), rw(m.authority),
		rw(m.authorityBase), rw(m.authorityQuote), ro(k.swapGlobal), ro(&k.wsol.account), rw(&p.lp.account), rw(m.userLP),
		rw(p.base), rw(p.quote), ro(k.token2022), ro(k.associated), ro(k.swapEvents), ro(k.pumpEvents), ro(k.pump), ro(v.second))
	b.c.metas = list
	return list
}

func (b *builder) migrateV2Accounts(v *curve, p *pool, m *migrationAccounts) []meta {
	k := &b.c.sys
	list := append(b.c.metas[:0], ro(k.global), rw(k.migrator), ro(&v.mint.account), ro(&v.quote.account),
		rw(v.account), rw(v.tokens), rw(v.quoteTokens), pays(m.user), ro(k.system), ro(k.pumpSwap), rw(p.account),
		rw(m.authority), rw(m.authorityBase), rw(m.authorityQuote), ro(k.swapGlobal), rw(&p.lp.account), rw(m.userLP),
		rw(p.base), rw(p.quote), ro(v.mint.program), ro(v.quote.program), ro(k.token2022), ro(k.associated),
		ro(k.swapEvents), ro(k.pumpEvents), ro(k.pump), ro(v.second))
	b.c.metas = list
	return list
}

// emptyCurve brings the curve's tokens and quote to the pool authority.
func (b *builder) emptyCurve(v *curve, m *migrationAccounts, quote uint64) {
	b.keepCurve(v)
	b.openAssociated(2, m.user, m.authorityBase, false)
	b.openAssociated(2, m.user, m.authorityQuote, false)
	b.send(2, v.tokens, m.authorityBase, v.account, v.unsold(), true)
	if !v.inSOL() {
		b.send(2, v.quoteTokens, m.authorityQuote, v.account, quote, true)
		return
	}
	b.move(v.account, m.authorityQuote, quote)
	b.move(v.account, b.c.sys.migrator, poolMigrationFee)
	m.authorityQuote.token.amount += quote
	b.call(2, b.c.sys.token, dataSyncNative, rw(m.authorityQuote))
	b.say("Program log: Instruction: SyncNative")
	b.done(b.c.sys.token)
}

// createPool is PumpSwap's create_pool, called by pump.fun.
func (b *builder) createPool(v *curve, p *pool, m *migrationAccounts, quote uint64) {
	c, k := b.c, &b.c.sys
	d := enc(c.mem.take(8 + 2 + 16 + 32 + 2)[:0])
	d.disc(ixCreatePool)
	d.u16(p.index)
	d.u64(v.unsold())
	d.u64(quote)
	d.key(v.creator.key)
	d.flag(v.mayhem)
	d.zeros(1) // is_cashback
	b.call(2, k.pumpSwap, d, rw(p.account), ro(k.swapGlobal), rw(m.authority), ro(&v.mint.account), ro(&v.quote.account),
		rw(&p.lp.account), rw(m.authorityBase), rw(m.authorityQuote), rw(m.userLP), rw(p.base), rw(p.quote), ro(k.system),
		ro(k.token2022), ro(v.mint.program), ro(v.quote.program), ro(k.associated), ro(k.swapEvents), ro(k.pumpSwap))
	b.say("Program log: Instruction: CreatePool")
	b.create(3, m.user, p.account, poolSize, idPumpSwap)
	b.create(3, m.user, &p.lp.account, 82, idToken2022)
	b.initMint(3, p.lp, p.account)
	b.openAssociated(3, m.user, m.userLP, false)
	b.openAssociated(3, m.user, p.base, false)
	b.openAssociated(3, m.user, p.quote, false)
	b.send(3, m.authorityBase, p.base, m.authority, v.unsold(), true)
	b.send(3, m.authorityQuote, p.quote, m.authority, quote, true)
	p.liquidity = uint64(math.Sqrt(float64(v.unsold())) * math.Sqrt(float64(quote)))
	b.mintTo(3, p.lp, m.userLP, p.account, p.liquidity-minimumLiquidity)
	e := createPoolEvent{
		time: c.unix, index: p.index, creator: m.authority.key, base: v.mint.key, quote: v.quote.key, baseDecimals: 6,
		quoteDecimals: v.quote.decimals, baseIn: v.unsold(), quoteIn: quote, liquidity: p.liquidity, bump: p.bump,
		pool: p.account.key, lpMint: p.lp.key, userBase: m.authorityBase.key, userQuote: m.authorityQuote.key,
		coinCreator: v.creator.key, mayhem: v.mayhem,
	}
	buf := c.newEvent(334)
	e.append(&buf)
	b.event(3, k.pumpSwap, k.swapEvents, buf, true)
	b.done(k.pumpSwap)
}

// burnLP burns what the pool authority got for its tokens.
func (b *builder) burnLP(p *pool, m *migrationAccounts) {
	k := &b.c.sys
	data := b.c.mem.take(9)
	data[0] = 8
	le64(data[1:], m.userLP.token.amount)
	b.call(2, k.token2022, data, rw(m.userLP), rw(&p.lp.account), ro(m.authority))
	b.say("Program log: Instruction: Burn")
	m.userLP.token.amount = 0
	b.done(k.token2022)
}

// makeMigrateNoop is a migrate of a curve that has a pool already, with a sale on the pool behind it: it succeeds and
// does nothing.
func (c *Chain) makeMigrateNoop() {
	p := c.somePool()
	if p == nil || p.curve == nil || !p.curve.inSOL() {
		return
	}
	v, b, k := p.curve, &c.b, &c.sys
	user := pick(c.rnd, c.users)
	c.purse(user, lamportsPerSOL)
	m := &migrationAccounts{user: user, authority: p.creator, userLP: p.lp.holder(p.creator)}
	m.authorityBase, m.authorityQuote = v.mint.holder(m.authority), v.quote.holder(m.authority)
	b.begin(user, v0Tables)
	b.budget(500_000, 60_000_000)
	d := enc(c.mem.take(8)[:0])
	d.disc(ixMigrate)
	b.call(1, k.pump, d, b.migrateAccounts(v, p, m)...)
	b.say("Program log: Instruction: Migrate", "Program log: Bonding curve already migrated")
	b.done(k.pump)
	b.finish()
}
