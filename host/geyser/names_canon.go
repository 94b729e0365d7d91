package geyser

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// filterKey identifies a filter by what it means. Filters with equal keys are interchangeable.
type filterKey [sha256.Size]byte

// canonical is a filter in a form in which equal meaning is equal bytes: lists that are sets are sorted and without
// repetition, memcmp values are raw bytes. It is immutable.
type canonical struct {
	section int
	msg     proto.Message
	key     filterKey
	size    int // upper estimate of what it adds to a request, in bytes
}

// entryBytes is what a map entry adds to a filter's own bytes at most: tags and lengths (20) and one of our names.
const entryBytes = 20 + MaxNameBytes

func canonicalise(section int, m proto.Message) *canonical {
	m = proto.Clone(m)
	switch f := m.(type) {
	case *pb.SubscribeRequestFilterAccounts:
		f.Account, f.Owner = set(f.Account), set(f.Owner)
		f.Filters = canonicalStates(f.Filters)
	case *pb.SubscribeRequestFilterTransactions:
		f.AccountInclude, f.AccountExclude = set(f.AccountInclude), set(f.AccountExclude)
		f.AccountRequired = set(f.AccountRequired)
	case *pb.SubscribeRequestFilterBlocks:
		f.AccountInclude = set(f.AccountInclude)
	}
	return newCanonical(section, m)
}

// newCanonical wraps a message that is in canonical form already.
func newCanonical(section int, m proto.Message) *canonical {
	text := encode(m)
	c := &canonical{section: section, msg: m, size: len(text) + entryBytes}
	h := sha256.New()
	h.Write([]byte{byte(sections[section].Number())})
	h.Write(text)
	h.Sum(c.key[:0])
	return c
}

// encode returns m's bytes, equal for equal messages.
func encode(m proto.Message) []byte {
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil { // only invalid UTF-8, which neither ParseDeclared nor the transport lets through
		return []byte(err.Error())
	}
	return text
}

// set returns a list's distinct members, sorted; nil for none.
func set(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// canonicalStates sorts the conditions on an account's content, which the server ANDs, and drops repeated ones.
func canonicalStates(list []*pb.SubscribeRequestFilterAccountsFilter) []*pb.SubscribeRequestFilterAccountsFilter {
	for _, s := range list {
		if m := s.GetMemcmp(); m != nil {
			canonicalMemcmp(m)
		}
	}
	slices.SortFunc(list, compareStates)
	return slices.CompactFunc(list, func(a, b *pb.SubscribeRequestFilterAccountsFilter) bool { return compareStates(a, b) == 0 })
}

func compareStates(a, b *pb.SubscribeRequestFilterAccountsFilter) int {
	return bytes.Compare(encode(a), encode(b))
}

// canonicalMemcmp turns the text forms of the bytes into raw ones. A text that does not decode stays as it is.
func canonicalMemcmp(m *pb.SubscribeRequestFilterAccountsFilterMemcmp) {
	raw, err := []byte(nil), error(nil)
	switch d := m.Data.(type) {
	case *pb.SubscribeRequestFilterAccountsFilterMemcmp_Base58:
		raw, err = base58.Decode(d.Base58)
	case *pb.SubscribeRequestFilterAccountsFilterMemcmp_Base64:
		raw, err = base64.StdEncoding.DecodeString(d.Base64)
	default:
		return
	}
	if err == nil {
		m.Data = &pb.SubscribeRequestFilterAccountsFilterMemcmp_Bytes{Bytes: raw}
	}
}
