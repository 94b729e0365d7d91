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

// stack is the call stack, as the log lines about calls and returns tell it.
type stack struct {
	ours  [maxDepth]bool // whether the program runs at that depth
	depth int
}

// readLogs adds the events that only the logs tell of. Anyone can log such a line, so only those count that were written while the
// program itself ran. Behind "Log truncated" the lines are no longer complete.
func (r *Reader) readLogs(tx *guest.Transaction) {
	if r.countLines(tx) <= len(r.found) {
		return // each line is one of the calls; most transactions end here
	}
	r.calls = len(r.found)
	r.taken = append(r.taken[:0], make([]bool, r.calls)...)
	r.stack.depth = 0
	for line := range tx.Logs() {
		if !r.readLine(line) {
			return
		}
	}
}

// countLines counts the lines that look like wanted events, whoever wrote them.
func (r *Reader) countLines(tx *guest.Transaction) (n int) {
	for line := range tx.Logs() {
		if len(line) > prefixBytes && line[len(programLine)] == 'd' && r.event(line) {
			n++
		}
	}
	return n
}

// readLine reads one line; false where those behind it tell nothing.
func (r *Reader) readLine(line []byte) bool {
	if s := &r.stack; s.depth > 0 && s.ours[s.depth-1] && r.event(line) {
		r.addLine(line[len(dataLine):])
		return true
	}
	if !bytes.HasPrefix(line, []byte(programLine)) {
		return string(line) != truncated
	}
	name, rest, _ := bytes.Cut(line[len(programLine):], []byte(" "))
	switch {
	case bytes.HasSuffix(name, []byte(":")): // "Program log: …", "Program data: …", "Program return: …"
	case bytes.HasPrefix(rest, []byte("invoke [")):
		return r.stack.push(string(name) == r.name)
	case string(rest) == "success", bytes.HasPrefix(rest, []byte("failed")):
		return r.stack.pop()
	}
	return true
}

// push enters a program; false where no stack is that deep.
func (s *stack) push(ours bool) bool {
	if s.depth == maxDepth {
		return false
	}
	s.ours[s.depth] = ours
	s.depth++
	return true
}

// pop leaves a program; false where none runs.
func (s *stack) pop() bool {
	if s.depth == 0 {
		return false
	}
	s.depth--
	return true
}

// addLine adds the event that a line holds.
func (r *Reader) addLine(text []byte) {
	start := len(r.text)
	var ok bool
	if r.text, ok = decodeBase64(r.text, text); !ok {
		r.text = r.text[:start]
		r.cut++
		return
	}
	if payload := r.text[start:len(r.text):len(r.text)]; r.wanted(Of(payload)) {
		r.add(payload)
	}
}
