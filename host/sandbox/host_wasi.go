package sandbox

import (
	"encoding/binary"

	"github.com/tetratelabs/wazero/sys"
)

// Error numbers of wasi_snapshot_preview1.
const (
	wasiSuccess      = 0
	wasiBadFile      = 8
	wasiFault        = 21
	wasiInvalid      = 28
	wasiNotSupported = 52 // no such function here
	wasiBadSeek      = 70
)

const clockRealtime = 0

const (
	fileStdin = iota
	fileStdout
	fileStderr
	files // how many there are
)

// wasiFunctions are those of wasi_snapshot_preview1: what the start of a language's runtime needs, and an error for
// everything else. There are no files but three, no sockets, no arguments and no environment. Clock and random numbers are
// the same on every run with the same inputs and seed.
func wasiFunctions() map[string]hostFunction {
	fs := map[string]hostFunction{
		"args_get":            {signature("ii", "i"), wasiEmpty},
		"args_sizes_get":      {signature("ii", "i"), wasiNoSizes},
		"environ_get":         {signature("ii", "i"), wasiEmpty},
		"environ_sizes_get":   {signature("ii", "i"), wasiNoSizes},
		"clock_res_get":       {signature("ii", "i"), clockResolution},
		"clock_time_get":      {signature("iIi", "i"), clockTime},
		"random_get":          {signature("ii", "i"), randomGet},
		"sched_yield":         {signature("", "i"), wasiEmpty},
		"poll_oneoff":         {signature("iiii", "i"), pollOneoff},
		"proc_exit":           {signature("i", ""), procExit},
		"fd_close":            {signature("i", "i"), fdKnown},
		"fd_sync":             {signature("i", "i"), fdKnown},
		"fd_datasync":         {signature("i", "i"), fdKnown},
		"fd_fdstat_get":       {signature("ii", "i"), fdStat},
		"fd_fdstat_set_flags": {signature("ii", "i"), fdKnown},
		"fd_filestat_get":     {signature("ii", "i"), fdFileStat},
		"fd_read":             {signature("iiii", "i"), fdRead},
		"fd_write":            {signature("iiii", "i"), fdWrite},
		"fd_seek":             {signature("iIii", "i"), fdSeek},
		"fd_tell":             {signature("ii", "i"), fdSeek},
		// No folder is open, so that a guest's search for one ends here.
		"fd_prestat_get":      {signature("ii", "i"), badFile},
		"fd_prestat_dir_name": {signature("iii", "i"), badFile},
	}
	for name, params := range wasiRefused {
		fs[name] = hostFunction{signature(params, "i"), notSupported}
	}
	return fs
}

// wasiRefused are the functions about files, folders and sockets. They can be imported, since the standard libraries import
// them unasked, and they always fail.
var wasiRefused = map[string]string{
	"fd_advise": "iIIi", "fd_allocate": "iII", "fd_fdstat_set_rights": "iII", "fd_filestat_set_size": "iI",
	"fd_filestat_set_times": "iIIi", "fd_pread": "iiiIi", "fd_pwrite": "iiiIi", "fd_readdir": "iiiIi", "fd_renumber": "ii",
	"path_create_directory": "iii", "path_filestat_get": "iiiii", "path_filestat_set_times": "iiiiIIi", "path_link": "iiiiiii",
	"path_open": "iiiiiIIii", "path_readlink": "iiiiii", "path_remove_directory": "iii", "path_rename": "iiiiii",
	"path_symlink": "iiiii", "path_unlink_file": "iii", "proc_raise": "i",
	"sock_accept": "iii", "sock_recv": "iiiiii", "sock_send": "iiiii", "sock_shutdown": "ii",
}

func badFile(_ *Instance, stack []uint64)      { stack[0] = wasiBadFile }
func notSupported(_ *Instance, stack []uint64) { stack[0] = wasiNotSupported }

// wasiEmpty is a success that has nothing to write. Its stack may have no parameters, but always the result's place.
func wasiEmpty(_ *Instance, stack []uint64) { stack[0] = wasiSuccess }

func procExit(i *Instance, stack []uint64) { i.stop(sys.NewExitError(uint32(stack[0]))) }

// answer is the result of writing to the guest's memory.
func answer(stack []uint64, ok bool) {
	stack[0] = wasiSuccess
	if !ok {
		stack[0] = wasiFault
	}
}

func wasiNoSizes(i *Instance, stack []uint64) {
	m := i.mem()
	ok := m.WriteUint32Le(uint32(stack[0]), 0)
	answer(stack, ok && m.WriteUint32Le(uint32(stack[1]), 0))
}

func clockResolution(i *Instance, stack []uint64) {
	answer(stack, i.mem().WriteUint64Le(uint32(stack[1]), 1_000_000))
}

func clockTime(i *Instance, stack []uint64) {
	ns := i.clock.wall()
	if uint32(stack[0]) != clockRealtime {
		ns = i.clock.read()
	}
	answer(stack, i.mem().WriteUint64Le(uint32(stack[2]), uint64(ns)))
}

// randomCost is fuel per byte.
const randomCost = 1

func randomGet(i *Instance, stack []uint64) {
	n := uint32(stack[1])
	b, ok := i.mem().Read(uint32(stack[0]), n)
	if ok {
		i.charge(int64(n) * randomCost)
		for len(b) >= 8 {
			binary.LittleEndian.PutUint64(b, i.random.Uint64())
			b = b[8:]
		}
		if len(b) > 0 {
			var last [8]byte
			binary.LittleEndian.PutUint64(last[:], i.random.Uint64())
			copy(b, last[:])
		}
	}
	answer(stack, ok)
}

// Layout of subscriptions and events of poll_oneoff.
const (
	subscriptionSize = 48
	eventSize        = 32
	pollCost         = 16 // fuel per subscription
)

// pollOneoff ends every wait at once: sleeps move the guest's monotonic clock, files are always ready.
func pollOneoff(i *Instance, stack []uint64) {
	in, out, n := uint32(stack[0]), uint32(stack[1]), uint32(stack[2])
	if n == 0 {
		stack[0] = wasiInvalid
		return
	}
	i.charge(int64(n) * pollCost)
	m := i.mem()
	size := uint64(m.Size())
	if uint64(in)+uint64(n)*subscriptionSize > size || uint64(out)+uint64(n)*eventSize > size {
		stack[0] = wasiFault
		return
	}
	for k := range n {
		s, _ := m.Read(in+k*subscriptionSize, subscriptionSize)
		e, _ := m.Read(out+k*eventSize, eventSize)
		var event [eventSize]byte
		copy(event[:8], s[:8]) // the guest's own number
		event[10] = s[8]       // what was waited for
		if s[8] == 0 {
			i.sleep(s)
		}
		copy(e, event[:])
	}
	answer(stack, m.WriteUint32Le(uint32(stack[3]), n))
}

// sleep moves the clock to the end of a wait: clock id at 16, time in nanoseconds at 24, flags at 40 (bit 0: absolute).
func (i *Instance) sleep(s []byte) {
	t := int64(binary.LittleEndian.Uint64(s[24:]))
	if s[40]&1 != 0 {
		if binary.LittleEndian.Uint32(s[16:]) == clockRealtime {
			t -= i.clock.wall()
		} else {
			t -= i.clock.monotonic()
		}
	}
	const longest = int64(3600e9) // beyond it the sum might overflow before the fuel is used up
	i.clock.advanced += min(max(t, 0), longest)
}
