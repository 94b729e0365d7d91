package sim

import (
	"context"

	generated "weir/host/sim/chain"
)

// Generated is a Feed that serves a generated chain, without end. It belongs to one goroutine.
type Generated struct {
	chain *generated.Chain
	paced bool
}

// NewGenerated returns a feed of c: paced in the chain's own time, a slot each 400 ms, or all due at once.
func NewGenerated(c *generated.Chain, paced bool) *Generated {
	return &Generated{chain: c, paced: paced}
}

// Next implements Feed.
func (g *Generated) Next(ctx context.Context) (Item, error) {
	if err := ctx.Err(); err != nil {
		return Item{}, err
	}
	u := g.chain.Next()
	item := Item{Update: u.SubscribeUpdate}
	if g.paced {
		item.At = u.At
	}
	return item, nil
}
