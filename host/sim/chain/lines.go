package chain

import (
	"encoding/base64"
	"strconv"
)

// programLines are a program's log lines, made once.
type programLines struct {
	invoke   [5]string
	success  string
	consumed []string // nil for built-in programs, which log no use
}

const (
	consumedLines  = 32
	maxInvokeDepth = 4    // of the feed's own transactions
	maxLogBytes    = 9900 // where a validator cuts a transaction's log
)

func newProgramLines(r random, name string, builtIn bool) *programLines {
	p := &programLines{success: "Program " + name + " success"}
	for d := 1; d <= maxInvokeDepth; d++ {
		p.invoke[d] = "Program " + name + " invoke [" + strconv.Itoa(d) + "]"
	}
	for range consumedLines {
		if builtIn {
			break
		}
		used := r.between(700, 60_000)
		left := used + r.between(1_000, 300_000)
		p.consumed = append(p.consumed, "Program "+name+" consumed "+strconv.FormatUint(used, 10)+" of "+
			strconv.FormatUint(left, 10)+" compute units")
	}
	return p
}

// addProgram makes the account at k a program.
func (c *Chain) addProgram(k Key, builtIn bool) *account {
	a := c.account(k)
	a.program = newProgramLines(c.rnd, a.name(), builtIn)
	if builtIn {
		a.lamports = 1
	}
	return a
}

// dataLine returns the log line of an event.
func (c *Chain) dataLine(payload []byte) string {
	const head = "Program data: "
	c.scratch = append(c.scratch[:0], head...)
	c.scratch = base64.StdEncoding.AppendEncode(c.scratch, payload)
	return string(c.scratch)
}

// cutLog shortens a log as validators do once it has more than limit bytes.
func cutLog(log []string, limit int) []string {
	size := 0
	for i, l := range log {
		if size += len(l); size > limit {
			return append(log[:i:i], "Log truncated")
		}
	}
	return log
}
