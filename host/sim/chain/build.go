package chain

import (
	"slices"
	"strconv"
)

// version is a message's version.
type version uint8

const (
	legacy version = iota
	v0
	v0Tables // v0 with a look-up table
	v1
)

// builder puts one transaction together: instructions, what they call, what moves, what is logged. One builder serves
// all of a Chain's transactions in turn.
type builder struct {
	c      *Chain
	serial uint64

	version   version
	payer     *account
	accts     []*account // in order of appearance
	calls     []call
	metas     []*account // the calls' accounts, one after the other
	tops      int        // instructions of the message itself so far
	log       []string
	priority  uint64 // lamports
	unitLimit uint32
	truth     []finding
	writes    []write
	failure   []byte
	noInner   bool
	cutLog    bool
	rollback  []func()
	lastTop   int // the last instruction of the message, in calls
	lastLog   int // where its log starts
}

// call is one instruction, or one that a program calls.
type call struct {
	program  *account
	from, to int // in metas
	data     []byte
	height   uint8 // 1 in the message itself
}

// write is one account update that the transaction causes.
type write struct {
	a     *account
	owner Key
	data  []byte
	found finding
}

func (b *builder) begin(payer *account, v version) {
	b.serial++
	b.version, b.payer = v, payer
	b.accts, b.calls, b.metas, b.log = b.accts[:0], b.calls[:0], b.metas[:0], b.log[:0]
	b.truth, b.writes, b.rollback = nil, b.writes[:0], b.rollback[:0]
	b.tops, b.priority, b.unitLimit = 0, 0, 0
	b.failure, b.noInner, b.cutLog = nil, false, false
	b.touch(payer, signer|writable)
}

// touch names a in the transaction and remembers what it held before.
func (b *builder) touch(a *account, r role) {
	if a.serial != b.serial {
		a.serial, a.pre, a.role, a.topLevel = b.serial, a.lamports, 0, false
		if t := a.token; t != nil {
			t.pre, t.opened = t.amount, t.open
		}
		b.accts = append(b.accts, a)
	}
	a.role |= r
}

// call adds an instruction at a height (1: in the message, 2: called by the last one of height 1, and so on) and logs
// that it starts; done logs its end.
func (b *builder) call(height int, program *account, data []byte, metas ...meta) {
	from := len(b.metas)
	for _, m := range metas {
		b.touch(m.a, m.r)
		b.metas = append(b.metas, m.a)
	}
	b.touch(program, 0)
	if height == 1 {
		program.topLevel = true
		b.tops++
		b.lastTop, b.lastLog = len(b.calls), len(b.log)
	}
	b.calls = append(b.calls, call{program, from, len(b.metas), data, uint8(height)})
	b.log = append(b.log, program.program.invoke[height])
}

// done logs that program returned.
func (b *builder) done(program *account) {
	if p := program.program; p.consumed != nil {
		b.log = append(b.log, p.consumed[b.c.rnd.IntN(len(p.consumed))])
	}
	b.log = append(b.log, program.program.success)
}

// say logs lines.
func (b *builder) say(lines ...string) { b.log = append(b.log, lines...) }

// move moves lamports without an instruction, as a program does with accounts of its own.
func (b *builder) move(from, to *account, n uint64) {
	b.touch(from, writable)
	b.touch(to, writable)
	from.lamports -= n
	to.lamports += n
}

// budget adds the two compute budget instructions; version 1 has them in its configuration instead.
func (b *builder) budget(limit uint32, price uint64) {
	b.unitLimit, b.priority = limit, price*uint64(limit)/1_000_000
	if b.version == v1 {
		return
	}
	var e enc = b.c.mem.take(14)[:0]
	e.u8(2)
	e.u32(limit)
	e.u8(3)
	e.u64(price)
	w := b.c.sys
	b.call(1, w.budget, e[:5:5])
	b.done(w.budget)
	b.call(1, w.budget, e[5:])
	b.done(w.budget)
}

// pay transfers lamports by the system program.
func (b *builder) pay(height int, from, to *account, n uint64) {
	data := b.c.mem.take(12)
	data[0] = 2
	le64(data[4:], n)
	system := b.c.sys.system
	fromMeta := rw(from)
	if height == 1 {
		fromMeta = pays(from)
	}
	b.call(height, system, data, fromMeta, rw(to))
	b.move(from, to, n)
	b.done(system)
}

// create makes the account a of size bytes for owner, paid by from.
func (b *builder) create(height int, from, a *account, size int, owner Key) {
	rent := rentFor(size)
	data := b.c.mem.take(52)
	le64(data[4:], rent)
	le64(data[12:], uint64(size))
	copy(data[20:], owner[:])
	system := b.c.sys.system
	b.call(height, system, data, rw(from), rw(a))
	b.move(from, a, rent)
	b.done(system)
}

// send moves tokens: by Transfer where checked is false, else by TransferChecked, which names the mint.
func (b *builder) send(height int, from, to, authority *account, n uint64, checked bool) {
	m := from.token.mint
	data := b.c.mem.take(10)
	data[0] = 3
	le64(data[1:], n)
	signs := ro(authority)
	if height == 1 {
		signs = sign(authority)
	}
	if checked {
		data[0], data[9] = 12, m.decimals
		b.call(height, m.program, data, rw(from), ro(&m.account), rw(to), signs)
		b.say("Program log: Instruction: TransferChecked")
	} else {
		b.call(height, m.program, data[:9:9], rw(from), rw(to), signs)
		b.say("Program log: Instruction: Transfer")
	}
	b.moveTokens(from, to, n)
	b.done(m.program)
}

