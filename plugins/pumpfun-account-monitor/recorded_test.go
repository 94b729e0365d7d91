package main

import (
	"testing"

	"weir/plugins/internal/recorded"
)

func TestRecorded(t *testing.T) {
	recorded.Check(t, "pumpfun_account/samples.pbld", 8, func(row recorded.Row) []recorded.Event {
		if row.Facts.Text("type") != "BondingCurve" {
			return nil
		}
		return []recorded.Event{recorded.Event{"type": "bonding_curve", "pubkey": row.ID}.
			Copy(row.Facts, "virtual_token_reserves", "virtual_quote_reserves", "real_token_reserves", "real_quote_reserves",
				"token_total_supply", "complete", "creator", "quote_mint")}
	})
}
