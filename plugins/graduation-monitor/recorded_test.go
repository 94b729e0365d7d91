package main

import (
	"testing"

	"weir/plugins/internal/recorded"
)

func TestRecorded(t *testing.T) {
	recorded.Check(t, "pumpfun_graduation/samples.pbld", 6, expected)
}

// expected makes events of the facts. The manifest lists a migrate instruction as a migration too; only its event would be one.
func expected(row recorded.Row) (want []recorded.Event) {
	for _, c := range row.Facts.List("completes") {
		want = append(want, recorded.Event{"type": "graduation", "stage": "complete"}.Copy(c, "mint", "bonding_curve", "user"))
	}
	for _, m := range row.Facts.List("migrations") {
		e := recorded.Event{"type": "graduation", "stage": "migrated"}.Copy(m, "mint", "bonding_curve", "user", "pool")
		switch m.Text("kind") {
		case "pump_to_raydium_v4":
			e["to"] = "raydium_v4"
		case "migrate_instruction":
			continue
		default:
			e["to"] = "pumpswap"
		}
		want = append(want, e)
	}
	return want
}
