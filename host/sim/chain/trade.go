package chain

// Discriminators of pump.fun's trading instructions.
const (
	ixBuy             = 0x66063d1201daebea
	ixSell            = 0x33e685a4017f83ad
	ixBuyExactSOLIn   = 0x38fc74089edfcd5f
	ixBuyV2           = 0xb817ee6167c5d33d
	ixSellV2          = 0x5df6823ce7e940b2
	ixBuyExactQuoteV2 = 0xc2ab1c46684d5b2f
	ixGetFees         = 0xe7257e55cf5b3f34
	ixGetFeesQuote    = 0x9aed8a5ca202a2bb
	ixRouterBuy       = 0xe73f9983f3ede33c
	ixRouterSell      = 0x5e3ac0cbe05b7a9c
)

// pump.fun's fees, in hundredths of a per cent; half of the first goes to the buyback.
const (
	feeBPS        = 95
	creatorFeeBPS = 30
	buybackBPS    = 5000
)

// order is one trade with a curve.
type order struct {
	curve   *curve
	holder  *holder
	buy     bool
	exactIn bool   // buy_exact_sol_in, or buy_exact_quote_in_v2 or _v3
	v3      bool   // the third version of the instruction; only with a quote other than SOL
	amount  uint64 // quote for a buy, tokens for a sale
	fields  int    // of its TradeEvent
}

// trade has pump.fun execute o at a height: 1 for an instruction of the message, 2 for one that a router calls.
func (b *builder) trade(height int, o *order) {
	c, v := b.c, o.curve
	b.keepCurve(v)
	e := &tradeEvent{
		mint: v.mint.key, buy: o.buy, user: o.holder.user.key, time: c.unix, creator: v.creator.key,
		feeBPS: feeBPS, creatorBPS: creatorFeeBPS, buybackBPS: buybackBPS, mayhem: v.mayhem, quoteMint: v.quoteKey(),
		lastUpdate: 0,
	}
	if o.buy {
		e.token, e.quote = v.tokensFor(o.amount)
	} else {
		e.token, e.quote = o.amount, v.quoteFor(o.amount)
	}
	e.fee, e.creatorFee = share(e.quote, feeBPS), share(e.quote, creatorFeeBPS)
	if o.fields >= tradeFields202607 {
		e.buybackFee = e.fee / 2
	} else {
		e.buybackBPS = 0
	}
	recipient := pick(c.rnd, c.sys.feeTaker)
	e.feeRecipient = recipient.key
	e.ixName = o.name()
	b.tradeCall(height, o, e, recipient)
	b.fees(height+1, o, e)
	switch {
	case v.inSOL():
		b.settleSOL(height+1, o, e, recipient)
	case o.v3:
		b.settleV3(height+1, o, e)
	default:
		b.settleQuote(height+1, o, e, recipient)
	}
	b.tell(height, o, e)
}

// name is what TradeEvent calls the instruction: without its version.
func (o *order) name() string {
	switch {
	case !o.buy:
		return "sell"
	case !o.exactIn:
		return "buy"
	case o.curve.inSOL():
		return "buy_exact_sol_in"
	}
	return "buy_exact_quote_in"
}

// tradeCall adds the instruction itself.
func (b *builder) tradeCall(height int, o *order, e *tradeEvent, recipient *account) {
	b.call(height, b.c.sys.pump, b.tradeData(o, e), b.accountsOf(height, o, recipient)...)
	b.say(o.line())
}

// accountsOf are the accounts of o's instruction.
func (b *builder) accountsOf(height int, o *order, recipient *account) []meta {
	switch {
	case o.curve.inSOL():
		return b.tradeAccounts(height, o, recipient)
	case o.v3:
		return b.tradeAccountsV3(height, o)
	}
	return b.tradeAccountsV2(height, o, recipient)
}

func (o *order) line() string {
	sol := o.curve.inSOL()
	switch {
	case o.v3:
		return o.lineV3()
	case o.buy && o.exactIn && sol:
		return "Program log: Instruction: BuyExactSolIn"
	case o.buy && o.exactIn:
		return "Program log: Instruction: BuyExactQuoteInV2"
	case o.buy && sol:
		return "Program log: Instruction: Buy"
	case o.buy:
		return "Program log: Instruction: BuyV2"
	case sol:
		return "Program log: Instruction: Sell"
	}
	return "Program log: Instruction: SellV2"
}

// tradeData returns discriminator and two numbers: 24 bytes, or 25 of buy_v3.
func (b *builder) tradeData(o *order, e *tradeEvent) []byte {
	d := enc(b.c.mem.take(25)[:0])
	sol := o.curve.inSOL()
	first, second := e.token, e.quote+e.quote/50 // 2 % of slippage
	switch {
	case o.buy && o.exactIn:
		first, second = e.quote+e.fee+e.creatorFee, e.token-e.token/50
	case !o.buy:
		second = e.quote - e.quote/50
	}
	d.disc(o.discriminator(sol))
	d.u64(first)
	d.u64(second)
	if o.v3 && o.buy && !o.exactIn {
		d.u8(0) // partial_fill
	}
	return d
}

