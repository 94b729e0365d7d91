package raydium

import (
	"errors"

	"weir/abi/guest"
	"weir/plugins/internal/anchor"
)

// Names of the programs, as events give them.
const (
	NameAMMv4     = "amm_v4"
	NameCPMM      = "cpmm"
	NameLaunchLab = "launchlab"
)

// Pool is a new pool, read from the instruction that made it. Its slices point into the update.
type Pool struct {
	Program    string // one of the names
	Pool       []byte
	BaseMint   []byte // coin in AMM v4, mint 0 in CPMM
	QuoteMint  []byte // pc in AMM v4, mint 1 in CPMM
	BaseVault  []byte
	QuoteVault []byte
	LPMint     []byte // nil in LaunchLab, which has none
	Creator    []byte
}

// Why an instruction that makes a pool cannot be read.
var (
	ErrFewAccounts = errors.New("a pool's instruction names too few accounts")
	ErrShortData   = errors.New("a pool's instruction has too few arguments")
)

// Finder tells instructions that make pools from all others. It looks a transaction's keys up once.
type Finder struct {
	amm, cpmm, launchLab int // indexes of the programs' keys, -1 where the transaction does not name them
}

// Reset makes f look at tx, and reports whether it names any of the programs.
func (f *Finder) Reset(tx *guest.Transaction) bool {
	f.amm, f.cpmm, f.launchLab = tx.KeyIndex(&AMMv4Key), tx.KeyIndex(&cpmmKey), tx.KeyIndex(&launchLabKey)
	return f.amm >= 0 || f.cpmm >= 0 || f.launchLab >= 0
}

// Find reads the pool that an instruction makes; false where it makes none. The error is ErrFewAccounts or ErrShortData.
func (f *Finder) Find(ix *guest.Instruction, p *Pool) (bool, error) {
	l := f.layout(ix)
	if l == nil {
		return false, nil
	}
	if len(ix.Data()) < l.data {
		return false, ErrShortData
	}
	if !p.read(ix, l) {
		return false, ErrFewAccounts
	}
	return true, nil
}

// FindAMMv4 is Find for AMM v4 pools only.
func (f *Finder) FindAMMv4(ix *guest.Instruction, p *Pool) (bool, error) {
	if ix.Program() != f.amm {
		return false, nil
	}
	return f.Find(ix, p)
}

func (f *Finder) layout(ix *guest.Instruction) *layout {
	switch ix.Program() { // -1 is no instruction's program
	case f.amm:
		return ammV4Layout(ix)
	case f.cpmm:
		return cpmmLayout(anchor.Of(ix.Data()))
	case f.launchLab:
		return launchLabLayout(anchor.Of(ix.Data()))
	}
	return nil
}

// read takes the accounts that l names. It is false where one is missing.
func (p *Pool) read(ix *guest.Instruction, l *layout) bool {
	*p = Pool{
		Program: l.program, Pool: ix.Account(l.pool), BaseMint: ix.Account(l.base), QuoteMint: ix.Account(l.quote),
		BaseVault: ix.Account(l.baseVault), QuoteVault: ix.Account(l.quoteVault),
		Creator: ix.Account(l.creator),
	}
	if l.lpMint != none {
		if p.LPMint = ix.Account(l.lpMint); p.LPMint == nil {
			return false
		}
	}
	return p.Pool != nil && p.BaseMint != nil && p.QuoteMint != nil && p.BaseVault != nil && p.QuoteVault != nil && p.Creator != nil
}
