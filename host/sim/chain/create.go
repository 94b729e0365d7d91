package chain

// Discriminators of pump.fun's other instructions.
const (
	ixCreate        = 0x181ec828051c0777
	ixCreateV2      = 0xd6904cec5f8b31b4
	ixExtendAccount = 0xea66c2cb96483ee5
)

// curveSizes are the lengths that curve accounts have, the frequent ones more than once. 49 and 81 have no quote.
var (
	curveSizes    = []int{151, 151, 151, 151, 150, 150, 125, 125, 124, 115, 115, 256}
	curveSizesOld = []int{49, 49, 81, 150}
)

// newCurve makes up a token and its curve; nothing of it exists yet.
func (c *Chain) newCurve(v2 bool, quote *mint, creator *account) *curve {
	k := &c.sys
	program := k.token
	if v2 {
		program = k.token2022
	}
	id := c.rnd.vanity()
	if c.rnd.chance(12) {
		id = c.rnd.wallet()
	}
	v := &curve{
		mint: c.addMint(id, 6, program), creator: creator, quote: quote,
		virtualToken: startVirtualToken, virtualQuote: startVirtualSOL, realToken: startRealToken,
		size: pick(c.rnd, curveSizes), mayhem: v2 && c.rnd.chance(20),
	}
	if !v2 && c.rnd.chance(3) {
		v.size = pick(c.rnd, curveSizesOld)
	}
	if !quote.native {
		v.virtualQuote, v.size = 45*uint64(pow10[quote.decimals])*100, 151
	}
	v.startQuote = v.virtualQuote
	v.mint.lamports = 0
	v.account = newAccount(pda(idPump, []byte("bonding-curve"), id[:]), 0)
	v.second = newAccount(pda(idPump, []byte("bonding-curve-v2"), id[:]), 0)
	v.tokens = v.mint.holder(v.account)
	v.creatorVault = newAccount(pda(idPump, []byte("creator-vault"), creator.key[:]), 890_880)
	if !quote.native {
		v.quoteTokens, v.vaultTokens = quote.holder(v.account), quote.holder(v.creatorVault)
		v.sharing = newAccount(pda(idPumpFees, []byte("sharing-config"), id[:]), 0)
	}
	v.name, v.symbol, v.uri = c.coinName()
	return v
}

// launch makes the curve exist without a transaction, with a part of its tokens sold to holders.
func (c *Chain) launch(v *curve) {
	v.mint.lamports = rentMint
	v.account.lamports = rentFor(v.size)
	v.tokens.open(tokenSupply)
	if !v.inSOL() {
		v.quoteTokens.open(0)
		v.vaultTokens.open(0)
	}
	sold := 0.02 + 0.9*c.rnd.Float64()*c.rnd.Float64()
	for range 1 + c.rnd.IntN(6) {
		tokens := uint64(sold * startRealToken / 7)
		quote := mulDiv(tokens, v.virtualQuote, v.virtualToken-tokens) + 1
		h := c.newHolder(v, pick(c.rnd, c.users))
		h.tokens.open(tokens)
		v.tokens.token.amount -= tokens
		v.bought(tokens, quote)
		if v.inSOL() {
			v.account.lamports += quote
		} else {
			v.quoteTokens.token.amount += quote
		}
	}
	c.live = append(c.live, v)
}

// maxHolders bounds what is remembered of a curve; later buyers are earlier ones again.
const maxHolders = 16

// newHolder adds a holder whose token account is not open yet.
func (c *Chain) newHolder(v *curve, user *account) *holder {
	for _, h := range v.holders {
		if h.user == user {
			return h
		}
	}
	if len(v.holders) >= maxHolders {
		return pick(c.rnd, v.holders)
	}
	h := &holder{user: user, tokens: v.mint.holder(user), volume: c.volume(user)}
	if !v.inSOL() {
		h.quote, h.qVol = c.quoteAccount(v.quote, user), c.quoteAccount(v.quote, h.volume)
	}
	v.holders = append(v.holders, h)
	return h
}

// volume returns the user's volume accumulator.
func (c *Chain) volume(user *account) *account {
	a := c.volumes[user]
	if a == nil {
		a = newAccount(pda(idPump, []byte("user_volume_accumulator"), user.key[:]), 1_844_400)
		c.volumes[user] = a
	}
	return a
}

// makeCreate is a transaction that creates a token, most often with the creator's first buy in it.
func (c *Chain) makeCreate() {
	v2 := !c.rnd.chance(4)
	quote := c.sys.wsol
	if v2 && c.rnd.chance(8) {
		quote = pick(c.rnd, c.sys.quotes)
	}
	user := pick(c.rnd, c.users)
	v := c.newCurve(v2, quote, user)
	c.purse(user, 60*lamportsPerSOL)
	b := &c.b
	ver := legacy
	if v2 {
		ver = pick(c.rnd, []version{v0, v0, v1})
	}
	b.begin(user, ver)
	b.budget(450_000, c.rnd.between(0, 3_000_000))
	b.createToken(v, user, v2)
	if v.size == 151 && v2 {
		b.extend(v, user)
	}
	if !c.rnd.chance(7) {
		b.firstBuy(v, user)
	}
	if c.failing() {
		b.fail(6004, false)
		b.finish()
		return
	}
	b.finish()
	c.addLive(v)
}

