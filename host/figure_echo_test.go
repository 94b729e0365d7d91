package host

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"weir/abi"
)

// echoGuest returns a monitor, by hand, that matches every update that its filters let through.
func echoGuest(t *testing.T, name string, subscribe any) []byte {
	t.Helper()
	manifest, err := json.Marshal(map[string]any{"name": name, "version": "1.0.0", "description": "matches everything", "subscribe": subscribe})
	if err != nil {
		t.Fatal(err)
	}
	const manifestAt, inputAt = 1 << 10, 1 << 16
	exports := [][]byte{export("memory", 2, 0)}
	for i, name := range []string{abi.ExportMarker, abi.ExportAlloc, abi.ExportDescribe, abi.ExportMatch} {
		exports = append(exports, export(name, 0, byte(i)))
	}
	body := func(code ...byte) []byte { return sized(append(append([]byte{0}, code...), 0x0b)) }
	const i32, i64, i32Const, i64Const = 0x7f, 0x7e, 0x41, 0x42
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	for _, section := range []struct {
		id      byte
		content []byte
	}{
		{1, vector([]byte{0x60, 0, 0}, []byte{0x60, 1, i32, 1, i32}, []byte{0x60, 0, 1, i64}, []byte{0x60, 3, i32, i32, i64, 1, i32})},
		{3, vector([]byte{0}, []byte{1}, []byte{2}, []byte{3})},
		{5, vector([]byte{0, 17})}, // one page for the manifest, a megabyte for the input
		{7, vector(exports...)},
		{10, vector(
			body(),
			body(append([]byte{i32Const}, signed(inputAt)...)...),
			body(append([]byte{i64Const}, signed(manifestAt<<32|int64(len(manifest)))...)...),
			body(i32Const, 1),
		)},
		{11, vector(append(append([]byte{0, i32Const}, append(signed(manifestAt), 0x0b)...), sized(manifest)...))},
	} {
		wasm = append(append(wasm, section.id), sized(section.content)...)
	}
	return wasm
}

func export(name string, kind, index byte) []byte { return append(sized([]byte(name)), kind, index) }

// sized puts the length of b before it.
func sized(b []byte) []byte { return append(binary.AppendUvarint(nil, uint64(len(b))), b...) }

// vector puts the number of items before them.
func vector(items ...[]byte) []byte {
	b := binary.AppendUvarint(nil, uint64(len(items)))
	for _, item := range items {
		b = append(b, item...)
	}
	return b
}

// signed is a signed LEB128.
func signed(v int64) (b []byte) {
	for {
		c := byte(v & 0x7f)
		if v >>= 7; v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}
