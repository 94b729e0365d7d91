package guest

// TransactionStatus is a transaction's outcome without the transaction.
type TransactionStatus struct {
	u *Update

	slot      uint64
	index     uint64
	signature span
	err       []byte
	vote      bool
	failed    bool
}

// TransactionStatus returns the update's transaction status; false where the update is of another kind.
func (u *Update) TransactionStatus() (*TransactionStatus, bool) {
	if u.kind != KindTransactionStatus {
		return nil, false
	}
	s := &u.status
	*s = TransactionStatus{u: u}
	var failure span
	joined := false
	f := u.walk(u.body)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			s.slot = f.v
		case 2<<3 | wireBytes:
			s.signature = f.span()
		case 3<<3 | wireVarint:
			s.vote = f.v != 0
		case 4<<3 | wireVarint:
			s.index = f.v
		case 5<<3 | wireBytes:
			joined = joined || !failure.absent()
			failure = f.span()
		}
	}
	u.done(&f)
	if joined {
		failure = u.gather(u.body, 5<<3|wireBytes)
	}
	s.err = u.bytes(u.errorBytes(failure))
	s.failed = len(s.err) > 0
	return s, true
}

// errorBytes returns the err field of a TransactionError: the error in the validator's bincode.
func (u *Update) errorBytes(failure span) span {
	var err span
	f := u.walk(failure)
	for f.next() {
		if f.tag == 1<<3|wireBytes {
			err = f.span()
		}
	}
	u.done(&f)
	return err
}

// Slot returns the slot of the transaction's block.
func (s *TransactionStatus) Slot() uint64 { return s.slot }

// Index returns the transaction's position in its block.
func (s *TransactionStatus) Index() uint64 { return s.index }

// Signature returns the transaction's first signature, 64 bytes.
func (s *TransactionStatus) Signature() []byte { return s.u.bytes(s.signature) }

// IsVote reports whether the transaction is a validator's vote.
func (s *TransactionStatus) IsVote() bool { return s.vote }

// Failed reports whether the transaction failed.
func (s *TransactionStatus) Failed() bool { return s.failed }

// Err returns the error in the validator's bincode, nil where the transaction succeeded.
func (s *TransactionStatus) Err() []byte { return s.err }
