package geyser

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"weak"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// MaxNameBytes bounds the length of every name that a Names gives, far below the server's own limit of 128.
const MaxNameBytes = 8

// maxNames bounds the registry. 1,000 monitors with 64 filters each, all different, take half of it; an entry is about
// 150 bytes.
const maxNames = 1 << 17

// Names gives every distinct server filter a short name. Equal filters (whatever the order and repetition in their lists)
// share one name for as long as the registry lives, and no name is ever given to a second filter. Only when more than
// 131,072 filters are known are the longest unused quarter forgotten, and should one come back it gets a new name. The
// zero Names is ready to use, by one goroutine at a time.
type Names struct {
	names    map[filterKey]*nameEntry
	rechecks map[recheckKey]weak.Pointer[Matcher]
	sweep    int    // the number of rechecks at which the dead ones are dropped
	count    uint64 // names given so far
	clock    uint64 // uses so far
	bound    int    // of names, 0 means maxNames; tests lower it
}

type nameEntry struct {
	name string
	used uint64
}

// recheckKey is what a matcher of a single filter depends on; slices do not matter to whether it hits.
type recheckKey struct {
	filter     filterKey
	commitment pb.CommitmentLevel
}

// Of returns f's name, "" when f's section is none of the protocol's.
func (n *Names) Of(f Filter) string {
	c := f.canonicalForm()
	if c == nil {
		return ""
	}
	return n.of(c)
}

func (n *Names) of(c *canonical) string {
	n.clock++
	if e, ok := n.names[c.key]; ok {
		e.used = n.clock
		return e.name
	}
	if n.names == nil {
		n.names = make(map[filterKey]*nameEntry)
	}
	if len(n.names) >= n.limit() {
		n.forget()
	}
	e := &nameEntry{name: "f" + strconv.FormatUint(n.count, 36), used: n.clock}
	n.count++
	n.names[c.key] = e
	return e.name
}

// recheck returns the matcher of one filter. It is the same one as long as anybody holds it, so that an unchanged route
// stays equal from plan to plan.
func (n *Names) recheck(c *canonical, commitment pb.CommitmentLevel) (*Matcher, error) {
	key := recheckKey{c.key, commitment}
	if m := n.rechecks[key].Value(); m != nil {
		return m, nil
	}
	req := Lane{Commitment: commitment}.request()
	setFilter(req, c.section, "recheck", c.msg)
	m, err := Compile(req, nil)
	if err != nil {
		return nil, err
	}
	if n.rechecks == nil {
		n.rechecks = make(map[recheckKey]weak.Pointer[Matcher])
	}
	if len(n.rechecks) >= n.sweep {
		maps.DeleteFunc(n.rechecks, func(_ recheckKey, p weak.Pointer[Matcher]) bool { return p.Value() == nil })
		n.sweep = max(1024, 2*len(n.rechecks))
	}
	n.rechecks[key] = weak.Make(m)
	return m, nil
}

func (n *Names) limit() int { return cmp.Or(n.bound, maxNames) }

// forget drops the quarter of the names that has been unused for the longest time.
func (n *Names) forget() {
	keys := slices.SortedFunc(maps.Keys(n.names), func(a, b filterKey) int {
		return cmp.Compare(n.names[a].used, n.names[b].used)
	})
	for _, k := range keys[:(len(keys)+3)/4] {
		delete(n.names, k)
	}
}
