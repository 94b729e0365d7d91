// Package anchor reads what programs built with the Anchor framework leave in a transaction: instruction and account
// discriminators, and the events that a program reports by calling itself (emit_cpi) or by a "Program data:" log line (emit). It
// holds no goroutines; a Reader belongs to one monitor.
package anchor

// DiscriminatorBytes is the length of the prefix that names an instruction, an event or an account type.
const DiscriminatorBytes = 8

// A Discriminator names an instruction, an event or an account type: the first 8 bytes of a SHA-256, in the order in which they
// stand in the data. It says nothing about the program: several programs share names, so compare the program first.
type Discriminator uint64

// EventCall is what an event's instruction starts with, before the event's own discriminator: the first 8 bytes of
// sha256("anchor:event"), reversed (anchor-lang, event.rs, EVENT_IX_TAG_LE).
const EventCall Discriminator = 0xe445a52e51cb9a1d

// Of returns the discriminator that data starts with, 0 where it is shorter than one. No discriminator in use is 0.
func Of(data []byte) Discriminator {
	if len(data) < DiscriminatorBytes {
		return 0
	}
	_ = data[7]
	return Discriminator(data[0])<<56 | Discriminator(data[1])<<48 | Discriminator(data[2])<<40 | Discriminator(data[3])<<32 |
		Discriminator(data[4])<<24 | Discriminator(data[5])<<16 | Discriminator(data[6])<<8 | Discriminator(data[7])
}

// Bytes returns the discriminator as it stands in the data.
func (d Discriminator) Bytes() (b [DiscriminatorBytes]byte) {
	for i := range b {
		b[i] = byte(d >> (56 - 8*i))
	}
	return b
}
