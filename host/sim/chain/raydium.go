package chain

import (
	"encoding/base64"
	"strconv"
)

// ammInfoSize is the length of AMM v4's AmmInfo account.
const ammInfoSize = 752

// amm is a pool of Raydium's AMM v4.
type amm struct {
	account, market, openOrders, targetOrders *account
	coin, pc                                  *mint
	coinVault, pcVault                        *account
	lp                                        *mint
	status, openTime                          uint64
	coinLot, pcLot                            uint64
	lpAmount                                  uint64
	volume                                    [5]uint64 // coin in, pc out, fees, pc in, coin out
}

// ammSeed derives what belongs to a market's pool.
func ammSeed(market Key, seed string) Key {
	return pda(idRaydium, idRaydium[:], market[:], []byte(seed))
}

func (c *Chain) newAMM(coin, pc *mint) *amm {
	market := newAccount(c.rnd.wallet(), 3_591_360)
	id := market.key
	p := &amm{
		account: newAccount(ammSeed(id, "amm_associated_seed"), 0), market: market,
		openOrders:   newAccount(ammSeed(id, "open_order_associated_seed"), 0),
		targetOrders: newAccount(ammSeed(id, "target_associated_seed"), 0),
		coin:         coin, pc: pc, status: 6, coinLot: 10_000_000, pcLot: 100,
		lp: c.addMint(ammSeed(id, "lp_mint_associated_seed"), coin.decimals, c.sys.token),
	}
	p.lp.lamports = 0
	p.coinVault = coin.vault(ammSeed(id, "coin_vault_associated_seed"), c.sys.raydiumAuth)
	p.pcVault = pc.vault(ammSeed(id, "pc_vault_associated_seed"), c.sys.raydiumAuth)
	return p
}

// makeAMM is somebody's new pool: mostly of a token against SOL, some of which open later.
func (c *Chain) makeAMM() {
	user := pick(c.rnd, c.users)
	p := c.newAMM(c.addMint(c.rnd.wallet(), pick(c.rnd, []uint8{6, 9}), c.sys.token), c.sys.wsol)
	if c.rnd.chance(3) {
		p.status, p.openTime = 7, uint64(c.unix)+c.rnd.between(60, 3600)
	}
	c.initAMM(user, p, c.rnd.between(1e12, 1e15), c.rnd.between(1e9, 40e9), false)
}

// makeDecoy is somebody's pool of a pump.fun token, with pump.fun's migrator named only as a plain account.
func (c *Chain) makeDecoy() {
	if len(c.live) == 0 {
		return
	}
	v := pick(c.rnd, c.live)
	if v.mint.program != c.sys.token {
		return
	}
	c.initAMM(pick(c.rnd, c.users), c.newAMM(c.sys.wsol, v.mint), c.rnd.between(1e9, 9e9), 1_000_000_000, true)
}

// makeOldMigration is a migration as it was before 2025-03: the migrator, which has drawn the curve's tokens and SOL,
// creates the pool.
func (c *Chain) makeOldMigration(v *curve) {
	k := &c.sys
	v.account.lamports -= v.realQuote
	k.migrator.lamports += v.realQuote
	v.tokens.token.amount -= unsoldTokens
	quote := v.realQuote - 6*lamportsPerSOL
	c.purse(k.migrator, 2*quote)
	if c.initAMM(k.migrator, c.newAMM(k.wsol, v.mint), quote, unsoldTokens, false) {
		c.emptied(v)
	}
}

