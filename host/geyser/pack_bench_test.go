package geyser

import (
	"fmt"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// thousand makes 1,000 monitors of three filters each: one that ten of them share, one of their own, one for all.
func thousand() []Want {
	wants := make([]Want, 1000)
	for i := range wants {
		shared := &pb.SubscribeRequestFilterTransactions{AccountInclude: []string{longKey(1, i/10)}}
		own := &pb.SubscribeRequestFilterAccounts{}
		for j := range 10 {
			own.Account = append(own.Account, longKey(2+j, i))
		}
		wants[i] = Want{fmt.Sprint("monitor-", i), &Declared{Filters: []Filter{
			newFilter(sectionIndex("transactions"), "shared", shared),
			newFilter(sectionIndex("accounts"), "own", own),
			newFilter(sectionIndex("slots"), "slots", &pb.SubscribeRequestFilterSlots{}),
		}}}
	}
	return wants
}

// BenchmarkPackThousand packs 1,000 monitors: from nothing, and anew beside an earlier plan when one monitor comes.
func BenchmarkPackThousand(b *testing.B) {
	wants := thousand()
	for _, c := range []struct {
		name    string
		lim     Limits
		streams int
	}{
		{"unlimited", Limits{}, 0},
		{"many streams", Limits{Filters: FilterCount{Accounts: 5, Transactions: 5}}, 0},
		{"widened", Limits{Filters: FilterCount{Accounts: 25, Transactions: 25}}, 5},
	} {
		b.Run(c.name+"/fresh", func(b *testing.B) {
			names := new(Names)
			bins := []Bin(nil)
			for b.Loop() {
				bins, _ = Pack(wants, names, c.lim, c.streams, nil)
			}
			b.ReportMetric(float64(len(bins)), "streams")
		})
		b.Run(c.name+"/one more", func(b *testing.B) {
			names := new(Names)
			prev, _ := Pack(wants[1:], names, c.lim, c.streams, nil)
			for b.Loop() {
				Pack(wants, names, c.lim, c.streams, prev)
			}
		})
	}
}
