//go:build upstreamproto

package geyser

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// KnowsNewer tells whether the protocol package has the newer names (cuckoo filters, token-account expansion, bank ids,
// block footers); false in a build with the tag upstreamproto.
const KnowsNewer = false

// BankID returns the id that tells forks of one slot apart; false where the update has none.
func BankID(u *pb.SubscribeUpdate) (uint64, bool) { return 0, false }

// SetBankID sets u's bank id; kinds without the field ignore it.
func SetBankID(u *pb.SubscribeUpdate, id uint64) {}

// BlockFooterNames returns the names of req's block_footer filters, in no order.
func BlockFooterNames(req *pb.SubscribeRequest) []string { return nil }

// SetBlockFooterNames replaces req's block_footer filters.
func SetBlockFooterNames(req *pb.SubscribeRequest, names []string) {}