// initAMM is the transaction of an initialize2 and tells whether it succeeded.
func (c *Chain) initAMM(user *account, p *amm, coinAmount, pcAmount uint64, decoy bool) bool {
	b, k := &c.b, &c.sys
	c.purse(user, 5*lamportsPerSOL+max(nativePart(p.coin, coinAmount), nativePart(p.pc, pcAmount)))
	coin, pc := c.purseTokens(p.coin, user, coinAmount), c.purseTokens(p.pc, user, pcAmount)
	lp := p.lp.holder(user)
	b.begin(user, pick(c.rnd, []version{legacy, v0}))
	wrapped := coin
	amount := coinAmount
	if p.pc.native {
		wrapped, amount = pc, pcAmount
	}
	b.wrap(user, wrapped, amount)
	b.initialize2(user, p, coin, pc, lp, coinAmount, pcAmount)
	if c.failing() {
		b.fail(0x26, true)
		b.finish()
		return false
	}
	b.found(&Pool{
		Type: "pool", Program: "amm_v4", Pool: p.account.key, BaseMint: p.coin.key, QuoteMint: p.pc.key,
		BaseVault: p.coinVault.key, QuoteVault: p.pcVault.key, LPMint: &p.lp.key, Creator: user.key,
	})
	if user == k.migrator {
		b.found(&Graduation{
			Type: "graduation", Stage: "migrated", To: "raydium_v4", Mint: p.pc.key, User: user.key, Pool: &p.account.key,
		})
	}
	b.unwrap(user, wrapped)
	if decoy {
		b.pay(1, user, k.migrator, 1)
	}
	p.lpAmount = lp.token.amount
	if !c.cfg.NoAccounts {
		b.writeAMM(p)
		b.writeToken(p.coinVault)
		b.writeToken(p.pcVault)
	}
	b.finish()
	c.addAMM(p)
	return true
}

func nativePart(m *mint, amount uint64) uint64 {
	if m.native {
		return amount
	}
	return 0
}

// purseTokens returns the user's account for m with at least n in it; wrapped SOL is filled by the transaction.
func (c *Chain) purseTokens(m *mint, user *account, n uint64) *account {
	if m.native {
		return c.wrappedSOL(user)
	}
	return m.holder(user).open(n)
}

// initialize2 is the form of 21 accounts.
func (b *builder) initialize2(user *account, p *amm, coin, pc, lp *account, coinAmount, pcAmount uint64) {
	k := &b.c.sys
	d := enc(b.c.mem.take(26)[:0])
	d.u8(1)
	d.u8(254)
	d.u64(p.openTime)
	d.u64(pcAmount)
	d.u64(coinAmount)
	b.call(1, k.raydium, d, ro(k.token), ro(k.associated), ro(k.system), ro(k.rent), rw(p.account), ro(k.raydiumAuth),
		rw(p.openOrders), rw(&p.lp.account), ro(&p.coin.account), ro(&p.pc.account), rw(p.coinVault), rw(p.pcVault),
		rw(p.targetOrders), ro(k.raydiumConfig), rw(k.raydiumFee), ro(k.openBook), ro(p.market), pays(user), rw(coin), rw(pc),
		rw(lp))
	b.say("Program log: initialize2: InitializeInstruction2 { nonce: 254, open_time: " + num(p.openTime) +
		", init_pc_amount: " + num(pcAmount) + ", init_coin_amount: " + num(coinAmount) + " }")
	b.pay(2, user, k.raydiumFee, 400_000_000)
	k.raydiumFee.token.amount += 400_000_000
	b.call(2, k.token, dataSyncNative, rw(k.raydiumFee))
	b.say("Program log: Instruction: SyncNative")
	b.done(k.token)
	b.create(2, user, p.targetOrders, 2208, idRaydium)
	b.create(2, user, &p.lp.account, 82, idToken)
	b.initMint(2, p.lp, k.raydiumAuth)
	b.create(2, user, p.coinVault, 165, idToken)
	b.initToken(2, p.coinVault)
	b.create(2, user, p.pcVault, 165, idToken)
	b.initToken(2, p.pcVault)
	b.create(2, user, p.account, ammInfoSize, idRaydium)
	b.create(2, user, p.openOrders, 3228, idOpenBook)
	b.openAssociated(2, user, lp, false)
	b.send(2, coin, p.coinVault, user, coinAmount, false)
	b.send(2, pc, p.pcVault, user, pcAmount, false)
	b.mintTo(2, p.lp, lp, k.raydiumAuth, mulDiv(coinAmount, 20_000, 4_001))
	b.say(rayLog(p, coinAmount, pcAmount))
	b.done(k.raydium)
}

