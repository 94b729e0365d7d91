package chain

import "github.com/mr-tron/base58"

// The programs and accounts that the feed names, by the addresses that they have on mainnet.
var (
	idSystem        = address("11111111111111111111111111111111")
	idToken         = address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
	idToken2022     = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
	idATA           = address("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
	idBudget        = address("ComputeBudget111111111111111111111111111111")
	idVote          = address("Vote111111111111111111111111111111111111111")
	idRent          = address("SysvarRent111111111111111111111111111111111")
	idMetadata      = address("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s")
	idWrappedSOL    = address("So11111111111111111111111111111111111111112")
	idUSDC          = address("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")
	idOpenBook      = address("srmqPvymJeFKQ4zGQed1GFppgkRHL9kaELCbyksJtPX")
	idWhirlpool     = address("whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc")
	idRouter        = address("FJsZbftBqRLfF7uqUKpm4s2goDr6xsQ5Q3mN7AFJB6hK") // calls pump.fun for its users
	idPump          = address("6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P")
	idPumpFees      = address("pfeeUxB6jkeY1Hxd7CsFCAjcbHA9rWtchMGdZ6VojVZ")
	idMayhem        = address("MAyhSmzXzV1pTf7LsNkrNwkWKTo4ougAJ1PPg47MD4e")
	idPumpSwap      = address("pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA")
	idMigrator      = address("39azUYFWPz3VHgKCf3VChUwbpURdCHRxjWVowf5jUJjg")
	idRaydium       = address("675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8")
	idRaydiumAuth   = address("5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1")
	idRaydiumConfig = address("9DCxsMizn3H1hprZ7xWe6LDzeUeZBksYFpBWBtSf1PQX")
	idRaydiumFee    = address("7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5")
	idRaydiumOwner  = address("GThUX1Atko4tqhN2NaiTazWSeFWMuiUvfFnyJyUghFMJ")
	idCPMM          = address("CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C")
	idCPMMAuth      = address("GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL")
	idCPMMFee       = address("DNXgeM9EiiaAbaWvwjHj9fQQLAX5ZsfHyvmYUNRAdNC8")
	idCPMMConfig    = address("D4FPEruKEHrG5TenZ2mpDGEfu1iUvTiqBxvpU8HLBvC2")
	idCLMM          = address("CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK")
	idCLMMConfig    = address("9iFER3bpjf1PTTCQCfTRu17EJgvsxo9pVyA9QWwEuX4x")
	idLaunchLab     = address("LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj")
	idLaunchConfig  = address("6s1xP3hpbAfFoNtUNF8mfHsjr2Bd97JxFJRWLbL6aHuX")
	idPlatform      = address("4Bu96XjU84XjPDSpveTVf6LYGCkfW5FK7SNkREWcEfV4")
	idMayhemParams  = address("13ec7XdrjF3h3YcqBTFDSReRcUFwbCnJaAQspM4j6DDJ")
	idMayhemVault   = address("BwWK17cbHxwWBKZkUYvzxLcNQ1YVyaFezduWbtm2de6s")
)

// Derived, as the programs derive them.
var (
	idPumpGlobal      = pda(idPump, []byte("global"))
	idPumpEvents      = pda(idPump, []byte("__event_authority"))
	idMintAuthority   = pda(idPump, []byte("mint-authority"))
	idGlobalVolume    = pda(idPump, []byte("global_volume_accumulator"))
	idPumpFeeConfig   = pda(idPumpFees, []byte("fee_config"), idPump[:])
	idSwapGlobal      = pda(idPumpSwap, []byte("global_config"))
	idSwapEvents      = pda(idPumpSwap, []byte("__event_authority"))
	idSwapFeeConfig   = pda(idPumpFees, []byte("fee_config"), idPumpSwap[:])
	idSwapVolume      = pda(idPumpSwap, []byte("global_volume_accumulator"))
	idLaunchAuthority = pda(idLaunchLab, []byte("vault_auth_seed"))
	idLaunchEvents    = pda(idLaunchLab, []byte("__event_authority"))
)

func address(s string) Key {
	b, err := base58.Decode(s)
	if err != nil || len(b) != 32 {
		panic("chain: " + s + " is no address")
	}
	return Key(b)
}

// String returns the key in base58.
func (k Key) String() string { return base58.Encode(k[:]) }
