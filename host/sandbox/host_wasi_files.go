package sandbox

import (
	"bytes"
	"encoding/binary"

	"weir/abi"
)

// line collects what a guest writes to stdout or stderr until a newline makes it a log message.
type line struct {
	level abi.LogLevel
	text  []byte
}

// known answers for file numbers that do not exist.
func known(stack []uint64) bool {
	if uint32(stack[0]) < files {
		return true
	}
	stack[0] = wasiBadFile
	return false
}

func fdKnown(_ *Instance, stack []uint64) {
	if known(stack) {
		stack[0] = wasiSuccess
	}
}

// fdSeek answers for fd_tell too: the three files are pipes.
func fdSeek(_ *Instance, stack []uint64) {
	if known(stack) {
		stack[0] = wasiBadSeek
	}
}

const characterDevice = 2

// fdStat writes a fdstat: type, flags, and two sets of rights, of which only reading and writing are given.
func fdStat(i *Instance, stack []uint64) {
	if !known(stack) {
		return
	}
	rights := uint64(1 << 6) // fd_write
	if uint32(stack[0]) == fileStdin {
		rights = 1 << 1 // fd_read
	}
	var stat [24]byte
	stat[0] = characterDevice
	binary.LittleEndian.PutUint64(stat[8:], rights)
	answer(stack, i.mem().Write(uint32(stack[1]), stat[:]))
}

func fdFileStat(i *Instance, stack []uint64) {
	if !known(stack) {
		return
	}
	var stat [64]byte
	stat[16] = characterDevice
	answer(stack, i.mem().Write(uint32(stack[1]), stat[:]))
}

// fdRead is the end of the file, at once.
func fdRead(i *Instance, stack []uint64) {
	if uint32(stack[0]) != fileStdin {
		stack[0] = wasiBadFile
		return
	}
	answer(stack, i.mem().WriteUint32Le(uint32(stack[3]), 0))
}

func fdWrite(i *Instance, stack []uint64) {
	fd := uint32(stack[0])
	if fd != fileStdout && fd != fileStderr {
		stack[0] = wasiBadFile
		return
	}
	n, ok := i.gather(&i.stdio[fd-fileStdout], uint32(stack[1]), uint32(stack[2]))
	answer(stack, ok && i.mem().WriteUint32Le(uint32(stack[3]), n))
}

const vectorSize = 8 // pointer and length

// gather writes a vector of buffers to a line; n counts the bytes, as far as they went.
func (i *Instance) gather(l *line, vectors, count uint32) (n uint32, ok bool) {
	i.charge(int64(count))
	m := i.mem()
	for k := range count {
		at := uint64(vectors) + uint64(k)*vectorSize
		if at > uint64(m.Size()) {
			return n, false
		}
		v, ok := m.Read(uint32(at), vectorSize)
		if !ok {
			return n, false
		}
		b, ok := m.Read(binary.LittleEndian.Uint32(v), binary.LittleEndian.Uint32(v[4:]))
		if !ok {
			return n, false
		}
		i.chargeBytes(uint32(len(b)))
		i.print(l, b)
		n += uint32(len(b))
	}
	return n, true
}

// lineCost is fuel per line written, whether it is logged or not.
const lineCost = 30

var newline = []byte("\n")

// print logs each whole line. What is beyond the longest log message is dropped until the line ends.
func (i *Instance) print(l *line, b []byte) {
	for {
		i.charge(lineCost)
		text, rest, ended := bytes.Cut(b, newline)
		room := i.lim.LogBytes - len(l.text)
		l.text = append(l.text, text[:min(len(text), max(room, 0))]...)
		if !ended {
			return
		}
		if len(l.text) > 0 {
			i.log(l.level, l.text)
		}
		l.text, b = l.text[:0], rest
	}
}

// flush logs what a dying guest left unfinished: its last words say why.
func (i *Instance) flush() {
	for k := range i.stdio {
		if l := &i.stdio[k]; len(l.text) > 0 {
			i.log(l.level, l.text)
			l.text = l.text[:0]
		}
	}
}
