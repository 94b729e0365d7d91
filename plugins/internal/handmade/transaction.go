// Package handmade makes updates for tests of what the recordings lack. It is no part of any monitor.
package handmade

import (
	"crypto/sha256"
	"encoding/base64"

	"weir/abi/guest"
)

// Transaction is a transaction under construction. The zero value is an empty one that succeeded.
type Transaction struct {
	Failed bool
	Signed int // the first keys, which signed
	Logs   []string

	keys   []guest.Pubkey
	loaded []guest.Pubkey
	top    []*Instruction
	tokens []tokenBalance
}

// Instruction is one instruction of a transaction, with those that it called.
type Instruction struct {
	tx       *Transaction
	program  int
	accounts []byte
	data     []byte
	inner    []*Instruction
}

type tokenBalance struct {
	mint     string
	decimals uint32
}

// Key makes a key out of a name: the same for the same name.
func Key(name string) guest.Pubkey { return sha256.Sum256([]byte(name)) }

// Sign adds keys that sign. It comes before everything else that names keys.
func (t *Transaction) Sign(keys ...guest.Pubkey) *Transaction {
	t.keys = append(t.keys, keys...)
	t.Signed = len(t.keys)
	return t
}

// Load adds keys that come from a lookup table. All other keys come before, through Name.
func (t *Transaction) Load(keys ...guest.Pubkey) { t.loaded = append(t.loaded, keys...) }

// Name adds keys that no instruction names, and those that come before loaded ones.
func (t *Transaction) Name(keys ...guest.Pubkey) {
	for _, k := range keys {
		t.index(k)
	}
}

// Token adds a token balance.
func (t *Transaction) Token(mint guest.Pubkey, decimals uint32) {
	t.tokens = append(t.tokens, tokenBalance{mint.String(), decimals})
}

// Do adds a top-level instruction.
func (t *Transaction) Do(program guest.Pubkey, data []byte, accounts ...guest.Pubkey) *Instruction {
	x := t.instruction(program, data, accounts)
	t.top = append(t.top, x)
	return x
}

// Call adds an instruction that x called, itself or through others: the list is flat. It returns x.
func (x *Instruction) Call(program guest.Pubkey, data []byte, accounts ...guest.Pubkey) *Instruction {
	x.inner = append(x.inner, x.tx.instruction(program, data, accounts))
	return x
}

// Report adds an Anchor event, as a call of program by itself, without a log line. It returns x.
func (x *Instruction) Report(program, authority guest.Pubkey, payload []byte) *Instruction {
	return x.Call(program, append([]byte{0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d}, payload...), authority)
}

// LogData is the log line of an event.
func LogData(payload []byte) string {
	return "Program data: " + base64.StdEncoding.EncodeToString(payload)
}

func (t *Transaction) instruction(program guest.Pubkey, data []byte, accounts []guest.Pubkey) *Instruction {
	x := &Instruction{tx: t, program: t.index(program), data: data}
	for _, a := range accounts {
		x.accounts = append(x.accounts, byte(t.index(a)))
	}
	return x
}

// index returns the index of a key, which it adds where it is new. Loaded keys have to be there before.
func (t *Transaction) index(key guest.Pubkey) int {
	for i, k := range t.keys {
		if k == key {
			return i
		}
	}
	for i, k := range t.loaded {
		if k == key {
			return len(t.keys) + i
		}
	}
	if len(t.loaded) > 0 {
		panic("handmade: a static key behind loaded ones")
	}
	t.keys = append(t.keys, key)
	return len(t.keys) - 1
}

// Update returns the bytes of the SubscribeUpdate.
func (t *Transaction) Update() []byte {
	var outer, info, body, update message
	outer.bytes(1, make([]byte, 64))
	outer.bytes(2, t.message())
	info.bytes(1, make([]byte, 64))
	info.bytes(3, outer)
	info.bytes(4, t.meta())
	body.bytes(1, info)
	body.varint(2, 400_000_000)
	update.bytes(4, body)
	return update
}

func (t *Transaction) message() (m message) {
	var header message
	header.varint(1, uint64(t.Signed))
	m.bytes(1, header)
	for _, k := range t.keys {
		m.bytes(2, k[:])
	}
	m.bytes(3, make([]byte, 32))
	for _, x := range t.top {
		m.bytes(4, x.message())
	}
	if len(t.loaded) > 0 {
		m.varint(5, 1)
	}
	return m
}

func (x *Instruction) message() (m message) {
	m.varint(1, uint64(x.program))
	m.bytes(2, x.accounts)
	m.bytes(3, x.data)
	return m
}

func (t *Transaction) meta() (m message) {
	if t.Failed {
		var failure message
		failure.bytes(1, []byte{8, 0, 0, 0, 0, 25, 0, 0, 0, 0, 0, 0, 0})
		m.bytes(1, failure)
	}
	for i, x := range t.top {
		if len(x.inner) == 0 {
			continue
		}
		var group message
		group.varint(1, uint64(i))
		for _, call := range x.inner {
			group.bytes(2, call.message())
		}
		m.bytes(5, group)
	}
	for _, line := range t.Logs {
		m.text(6, line)
	}
	for _, b := range t.tokens {
		var balance, amount message
		amount.varint(2, uint64(b.decimals))
		amount.text(3, "1")
		balance.text(2, b.mint)
		balance.bytes(3, amount)
		m.bytes(8, balance)
	}
	for _, k := range t.loaded {
		m.bytes(13, k[:])
	}
	return m
}

// Account returns the bytes of a SubscribeUpdate for an account.
func Account(pubkey, owner guest.Pubkey, data []byte) []byte {
	var info, body, update message
	info.bytes(1, pubkey[:])
	info.varint(2, 1)
	info.bytes(3, owner[:])
	info.bytes(6, data)
	body.bytes(1, info)
	body.varint(2, 400_000_000)
	update.bytes(2, body)
	return update
}
