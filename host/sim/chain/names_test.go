package chain

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// instruction is one of a transaction, wherever it is called.
type instruction struct {
	program  Key
	accounts []Key
	data     []byte
}

// keysOf returns a transaction's keys in the order of its indexes.
func keysOf(info *pb.SubscribeUpdateTransactionInfo) (keys []Key) {
	m := info.GetTransaction().GetMessage()
	for _, list := range [][][]byte{
		m.GetAccountKeys(), info.GetMeta().GetLoadedWritableAddresses(), info.GetMeta().GetLoadedReadonlyAddresses(),
	} {
		for _, k := range list {
			keys = append(keys, Key(k))
		}
	}
	return keys
}

func instructionsOf(info *pb.SubscribeUpdateTransactionInfo) (all []instruction) {
	keys := keysOf(info)
	add := func(program uint32, accounts, data []byte) {
		in := instruction{program: keys[program], data: data}
		for _, a := range accounts {
			in.accounts = append(in.accounts, keys[a])
		}
		all = append(all, in)
	}
	for i, top := range info.GetTransaction().GetMessage().GetInstructions() {
		add(top.GetProgramIdIndex(), top.GetAccounts(), top.GetData())
		for _, group := range info.GetMeta().GetInnerInstructions() {
			if group.GetIndex() != uint32(i) {
				continue
			}
			for _, in := range group.GetInstructions() {
				add(in.GetProgramIdIndex(), in.GetAccounts(), in.GetData())
			}
		}
	}
	return all
}

// rights says of each key whether the message lets it sign and be written.
func rights(info *pb.SubscribeUpdateTransactionInfo) map[Key]string {
	m := info.GetTransaction().GetMessage()
	h := m.GetHeader()
	static, signers := len(m.GetAccountKeys()), int(h.GetNumRequiredSignatures())
	out := map[Key]string{}
	for i, k := range keysOf(info) {
		var s, w bool
		switch {
		case i < signers:
			s, w = true, i < signers-int(h.GetNumReadonlySignedAccounts())
		case i < static:
			w = i < static-int(h.GetNumReadonlyUnsignedAccounts())
		default:
			w = i < static+len(info.GetMeta().GetLoadedWritableAddresses())
		}
		out[k] = rightsText(s, w)
	}
	return out
}

func rightsText(signs, writes bool) string {
	out := []byte("--")
	if signs {
		out[0] = 's'
	}
	if writes {
		out[1] = 'w'
	}
	return string(out)
}

// names are what the parts of a token on pump.fun or PumpSwap, or of a pool, are called.
type names map[Key]string

// wellKnown are the accounts that do not depend on the token.
func wellKnown() names {
	n := names{
		idSystem: "system", idToken: "token program", idToken2022: "token program", idATA: "ATA program", idRent: "rent",
		idMetadata: "metaplex", idWrappedSOL: "wSOL", idOpenBook: "openbook", idPump: "pump", idPumpFees: "pump fees",
		idMayhem: "mayhem", idPumpSwap: "pumpswap", idMigrator: "migrator", idRaydium: "raydium",
		idRaydiumAuth: "raydium authority", idRaydiumConfig: "raydium config", idRaydiumFee: "raydium fee",
		idCPMM: "cpmm", idCPMMAuth: "cpmm authority", idCPMMFee: "cpmm fee", idCPMMConfig: "cpmm config",
		idLaunchLab: "launchlab", idLaunchConfig: "launch config", idLaunchAuthority: "launch authority",
		idLaunchEvents: "launch events", idMayhemParams: "mayhem params", idMayhemVault: "mayhem vault",
		idPumpGlobal: "pump global", idPumpEvents: "pump events", idMintAuthority: "mint authority",
		idGlobalVolume: "global volume", idPumpFeeConfig: "pump fee config", idSwapGlobal: "swap global",
		idSwapEvents: "swap events", idSwapFeeConfig: "swap fee config", idSwapVolume: "swap volume",
		address(whitelistQuote): "whitelist",
	}
	for _, q := range quoteMints {
		n[address(q.id)] = "quote mint"
	}
	for _, r := range feeRecipients {
		n[address(r)] = "fee recipient"
		n[associated(address(r), idWrappedSOL, idToken)] = "fee recipient's wSOL"
	}
	for _, r := range buybackRecipients {
		n[address(r)] = "buyback"
	}
	return n
}

// addToken names the parts of a token, by its mint, its creator and a user.
func (n names) addToken(mint, creator, user, quote Key) {
	n[mint], n[user] = "mint", "user"
	curve := pda(idPump, []byte("bonding-curve"), mint[:])
	vault := pda(idPump, []byte("creator-vault"), creator[:])
	volume := pda(idPump, []byte("user_volume_accumulator"), user[:])
	authority := pda(idPump, []byte("pool-authority"), mint[:])
	n[curve], n[vault], n[volume], n[authority] = "curve", "creator vault", "user volume", "pool authority"
	n[pda(idPump, []byte("bonding-curve-v2"), mint[:])] = "curve v2"
	n[pda(idPumpFees, []byte("sharing-config"), mint[:])] = "sharing config"
	n[pda(idMetadata, []byte("metadata"), idMetadata[:], mint[:])] = "metadata"
	n[pda(idMayhem, []byte("mayhem-state"), mint[:])] = "mayhem state"
	pool := pda(idPumpSwap, []byte("pool"), u16le(0), authority[:], mint[:], quote[:])
	lp := pda(idPumpSwap, []byte("pool_lp_mint"), pool[:])
	n[pool], n[lp] = "pool", "pool LP mint"
	n[associated(authority, lp, idToken2022)] = "pool authority's LP tokens"
	for _, program := range []Key{idToken, idToken2022} {
		n[associated(curve, mint, program)] = "curve's tokens"
		n[associated(user, mint, program)] = "user's tokens"
		n[associated(authority, mint, program)] = "pool authority's tokens"
		n[associated(pool, mint, program)] = "pool's tokens"
		n[associated(idMayhemVault, mint, program)] = "mayhem tokens"
		for who, owner := range map[string]Key{
			"curve's quote": curve, "user's quote": user, "creator vault's quote": vault, "user volume's quote": volume,
			"pool authority's quote": authority, "pool's quote": pool,
		} {
			n[associated(owner, quote, program)] = who
		}
		for _, r := range feeRecipients {
			n[associated(address(r), quote, program)] = "fee recipient's quote"
		}
		for _, r := range buybackRecipients {
			n[associated(address(r), quote, program)] = "buyback's quote"
		}
	}
}
