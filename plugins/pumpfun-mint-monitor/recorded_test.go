package main

import (
	"testing"

	"weir/plugins/internal/recorded"
)

func TestRecorded(t *testing.T) {
	recorded.Check(t, "pumpfun_mint/samples.pbld", 6, func(row recorded.Row) (want []recorded.Event) {
		for _, create := range row.Facts.List("creates") {
			want = append(want, recorded.Event{"type": "mint"}.
				Copy(create, "mint", "name", "symbol", "uri", "creator", "user", "bonding_curve", "quote_mint"))
		}
		return want
	})
}