// addLive has the curve traded from now on; the oldest one is forgotten when there are too many.
func (c *Chain) addLive(v *curve) {
	const most = 600
	c.live = append(c.live, v)
	if len(c.live) > most {
		c.live = append(c.live[:0], c.live[most/10:]...)
	}
}

func (b *builder) createToken(v *curve, user *account, v2 bool) {
	c, k := b.c, &b.c.sys
	if v2 {
		b.call(1, k.pump, b.createData(v, true), b.createV2Accounts(v, user)...)
		b.say("Program log: Instruction: CreateV2")
		b.mintToken2022(v, user)
	} else {
		b.call(1, k.pump, b.createData(v, false), b.createAccounts(v, user)...)
		b.say("Program log: Instruction: Create")
		b.mintToken(v, user)
	}
	e := &createEvent{
		name: v.name, symbol: v.symbol, uri: v.uri, mint: v.mint.key, curve: v.account.key, user: user.key,
		creator: v.creator.key, time: c.unix, virtualToken: v.virtualToken, realToken: v.realToken, total: tokenSupply,
		virtualSOL: v.virtualQuote, tokenProgram: v.mint.program.key, mayhem: v.mayhem, quoteMint: v.quoteKey(),
		virtualQuote: v.virtualQuote,
	}
	fields := createFieldsNow
	if v2 && c.rnd.chance(4) {
		fields = pick(c.rnd, []int{createFields202607, createFields202609})
	} else if !v2 {
		fields = pick(c.rnd, []int{createFields2024, createFields2025, createFields202607, createFieldsNow})
	}
	buf := c.newEvent(420)
	e.append(&buf, fields)
	b.event(2, k.pump, k.pumpEvents, buf, true)
	b.done(k.pump)
	if !c.cfg.NoAccounts {
		b.writeCurve(v)
		b.write(&v.mint.account, v.mint.program.key, c.mintData(v), nil)
		b.writeToken(v.tokens)
	}
	b.found(&minted{e, fields})
}

// createData is discriminator, three strings and the creator; create_v2 adds the modes, and in its newer form the fee.
func (b *builder) createData(v *curve, v2 bool) []byte {
	d := enc(b.c.mem.take(8 + 12 + len(v.name) + len(v.symbol) + len(v.uri) + 32 + 11)[:0])
	d.disc(either(v2, ixCreateV2, ixCreate))
	d.str(v.name)
	d.str(v.symbol)
	d.str(v.uri)
	d.key(v.creator.key)
	if v2 {
		d.flag(v.mayhem)
		d.zeros(1) // is_cashback
		if b.c.rnd.chance(2) {
			d.zeros(9) // creator_fee_bps, is_holder_reward
		}
	}
	return d
}

func (b *builder) createAccounts(v *curve, user *account) []meta {
	k := &b.c.sys
	metadata := b.c.metadata(v.mint.key)
	m := append(b.c.metas[:0], pays(&v.mint.account), ro(k.mintAuthority), rw(v.account), rw(v.tokens), ro(k.global),
		ro(k.metadata), rw(metadata), pays(user), ro(k.system), ro(k.token), ro(k.associated), ro(k.rent), ro(k.pumpEvents),
		ro(k.pump))
	b.c.metas = m
	return m
}

// createV2Accounts are 16; with a quote other than SOL four more.
func (b *builder) createV2Accounts(v *curve, user *account) []meta {
	k, id := &b.c.sys, v.mint.key
	state := newAccount(pda(idMayhem, []byte("mayhem-state"), id[:]), 0)
	tokens := newAccount(associated(idMayhemVault, id, idToken2022), 0)
	m := append(b.c.metas[:0], pays(&v.mint.account), ro(k.mintAuthority), rw(v.account), rw(v.tokens), ro(k.global),
		pays(user), ro(k.system), ro(k.token2022), ro(k.associated), rw(k.mayhem), ro(k.mayhemParams), rw(k.mayhemVault),
		rw(state), rw(tokens), ro(k.pumpEvents), ro(k.pump))
	if !v.inSOL() {
		m = append(m, ro(&v.quote.account), rw(v.quoteTokens), ro(v.quote.program), ro(b.c.whitelist))
	}
	b.c.metas = m
	return m
}

// metadata returns the account that Metaplex keeps a mint's metadata in.
func (c *Chain) metadata(m Key) *account {
	return newAccount(pda(idMetadata, []byte("metadata"), idMetadata[:], m[:]), 0)
}

