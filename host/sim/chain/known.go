package chain

// known are the accounts that transactions name again and again.
type known struct {
	system, budget, token, token2022, associated, vote, rent, metadata, openBook, router *account
	pump, pumpFees, mayhem, pumpSwap, raydium, cpmm, launchLab                           *account

	global, pumpEvents, mintAuthority, globalVolume, feeConfig, migrator *account
	mayhemParams, mayhemVault                                            *account
	swapGlobal, swapEvents, swapFeeConfig, swapVolume                    *account
	raydiumAuth, raydiumConfig, raydiumOwner                             *account
	cpmmAuth, cpmmConfig                                                 *account
	launchAuth, launchEvents, launchConfig, platform                     *account

	wsol         *mint
	quotes       []*mint    // quotes other than SOL
	feeTaker     []*account // pump.fun's fee recipients
	buyback      []*account
	raydiumFee   *account // wrapped SOL
	cpmmFee      *account // wrapped SOL
	feeTakerWSOL []*account
}

// feeRecipients are those of pump.fun's Global account (recorded 2026).
var feeRecipients = []string{
	"62qc2CNXwrYqQScmEdiZFFAnJR262PxWEuNQtxfafNgV", "7VtfL8fvgNfhz17qKRMjzQEXgbdpnHHHQRh54R9jP2RJ",
	"7hTckgnGnLQR6sdH7YkqFTAA7VwTfYFaZ6EhEsU3saCX", "9rPYyANsfQZw3DnDmKE3YCQF5E8oD89UXoHn9JFEhJUz",
	"AVmoTthdrX6tKt4nDjco2D775W2YK3sDhxPcMmzUAmTY", "CebN5WGQ4jvEPvsVU4EoHEpgzq1VV7AbicfhtW4xC9iM",
	"FWsW1xNtWscwNmKv6wVsU1iTzRN6wmmk3MjxRP5tT7hz", "G5UZAVbAf46s7cKWoyKu8kYTip9DGTpbLZ2qa9Aq69dP",
}

// buybackRecipients were seen as the last account of buys (recorded 2026).
var buybackRecipients = []string{
	"5YxQFdt3Tr9zJLvkFccqXVUwhdTWJQc1fFg2YPbxvxeD", "GXPFM2caqTtQYC2cJ5yJRi9VDkpsYZXzYdwYpGnLmtDL",
}

// quoteMints are quotes other than SOL, with their decimals; the second is of Token-2022 (recorded 2026).
var quoteMints = []struct {
	id       string
	decimals uint8
}{{"EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6}, {"XspzcW1PRtgf6Wj92HCiZdjzKCyFekVD8P5Ueh3dRMX", 8}}

func (c *Chain) addKnown() {
	k := &c.sys
	k.addPrograms(c)
	for _, x := range []struct {
		a  **account
		id Key
	}{
		{&k.rent, idRent}, {&k.global, idPumpGlobal}, {&k.pumpEvents, idPumpEvents}, {&k.mintAuthority, idMintAuthority},
		{&k.globalVolume, idGlobalVolume}, {&k.feeConfig, idPumpFeeConfig}, {&k.migrator, idMigrator},
		{&k.mayhemParams, idMayhemParams}, {&k.mayhemVault, idMayhemVault}, {&k.swapGlobal, idSwapGlobal},
		{&k.swapEvents, idSwapEvents}, {&k.swapFeeConfig, idSwapFeeConfig}, {&k.swapVolume, idSwapVolume},
		{&k.raydiumAuth, idRaydiumAuth}, {&k.raydiumConfig, idRaydiumConfig}, {&k.raydiumOwner, idRaydiumOwner},
		{&k.cpmmAuth, idCPMMAuth}, {&k.cpmmConfig, idCPMMConfig}, {&k.launchAuth, idLaunchAuthority},
		{&k.launchEvents, idLaunchEvents}, {&k.launchConfig, idLaunchConfig}, {&k.platform, idPlatform},
	} {
		*x.a = c.account(x.id)
	}
	k.wsol = c.addMint(idWrappedSOL, 9, k.token)
	k.wsol.native = true
	for _, q := range quoteMints {
		program := k.token
		if q.decimals == 8 {
			program = k.token2022
		}
		k.quotes = append(k.quotes, c.addMint(address(q.id), q.decimals, program))
	}
	for _, id := range feeRecipients {
		a := c.account(address(id))
		k.feeTaker = append(k.feeTaker, a)
		k.feeTakerWSOL = append(k.feeTakerWSOL, k.wsol.holder(a).open(c.rnd.between(1e9, 1e12)))
	}
	for _, id := range buybackRecipients {
		k.buyback = append(k.buyback, c.account(address(id)))
	}
	k.raydiumFee = k.wsol.vault(idRaydiumFee, k.raydiumOwner).open(c.rnd.between(1e14, 2e14))
	k.cpmmFee = k.wsol.vault(idCPMMFee, c.account(c.rnd.wallet())).open(c.rnd.between(1e11, 2e11))
	k.addTable()
}

func (k *known) addPrograms(c *Chain) {
	for _, x := range []struct {
		a       **account
		id      Key
		builtIn bool
	}{
		{&k.system, idSystem, true}, {&k.budget, idBudget, true}, {&k.vote, idVote, true}, {&k.token, idToken, false},
		{&k.token2022, idToken2022, false}, {&k.associated, idATA, false}, {&k.metadata, idMetadata, false},
		{&k.openBook, idOpenBook, false}, {&k.router, idRouter, false}, {&k.pump, idPump, false},
		{&k.pumpFees, idPumpFees, false}, {&k.mayhem, idMayhem, false}, {&k.pumpSwap, idPumpSwap, false},
		{&k.raydium, idRaydium, false}, {&k.cpmm, idCPMM, false}, {&k.launchLab, idLaunchLab, false},
	} {
		*x.a = c.addProgram(x.id, x.builtIn)
	}
}

// addTable fills the look-up table.
func (k *known) addTable() {
	in := []*account{
		k.system, k.token, k.token2022, k.associated, k.rent, k.metadata, k.pump, k.pumpFees, k.mayhem, k.pumpSwap,
		k.global, k.pumpEvents, k.mintAuthority, k.globalVolume, k.feeConfig, k.swapGlobal, k.swapEvents, k.swapFeeConfig,
		k.swapVolume, &k.wsol.account, &k.quotes[0].account, k.launchAuth, k.launchEvents, k.launchConfig, k.raydiumAuth,
		k.raydiumConfig, k.cpmmAuth, k.cpmmConfig, k.mayhemParams, k.mayhemVault,
	}
	in = append(append(append(in, k.feeTaker...), k.buyback...), k.feeTakerWSOL...)
	for i, a := range in {
		a.table = uint8(i + 1)
	}
}

func (c *Chain) addMint(id Key, decimals uint8, program *account) *mint {
	return &mint{account: account{key: id, lamports: rentMint}, decimals: decimals, program: program}
}