func (o *order) discriminator(sol bool) uint64 {
	switch {
	case o.v3:
		return o.discriminatorV3()
	case o.buy && o.exactIn:
		return either(sol, ixBuyExactSOLIn, ixBuyExactQuoteV2)
	case o.buy:
		return either(sol, ixBuy, ixBuyV2)
	}
	return either(sol, ixSell, ixSellV2)
}

func either(yes bool, a, b uint64) uint64 {
	if yes {
		return a
	}
	return b
}

// userOf is the user's role: a signature counts in the message, and what a router calls inherits it.
func userOf(height int, user *account) meta {
	if height == 1 {
		return pays(user)
	}
	return rw(user)
}

// tradeAccounts are the accounts of buy, buy_exact_sol_in and sell, as many as there were at the age of the layout.
func (b *builder) tradeAccounts(height int, o *order, recipient *account) []meta {
	k, v, h := &b.c.sys, o.curve, o.holder
	m := append(b.c.metas[:0], ro(k.global), rw(recipient), ro(&v.mint.account), rw(v.account), rw(v.tokens), rw(h.tokens),
		userOf(height, h.user), ro(k.system))
	token := ro(v.mint.program)
	switch {
	case o.buy && o.fields < tradeFields202505:
		m = append(m, token, ro(k.rent))
	case o.buy:
		m = append(m, token, rw(v.creatorVault))
	case o.fields < tradeFields202505:
		m = append(m, ro(k.associated), token)
	default:
		m = append(m, rw(v.creatorVault), token)
	}
	m = append(m, ro(k.pumpEvents), ro(k.pump))
	if o.fields >= tradeFields202508 {
		if o.buy {
			m = append(m, rw(k.globalVolume), rw(h.volume))
		}
		m = append(m, ro(k.feeConfig), ro(k.pumpFees))
	}
	if o.fields >= tradeFields202607 {
		m = append(m, ro(v.second), rw(k.buyback[0]))
	}
	b.c.metas = m
	return m
}

// tradeAccountsV2 are the 27 accounts of buy_v2 and buy_exact_quote_in_v2, or the 26 of sell_v2.
func (b *builder) tradeAccountsV2(height int, o *order, recipient *account) []meta {
	k, v, h := &b.c.sys, o.curve, o.holder
	back := k.buyback[1]
	m := append(b.c.metas[:0], ro(k.global), ro(&v.mint.account), ro(&v.quote.account), ro(v.mint.program),
		ro(v.quote.program), ro(k.associated), rw(recipient), rw(b.c.quoteAccount(v.quote, recipient)), rw(back),
		rw(b.c.quoteAccount(v.quote, back)), rw(v.account), rw(v.tokens), rw(v.quoteTokens), userOf(height, h.user),
		rw(h.tokens), rw(h.quote), rw(v.creatorVault), rw(v.vaultTokens), ro(v.sharing))
	if o.buy {
		m = append(m, rw(k.globalVolume))
	}
	m = append(m, rw(h.volume), rw(h.qVol), ro(k.feeConfig), ro(k.pumpFees), ro(k.system), ro(k.pumpEvents), ro(k.pump))
	b.c.metas = m
	return m
}

// fees is the call to the fee program, which newer trades make.
func (b *builder) fees(height int, o *order, e *tradeEvent) {
	if o.fields < tradeFields202508 {
		return
	}
	k := &b.c.sys
	var d enc
	if o.curve.inSOL() {
		d = b.c.mem.take(33)[:0]
		d.disc(ixGetFees)
	} else {
		d = b.c.mem.take(65)[:0]
		d.disc(ixGetFeesQuote)
	}
	d.u8(1)
	d.u64(o.curve.virtualQuote)
	d.u64(0)
	d.u64(e.quote)
	if !o.curve.inSOL() {
		d.key(o.curve.quote.key)
	}
	b.call(height, k.pumpFees, d, ro(k.feeConfig), ro(k.pump))
	if o.curve.inSOL() {
		b.say("Program log: Instruction: GetFees")
	} else {
		b.say("Program log: Instruction: GetFeesWithQuoteMint")
	}
	b.say("Program return: pfeeUxB6jkeY1Hxd7CsFCAjcbHA9rWtchMGdZ6VojVZ AAAAAAAAAABfAAAAAAAAAB4AAAAAAAAA")
	b.done(k.pumpFees)
}

