package guest_test

import (
	"math/rand/v2"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// scramble writes a message in another layout that means the same or nearly so: fields of different numbers change places, messages
// come in pieces, unknown fields and groups between them, varints with surplus bytes, packed lists unpacked. Nearly: a repeated scalar
// may win or lose, which is for both readers to agree on.
func scramble(rng *rand.Rand, raw []byte, desc protoreflect.MessageDescriptor, depth int) []byte {
	var parts [][]byte
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return nil
		}
		m := protowire.ConsumeFieldValue(num, typ, raw[n:])
		if m < 0 {
			return nil
		}
		parts = append(parts, scrambleField(rng, num, typ, raw[n:n+m], desc.Fields().ByNumber(num), depth)...)
		raw = raw[n+m:]
	}
	if rng.IntN(3) == 0 {
		parts = append(parts, unknown(rng))
	}
	if rng.IntN(2) == 0 {
		for range 1 + rng.IntN(3) {
			if len(parts) > 1 {
				i, j := rng.IntN(len(parts)), rng.IntN(len(parts))
				parts[i], parts[j] = parts[j], parts[i]
			}
		}
	}
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// scrambleField returns the field in one piece or several.
func scrambleField(rng *rand.Rand, num protowire.Number, typ protowire.Type, value []byte, fd protoreflect.FieldDescriptor, depth int) [][]byte {
	plain := append(protowire.AppendTag(nil, num, typ), value...)
	switch {
	case fd == nil || rng.IntN(3) == 0:
		return [][]byte{plain}
	case typ == protowire.VarintType:
		v, _ := protowire.ConsumeVarint(value)
		return [][]byte{append(surplus(uint64(num)<<3|uint64(typ)), surplus(v)...)}
	case typ == protowire.BytesType && fd.Message() != nil:
		body, _ := protowire.ConsumeBytes(value)
		inner := scramble(rng, body, fd.Message(), depth+1)
		if fd.IsList() || rng.IntN(2) == 0 {
			return [][]byte{bytesField(num, inner)}
		}
		cut := split(rng, inner)
		return [][]byte{bytesField(num, inner[:cut]), bytesField(num, inner[cut:])}
	case typ == protowire.BytesType && fd.Kind() == protoreflect.Uint64Kind:
		list, _ := protowire.ConsumeBytes(value)
		var parts [][]byte
		for len(list) > 0 {
			_, n := protowire.ConsumeVarint(list)
			parts = append(parts, append(protowire.AppendTag(nil, num, protowire.VarintType), list[:n]...))
			list = list[n:]
		}
		return parts
	case typ == protowire.BytesType && rng.IntN(8) == 0:
		return [][]byte{plain, bytesField(num, []byte{1, 2, 3})}
	}
	return [][]byte{plain}
}

func bytesField(num protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), b)
}

// split returns a boundary between two fields of a message.
func split(rng *rand.Rand, message []byte) int {
	cuts := []int{0}
	for at := 0; at < len(message); {
		_, _, n := protowire.ConsumeField(message[at:])
		if n < 0 {
			break
		}
		at += n
		cuts = append(cuts, at)
	}
	return cuts[rng.IntN(len(cuts))]
}

// surplus writes a varint with a byte more than it needs, where there is room.
func surplus(v uint64) []byte {
	b := protowire.AppendVarint(nil, v)
	if len(b) < 5 {
		b[len(b)-1] |= 0x80
		b = append(b, 0)
	}
	return b
}

func unknown(rng *rand.Rand) []byte {
	const num = 3000
	switch rng.IntN(5) {
	case 0:
		return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), rng.Uint64())
	case 1:
		return protowire.AppendFixed32(protowire.AppendTag(nil, num, protowire.Fixed32Type), rng.Uint32())
	case 2:
		return protowire.AppendFixed64(protowire.AppendTag(nil, num, protowire.Fixed64Type), rng.Uint64())
	case 3:
		return bytesField(num, []byte("something new"))
	}
	b := protowire.AppendTag(nil, num, protowire.StartGroupType)
	b = append(b, bytesField(7, []byte("in a group"))...)
	b = protowire.AppendVarint(protowire.AppendTag(b, 8, protowire.VarintType), 300)
	return protowire.AppendTag(b, num, protowire.EndGroupType)
}
