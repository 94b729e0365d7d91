package guest_test

import (
	"fmt"

	"weir/abi/guest"
)

// The subscription of a monitor that watches one program's trades. Subscribe's result goes into the manifest.
func ExampleSubscribe() {
	guest.Subscribe().
		Transactions("trades", guest.TransactionFilter{
			AccountInclude: []string{"6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"}, Vote: guest.False, Failed: guest.False,
		}).
		Commitment(guest.Confirmed)
}

// A cursor reads what there is; OK tells at the end.
func ExampleCursor() {
	event := []byte{7, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 'h', 'i'}
	c := guest.NewCursor(event)
	amount, isBuy, name := c.U64(), c.Bool(), c.String()
	fmt.Println(amount, isBuy, string(name), c.OK(), c.Remaining())
	fmt.Println(c.U64(), c.OK())
	// Output:
	// 7 true hi true 0
	// 0 false
}

func ExampleMustKey() {
	key := guest.MustKey("11111111111111111111111111111112")
	fmt.Println(key[31], key)
	// Output: 1 11111111111111111111111111111112
}

// A match function looks for what one program did in a transaction.
func ExampleTransaction_All() {
	program := guest.MustKey("6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P")
	match := func(u *guest.Update) int32 {
		tx, ok := u.Transaction()
		if !ok || tx.Failed() {
			return 0
		}
		at, found := tx.KeyIndex(&program), int32(0)
		all := tx.All()
		for i := range all {
			if x := &all[i]; x.Program() == at && x.IsInner() {
				found++
			}
		}
		return found
	}
	fmt.Println(match(guest.NewUpdate(nil, 0)))
	// Output: 0
}
