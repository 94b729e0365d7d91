package upstream

import "time"

// pacer bounds live filter updates over all streams to limit in any second; 0 bounds nothing.
type pacer struct {
	limit int
	log   []time.Time // of the newest updates, at most limit
}

// next returns when another update may go.
func (p *pacer) next(now time.Time) time.Time {
	if p.limit <= 0 || len(p.log) < p.limit {
		return now
	}
	return p.log[0].Add(time.Second)
}

func (p *pacer) sent(now time.Time) {
	if p.limit <= 0 {
		return
	}
	if len(p.log) == p.limit {
		p.log = append(p.log[:0], p.log[1:]...)
	}
	p.log = append(p.log, now)
}
