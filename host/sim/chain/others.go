package chain

// makeOther is one of the account updates that no transaction of the feed causes: pools of other programs, configurations,
// wallets, and accounts of the watched programs that the monitors have to look past.
func (c *Chain) makeOther() {
	switch c.rnd.IntN(8) {
	case 0:
		c.pushAccount(c.someAccount(653), idWhirlpool, c.noise(653), nil)
	case 1:
		c.pushAccount(c.clmm, idCLMM, c.encodeCLMM(), nil)
	case 2:
		c.pushAccount(c.clmmConfig, idCLMM, c.ammConfig, nil)
	case 3:
		c.pushAccount(c.account(c.validators[0].vote), idVote, c.noise(3762), nil)
	case 4:
		a := c.quoteAccount(pick(c.rnd, c.sys.quotes), pick(c.rnd, c.users))
		c.pushAccount(a, a.token.mint.program.key, c.spl(a), nil)
	case 5:
		a := c.volume(pick(c.rnd, c.users))
		c.pushAccount(a, idPump, c.volumeData(a), nil)
	default:
		c.pushAccount(pick(c.rnd, c.users), idSystem, nil, nil)
	}
}

// makeAMMWrite is a write to a pool of AMM v4, as a swap does it.
func (c *Chain) makeAMMWrite() {
	if len(c.amms) == 0 {
		return
	}
	p := pick(c.rnd, c.amms)
	if p.status == 7 && int64(p.openTime) <= c.unix {
		p.status = 6
	}
	n := c.rnd.between(1e6, 1e9)
	p.volume[0] += n
	p.volume[1] += n * 3
	p.volume[2] += n / 400
	c.pushAccount(p.account, idRaydium, c.encodeAMM(p), p.fact())
}

// makeCPMMWrite is a write to a pool of CPMM.
func (c *Chain) makeCPMMWrite() {
	if len(c.cpmms) > 0 {
		p := pick(c.rnd, c.cpmms)
		c.pushAccount(p.account, idCPMM, c.encodeCPMM(p), nil)
	}
}

// makeGlobal is a write to pump.fun's Global.
func (c *Chain) makeGlobal() { c.pushAccount(c.sys.global, idPump, c.globalData, nil) }

// globalSize is the length of pump.fun's Global account.
const (
	globalSize     = 1054
	discGlobal     = 0xa7e8e8b1c86c727f
	discVolume     = 0x56ff700e66359afa // UserVolumeAccumulator
	discAMMConfig  = 0xdaf42168cbcb2b6f
	clmmPoolSize   = 1544
	clmmConfigSize = 117
)

// addOthers makes the accounts that are written without being in a transaction.
func (c *Chain) addOthers() {
	c.clmm, c.clmmConfig = c.account(c.rnd.key()), c.account(idCLMMConfig)
	e := enc(make([]byte, 0, clmmConfigSize))
	e.disc(discAMMConfig)
	e.raw(249)
	e.u16(4)
	e.key(address("projjosVCPQH49d5em7VYS7fJZzaqKixqKtus7yk416"))
	e.u32(120_000)
	e.u32(100)
	e.u16(1)
	e.u32(40_000)
	e.u32(0)
	e.key(address("FundHfY8oo8J9KYGyfXFFuQCHe7Z1VBNmsj84eMcdYs4"))
	c.ammConfig = e[:clmmConfigSize:clmmConfigSize]
	c.globalData = encodeGlobal()
}

// encodeGlobal is pump.fun's Global as it was in 2026.
func encodeGlobal() []byte {
	e := enc(make([]byte, 0, globalSize))
	e.disc(discGlobal)
	e.u8(1)
	e.key(address("FFWtrEQ4B4PKQoVuHYzZq8FabGkVatYzDpEVHsK5rrhF"))
	e.key(address(feeRecipients[0]))
	for _, v := range [...]uint64{startVirtualToken, startVirtualSOL, startRealToken, tokenSupply, feeBPS} {
		e.u64(v)
	}
	e.key(idMigrator)
	e.u8(1)
	e.u64(poolMigrationFee)
	e.u64(creatorFeeBPS)
	for _, id := range feeRecipients[1:] {
		e.key(address(id))
	}
	e.key(idMigrator)
	e.key(idMigrator)
	e.u8(1) // create_v2_enabled
	e.zeros(740 - len(e))
	e.u8(1) // cashback_enabled
	e.key(address(buybackRecipients[0]))
	e.zeros(997 - len(e))
	e.u64(buybackBPS)
	e.u64(startVirtualSOL)
	e.key(address(quoteMints[0].id))
	return e[:globalSize:globalSize]
}

// encodeCLMM is CLMM's PoolState, whose discriminator CPMM and LaunchLab share.
func (c *Chain) encodeCLMM() []byte {
	e := enc(c.mem.take(clmmPoolSize)[:0])
	e.disc(discPoolState)
	e.u8(254)
	e.key(idCLMMConfig)
	e.key(c.users[0].key)
	e.key(idWrappedSOL)
	e.key(idUSDC)
	e.zeros(96)
	e.raw(9, 6)
	e.u16(1)
	e.u64(c.rnd.between(1e12, 4e12))
	e.u64(0)
	e.u64(c.rnd.Uint64())
	return e[:clmmPoolSize:clmmPoolSize]
}

// noise is an account whose bytes mean nothing to anybody here.
func (c *Chain) noise(n int) []byte {
	b := c.mem.take(n)
	c.rnd.fill(b[:min(n, 64)])
	return b
}

// someAccount makes up an account of so many bytes.
func (c *Chain) someAccount(size int) *account { return newAccount(c.rnd.key(), rentFor(size)) }

// volumeData is pump.fun's UserVolumeAccumulator: an account of the program that is no curve.
func (c *Chain) volumeData(a *account) []byte {
	e := enc(c.mem.take(137)[:0])
	e.disc(discVolume)
	e.key(a.key)
	e.zeros(8)
	e.u64(c.rnd.between(0, 1e12))
	return e[:137:137]
}
