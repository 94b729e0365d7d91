package chain

// Mix says how many of each thing a slot holds on average; a slot's own number varies around it.
type Mix struct {
	Votes          float64 // votes
	Transfers      float64 // of lamports
	TokenTransfers float64
	Swaps          float64 // on PumpSwap
	Trades         float64 // with pump.fun's curves: direct, through a router, several in one transaction
	Creates        float64 // create and create_v2
	Completes      float64 // buys of a curve's last tokens; each is followed by a migration
	MigrateNoops   float64 // migrate instructions that do nothing
	AMMPools       float64 // initialize2 of Raydium AMM v4
	Decoys         float64 // initialize2 that names pump.fun's migrator as a plain account
	CPMMPools      float64 // initialize and initialize_with_permission
	LaunchPools    float64 // initialize, initialize_v2 and initialize_with_token_2022 of LaunchLab
	LaunchTrades   float64 // on LaunchLab

	// Account updates beside those that the transactions cause.
	AMMWrites    float64 // Raydium AMM v4's AmmInfo
	CPMMWrites   float64 // CPMM's PoolState
	GlobalWrites float64 // pump.fun's Global
	OtherWrites  float64 // other programs' and wallets

	Failed      float64 // share of the transactions other than votes that fail, of [0, 1]
	OldMigrator float64 // share of the migrations that go to Raydium AMM v4 as before 2025-03, of [0, 1]
}

// DefaultMix returns about a tenth of mainnet's load of autumn 2026, seven in ten of its transactions votes, with the
// rare things several times as frequent as there: about every two seconds a token, every ten a graduation or a pool.
func DefaultMix() Mix {
	return Mix{
		Votes: 210, Transfers: 18, TokenTransfers: 16, Swaps: 22, Trades: 28, Creates: 0.3, Completes: 0.06,
		MigrateNoops: 0.02, AMMPools: 0.03, Decoys: 0.02, CPMMPools: 0.03, LaunchPools: 0.05, LaunchTrades: 3,
		AMMWrites: 4, CPMMWrites: 2, GlobalWrites: 0.02, OtherWrites: 40, Failed: 0.06, OldMigrator: 0.2,
	}
}

// Scale returns the mix with every number multiplied by f; the shares stay.
func (m Mix) Scale(f float64) Mix {
	for _, v := range []*float64{
		&m.Votes, &m.Transfers, &m.TokenTransfers, &m.Swaps, &m.Trades, &m.Creates, &m.Completes, &m.MigrateNoops,
		&m.AMMPools, &m.Decoys, &m.CPMMPools, &m.LaunchPools, &m.LaunchTrades, &m.AMMWrites, &m.CPMMWrites,
		&m.GlobalWrites, &m.OtherWrites,
	} {
		*v *= f
	}
	return m
}

// planSlot draws what the slot in hand holds, in the order in which it happens.
func (c *Chain) planSlot() []func(*Chain) {
	m := &c.cfg.Mix
	c.plan = c.plan[:0]
	for _, k := range [...]struct {
		mean float64
		do   func(*Chain)
	}{
		{m.Votes, (*Chain).makeVote}, {m.Transfers, (*Chain).makeTransfer}, {m.TokenTransfers, (*Chain).makeTokenTransfer},
		{m.Swaps, (*Chain).makeSwap}, {m.Trades, (*Chain).makeTrade}, {m.Creates, (*Chain).makeCreate},
		{m.Completes, (*Chain).makeComplete}, {m.MigrateNoops, (*Chain).makeMigrateNoop}, {m.AMMPools, (*Chain).makeAMM},
		{m.Decoys, (*Chain).makeDecoy}, {m.CPMMPools, (*Chain).makeCPMM}, {m.LaunchPools, (*Chain).makeLaunch},
		{m.LaunchTrades, (*Chain).makeLaunchTrade}, {m.AMMWrites, (*Chain).makeAMMWrite},
		{m.CPMMWrites, (*Chain).makeCPMMWrite}, {m.GlobalWrites, (*Chain).makeGlobal}, {m.OtherWrites, (*Chain).makeOther},
	} {
		for range c.rnd.times(k.mean) {
			c.plan = append(c.plan, k.do)
		}
	}
	c.rnd.Shuffle(len(c.plan), func(i, j int) { c.plan[i], c.plan[j] = c.plan[j], c.plan[i] })
	return c.plan
}