func num(v uint64) string { return strconv.FormatUint(v, 10) }

// rayLog is the program's own log of an initialize2: 75 bytes.
func rayLog(p *amm, coinAmount, pcAmount uint64) string {
	var e enc
	e.u8(0)
	e.u64(p.openTime)
	e.u8(p.pc.decimals)
	e.u8(p.coin.decimals)
	e.u64(p.pcLot)
	e.u64(p.coinLot)
	e.u64(pcAmount)
	e.u64(coinAmount)
	e.key(p.market.key)
	return "Program log: ray_log: " + base64.StdEncoding.EncodeToString(e)
}

// addAMM has the pool's account change from now on.
func (c *Chain) addAMM(p *amm) {
	const most = 200
	c.amms = append(c.amms, p)
	if len(c.amms) > most {
		c.amms = append(c.amms[:0], c.amms[most/10:]...)
	}
}

// oldAMM makes a pool that is there since before the feed began.
func (c *Chain) oldAMM() {
	p := c.newAMM(c.addMint(c.rnd.wallet(), 6, c.sys.token), c.sys.wsol)
	p.account.lamports = rentFor(ammInfoSize)
	p.coinVault.open(c.rnd.between(1e12, 1e14))
	p.pcVault.open(c.rnd.between(1e10, 1e12))
	p.openTime, p.lpAmount = c.rnd.between(1_650_000_000, 1_740_000_000), c.rnd.between(1e9, 1e13)
	c.addAMM(p)
}

// writeAMM has the pool's account follow from the transaction.
func (b *builder) writeAMM(p *amm) {
	b.write(p.account, idRaydium, b.c.encodeAMM(p), p.fact())
}

func (p *amm) fact() *AMM {
	return &AMM{
		Type: "amm", Pubkey: p.account.key, Status: p.status, BaseMint: p.coin.key, QuoteMint: p.pc.key,
		BaseVault: p.coinVault.key, QuoteVault: p.pcVault.key, LPMint: p.lp.key, OpenTime: p.openTime,
	}
}

// ammTerms are AmmInfo's fields from 104 to 192: price multipliers, the decimals' scale, and the fees as fractions.
var ammTerms = [...]uint64{1, 1_000_000_000, 1_000_000_000, 5, 10_000, 25, 10_000, 12, 100, 25, 10_000}

// encodeAMM is the AmmInfo account: numbers to 336, addresses to 720, the rest numbers again.
func (c *Chain) encodeAMM(p *amm) []byte {
	e := enc(c.mem.take(ammInfoSize)[:0])
	for _, v := range [...]uint64{
		p.status, 254, 7, 3, uint64(p.coin.decimals), uint64(p.pc.decimals), 1, 0, p.coinLot, 500, 5_000_000, p.coinLot, p.pcLot,
	} {
		e.u64(v)
	}
	for _, v := range ammTerms {
		e.u64(v)
	}
	e.zeros(32) // state_data: what the owner may take, total profits
	e.u64(p.openTime)
	e.zeros(24)
	for i, v := range p.volume { // three u128, each u64 behind it
		e.u64(v)
		if i == 2 {
			continue
		}
		e.u64(0)
	}
	e.zeros(336 - len(e))
	for _, k := range [...]*Key{
		&p.coinVault.key, &p.pcVault.key, &p.coin.key, &p.pc.key, &p.lp.key, &p.openOrders.key, &p.market.key, &idOpenBook,
		&p.targetOrders.key,
	} {
		e.key(*k)
	}
	e.zeros(64)
	e.key(idRaydiumOwner)
	e.u64(p.lpAmount)
	e.u64(0)   // client_order_id
	e.u64(800) // recent_epoch
	e.u64(0)
	return e
}
