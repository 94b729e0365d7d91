package chain

// The third version of the trading instructions (TRADE_V3.md): 17 accounts, no fee recipient, the fees stay with the
// curve. Where a buy completes the curve, the rest of its money buys from what will be the pool.
const (
	ixBuyV3           = 0x07051dc4f5176550
	ixSellV3          = 0x1c92de7726c469d5
	ixBuyExactQuoteV3 = 0xe1f7501ed5b38488
)

func (o *order) discriminatorV3() uint64 {
	switch {
	case o.buy && o.exactIn:
		return ixBuyExactQuoteV3
	case o.buy:
		return ixBuyV3
	}
	return ixSellV3
}

func (o *order) lineV3() string {
	switch {
	case o.buy && o.exactIn:
		return "Program log: Instruction: BuyExactQuoteInV3"
	case o.buy:
		return "Program log: Instruction: BuyV3"
	}
	return "Program log: Instruction: SellV3"
}

// tradeAccountsV3 are 17. What the documents leave open, places 3, 4, 9, 10 and 14, is filled with what the programs
// that are called need.
func (b *builder) tradeAccountsV3(height int, o *order) []meta {
	k, v, h := &b.c.sys, o.curve, o.holder
	m := append(b.c.metas[:0], ro(k.global), ro(&v.mint.account), ro(&v.quote.account), ro(v.mint.program),
		ro(v.quote.program), rw(v.account), rw(v.tokens), rw(v.quoteTokens), userOf(height, h.user), rw(h.tokens),
		rw(h.quote), rw(h.volume), ro(k.feeConfig), rw(k.buyback[1]), ro(k.pumpFees), ro(k.pumpEvents), ro(k.pump))
	b.c.metas = m
	return m
}

// settleV3 moves tokens and quote tokens between the user and the curve alone.
func (b *builder) settleV3(height int, o *order, e *tradeEvent) {
	v, h := o.curve, o.holder
	e.feeRecipient = Key{}
	if o.buy {
		b.send(height, v.tokens, h.tokens, v.account, e.token, true)
		b.send(height, h.quote, v.quoteTokens, h.user, e.quote+e.fee+e.creatorFee, true)
		v.bought(e.token, e.quote)
		return
	}
	b.send(height, h.tokens, v.tokens, h.user, e.token, true)
	b.send(height, v.quoteTokens, h.quote, v.account, e.quote-e.fee-e.creatorFee, true)
	v.sold(e.token, e.quote)
}

// postComplete spends what a buy has left once the curve is complete.
func (b *builder) postComplete(height int, o *order) {
	c, v, h := b.c, o.curve, o.holder
	in := o.amount / 20
	e := &postCompleteEvent{
		user: h.user.key, mint: v.mint.key, curve: v.account.key, quoteMint: v.quoteKey(), time: c.unix,
		baseOut: mulDiv(unsoldTokens, in, v.realQuote+in), quoteIn: in, feeBPS: feeBPS, fee: share(in, feeBPS),
		creatorBPS: creatorFeeBPS, creatorFee: share(in, creatorFeeBPS), buyback: share(in, feeBPS) / 2,
		poolBaseBefore: unsoldTokens, poolQuoteBefore: v.realQuote,
	}
	e.poolBaseAfter, e.poolQuoteAfter = e.poolBaseBefore-e.baseOut, e.poolQuoteBefore+in
	b.send(height+1, v.tokens, h.tokens, v.account, e.baseOut, true)
	b.send(height+1, h.quote, v.quoteTokens, h.user, in+e.fee+e.creatorFee, true)
	v.postBase, v.postQuote = e.baseOut, in
	buf := c.newEvent(232)
	e.append(&buf)
	b.event(height+1, c.sys.pump, c.sys.pumpEvents, buf, true)
}
