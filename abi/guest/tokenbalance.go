package guest

import "iter"

// TokenBalance is what one token account held before or after a transaction. Its slices point into the update.
type TokenBalance struct {
	AccountIndex int    // of the token account's key
	Mint         []byte // base58 text
	Owner        []byte // base58 text; empty where it is not known
	ProgramID    []byte // base58 text; empty where it is not known
	AmountText   []byte // decimal text in base units
	Decimals     uint32 // of the mint
}

// Amount returns the balance in base units, 0 where the text is no number of 64 bits.
func (b *TokenBalance) Amount() uint64 {
	v, _ := ParseU64(b.AmountText)
	return v
}

// PreTokenBalances walks what the token accounts of the transaction held before it.
func (t *Transaction) PreTokenBalances() iter.Seq[TokenBalance] {
	return func(yield func(TokenBalance) bool) { t.eachPreToken(yield) }
}

// PostTokenBalances walks what the token accounts of the transaction held after it.
func (t *Transaction) PostTokenBalances() iter.Seq[TokenBalance] {
	return func(yield func(TokenBalance) bool) { t.eachPostToken(yield) }
}

func (t *Transaction) eachPreToken(yield func(TokenBalance) bool) {
	t.readOutcome()
	t.tokens(t.preTokens, 7<<3|wireBytes, yield)
}

func (t *Transaction) eachPostToken(yield func(TokenBalance) bool) {
	t.readOutcome()
	t.tokens(t.postTokens, 8<<3|wireBytes, yield)
}

func (t *Transaction) tokens(r run, tag uint64, yield func(TokenBalance) bool) {
	f := t.over(r)
	for f.next() {
		if f.tag == tag && !yield(t.token(f.span())) {
			return
		}
	}
}

func (t *Transaction) token(s span) (b TokenBalance) {
	var amount span
	joined := false
	f := t.u.walk(s)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			b.AccountIndex = int(uint32(f.v))
		case 2<<3 | wireBytes:
			b.Mint = f.b[f.lo:f.hi:f.hi]
		case 3<<3 | wireBytes:
			joined = joined || !amount.absent()
			amount = f.span()
		case 4<<3 | wireBytes:
			b.Owner = f.b[f.lo:f.hi:f.hi]
		case 5<<3 | wireBytes:
			b.ProgramID = f.b[f.lo:f.hi:f.hi]
		}
	}
	t.u.done(&f)
	if joined {
		amount = t.u.gather(s, 3<<3|wireBytes)
	}
	f = t.u.walk(amount)
	for f.next() {
		switch f.tag {
		case 2<<3 | wireVarint:
			b.Decimals = uint32(f.v)
		case 3<<3 | wireBytes:
			b.AmountText = f.b[f.lo:f.hi:f.hi]
		}
	}
	t.u.done(&f)
	return b
}