// settleSOL moves tokens and lamports.
func (b *builder) settleSOL(height int, o *order, e *tradeEvent, recipient *account) {
	v, h := o.curve, o.holder
	e.sol = e.quote
	checked := v.mint.program.key == idToken2022
	if !o.buy {
		b.send(height, h.tokens, v.tokens, h.user, e.token, checked)
		v.sold(e.token, e.quote)
		b.move(v.account, h.user, e.quote-e.fee-e.creatorFee)
		b.move(v.account, recipient, e.fee-e.buybackFee)
		b.creatorShare(o, e)
		if e.buybackFee > 0 {
			b.move(v.account, b.c.sys.buyback[0], e.buybackFee)
		}
		return
	}
	b.send(height, v.tokens, h.tokens, v.account, e.token, checked)
	v.bought(e.token, e.quote)
	if o.fields >= tradeFields202505 {
		b.pay(height, h.user, v.creatorVault, e.creatorFee)
	}
	b.pay(height, h.user, v.account, e.quote)
	if e.buybackFee > 0 {
		b.pay(height, h.user, b.c.sys.buyback[0], e.buybackFee)
	}
	b.pay(height, h.user, recipient, e.fee-e.buybackFee)
}

// creatorShare pays the creator's fee of a sale; the first layout had none.
func (b *builder) creatorShare(o *order, e *tradeEvent) {
	to := o.curve.creatorVault
	if o.fields < tradeFields202505 {
		to = o.holder.user
	}
	b.move(o.curve.account, to, e.creatorFee)
}

// settleQuote moves tokens and quote tokens.
func (b *builder) settleQuote(height int, o *order, e *tradeEvent, recipient *account) {
	v, h := o.curve, o.holder
	back := b.c.quoteAccount(v.quote, b.c.sys.buyback[1])
	taker := b.c.quoteAccount(v.quote, recipient)
	from, authority := h.quote, h.user
	if o.buy {
		b.send(height, v.tokens, h.tokens, v.account, e.token, true)
		b.send(height, h.quote, v.quoteTokens, h.user, e.quote, true)
		v.bought(e.token, e.quote)
	} else {
		from, authority = v.quoteTokens, v.account
		b.send(height, h.tokens, v.tokens, h.user, e.token, true)
		b.send(height, v.quoteTokens, h.quote, v.account, e.quote-e.fee-e.creatorFee, true)
		v.sold(e.token, e.quote)
	}
	b.send(height, from, v.vaultTokens, authority, e.creatorFee, true)
	b.send(height, from, taker, authority, e.fee-e.buybackFee, true)
	b.send(height, from, back, authority, e.buybackFee, true)
}

// tell emits the events and ends the call.
func (b *builder) tell(height int, o *order, e *tradeEvent) {
	c, v := b.c, o.curve
	e.virtualToken, e.realToken = v.virtualToken, v.realToken
	e.virtualQuote, e.realQuote = v.virtualQuote, v.realQuote
	if v.inSOL() {
		e.virtualSOL, e.realSOL = v.virtualQuote, v.realQuote
	}
	if o.fields < tradeFields202505 {
		e.creatorFee = 0
	}
	buf := c.newEvent(400)
	e.append(&buf, o.fields)
	b.event(height+1, c.sys.pump, c.sys.pumpEvents, buf, true)
	b.found(&traded{e, o.fields, v.quote.decimals})
	if v.complete {
		b.tellComplete(height, o)
		if o.v3 {
			b.postComplete(height, o)
		}
	}
	b.done(c.sys.pump)
	b.writeTrade(o)
}

func (b *builder) tellComplete(height int, o *order) {
	c, v := b.c, o.curve
	e := completeEvent{o.holder.user.key, v.mint.key, v.account.key, c.unix, v.quoteKey()}
	buf := c.newEvent(144)
	e.append(&buf, o.fields >= tradeFields202607)
	b.event(height+1, c.sys.pump, c.sys.pumpEvents, buf, true)
	b.found(&Graduation{
		Type: "graduation", Stage: "complete", Mint: v.mint.key, BondingCurve: &v.account.key, User: o.holder.user.key,
	})
}

// writeTrade lists the accounts that a trade has written.
func (b *builder) writeTrade(o *order) {
	if b.c.cfg.NoAccounts {
		return
	}
	b.writeCurve(o.curve)
	b.writeToken(o.curve.tokens)
	b.writeToken(o.holder.tokens)
}

func (b *builder) writeToken(a *account) {
	if !b.c.cfg.NoAccounts {
		b.write(a, a.token.mint.program.key, b.c.spl(a), nil)
	}
}

// newEvent returns an encoder for an event of about n bytes, the self-CPI tag written.
func (c *Chain) newEvent(n int) enc {
	e := enc(c.mem.take(n + 8)[:0])
	e.disc(tagSelfCPI)
	return e
}

// quoteAccount returns owner's open account for a quote.
func (c *Chain) quoteAccount(m *mint, owner *account) *account {
	key := [2]*account{&m.account, owner}
	a := c.quoteATAs[key]
	if a == nil {
		a = m.holder(owner).open(c.rnd.between(1e6, 1e12))
		c.quoteATAs[key] = a
	}
	return a
}
