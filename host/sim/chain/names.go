package chain

import "strings"

// What coins are called: an adjective, a noun, and a symbol out of both. Some names are not ASCII, as on mainnet.
var (
	nameFirst = []string{"Baby", "Turbo", "Giga", "Lunar", "Sleepy", "Based", "Quantum", "Tiny", "Iron", "Neon", "Solar",
		"Pixel", "Grumpy", "Velvet", "Moon", "Ghost"}
	nameSecond = []string{"Otter", "Pigeon", "Toad", "Walrus", "Noodle", "Wizard", "Falcon", "Badger", "Cactus", "Llama",
		"Robot", "Pickle", "Comet", "Mole", "猫", "🐸"}
)

const cidAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

// coinName makes up a name, a symbol and where the picture is.
func (c *Chain) coinName() (name, symbol, uri string) {
	first, second := pick(c.rnd, nameFirst), pick(c.rnd, nameSecond)
	name = first + " " + second
	symbol = strings.ToUpper(first[:2] + second[:min(3, len(second))])
	if second[0] >= 0x80 {
		symbol = second
	}
	var cid [59]byte
	copy(cid[:], "bafkrei")
	for i := 7; i < len(cid); i++ {
		cid[i] = cidAlphabet[c.rnd.IntN(len(cidAlphabet))]
	}
	return name, symbol, "https://ipfs.io/ipfs/" + string(cid[:])
}
