package geyser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// accountState is the `filters` of an accounts filter; all of them have to hold.
type accountState struct {
	memcmp       []comparison
	hasSize      bool
	size         uint64
	tokenAccount bool
	lamports     []lamportsTest
}

type comparison struct {
	offset uint64
	data   []byte
}

type lamportsTest func(lamports uint64) bool

// The server's limits on states (filter.rs); the last two are the lengths of 128 bytes in text.
const (
	maxStates       = 4
	maxMemcmp       = 128
	maxMemcmpBase58 = 175
	maxMemcmpBase64 = 172
)

func compileState(filters []*pb.SubscribeRequestFilterAccountsFilter) (s accountState, err error) {
	if len(filters) > maxStates {
		return s, refusal(fmt.Sprintf("Too many filters provided; max %d", maxStates))
	}
	for _, f := range filters {
		if err := s.add(f); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *accountState) add(f *pb.SubscribeRequestFilterAccountsFilter) error {
	switch f := f.GetFilter().(type) {
	case *pb.SubscribeRequestFilterAccountsFilter_Memcmp:
		data, err := memcmpData(f.Memcmp)
		if err != nil {
			return err
		}
		s.memcmp = append(s.memcmp, comparison{offset: f.Memcmp.GetOffset(), data: data})
	case *pb.SubscribeRequestFilterAccountsFilter_Datasize:
		if s.hasSize {
			return refusal("datasize used more than once")
		}
		s.hasSize, s.size = true, f.Datasize
	case *pb.SubscribeRequestFilterAccountsFilter_TokenAccountState:
		if !f.TokenAccountState {
			return refusal("token_account_state only allowed to be true")
		}
		s.tokenAccount = true
	case *pb.SubscribeRequestFilterAccountsFilter_Lamports:
		test, err := compileLamports(f.Lamports)
		if err != nil {
			return err
		}
		s.lamports = append(s.lamports, test)
	default:
		return refusal("filter should be defined")
	}
	return nil
}

func memcmpData(m *pb.SubscribeRequestFilterAccountsFilterMemcmp) (data []byte, err error) {
	const tooLarge = refusal("data too large")
	switch d := m.GetData().(type) {
	case *pb.SubscribeRequestFilterAccountsFilterMemcmp_Bytes:
		data = d.Bytes
	case *pb.SubscribeRequestFilterAccountsFilterMemcmp_Base58:
		if len(d.Base58) > maxMemcmpBase58 {
			return nil, tooLarge
		}
		if d.Base58 != "" { // which the library takes for an error
			if data, err = base58.Decode(d.Base58); err != nil {
				return nil, refusal("invalid base58")
			}
		}
	case *pb.SubscribeRequestFilterAccountsFilterMemcmp_Base64:
		if len(d.Base64) > maxMemcmpBase64 {
			return nil, tooLarge
		}
		data, err = base64.StdEncoding.Strict().DecodeString(d.Base64)
		if err != nil || strings.ContainsAny(d.Base64, "\r\n") { // which Go skips, and the server does not
			return nil, refusal("invalid base64")
		}
	default:
		return nil, refusal("data for memcmp should be defined")
	}
	if len(data) > maxMemcmp {
		return nil, tooLarge
	}
	return bytes.Clone(data), nil
}

func compileLamports(l *pb.SubscribeRequestFilterAccountsFilterLamports) (lamportsTest, error) {
	switch c := l.GetCmp().(type) {
	case *pb.SubscribeRequestFilterAccountsFilterLamports_Eq:
		want := c.Eq
		return func(n uint64) bool { return n == want }, nil
	case *pb.SubscribeRequestFilterAccountsFilterLamports_Ne:
		want := c.Ne
		return func(n uint64) bool { return n != want }, nil
	case *pb.SubscribeRequestFilterAccountsFilterLamports_Lt:
		limit := c.Lt
		return func(n uint64) bool { return n < limit }, nil
	case *pb.SubscribeRequestFilterAccountsFilterLamports_Gt:
		limit := c.Gt
		return func(n uint64) bool { return n > limit }, nil
	}
	return nil, refusal("cmp for lamports should be defined")
}

func (s *accountState) match(data []byte, lamports uint64) bool {
	if s.hasSize && s.size != uint64(len(data)) {
		return false
	}
	if s.tokenAccount && !isTokenAccount(data) {
		return false
	}
	for _, test := range s.lamports {
		if !test(lamports) {
			return false
		}
	}
	for i := range s.memcmp {
		if !s.memcmp[i].match(data) {
			return false
		}
	}
	return true
}

func (c *comparison) match(data []byte) bool {
	return c.offset <= uint64(len(data)) && bytes.HasPrefix(data[c.offset:], c.data)
}

// Layout of SPL token accounts (spl-token-2022, generic_token_account and state): the account itself, where its state
// lies (0: uninitialized), the account type behind it when there are extensions, and the length of a multisig, which no
// extended account has.
const (
	tokenAccountLen   = 165
	tokenStateOffset  = 108
	tokenTypeAccount  = 2
	tokenMultisigSize = 355
)

func isTokenAccount(data []byte) bool {
	if len(data) < tokenAccountLen || data[tokenStateOffset] == 0 {
		return false
	}
	return len(data) == tokenAccountLen || len(data) != tokenMultisigSize && data[tokenAccountLen] == tokenTypeAccount
}
