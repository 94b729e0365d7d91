package chain

// makeTrade is one transaction of trades with pump.fun's curves: mostly one, by the user or through a router, sometimes
// several.
func (c *Chain) makeTrade() {
	v := c.someCurve()
	if v == nil {
		return
	}
	switch r := c.rnd.IntN(100); {
	case r < 62:
		c.makeDirect(v)
	case r < 92:
		c.makeRouted(v)
	case r < 96:
		c.makeRoundTrip(v)
	default:
		c.makeBundle(v)
	}
}

// someCurve returns a curve that is traded: the young ones more often.
func (c *Chain) someCurve() *curve {
	if len(c.live) == 0 {
		return nil
	}
	r := c.rnd.Float64()
	return c.live[int(float64(len(c.live))*(1-r*r))-boolInt(r == 0)]
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// someOrder makes up a trade: a purchase where the user has nothing to sell.
func (c *Chain) someOrder(v *curve, user *account) *order {
	o := &order{curve: v, holder: c.newHolder(v, user), fields: c.layout(v)}
	o.v3 = !v.inSOL() && c.rnd.chance(3)
	held := o.holder.tokens.token
	o.buy = !held.open || held.amount < 1_000_000 || c.rnd.IntN(100) < 55
	if !o.buy {
		o.amount = held.amount
		if c.rnd.chance(2) {
			o.amount = c.rnd.between(held.amount/10+1, held.amount)
		}
		c.purse(o.holder.user, lamportsPerSOL)
		return o
	}
	o.exactIn = c.rnd.chance(3) && (!v.inSOL() || o.fields >= tradeFields202607)
	most := v.startQuote / 20
	if c.rnd.chance(10) {
		most = v.startQuote / 4
	}
	o.amount = c.rnd.between(most/1000, most)
	if tokens, _ := v.tokensFor(o.amount); tokens >= v.realToken {
		o.amount /= 1 << 20 // whoever takes the last tokens is makeComplete's affair
	}
	c.afford(o.holder, v, o.amount)
	return o
}

// layout says how old the TradeEvent's layout is: mostly today's; only tokens of the old program have the first ones.
func (c *Chain) layout(v *curve) int {
	if v.mint.program == c.sys.token && v.inSOL() && c.rnd.chance(4) {
		return pick(c.rnd, []int{tradeFields2024, tradeFields202505, tradeFields202508})
	}
	if c.rnd.chance(6) {
		return pick(c.rnd, []int{tradeFields202607, tradeFields202609})
	}
	return tradeFieldsNow
}

// prepare adds what comes before a trade.
func (b *builder) prepare(o *order) {
	b.budget(150_000, b.c.rnd.between(0, 5_000_000))
	if o.buy {
		b.openAssociated(1, o.holder.user, o.holder.tokens, true)
	}
}

// makeDirect is a trade by an instruction of the message.
func (c *Chain) makeDirect(v *curve) {
	o := c.someOrder(v, pick(c.rnd, c.users))
	b := &c.b
	b.begin(o.holder.user, pick(c.rnd, []version{legacy, v0, v0Tables, v1}))
	b.prepare(o)
	b.trade(1, o)
	switch {
	case c.failing():
		b.fail(6002, true) // TooMuchSolRequired
	case c.failing(): // the trade went well, what came after it did not: the event is there, and is void
		b.pay(1, o.holder.user, c.sys.feeTaker[0], 1)
		b.fail(1, false)
	case c.rnd.chance(4):
		b.pay(1, o.holder.user, pick(c.rnd, c.users), c.rnd.between(1000, 3_000_000)) // a tip
	}
	if b.failure == nil && c.rnd.chance(400) {
		b.noInner = true
	}
	b.finish()
}

// makeRouted is a trade that a router calls.
func (c *Chain) makeRouted(v *curve) {
	o := c.someOrder(v, pick(c.rnd, c.users))
	b, k := &c.b, &c.sys
	b.begin(o.holder.user, pick(c.rnd, []version{legacy, v0, v0Tables, v0Tables}))
	b.prepare(o)
	d := enc(c.mem.take(24)[:0])
	d.disc(either(o.buy, ixRouterBuy, ixRouterSell))
	d.u64(o.amount)
	d.u64(1)
	b.call(1, k.router, d, b.accountsOf(1, o, k.feeTaker[0])...)
	if o.buy {
		b.say("Program log: Instruction: BuyTokenForExactSol")
	} else {
		b.say("Program log: Instruction: SellToken")
	}
	b.trade(2, o)
	b.done(k.router)
	if c.failing() {
		b.fail(6001, false) // the router is not content with what pump.fun gave
	}
	b.finish()
}

// makeRoundTrip buys and sells the same amount in one transaction.
func (c *Chain) makeRoundTrip(v *curve) {
	o := c.someOrder(v, pick(c.rnd, c.users))
	if !o.buy {
		return
	}
	b := &c.b
	b.begin(o.holder.user, v0Tables)
	b.prepare(o)
	before := o.holder.tokens.token.amount
	b.trade(1, o)
	back := *o
	back.buy, back.exactIn = false, false
	back.amount = o.holder.tokens.token.amount - before
	b.trade(1, &back)
	if c.failing() {
		b.fail(6003, true)
	}
	b.finish()
}

// makeBundle has two or three users buy the same token in one transaction.
func (c *Chain) makeBundle(v *curve) {
	b := &c.b
	var first *order
	for range 2 + c.rnd.IntN(2) {
		o := c.someOrder(v, pick(c.rnd, c.users))
		if !o.buy || first != nil && o.holder == first.holder {
			continue
		}
		if first == nil {
			first = o
			b.begin(o.holder.user, v0Tables)
			b.budget(400_000, c.rnd.between(0, 900_000))
		}
		b.openAssociated(1, first.holder.user, o.holder.tokens, true)
		b.trade(1, o)
	}
	if first != nil {
		b.finish()
	}
}

// makeTransfer is a plain transfer of lamports.
func (c *Chain) makeTransfer() {
	b := &c.b
	from, to := pick(c.rnd, c.users), pick(c.rnd, c.users)
	n := c.rnd.between(1000, 3*lamportsPerSOL)
	c.purse(from, n+lamportsPerSOL/10)
	b.begin(from, legacy)
	if c.rnd.chance(2) {
		b.budget(450, c.rnd.between(0, 1_000_000))
	}
	b.pay(1, from, to, n)
	if c.failing() {
		b.fail(1, false) // ResultWithNegativeLamports
	}
	if !c.cfg.NoAccounts && b.failure == nil {
		b.write(from, idSystem, nil, nil)
		b.write(to, idSystem, nil, nil)
	}
	b.finish()
}

// makeTokenTransfer is a transfer of tokens by one of the two token programs.
func (c *Chain) makeTokenTransfer() {
	m := pick(c.rnd, c.sys.quotes)
	from, to := pick(c.rnd, c.users), pick(c.rnd, c.users)
	if from == to {
		return
	}
	c.purse(from, lamportsPerSOL)
	a, z := c.quoteAccount(m, from), c.quoteAccount(m, to)
	n := c.rnd.between(1, 5e8)
	if a.token.amount < n {
		a.token.amount = 2 * n
	}
	b := &c.b
	b.begin(from, pick(c.rnd, []version{legacy, v0}))
	b.openAssociated(1, from, z, true)
	b.send(1, a, z, from, n, true)
	if c.failing() {
		b.fail(1, false) // insufficient funds
	} else {
		b.writeToken(a)
		b.writeToken(z)
	}
	b.finish()
}

// failing draws whether a transaction fails.
func (c *Chain) failing() bool { return c.rnd.Float64() < c.cfg.Mix.Failed }
