package chain

import "bytes"

const (
	ixInitialize           = 0xafaf6d1f0d989bed // of CPMM and of LaunchLab
	ixInitializePermission = 0x3f37fe4131b25979
	discPoolState          = 0xf7ede3f5d7c3de46 // of CPMM, LaunchLab and CLMM
	cpmmPoolSize           = 637
	cpmmCreateFee          = 150_000_000 // lamports
)

// cpmmPool is a pool of Raydium's CPMM.
type cpmmPool struct {
	account, observation *account
	mints                [2]*mint
	vaults               [2]*account
	lp                   *mint
	creator              Key
	openTime, lpSupply   uint64
}

func (c *Chain) newCPMM(a, b *mint, creator Key) *cpmmPool {
	if bytes.Compare(a.key[:], b.key[:]) > 0 { // mint 0 is the lesser
		a, b = b, a
	}
	id := pda(idCPMM, []byte("pool"), idCPMMConfig[:], a.key[:], b.key[:])
	p := &cpmmPool{account: newAccount(id, 0), mints: [2]*mint{a, b}, creator: creator}
	p.observation = newAccount(pda(idCPMM, []byte("observation"), id[:]), 0)
	p.lp = c.addMint(pda(idCPMM, []byte("pool_lp_mint"), id[:]), 9, c.sys.token)
	p.lp.lamports = 0
	for i, m := range p.mints {
		p.vaults[i] = m.vault(pda(idCPMM, []byte("pool_vault"), id[:], m.key[:]), c.sys.cpmmAuth)
	}
	return p
}

// makeCPMM is a new pool: by initialize, or by initialize_with_permission, where somebody else pays than creates.
func (c *Chain) makeCPMM() {
	k, b := &c.sys, &c.b
	payer := pick(c.rnd, c.users)
	permitted := c.rnd.chance(4)
	creator := payer
	if permitted {
		creator = pick(c.rnd, c.users)
	}
	program := pick(c.rnd, []*account{k.token, k.token2022})
	token := c.addMint(c.rnd.wallet(), 6, program)
	p := c.newCPMM(k.wsol, token, creator.key)
	p.openTime = uint64(c.unix) + 1
	sol, tokens := c.rnd.between(1e9, 90e9), c.rnd.between(1e12, 1e15)
	c.purse(payer, sol+2*lamportsPerSOL)
	wrapped, held := c.wrappedSOL(payer), token.holder(payer).open(tokens)
	b.begin(payer, pick(c.rnd, []version{legacy, v0, v0Tables}))
	b.budget(300_000, c.rnd.between(0, 500_000))
	b.wrap(payer, wrapped, sol)
	from, amounts := [2]*account{wrapped, held}, [2]uint64{sol, tokens}
	if !p.mints[0].native {
		from, amounts = [2]*account{held, wrapped}, [2]uint64{tokens, sol}
	}
	if height := 1 + boolInt(c.rnd.chance(3)); height == 1 {
		b.initCPMM(1, payer, creator, p, from, amounts, permitted)
	} else { // a launchpad does it for the payer
		b.call(1, k.router, p.account.key[:8:8], pays(payer), rw(p.account), ro(k.cpmm))
		b.initCPMM(2, payer, creator, p, from, amounts, permitted)
		b.done(k.router)
	}
	if c.failing() {
		b.fail(6005, true)
		b.finish()
		return
	}
	b.unwrap(payer, wrapped)
	b.found(&Pool{
		Type: "pool", Program: "cpmm", Pool: p.account.key, BaseMint: p.mints[0].key, QuoteMint: p.mints[1].key,
		BaseVault: p.vaults[0].key, QuoteVault: p.vaults[1].key, LPMint: &p.lp.key, Creator: creator.key,
	})
	if !c.cfg.NoAccounts {
		b.write(p.account, idCPMM, c.encodeCPMM(p), nil)
		b.writeToken(p.vaults[0])
		b.writeToken(p.vaults[1])
	}
	b.finish()
	c.cpmms = append(c.cpmms[max(0, len(c.cpmms)-99):], p)
}

// initCPMM is initialize (20 accounts), or initialize_with_permission (22).
func (b *builder) initCPMM(height int, payer, creator *account, p *cpmmPool, from [2]*account, amounts [2]uint64, permitted bool) {
	c, k := b.c, &b.c.sys
	lp := p.lp.holder(payer)
	d := enc(c.mem.take(32)[:0])
	d.disc(either(permitted, ixInitializePermission, ixInitialize))
	d.u64(amounts[0])
	d.u64(amounts[1])
	d.u64(p.openTime)
	list := append(c.metas[:0], pays(payer))
	if permitted {
		list = append(list, ro(creator))
	}
	list = append(list, ro(k.cpmmConfig), ro(k.cpmmAuth), rw(p.account), ro(&p.mints[0].account), ro(&p.mints[1].account),
		rw(&p.lp.account), rw(from[0]), rw(from[1]), rw(lp), rw(p.vaults[0]), rw(p.vaults[1]), rw(k.cpmmFee), rw(p.observation))
	if permitted {
		list = append(list, ro(c.permission))
	}
	list = append(list, ro(k.token), ro(p.mints[0].program), ro(p.mints[1].program), ro(k.associated), ro(k.system), ro(k.rent))
	c.metas = list
	b.call(height, k.cpmm, d, list...)
	if permitted {
		b.say("Program log: Instruction: InitializeWithPermission")
	} else {
		b.say("Program log: Instruction: Initialize")
	}
	b.create(height+1, payer, p.account, cpmmPoolSize, idCPMM)
	for i, m := range p.mints {
		b.create(height+1, payer, p.vaults[i], m.size(), m.program.key)
		b.initToken(height+1, p.vaults[i])
	}
	b.create(height+1, payer, p.observation, 4075, idCPMM)
	for i := range p.mints {
		b.send(height+1, from[i], p.vaults[i], payer, amounts[i], true)
	}
	b.create(height+1, payer, &p.lp.account, 82, idToken)
	b.initMint(height+1, p.lp, k.cpmmAuth)
	b.openAssociated(height+1, payer, lp, false)
	p.lpSupply = mulDiv(amounts[0], 1_000, 1_001)/10 + 100
	b.mintTo(height+1, p.lp, lp, k.cpmmAuth, p.lpSupply-100)
	b.pay(height+1, payer, k.cpmmFee, cpmmCreateFee)
	k.cpmmFee.token.amount += cpmmCreateFee
	b.done(k.cpmm)
}

// encodeCPMM is CPMM's PoolState.
func (c *Chain) encodeCPMM(p *cpmmPool) []byte {
	e := enc(c.mem.take(cpmmPoolSize)[:0])
	e.disc(discPoolState)
	for _, k := range [...]*Key{
		&idCPMMConfig, &p.creator, &p.vaults[0].key, &p.vaults[1].key, &p.lp.key, &p.mints[0].key, &p.mints[1].key,
		&p.mints[0].program.key, &p.mints[1].program.key, &p.observation.key,
	} {
		e.key(*k)
	}
	e.raw(253, 0, 9, p.mints[0].decimals, p.mints[1].decimals)
	e.u64(p.lpSupply)
	e.zeros(32) // fees that protocol and fund have not taken
	e.u64(p.openTime)
	return e[:cpmmPoolSize:cpmmPoolSize]
}
