package chain

import (
	"strings"
	"testing"

	"weir/host/geyser"
)

// TestForms checks that the feed has every form that a decoder may trip over.
func TestForms(t *testing.T) {
	c := New(Config{Seed: 29, Mix: busy()})
	count := map[string]int{}
	for range 120_000 {
		u := c.Next()
		count["fate "+string(rune('0'+u.Fate))]++
		if a := u.GetAccount().GetAccount(); a != nil && Key(a.GetOwner()) == idPump && len(a.GetData()) < 260 {
			count["curve of "+num(uint64(len(a.GetData())))]++
		}
		info := u.GetTransaction().GetTransaction()
		if info == nil {
			continue
		}
		m, meta := info.GetTransaction().GetMessage(), info.GetMeta()
		form := "legacy"
		if m.GetVersioned() {
			form = "v0"
		}
		if len(m.GetAddressTableLookups()) > 0 {
			form = "v0 with tables"
			l := m.GetAddressTableLookups()[0]
			if len(l.GetWritableIndexes()) != len(meta.GetLoadedWritableAddresses()) ||
				len(l.GetReadonlyIndexes()) != len(meta.GetLoadedReadonlyAddresses()) {
				t.Error("a look-up does not load what the metadata says")
			}
		}
		if fd := c.newer.config; fd != nil && m.ProtoReflect().Has(fd) {
			form = "v1"
		}
		count[form]++
		if meta.GetErr() != nil {
			count["failed"]++
		}
		if truncated(meta) {
			count["log truncated"]++
		}
		if meta.GetInnerInstructionsNone() {
			count["no inner instructions"]++
		}
		if len(u.truth) >= 2 {
			count["several facts"]++
		}
		for _, l := range meta.GetLogMessages() {
			if _, name, ok := strings.Cut(l, "Program log: Instruction: "); ok {
				count[name]++
			}
		}
	}
	for _, want := range []string{
		"legacy", "v0", "v0 with tables", "failed", "log truncated", "no inner instructions", "several facts", "fate 0", "fate 1",
		"curve of 49", "curve of 115", "curve of 125", "curve of 150", "curve of 151", "curve of 256",
		"Buy", "Sell", "BuyExactSolIn", "BuyV2", "SellV2", "BuyExactQuoteInV2", "BuyV3", "SellV3", "BuyExactQuoteInV3",
		"Create", "CreateV2", "ExtendAccount", "Migrate", "MigrateV2", "CreatePool", "Initialize", "InitializeWithPermission",
		"InitializeV2", "InitializeWithToken2022", "BuyExactIn", "SellExactIn", "BuyTokenForExactSol", "SellToken",
	} {
		if count[want] == 0 {
			t.Errorf("no %q among %v", want, count)
		}
	}
	if geyser.KnowsNewer && (count["v1"] == 0 || count["fate 2"] == 0) {
		t.Errorf("no version 1, or no slot with two banks: %v", count)
	}
}
