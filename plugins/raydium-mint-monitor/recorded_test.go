package main

import (
	"testing"

	"weir/plugins/internal/recorded"
)

func TestRecorded(t *testing.T) {
	programs := map[string]string{"raydium_amm_v4": "amm_v4", "raydium_cpmm": "cpmm", "raydium_launchlab": "launchlab"}
	recorded.Check(t, "raydium_mint/samples.pbld", 13, func(row recorded.Row) (want []recorded.Event) {
		for _, pool := range row.Facts.List("raydium_pools") {
			program, ok := programs[pool.Text("kind")]
			if !ok {
				continue // LaunchLab's event of the same pool
			}
			want = append(want, recorded.Event{"type": "pool", "program": program}.
				Copy(pool, "pool", "lp_mint").
				First("base_mint", pool, "coin_mint", "token_0_mint", "base_mint").
				First("quote_mint", pool, "pc_mint", "token_1_mint", "quote_mint").
				First("base_vault", pool, "coin_vault", "token_0_vault", "base_vault").
				First("quote_vault", pool, "pc_vault", "token_1_vault", "quote_vault").
				First("creator", pool, "user", "creator"))
		}
		return want
	})
}
