package geyser

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

func filtersOf(t testing.TB, text string) []Filter { return declare(t, text).Filters }

// TestNamesCanonical: spelling does not make a difference, meaning does.
func TestNamesCanonical(t *testing.T) {
	a, b := text(1)[0], text(2)[0]
	n := new(Names)
	same := func(x, y string, want bool) {
		t.Helper()
		fx, fy := filtersOf(t, x)[0], filtersOf(t, y)[0]
		if got := n.Of(fx) == n.Of(fy); got != want {
			t.Errorf("%s and %s share a name: %v, want %v", x, y, got, want)
		}
	}
	tx := func(rest string) string { return `{"transactions":{"x":{` + rest + `}}}` }
	same(tx(`"accountInclude":["`+a+`","`+b+`"]`), tx(`"account_include":["`+b+`","`+a+`","`+b+`"]`), true)
	same(tx(`"vote":false,"accountExclude":["`+a+`"]`), tx(`"accountExclude":["`+a+`","`+a+`"],"vote":false`), true)
	same(tx(`"accountInclude":["`+a+`"]`), tx(`"accountRequired":["`+a+`"]`), false)
	same(tx(`"vote":false`), tx(``), false)
	same(tx(`"vote":true`), `{"transactionsStatus":{"x":{"vote":true}}}`, false)
	same(`{"blocksMeta":{"x":{}}}`, `{"entry":{"x":{}}}`, false)
	same(`{"slots":{"one":{}}}`, `{"slots":{"two":{}},"commitment":"FINALIZED"}`, true)
	acc := func(rest string) string { return `{"accounts":{"x":{"filters":[` + rest + `]}}}` }
	same(acc(`{"memcmp":{"offset":1,"base58":"2"}},{"datasize":5}`), acc(`{"datasize":5},{"memcmp":{"offset":"1","base64":"AQ=="}}`), true)
	same(acc(`{"memcmp":{"offset":1,"bytes":"AQ=="}}`), acc(`{"memcmp":{"offset":1,"base58":"2"}},{"memcmp":{"offset":1,"bytes":"AQ=="}}`), true)
	same(acc(`{"memcmp":{"offset":1,"bytes":"AQ=="}}`), acc(`{"memcmp":{"offset":2,"bytes":"AQ=="}}`), false)
}

// TestNamesStable gives names to random filters, shuffles their lists and asks again.
func TestNamesStable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	n := new(Names)
	byName := make(map[string][]byte)
	for range 3000 {
		m := randomTransactions(r)
		f := newFilter(sectionIndex("transactions"), "x", m)
		name := n.Of(f)
		if other, ok := byName[name]; ok && !slices.Equal(other, encode(f.canon.msg)) {
			t.Fatalf("two filters are named %s", name)
		}
		byName[name] = encode(f.canon.msg)
		shuffled := proto.CloneOf(m)
		r.Shuffle(len(shuffled.AccountInclude), func(i, j int) {
			s := shuffled.AccountInclude
			s[i], s[j] = s[j], s[i]
		})
		if again := n.Of(Filter{Section: "transactions", Message: shuffled}); again != name {
			t.Fatalf("a filter was %s and is %s", name, again)
		}
	}
}

// TestNamesForget: the registry is bounded, keeps what is in use, and never gives a name twice.
func TestNamesForget(t *testing.T) {
	n := &Names{bound: 16}
	nth := func(i int) Filter {
		return newFilter(sectionIndex("accounts"), "x", &pb.SubscribeRequestFilterAccounts{Filters: states{state(i)}})
	}
	kept := n.Of(nth(0))
	given := map[string]int{kept: 0}
	first := n.Of(nth(1))
	given[first] = 1
	for i := range 5000 {
		name := n.Of(nth(i + 2))
		if other, ok := given[name]; ok {
			t.Fatalf("%s was given to filter %d and now to %d", name, other, i+2)
		}
		given[name] = i + 2
		if n.Of(nth(0)) != kept {
			t.Fatal("a filter in use was forgotten")
		}
		if len(n.names) > 16 || len(name) > MaxNameBytes {
			t.Fatalf("%d filters are known, the bound is 16; the name is %s", len(n.names), name)
		}
	}
	if again := n.Of(nth(1)); again == first {
		t.Errorf("%s came back after being forgotten", again)
	}
}

func TestNamesOfForeignFilters(t *testing.T) {
	for _, f := range []Filter{{}, {Section: "nonsense", Message: &pb.SubscribeRequestFilterSlots{}}, {Section: "slots"}} {
		if name := new(Names).Of(f); name != "" {
			t.Errorf("%+v is named %s", f, name)
		}
	}
}

// TestNamesRechecks: a matcher is shared while somebody holds it, and not kept alive otherwise.
func TestNamesRechecks(t *testing.T) {
	n := new(Names)
	c := filtersOf(t, `{"slots":{"x":{}}}`)[0].canon
	one, err := n.recheck(c, 0)
	two, _ := n.recheck(c, 0)
	other, _ := n.recheck(c, 1)
	if err != nil || one != two || one == other {
		t.Errorf("matchers are %p %p %p, %v", one, two, other, err)
	}
	runtime.KeepAlive(one)
	runtime.KeepAlive(two)
	runtime.GC()
	if p := n.rechecks[recheckKey{c.key, 0}]; p.Value() != nil {
		t.Error("the registry keeps a matcher that nobody holds")
	}
	runtime.KeepAlive(other)
}
