package pumpfun_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"weir/plugins/internal/anchor"
	"weir/plugins/internal/pumpfun"
)

func TestDiscriminators(t *testing.T) {
	for name, got := range map[string]anchor.Discriminator{
		"event:TradeEvent": pumpfun.TradeEvent, "event:CreateEvent": pumpfun.CreateEvent, "event:CompleteEvent": pumpfun.CompleteEvent,
		"event:CompletePumpAmmMigrationEvent": pumpfun.MigrationEvent, "account:BondingCurve": pumpfun.BondingCurveAccount,
		"global:create": pumpfun.CreateInstruction, "global:create_v2": pumpfun.CreateV2Instruction,
	} {
		sum := sha256.Sum256([]byte(name))
		if want := binary.BigEndian.Uint64(sum[:]); uint64(got) != want {
			t.Errorf("%s: %x, want %x", name, got, want)
		}
	}
}
