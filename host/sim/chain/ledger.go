package chain

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// What accounts are asked to hold by their size: 890 880 lamports for none, and 6960 a byte.
const (
	rentTokenAccount     = 2_039_280 // 165 bytes
	rentToken2022Account = 2_074_080 // 170 bytes
	rentMint             = 1_461_600 // 82 bytes
	lamportsPerSOL       = 1_000_000_000
)

func rentFor(size int) uint64 { return 890_880 + 6960*uint64(size) }

// account is one account of the ledger. What lies below the blank line belongs to the transaction that is being built.
type account struct {
	key      Key
	lamports uint64
	token    *tokenState   // nil unless a token account
	program  *programLines // nil unless a program
	table    uint8         // place in the well-known look-up table, from 1; 0 is none
	text     string        // base58, once asked for

	serial   uint64
	pre      uint64
	role     role
	topLevel bool // called as a program by the message itself: has to be a static key
	index    uint8
}

// tokenState is what a token account holds.
type tokenState struct {
	mint         *mint
	owner        *account
	amount, pre  uint64
	open, opened bool // exists now, existed before the transaction
}

// mint is a token.
type mint struct {
	account
	decimals uint8
	program  *account // Token or Token-2022
	native   bool     // wrapped SOL: amounts are lamports
}

// role is how a message names an account.
type role uint8

const (
	writable role = 1 << iota
	signer
)

// meta is an account in an instruction.
type meta struct {
	a *account
	r role
}

func ro(a *account) meta   { return meta{a, 0} }
func rw(a *account) meta   { return meta{a, writable} }
func sign(a *account) meta { return meta{a, signer} }
func pays(a *account) meta { return meta{a, writable | signer} }

func newAccount(k Key, lamports uint64) *account { return &account{key: k, lamports: lamports} }

// name returns the address in base58.
func (a *account) name() string {
	if a.text == "" {
		a.text = a.key.String()
	}
	return a.text
}

// holder returns owner's associated token account for m, not yet open.
func (m *mint) holder(owner *account) *account {
	a := newAccount(associated(owner.key, m.key, m.program.key), 0)
	a.token = &tokenState{mint: m, owner: owner}
	return a
}

// vault returns a token account of m at k, not yet open.
func (m *mint) vault(k Key, owner *account) *account {
	return &account{key: k, token: &tokenState{mint: m, owner: owner}}
}

// open makes a token account exist with its rent and amount, outside any transaction.
func (a *account) open(amount uint64) *account {
	a.token.open, a.token.amount = true, amount
	a.lamports = a.token.mint.rent()
	if a.token.mint.native {
		a.lamports += amount
	}
	return a
}

func (m *mint) rent() uint64 {
	if m.program.key == idToken2022 {
		return rentToken2022Account
	}
	return rentTokenAccount
}

func (m *mint) size() int {
	if m.program.key == idToken2022 {
		return 170
	}
	return 165
}

// account returns the account of a well-known address, the same one each time.
func (c *Chain) account(k Key) *account {
	a := c.accounts[k]
	if a == nil {
		a = newAccount(k, 1_141_440+c.rnd.Uint64N(lamportsPerSOL))
		c.accounts[k] = a
	}
	return a
}

// purse makes sure that a owns n lamports and something to spare: its income comes from outside of the feed.
func (c *Chain) purse(a *account, n uint64) {
	if a.lamports < n+lamportsPerSOL {
		a.lamports = n + n/2 + c.rnd.between(2, 40)*lamportsPerSOL
	}
}

// spl encodes a token account, 165 bytes; Token-2022 adds the account type and ImmutableOwner, 5 more.
func (c *Chain) spl(a *account) []byte {
	t := a.token
	b := c.mem.take(t.mint.size())
	copy(b, t.mint.key[:])
	copy(b[32:], t.owner.key[:])
	le64(b[64:], t.amount)
	b[108] = 1 // initialized
	if t.mint.native {
		b[109] = 1
		le64(b[113:], rentTokenAccount)
	}
	if len(b) == 170 {
		b[165], b[166] = 2, 7
	}
	return b
}

// tokenBalances lists the token accounts among accts, as they were or as they are.
func (c *Chain) tokenBalances(accts []*account, before bool) []*pb.TokenBalance {
	n := 0
	for _, a := range accts {
		if a.token.listed(before) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	slab := make([]struct {
		b pb.TokenBalance
		u pb.UiTokenAmount
	}, n)
	list := make([]*pb.TokenBalance, 0, n)
	for _, a := range accts {
		if !a.token.listed(before) {
			continue
		}
		t, s := a.token, &slab[len(list)]
		amount := t.amount
		if before {
			amount = t.pre
		}
		s.u.Decimals = uint32(t.mint.decimals)
		s.u.Amount, s.u.UiAmountString, s.u.UiAmount = uiAmount(amount, t.mint.decimals)
		s.b.AccountIndex = uint32(a.index)
		s.b.Mint, s.b.Owner, s.b.ProgramId = t.mint.name(), t.owner.name(), t.mint.program.name()
		s.b.UiTokenAmount = &s.u
		list = append(list, &s.b)
	}
	return list
}

func (t *tokenState) listed(before bool) bool {
	if t == nil {
		return false
	}
	if before {
		return t.opened
	}
	return t.open
}
