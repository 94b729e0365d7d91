// Package geyser knows the Yellowstone protocol without decoding it: raw frames and their envelope, the server's filter
// semantics, and the merging and packing of SubscribeRequests. It starts no goroutines.
package geyser

// Kind tells which field of SubscribeUpdate's oneof a message carries. A Kind's value is that field's number.
type Kind uint8

// The kinds, by field number (geyser.proto, SubscribeUpdate).
const (
	KindUnknown           Kind = 0 // no oneof field, or one that this version does not know
	KindAccount           Kind = 2
	KindSlot              Kind = 3
	KindTransaction       Kind = 4
	KindBlock             Kind = 5
	KindPing              Kind = 6
	KindBlockMeta         Kind = 7
	KindEntry             Kind = 8
	KindPong              Kind = 9
	KindTransactionStatus Kind = 10
	KindBlockFooter       Kind = 12
)

var kindNames = [...]string{
	KindUnknown: "unknown", KindAccount: "account", KindSlot: "slot", KindTransaction: "transaction", KindBlock: "block",
	KindPing: "ping", KindBlockMeta: "block_meta", KindEntry: "entry", KindPong: "pong",
	KindTransactionStatus: "transaction_status", KindBlockFooter: "block_footer",
}

// String returns the protocol's field name ("block_meta"), "unknown" for anything else.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "unknown"
}
