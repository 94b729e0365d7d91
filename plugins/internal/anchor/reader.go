package anchor

import (
	"bytes"
	"slices"

	"weir/abi/guest"
)

// Reader finds one program's events of some types in transactions. Its scratch space is kept from one transaction to the next.
type Reader struct {
	program   guest.Pubkey
	authority guest.Pubkey
	want      []Discriminator
	prefixes  []string // of the log line of each wanted event
	name      string   // the program's base58 text, as log lines name it

	found [][]byte
	calls int    // the first of found, which were calls
	taken []bool // which of the calls have their log line
	text  []byte // what was decoded from log lines
	cut   int
	stack stack
}

// NewReader returns a reader of the events want of program. authority is the program's address for event calls: the PDA of the
// seed "__event_authority".
func NewReader(program, authority guest.Pubkey, want ...Discriminator) *Reader {
	r := &Reader{program: program, authority: authority, want: want, name: program.String()}
	for _, d := range want {
		r.prefixes = append(r.prefixes, logPrefix(d))
	}
	return r
}

// Payloads returns the wanted events of tx, each once, starting with its discriminator: those that the program reported by a call
// of itself in the order in which they ran, then those that only a log line tells of. The slices are valid until the next call. The
// caller has made sure that the transaction succeeded.
func (r *Reader) Payloads(tx *guest.Transaction) [][]byte {
	r.found, r.text, r.cut = r.found[:0], r.text[:0], 0
	program := tx.KeyIndex(&r.program)
	if program < 0 {
		return nil
	}
	// Where every instruction has its event, none is missing, and the logs, which hold each event again, need no look.
	if instructions := r.readCalls(tx, program); len(r.found) < max(instructions, 1) {
		r.readLogs(tx)
	}
	return r.found
}

// readCalls adds the events that the program called itself with. It returns the number of the program's other instructions.
func (r *Reader) readCalls(tx *guest.Transaction, program int) (instructions int) {
	all := tx.All()
	for i := range all {
		ix := &all[i]
		if ix.Program() != program {
			continue
		}
		data := ix.Data()
		if !ix.IsInner() || Of(data) != EventCall {
			instructions++
			continue
		}
		if payload := data[DiscriminatorBytes:]; r.wanted(Of(payload)) && r.authorised(ix) {
			r.found = append(r.found, payload)
		}
	}
	return instructions
}

// Undecodable returns how many log lines of wanted events of the last transaction were needed and no base64.
func (r *Reader) Undecodable() int { return r.cut }

func (r *Reader) wanted(d Discriminator) bool {
	return slices.Contains(r.want, d)
}

// authorised reports whether an event call names the program's event authority. Anchor lets nothing else through, so this holds
// for all that succeeded; a source that drops the accounts of inner instructions is believed.
func (r *Reader) authorised(ix *guest.Instruction) bool {
	return ix.NumAccounts() == 0 || r.authority.Is(ix.Account(0))
}

// event reports whether a line starts as one of the wanted events' lines do.
func (r *Reader) event(line []byte) bool {
	for _, p := range r.prefixes {
		if len(line) > len(p) && string(line[:len(p)]) == p {
			return true
		}
	}
	return false
}

// add appends an event that a log line told of, unless a call told of the same: an event's call and its line hold equal bytes.
func (r *Reader) add(payload []byte) {
	for i, call := range r.found[:r.calls] {
		if !r.taken[i] && bytes.Equal(call, payload) {
			r.taken[i] = true
			return
		}
	}
	r.found = append(r.found, payload)
}
