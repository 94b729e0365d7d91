// Hoarder is a monitor for the SDK's own tests: it allocates at every update and reads transactions.
package main

import (
	"strconv"

	"weir/abi/guest"
)

var (
	kept  [64][]byte
	calls int
	size  int64
	keys  = guest.NewCounter("keys")
)

func init() {
	guest.Register(guest.Monitor{
		Manifest: guest.Manifest{
			Name: "hoarder", Version: "1",
			Subscribe: guest.Subscribe().Slots("slots", guest.SlotFilter{}).Transactions("all", guest.TransactionFilter{}),
			Events:    guest.Events{{Name: "seen", Fields: guest.Fields{{Name: "signature", Type: guest.TypeSignature}, {Name: "data", Type: guest.TypeU64}}}},
			Config:    guest.Options{{Name: "bytes", Type: guest.ConfigNumber, Default: "0", Doc: "to allocate at each update"}},
		},
		Configure: func(c *guest.Config, _ *guest.Manifest) (err error) {
			size, _ = c.Int("bytes")
			return nil
		},
		Match: match,
		Tick: func(unixMs int64) int32 {
			guest.Info("tick").I64("at", unixMs).Send()
			return 0
		},
		Save: func() []byte { return strconv.AppendInt(nil, int64(calls), 10) },
		Load: func(state []byte) (err error) {
			calls, err = strconv.Atoi(string(state))
			return err
		},
	})
}

func main() {}

func match(u *guest.Update) int32 {
	calls++
	if size > 0 {
		b := make([]byte, size)
		b[size-1] = 1
		kept[calls%len(kept)] = b
	}
	tx, ok := u.Transaction()
	if !ok {
		return 0
	}
	keys.Add(int64(tx.NumKeys()))
	sum := uint64(0)
	for _, x := range tx.All() {
		for _, c := range x.Data() {
			sum = sum*31 + uint64(c)
		}
	}
	guest.NewEvent("seen").Key("signature", tx.Signature()).U64String("data", sum).Emit()
	return int32(len(tx.All()))
}
