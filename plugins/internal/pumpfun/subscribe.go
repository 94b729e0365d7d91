package pumpfun

import (
	"weir/abi/guest"
	"weir/plugins/internal/option"
)

// SubscribeTrades asks for every transaction that can hold a TradeEvent: one that runs the program names it among its keys, in the
// message or through a lookup table, whoever calls it. Every kind of trade also names the token's mint.
func SubscribeTrades(mints option.Keys, level guest.Commitment) *guest.Subscription {
	f := guest.TransactionFilter{Vote: guest.False, Failed: guest.False, AccountInclude: []string{Program}}
	if !mints.Empty() {
		f.AccountInclude, f.AccountRequired = mints.Text(), []string{Program}
	}
	return guest.Subscribe().Transactions("trades", f).Commitment(level)
}