func (b *builder) moveTokens(from, to *account, n uint64) {
	b.touch(from, writable)
	b.touch(to, writable)
	from.token.amount -= n
	to.token.amount += n
	if from.token.mint.native {
		b.move(from, to, n)
	}
}

// mintTo mints n tokens of m to an account.
func (b *builder) mintTo(height int, m *mint, to, authority *account, n uint64) {
	data := b.c.mem.take(9)
	data[0] = 7
	le64(data[1:], n)
	b.call(height, m.program, data, rw(&m.account), rw(to), ro(authority))
	b.say("Program log: Instruction: MintTo")
	to.token.amount += n
	b.done(m.program)
}

// openAssociated creates an associated token account; an idempotent call on one that exists does nothing.
func (b *builder) openAssociated(height int, payer, a *account, idempotent bool) {
	w, t := b.c.sys, a.token
	data, line := []byte(nil), "Program log: Create"
	if idempotent {
		data, line = dataIdempotent, "Program log: CreateIdempotent"
	}
	b.call(height, w.associated, data, rw(payer), rw(a), ro(t.owner), ro(&t.mint.account), ro(w.system), ro(t.mint.program))
	b.say(line)
	if !t.open {
		b.openToken(height+1, payer, a)
	}
	b.done(w.associated)
}

// openToken is what the associated token program calls.
func (b *builder) openToken(height int, payer, a *account) {
	m := a.token.mint
	p := m.program
	b.call(height, p, dataAccountSize, ro(&m.account))
	b.say("Program log: Instruction: GetAccountDataSize")
	b.done(p)
	b.create(height, payer, a, m.size(), p.key)
	b.say("Program log: Initialize the associated token account")
	b.call(height, p, dataImmutableOwner, rw(a))
	b.say("Program log: Instruction: InitializeImmutableOwner")
	b.done(p)
	b.initToken(height, a)
}

// initToken is InitializeAccount3.
func (b *builder) initToken(height int, a *account) {
	m := a.token.mint
	data := b.c.mem.take(33)
	data[0] = 18
	copy(data[1:], a.token.owner.key[:])
	b.call(height, m.program, data, rw(a), ro(&m.account))
	b.say("Program log: Instruction: InitializeAccount3")
	a.token.open = true
	b.done(m.program)
}

// wrap opens owner's account for wrapped SOL and fills it with n lamports.
func (b *builder) wrap(owner, a *account, n uint64) {
	b.openAssociated(1, owner, a, true)
	b.pay(1, owner, a, n)
	a.token.amount += n
	t := b.c.sys.token
	b.call(1, t, dataSyncNative, rw(a))
	b.say("Program log: Instruction: SyncNative")
	b.done(t)
}

// unwrap closes owner's account for wrapped SOL.
func (b *builder) unwrap(owner, a *account) {
	t := b.c.sys.token
	b.call(1, t, dataCloseAccount, rw(a), rw(owner), sign(owner))
	b.say("Program log: Instruction: CloseAccount")
	b.move(a, owner, a.lamports)
	a.token.amount, a.token.open = 0, false
	b.done(t)
}

// event emits an event: a call of the program by itself that carries the tag and the payload, and, where logged is set,
// the payload in the log before it. event is the tag and the payload.
func (b *builder) event(height int, program, authority *account, event []byte, logged bool) {
	if logged {
		b.say(b.c.dataLine(event[8:]))
	}
	b.call(height, program, event, ro(authority))
	b.done(program)
}

// write has an account update follow from the transaction: one for each account, as it is in the end.
func (b *builder) write(a *account, owner Key, data []byte, found finding) {
	for i := range b.writes {
		if b.writes[i].a == a {
			b.writes[i].data, b.writes[i].found = data, found
			return
		}
	}
	b.writes = append(b.writes, write{a, owner, data, found})
}

// found adds to what monitors have to find.
func (b *builder) found(f finding) { b.truth = append(b.truth, f) }

// onFailure has undo run if the transaction fails: what a builder cannot undo by itself.
func (b *builder) onFailure(undo func()) { b.rollback = append(b.rollback, undo) }

// fail makes the transaction fail in its last instruction with a program's own error code: nothing moved, nothing is
// found, and the fee is due. An early failure comes before the instruction has called anything.
func (b *builder) fail(code uint32, early bool) {
	var e enc
	e.u32(8) // TransactionError::InstructionError
	e.u8(uint8(b.tops - 1))
	e.u32(25) // InstructionError::Custom
	e.u32(code)
	b.failure = e
	b.truth, b.writes = nil, b.writes[:0]
	for _, a := range b.accts {
		a.lamports = a.pre
		if t := a.token; t != nil {
			t.amount, t.open = t.pre, t.opened
		}
	}
	for _, undo := range slices.Backward(b.rollback) {
		undo()
	}
	n := len(b.log) - 1 // without its success
	if early {
		b.calls = b.calls[:b.lastTop+1]
		n = min(n, b.lastLog+2)
	}
	b.log = append(b.log[:n], "Program "+b.calls[b.lastTop].program.name()+" failed: custom program error: 0x"+
		strconv.FormatUint(uint64(code), 16))
}

// Instruction data that never changes.
var (
	dataAccountSize    = []byte{21, 7, 0}
	dataImmutableOwner = []byte{22}
	dataSyncNative     = []byte{17}
	dataCloseAccount   = []byte{9}
	dataIdempotent     = []byte{1}
)
