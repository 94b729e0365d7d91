package guest

// SlotStatus is a step in a slot's life (geyser.proto, SlotStatus).
type SlotStatus int32

// The slot statuses. The first three are commitment levels; the rest are sent to slot filters with InterslotUpdates.
const (
	SlotProcessed          SlotStatus = 0
	SlotConfirmed          SlotStatus = 1
	SlotFinalized          SlotStatus = 2
	SlotFirstShredReceived SlotStatus = 3
	SlotCompleted          SlotStatus = 4
	SlotCreatedBank        SlotStatus = 5
	SlotDead               SlotStatus = 6
)

// SlotUpdate is a step in a slot's life.
type SlotUpdate struct {
	u *Update

	slot      uint64
	parent    uint64
	bankID    uint64
	deadError span
	status    SlotStatus
	hasParent bool
	hasBankID bool
}

// SlotUpdate returns the update's slot status; false where the update is of another kind.
func (u *Update) SlotUpdate() (*SlotUpdate, bool) {
	if u.kind != KindSlot {
		return nil, false
	}
	s := &u.slot
	*s = SlotUpdate{u: u}
	f := u.walk(u.body)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			s.slot = f.v
		case 2<<3 | wireVarint:
			s.parent, s.hasParent = f.v, true
		case 3<<3 | wireVarint:
			s.status = SlotStatus(f.v)
		case 4<<3 | wireBytes:
			s.deadError = f.span()
		case 5<<3 | wireVarint:
			s.bankID, s.hasBankID = f.v, true
		}
	}
	u.done(&f)
	return s, true
}

// Slot returns the slot's number.
func (s *SlotUpdate) Slot() uint64 { return s.slot }

// Parent returns the parent slot's number; false where it is not known.
func (s *SlotUpdate) Parent() (uint64, bool) { return s.parent, s.hasParent }

// Status returns the step that the slot took.
func (s *SlotUpdate) Status() SlotStatus { return s.status }

// DeadError returns why a dead slot died, nil where the server did not say.
func (s *SlotUpdate) DeadError() []byte { return s.u.bytes(s.deadError) }

// BankID tells forks of one slot apart; false where the server sends none.
func (s *SlotUpdate) BankID() (uint64, bool) { return s.bankID, s.hasBankID }
