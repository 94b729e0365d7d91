package geyser

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// slotSet is a request's `slots` filters.
type slotSet struct {
	names   []string
	filters []slotFilter
}

type slotFilter struct {
	byCommitment bool // only the status that is the request's commitment
	interslot    bool // also the statuses of a slot's life before it is processed, and of its death
}

func (m *Matcher) compileSlots(req *pb.SubscribeRequest, lim *ServerLimits) (err error) {
	filters := req.GetSlots()
	if m.slots.names, err = compileNames(filters, lim.Slots, lim, "slots"); err != nil {
		return err
	}
	for _, n := range m.slots.names {
		f := filters[n]
		m.slots.filters = append(m.slots.filters, slotFilter{byCommitment: f.GetFilterByCommitment(), interslot: f.GetInterslotUpdates()})
	}
	return nil
}

func (m *Matcher) evaluateSlot(p *Prepared, dst []Delivery) []Delivery {
	s := &m.slots
	if len(s.names) == 0 {
		return dst
	}
	var room [4]uint64
	hits := scratch(len(s.names), &room)
	status := p.update.GetSlot().GetStatus()
	level, isLevel := statusLevel(status)
	for i, f := range s.filters {
		if (!f.byCommitment || isLevel && level == m.commitment) && (f.interslot || isLevel) {
			hits.set(i)
		}
	}
	return deliver(dst, hits.pick(s.names), p.update)
}

// statusLevel returns the commitment that a slot's status stands for, if any.
func statusLevel(s pb.SlotStatus) (pb.CommitmentLevel, bool) {
	switch s {
	case pb.SlotStatus_SLOT_PROCESSED:
		return pb.CommitmentLevel_PROCESSED, true
	case pb.SlotStatus_SLOT_CONFIRMED:
		return pb.CommitmentLevel_CONFIRMED, true
	case pb.SlotStatus_SLOT_FINALIZED:
		return pb.CommitmentLevel_FINALIZED, true
	}
	return 0, false
}
