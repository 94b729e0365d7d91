package anchor

import (
	"bytes"

	"weir/abi/guest"
)

// prefixBytes is the length of what all lines of one event type share: "Program data: " and the 10 base64 characters that the
// first 60 bits of the discriminator make.
const prefixBytes = len(dataLine) + 10

const (
	programLine = "Program "
	dataLine    = "Program data: "
	truncated   = "Log truncated"
)

// maxDepth bounds the call stack that logs are followed through. The runtime's own limit is 5, 9 since SIMD-0268.
const maxDepth = 64

func logPrefix(d Discriminator) string {
	b := d.Bytes()
	return dataLine + string(appendBase64(nil, b[:])[:prefixBytes-len(dataLine)])
}

// readLogs adds the events that only the logs tell of. Anyone can log such a line, so only those count that were written while the
// program itself ran, as the lines about calls and returns tell. Behind "Log truncated" these are no longer complete.
func (r *Reader) readLogs(tx *guest.Transaction) {
	calls := len(r.found)
	r.taken = append(r.taken[:0], make([]bool, calls)...)
	var ours [maxDepth]bool // whether the program runs at that depth
	depth := 0
	for line := range tx.Logs() {
		if depth > 0 && ours[depth-1] && r.event(line) {
			r.addLine(line[len(dataLine):], calls)
			continue
		}
		if !bytes.HasPrefix(line, []byte(programLine)) {
			if string(line) == truncated {
				return
			}
			continue
		}
		name, rest, _ := bytes.Cut(line[len(programLine):], []byte(" "))
		switch {
		case bytes.HasSuffix(name, []byte(":")): // "Program log: …", "Program data: …", "Program return: …"
		case bytes.HasPrefix(rest, []byte("invoke [")):
			if depth == maxDepth {
				return
			}
			ours[depth] = string(name) == r.name
			depth++
		case string(rest) == "success", bytes.HasPrefix(rest, []byte("failed")):
			if depth == 0 {
				return
			}
			depth--
		}
	}
}

func (r *Reader) addLine(text []byte, calls int) {
	start := len(r.text)
	var ok bool
	if r.text, ok = decodeBase64(r.text, text); !ok {
		r.text = r.text[:start]
		r.cut++
		return
	}
	if payload := r.text[start:len(r.text):len(r.text)]; r.wanted(Of(payload)) {
		r.add(payload, calls)
	}
}
