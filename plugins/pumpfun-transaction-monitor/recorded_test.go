package main

import (
	"testing"

	"weir/plugins/internal/recorded"
)

func TestRecorded(t *testing.T) {
	recorded.Check(t, "pumpfun_tx/samples.pbld", 20, func(row recorded.Row) (want []recorded.Event) {
		for _, trade := range row.Facts.List("trades") {
			want = append(want, recorded.Event{"type": "trade"}.
				Copy(trade, "mint", "user", "is_buy", "token_amount", "quote_mint", "fee", "creator", "ix_name").
				First("quote_amount", trade, "quote_amount", "sol_amount"))
		}
		return want
	})
}
