package guest

// Account is an account's new state. Its slices point into the update.
type Account struct {
	u *Update

	slot         uint64
	lamports     uint64
	rentEpoch    uint64
	writeVersion uint64
	pubkey       span
	owner        span
	data         span
	signature    span
	executable   bool
	startup      bool
}

// Account returns the update's account; false where the update is of another kind.
func (u *Update) Account() (*Account, bool) {
	if u.kind != KindAccount {
		return nil, false
	}
	a := &u.account
	*a = Account{u: u}
	var info span
	joined := false
	f := u.walk(u.body)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			joined = joined || !info.absent()
			info = f.span()
		case 2<<3 | wireVarint:
			a.slot = f.v
		case 3<<3 | wireVarint:
			a.startup = f.v != 0
		}
	}
	u.done(&f)
	if joined {
		info = u.gather(u.body, 1<<3|wireBytes)
	}
	a.read(info)
	return a, true
}

// read takes the fields of a SubscribeUpdateAccountInfo.
func (a *Account) read(info span) {
	f := a.u.walk(info)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			a.pubkey = f.span()
		case 2<<3 | wireVarint:
			a.lamports = f.v
		case 3<<3 | wireBytes:
			a.owner = f.span()
		case 4<<3 | wireVarint:
			a.executable = f.v != 0
		case 5<<3 | wireVarint:
			a.rentEpoch = f.v
		case 6<<3 | wireBytes:
			a.data = f.span()
		case 7<<3 | wireVarint:
			a.writeVersion = f.v
		case 8<<3 | wireBytes:
			a.signature = f.span()
		}
	}
	a.u.done(&f)
}

// Slot returns the slot in which the account was written; the block's for an account of a block.
func (a *Account) Slot() uint64 { return a.slot }

// Startup reports whether the state is part of the validator's start-up rather than a write.
func (a *Account) Startup() bool { return a.startup }

// Pubkey returns the account's address, 32 bytes.
func (a *Account) Pubkey() []byte { return a.u.bytes(a.pubkey) }

// Owner returns the program that owns the account, 32 bytes.
func (a *Account) Owner() []byte { return a.u.bytes(a.owner) }

// Lamports returns the account's balance in lamports.
func (a *Account) Lamports() uint64 { return a.lamports }

// Executable reports whether the account is a program.
func (a *Account) Executable() bool { return a.executable }

// RentEpoch returns the epoch at which the account next owes rent.
func (a *Account) RentEpoch() uint64 { return a.rentEpoch }

// Data returns the account's data, cut to the request's slices where it has any.
func (a *Account) Data() []byte { return a.u.bytes(a.data) }

// WriteVersion returns a number that grows with every account write of the validator that reports it.
func (a *Account) WriteVersion() uint64 { return a.writeVersion }

// TxnSignature returns the signature of the transaction that wrote the account, 64 bytes, nil where none did.
func (a *Account) TxnSignature() []byte { return a.u.bytes(a.signature) }
