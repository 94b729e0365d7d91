package geyser

import (
	"math"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// dataSlices are a request's accounts_data_slice: what remains of an account's data, after filtering. Slices that reach
// beyond the data are left out whole. None means all data.
type dataSlices []dataSlice

type dataSlice struct{ start, end uint64 }

func (m *Matcher) compileSlices(req *pb.SubscribeRequest, lim *ServerLimits) error {
	list := req.GetAccountsDataSlice()
	err := checkMax(len(list), lim.Accounts.DataSliceMax)
	for i := 0; i < len(list) && err == nil; i++ {
		s := dataSlice{start: list[i].GetOffset(), end: list[i].GetOffset() + list[i].GetLength()}
		if s.end < s.start {
			s.end = math.MaxUint64 // reaches beyond any data; the server's own sum would wrap
		}
		m.slices = append(m.slices, s)
	}
	if err == nil {
		err = m.slices.check()
	}
	return located(err, "accounts_data_slice", "")
}

// check reports what the server reports first. Its texts repeat the prefix that every such error gets.
func (s dataSlices) check() error {
	for i, a := range s {
		for _, b := range s[i+1:] {
			if a.start > b.start {
				return refusal("failed to create filter: data slices out of order")
			}
		}
		for _, b := range s[:i] {
			if a.start < b.end {
				return refusal("failed to create filter: data slices overlapped")
			}
		}
	}
	return nil
}

// account returns u, an account update, with its data cut.
func (s dataSlices) account(u *pb.SubscribeUpdate) *pb.SubscribeUpdate {
	if len(s) == 0 {
		return u
	}
	a := u.GetAccount()
	out := &pb.SubscribeUpdateAccount{Account: s.info(a.GetAccount()), Slot: a.GetSlot(), IsStartup: a.GetIsStartup()}
	keepUnknown(out, a)
	cut := &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: out}, CreatedAt: u.GetCreatedAt()}
	if id, ok := BankID(u); ok {
		SetBankID(cut, id)
	}
	return cut
}

func (s dataSlices) infos(list []*pb.SubscribeUpdateAccountInfo) []*pb.SubscribeUpdateAccountInfo {
	if len(s) == 0 || len(list) == 0 {
		return list
	}
	out := make([]*pb.SubscribeUpdateAccountInfo, len(list))
	for i, a := range list {
		out[i] = s.info(a)
	}
	return out
}

func (s dataSlices) info(a *pb.SubscribeUpdateAccountInfo) *pb.SubscribeUpdateAccountInfo {
	out := &pb.SubscribeUpdateAccountInfo{
		Pubkey: a.GetPubkey(), Lamports: a.GetLamports(), Owner: a.GetOwner(), Executable: a.GetExecutable(),
		RentEpoch: a.GetRentEpoch(), Data: s.cut(a.GetData()), WriteVersion: a.GetWriteVersion(), TxnSignature: a.TxnSignature,
	}
	keepUnknown(out, a)
	return out
}

func (s dataSlices) cut(data []byte) []byte {
	n := uint64(0)
	for _, r := range s {
		if r.end <= uint64(len(data)) {
			n += r.end - r.start
		}
	}
	out := make([]byte, 0, n)
	for _, r := range s {
		if r.end <= uint64(len(data)) {
			out = append(out, data[r.start:r.end]...)
		}
	}
	return out
}
