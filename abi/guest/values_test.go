package guest_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/mr-tron/base58"

	"weir/abi/guest"
)

func TestBase58AgreesWithAnotherImplementation(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for n := range 140 {
		for range 20 {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(rng.Uint32())
			}
			clear(b[:rng.IntN(min(n, 5)+1)])
			text := string(guest.AppendBase58([]byte("x"), b))
			if text != "x"+base58.Encode(b) {
				t.Fatalf("%x: %s, want %s", b, text[1:], base58.Encode(b))
			}
			back := make([]byte, n)
			if got, ok := guest.DecodeBase58(back, text[1:]); got != n || !ok || !bytes.Equal(back, b) {
				t.Fatalf("%s: %x %d %v, want %x", text[1:], back, got, ok, b)
			}
			if n > 0 {
				if _, ok := guest.DecodeBase58(make([]byte, n-1), text[1:]); ok {
					t.Fatalf("%s fits %d bytes", text[1:], n-1)
				}
			}
		}
	}
	for _, bad := range []string{"0", "l1", "1é", " "} {
		if _, ok := guest.DecodeBase58(make([]byte, 32), bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestMustKey(t *testing.T) {
	k := guest.MustKey(pumpfun)
	if k.String() != pumpfun || !k.Is(k[:]) || k.IsZero() || k.Is(k[:31]) {
		t.Errorf("%v", k)
	}
	for i := range k {
		other := k
		if other[i]++; k.Is(other[:]) {
			t.Errorf("byte %d makes no difference", i)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a key of 31 bytes is taken")
		}
	}()
	guest.MustKey(base58.Encode(k[1:]))
}

func TestCursor(t *testing.T) {
	b := []byte{1, 0, 2, 1, 4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1, 3, 0, 0, 0, 'a', 'b', 'c', 9}
	c := guest.NewCursor(b)
	if !c.Bool() || c.Bool() || c.U16() != 0x0102 || c.U32() != 0x01020304 || c.U64() != 0x0102030405060708 {
		t.Error("wrong numbers")
	}
	if string(c.String()) != "abc" || c.Remaining() != 1 || c.U8() != 9 || !c.OK() {
		t.Error("wrong text")
	}
	if c.U64() != 0 || c.OK() || c.Key() != nil || c.U8() != 0 || c.Remaining() != 0 {
		t.Error("a cursor past its end is OK")
	}
	c = guest.NewCursor([]byte{255, 255, 255, 255, 1})
	if c.String() != nil || c.OK() {
		t.Error("a text longer than its bytes is read")
	}
	c = guest.NewCursor(append(make([]byte, 32), bytes.Repeat([]byte{255}, 24)...))
	c.Key()
	if hi, lo := c.U128(); hi != 1<<64-1 || lo != 1<<64-1 || c.I64() != -1 || !c.OK() || c.Remaining() != 0 {
		t.Error("wrong wide numbers")
	}
	c = guest.NewCursor(b)
	if c.Skip(-1); c.OK() {
		t.Error("a cursor goes back")
	}
}

func TestReadsAtOffsets(t *testing.T) {
	b := bytes.Repeat([]byte{255}, 40)
	for _, at := range []int{-1, 33, 1 << 62, -1 << 63} {
		if _, ok := guest.U64At(b, at); ok {
			t.Errorf("U64At %d", at)
		}
		if guest.KeyAt(b, at) != nil {
			t.Errorf("KeyAt %d", at)
		}
	}
	u, ok64 := guest.U64At(b, 32)
	i, okI := guest.I64At(b, 0)
	w, ok32 := guest.U32At(b, 36)
	if _, past := guest.U32At(b, 37); past || !ok64 || !okI || !ok32 || u != 1<<64-1 || i != -1 || w != 1<<32-1 || len(guest.KeyAt(b, 8)) != 32 {
		t.Error("wrong values")
	}
}

func TestParseU64(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "18446744073709551615": 1<<64 - 1, "007": 7} {
		if v, ok := guest.ParseU64([]byte(text)); v != want || !ok {
			t.Errorf("%s: %d %v", text, v, ok)
		}
	}
	for _, text := range []string{"", "18446744073709551616", "-1", "1.0", "99999999999999999999", " 1"} {
		if v, ok := guest.ParseU64([]byte(text)); ok {
			t.Errorf("%q: %d", text, v)
		}
	}
}
