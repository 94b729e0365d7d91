// Package token knows how the recorded programs name SOL, and where a transaction tells a mint's decimals.
package token

import (
	"bytes"

	"weir/abi/guest"
)

// WrappedSOL is the mint of wrapped SOL. pump.fun writes plain SOL as the zero key.
var WrappedSOL = guest.MustKey("So11111111111111111111111111111111111111112")

// SOLDecimals is the number of decimals of SOL, plain and wrapped.
const SOLDecimals = 9

// maxDecimals is the largest number of decimals that a mint can have: it is one byte.
const maxDecimals = 255

var sol guest.Pubkey // the zero key

// IsSOL reports whether a quote mint is SOL: the zero key, wrapped SOL, or nil, which is a layout from before there was another quote.
func IsSOL(mint []byte) bool { return mint == nil || sol.Is(mint) || WrappedSOL.Is(mint) }

// Decimals looks a mint's decimals up, in a transaction's token balances where it is not SOL. It is false where they do not name the
// mint. text is scratch space, which is returned for the next call.
func Decimals(tx *guest.Transaction, mint, text []byte) (decimals int, scratch []byte, ok bool) {
	if IsSOL(mint) {
		return SOLDecimals, text, true
	}
	text = guest.AppendBase58(text[:0], mint)
	for b := range tx.PostTokenBalances() {
		if bytes.Equal(b.Mint, text) {
			return int(b.Decimals), text, b.Decimals <= maxDecimals
		}
	}
	for b := range tx.PreTokenBalances() { // an account that the transaction closed
		if bytes.Equal(b.Mint, text) {
			return int(b.Decimals), text, b.Decimals <= maxDecimals
		}
	}
	return 0, text, false
}
