package recorded

import "math/big"

// ZeroKey is SOL as a quote mint.
const ZeroKey = "11111111111111111111111111111111"

// WrappedSOL is wrapped SOL's mint.
const WrappedSOL = "So11111111111111111111111111111111111111112"

// decimals of the quote mints in the recordings other than SOL, as their mint accounts say.
var decimals = map[string]int64{"XspzcW1PRtgf6Wj92HCiZdjzKCyFekVD8P5Ueh3dRMX": 8}

// PriceOf returns the price after a trade, from its facts; false where it is not known.
func PriceOf(trade Facts) (Price, bool) {
	places := int64(9)
	if mint := trade.Text("quote_mint"); mint != "" && mint != ZeroKey {
		var ok bool
		if places, ok = decimals[mint]; !ok {
			return Price{}, false
		}
	}
	quote := number(trade, "virtual_quote_reserves")
	if quote == nil {
		quote = number(trade, "virtual_sol_reserves")
	}
	token := number(trade, "virtual_token_reserves")
	if quote == nil || token == nil || token.Sign() == 0 {
		return Price{}, false
	}
	return Price{new(big.Rat).Quo(scaled(quote, places), scaled(token, 6))}, true
}

func number(f Facts, name string) *big.Int {
	if v, ok := new(big.Int).SetString(f.Text(name), 10); ok {
		return v
	}
	return nil
}

func scaled(v *big.Int, places int64) *big.Rat {
	return new(big.Rat).SetFrac(v, new(big.Int).Exp(big.NewInt(10), big.NewInt(places), nil))
}
