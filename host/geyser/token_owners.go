package geyser

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// The values of TokenAccountExpansionControlFlag.
const (
	tokenAccountsAll     = 0
	tokenAccountsChanged = 1
)

// tokenOwners are the owners of a transaction's token balances, some perhaps more than once.
type tokenOwners struct {
	all     []Pubkey // of any balance before or after
	changed []Pubkey // of a balance that changed, appeared or went away
}

// balance is the last one before the transaction that names an account index and a well-formed owner.
type balance struct {
	owner  Pubkey
	amount string
	kept   bool // it is there afterwards too, with a well-formed owner
}

func ownersOf(meta *pb.TransactionStatusMeta) (t tokenOwners) {
	before := make(map[uint32]balance, len(meta.GetPreTokenBalances()))
	for _, b := range meta.GetPreTokenBalances() {
		owner, err := decodeKey(b.GetOwner())
		if err != nil {
			continue
		}
		t.all = append(t.all, owner)
		before[b.GetAccountIndex()] = balance{owner: owner, amount: b.GetUiTokenAmount().GetAmount()}
	}
	for _, b := range meta.GetPostTokenBalances() {
		owner, err := decodeKey(b.GetOwner())
		if err != nil {
			continue
		}
		t.all = append(t.all, owner)
		was, ok := before[b.GetAccountIndex()]
		if !ok || was.amount != b.GetUiTokenAmount().GetAmount() {
			t.changed = append(t.changed, owner)
		}
		if ok {
			was.kept = true
			before[b.GetAccountIndex()] = was
		}
	}
	for _, was := range before {
		if !was.kept {
			t.changed = append(t.changed, was.owner)
		}
	}
	return t
}
