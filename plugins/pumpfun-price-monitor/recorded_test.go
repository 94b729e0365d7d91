package main

import (
	"testing"

	"weir/plugins/internal/recorded"
)

func TestRecorded(t *testing.T) {
	recorded.Check(t, "pumpfun_price/samples.pbld", 20, func(row recorded.Row) (want []recorded.Event) {
		for _, trade := range row.Facts.List("trades") {
			e := recorded.Event{"type": "price"}.
				Copy(trade, "mint", "quote_mint", "virtual_token_reserves", "is_buy").
				First("virtual_quote_reserves", trade, "virtual_quote_reserves", "virtual_sol_reserves")
			if p, ok := recorded.PriceOf(trade); ok {
				e["price"] = p
			}
			want = append(want, e)
		}
		return want
	})
}