// mintToken is what create calls.
func (b *builder) mintToken(v *curve, user *account) {
	k := &b.c.sys
	b.create(2, user, &v.mint.account, 82, idToken)
	b.initMint(2, v.mint, k.mintAuthority)
	b.create(2, user, v.account, v.size, idPump)
	b.openAssociated(2, user, v.tokens, false)
	d := enc(b.c.mem.take(160 + len(v.uri))[:0])
	d.u8(33) // CreateMetadataAccountV3
	d.str(v.name)
	d.str(v.symbol)
	d.str(v.uri)
	d.zeros(8)
	b.call(2, k.metadata, d, ro(&v.mint.account), ro(k.mintAuthority), rw(user), ro(k.system), ro(k.rent))
	b.say("Program log: IX: Create Metadata Accounts v3")
	b.done(k.metadata)
	b.mintTo(2, v.mint, v.tokens, k.mintAuthority, tokenSupply)
	b.sealMint(v.mint, k.mintAuthority)
}

// mintToken2022 is what create_v2 calls.
func (b *builder) mintToken2022(v *curve, user *account) {
	k := &b.c.sys
	b.create(2, user, &v.mint.account, 234, idToken2022)
	pointer := b.c.mem.take(66)
	pointer[0] = 39
	copy(pointer[34:], v.mint.key[:])
	b.call(2, k.token2022, pointer, rw(&v.mint.account))
	b.say("Program log: MetadataPointerInstruction::Initialize")
	b.done(k.token2022)
	b.initMint(2, v.mint, k.mintAuthority)
	b.create(2, user, v.account, v.size, idPump)
	b.openAssociated(2, user, v.tokens, false)
	if !v.inSOL() {
		b.openAssociated(2, user, v.quoteTokens, false)
		v.vaultTokens.open(0)
	}
	d := enc(b.c.mem.take(24 + len(v.name) + len(v.symbol) + len(v.uri))[:0])
	d.disc(0xd2e11ea258b84d8d) // spl_token_metadata_interface:initialize_account
	d.str(v.name)
	d.str(v.symbol)
	d.str(v.uri)
	b.call(2, k.token2022, d, rw(&v.mint.account), ro(k.mintAuthority), ro(&v.mint.account), ro(k.mintAuthority))
	b.say("Program log: TokenMetadataInstruction: Initialize")
	b.done(k.token2022)
	b.mintTo(2, v.mint, v.tokens, k.mintAuthority, tokenSupply)
	b.sealMint(v.mint, k.mintAuthority)
}

// initMint is InitializeMint2 with six decimals and no authority to freeze.
func (b *builder) initMint(height int, m *mint, authority *account) {
	data := b.c.mem.take(35)
	data[0], data[1] = 20, m.decimals
	copy(data[2:], authority.key[:])
	b.call(height, m.program, data, rw(&m.account))
	b.say("Program log: Instruction: InitializeMint2")
	b.done(m.program)
}

// sealMint takes the authority to mint away.
func (b *builder) sealMint(m *mint, authority *account) {
	b.call(2, m.program, dataSealMint, rw(&m.account), ro(authority))
	b.say("Program log: Instruction: SetAuthority")
	b.done(m.program)
}

var dataSealMint = []byte{6, 0, 0}

// extend is extend_account: it makes the curve's account as long as newer programs want it.
func (b *builder) extend(v *curve, user *account) {
	c, k := b.c, &b.c.sys
	d := enc(c.mem.take(8)[:0])
	d.disc(ixExtendAccount)
	b.call(1, k.pump, d, rw(v.account), pays(user), ro(k.system), ro(k.pumpEvents), ro(k.pump))
	b.say("Program log: Instruction: ExtendAccount")
	e := c.newEvent(96)
	e.disc(discExtend)
	e.key(v.account.key)
	e.key(user.key)
	e.u64(125)
	e.u64(151)
	e.i64(c.unix)
	b.event(2, k.pump, k.pumpEvents, e, true)
	b.done(k.pump)
}

// firstBuy is the creator's own.
func (b *builder) firstBuy(v *curve, user *account) {
	c := b.c
	h := c.newHolder(v, user)
	quote := c.rnd.between(v.startQuote/3000, v.startQuote/8)
	if h.quote != nil {
		h.quote.token.amount = max(h.quote.token.amount, 2*quote)
	}
	b.openAssociated(1, user, h.tokens, true)
	b.trade(1, &order{curve: v, holder: h, buy: true, exactIn: c.rnd.chance(3), amount: quote, fields: tradeFieldsNow})
}

// mintData is a mint's account: the supply sealed, and for Token-2022 the metadata behind it.
func (c *Chain) mintData(v *curve) []byte {
	if v.mint.program.key == idToken {
		b := c.mem.take(82)
		le64(b[36:], tokenSupply)
		b[44], b[45] = 6, 1
		return b
	}
	e := enc(c.mem.take(240 + 76 + 12 + len(v.name) + len(v.symbol) + len(v.uri))[:0])
	e.zeros(36)
	e.u64(tokenSupply)
	e.raw(6, 1)
	e.zeros(165 - 46)
	e.u8(1) // account type: mint
	e.u16(18)
	e.u16(64) // MetadataPointer
	e.zeros(32)
	e.key(v.mint.key)
	e.u16(19)
	e.u16(uint16(76 + len(v.name) + len(v.symbol) + len(v.uri)))
	e.zeros(32)
	e.key(v.mint.key)
	e.str(v.name)
	e.str(v.symbol)
	e.str(v.uri)
	e.u32(0)
	return e
}
