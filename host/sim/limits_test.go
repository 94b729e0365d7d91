package sim

import (
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"

	"weir/host/geyser"
)

// limited is a server that allows one filter of each kind here, and no full streams.
func limited() *geyser.ServerLimits {
	lim := geyser.UnlimitedServer()
	lim.Slots = 1
	lim.Transactions.Max, lim.Transactions.Any = 1, false
	lim.Accounts.OwnerReject = map[geyser.Pubkey]struct{}{geyser.Pubkey(pubkey("")): {}}
	return lim
}

func TestLimits(t *testing.T) {
	system := "11111111111111111111111111111111"
	for _, c := range []struct {
		name string
		req  *pb.SubscribeRequest
		text string
	}{
		{"too many filters", transactions("a", "b"), "Max amount of filters/data_slices reached, only 1 allowed"},
		{"a full stream", transactions("a"), "Subscribe on full stream with `any` is not allowed, at least one filter required"},
		{"a rejected key", &pb.SubscribeRequest{Accounts: map[string]*pb.SubscribeRequestFilterAccounts{"a": {Owner: []string{system}}}},
			"Pubkey " + system + " in filters is not allowed"},
		{"with a ping", &pb.SubscribeRequest{Transactions: transactions("a").Transactions, Ping: &pb.SubscribeRequestPing{Id: 1}},
			"Subscribe on full stream with `any` is not allowed, at least one filter required"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Settings{Limits: limited()})
			s := w.open()
			s.ask(c.req)
			s.fails(codes.InvalidArgument, "failed to create filter: "+c.text)
			if st := w.server.Stats(); st.FilterViolations != 1 || st.Subscribes != 0 {
				t.Errorf("stats %+v", st)
			}
		})
	}
}

func TestTransactionAndItsStatusAreTwoUpdates(t *testing.T) {
	w := newWorld(t, Settings{})
	req := transactions("full")
	req.TransactionsStatus = map[string]*pb.SubscribeRequestFilterTransactions{"short": {}}
	c := w.subscribe(req)
	w.feed.say(txUpdate(5, 3))
	kinds := map[string]string{}
	for range 2 {
		for {
			u, err := c.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if u.GetPing() != nil {
				continue
			}
			if u.GetTransaction() != nil {
				kinds["transaction"] = u.Filters[0]
			}
			if s := u.GetTransactionStatus(); s != nil && s.Slot == 5 && s.Index == 3 && u.CreatedAt != nil {
				kinds["status"] = u.Filters[0]
			}
			break
		}
	}
	if kinds["transaction"] != "full" || kinds["status"] != "short" {
		t.Errorf("got %v", kinds)
	}
}

func TestSlicesCutOneStreamOnly(t *testing.T) {
	w := newWorld(t, Settings{})
	whole := w.subscribe(accounts())
	req := accounts()
	req.AccountsDataSlice = []*pb.SubscribeRequestAccountsDataSlice{{Offset: 1, Length: 2}}
	cut := w.subscribe(req)
	u := accountUpdate(5, "a", 1)
	u.GetAccount().Account.Data = []byte("abcdef")
	w.feed.say(u)
	for _, c := range []struct {
		caller
		want string
	}{{whole, "abcdef"}, {cut, "bc"}} {
		for {
			u, err := c.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if u.GetPing() != nil {
				continue
			}
			if got := string(u.GetAccount().Account.Data); got != c.want {
				t.Errorf("data %q, want %q", got, c.want)
			}
			break
		}
	}
}
