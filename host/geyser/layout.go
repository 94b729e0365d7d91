package geyser

// layout holds the field numbers, in the message of one kind, of what identifies an update (geyser.proto). 0: it has none.
type layout struct {
	slot, bank   uint8
	bankOptional bool  // whether a bank id of 0 differs from none
	index        uint8 // index in the slot, for a slot update its status
	signature    uint8
	info         uint8 // nested message that holds the fields of inner instead
	inner        inner
}

// inner holds the field numbers of a nested info message.
type inner struct{ key, order uint8 }

var layouts = [...]layout{
	KindAccount:           {slot: 2, bank: 4, bankOptional: true, info: 1, inner: inner{key: 1, order: 7}}, // pubkey, write_version
	KindSlot:              {slot: 1, bank: 5, bankOptional: true, index: 3},
	KindTransaction:       {slot: 2, bank: 3, info: 1, inner: inner{key: 1, order: 5}}, // signature, index
	KindBlock:             {slot: 1},
	KindPing:              {},
	KindBlockMeta:         {slot: 1, bank: 10},
	KindEntry:             {slot: 1, bank: 7, index: 2},
	KindPong:              {},
	KindTransactionStatus: {slot: 1, bank: 6, index: 4, signature: 2},
	KindBlockFooter:       {slot: 1, bank: 2},
}
