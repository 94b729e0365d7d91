package main

import (
	"testing"

	"weir/plugins/internal/recorded"
)

func TestRecorded(t *testing.T) {
	recorded.Check(t, "raydium_account/samples.pbld", 8, func(row recorded.Row) []recorded.Event {
		f := row.Facts
		if f.Text("type") != "AmmInfo" {
			return nil
		}
		return []recorded.Event{recorded.Event{"type": "amm", "pubkey": row.ID}.
			Copy(f, "status", "lp_mint").
			First("base_mint", f, "coin_vault_mint").First("quote_mint", f, "pc_vault_mint").
			First("base_vault", f, "coin_vault").First("quote_vault", f, "pc_vault").
			First("open_time", f, "pool_open_time")}
	})
}
