package geyser

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func declare(t testing.TB, text string) *Declared {
	t.Helper()
	d, err := ParseDeclared([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

const program = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"

func TestDeclaredKeepsOrder(t *testing.T) {
	d := declare(t, `{"slots":{"z":{}},"transactionsStatus":{"b":{"accountInclude":["`+program+`"]},"a":{"vote":true}},
		"blocks_meta":{"z":{}},"commitment":"CONFIRMED","accounts":{"c":{"owner":["`+program+`"]}},"entry":null}`)
	var order []string
	for _, f := range d.Filters {
		order = append(order, f.Section+"."+f.Name)
	}
	if got := strings.Join(order, " "); got != "slots.z transactions_status.b transactions_status.a blocks_meta.z accounts.c" {
		t.Errorf("filters are in the order %s", got)
	}
	if d.Commitment != pb.CommitmentLevel_CONFIRMED {
		t.Errorf("commitment is %v", d.Commitment)
	}
}

// TestDeclaredIsProtobufJSON compares with protojson's own reading of the whole.
func TestDeclaredIsProtobufJSON(t *testing.T) {
	for _, text := range []string{
		`{"transactions":{"x":{"vote":false,"failed":true,"account_include":["` + program + `"],"accountExclude":[],"account_required":null}}}`,
		`{"accounts":{"x":{"filters":[{"memcmp":{"offset":"8","base58":"abc"}},{"datasize":165},{"tokenAccountState":true},{"lamports":{"gt":"1"}}],
		  "nonemptyTxnSignature":true}},"accountsDataSlice":[{"offset":"1","length":2},{"offset":8,"length":"8"}],"commitment":2}`,
		`{"blocks":{"x":{"includeTransactions":true,"include_accounts":false}},"accounts_data_slice":[],"commitment":null}`,
	} {
		want := new(pb.SubscribeRequest)
		if err := protojson.Unmarshal([]byte(text), want); err != nil {
			t.Fatal(err)
		}
		want.Commitment = want.GetCommitment().Enum() // ours is always explicit
		if got := declare(t, text).Request(); !proto.Equal(got, want) {
			t.Errorf("%s is\n%v, want\n%v", text, got, want)
		}
	}
}

func TestDeclaredRoundTrip(t *testing.T) {
	d := declare(t, `{"accounts":{"b":{"account":["`+program+`","`+program+`"]},"a":{}},"accountsDataSlice":[{"length":4}]}`)
	again, err := NewDeclared(d.Request())
	if err != nil || !proto.Equal(again.Request(), d.Request()) || again.Lane() != d.Lane() {
		t.Errorf("%v: %v, want %v", err, again.Request(), d.Request())
	}
	d.Request().Accounts["b"].Account[0] = "changed"
	if d.Request().Accounts["b"].Account[0] == "changed" {
		t.Error("a request shares its filters with the declaration")
	}
}

// many makes a request with n transaction filters.
func many(n int) string {
	filters := make([]string, n)
	for i := range filters {
		filters[i] = fmt.Sprintf(`"f%d":{"vote":true}`, i)
	}
	return `{"transactions":{` + strings.Join(filters, ",") + `}}`
}

func TestDeclaredRefuses(t *testing.T) {
	declare(t, many(64))
	key := `"` + program + `"`
	for text, want := range map[string]string{
		``:                                    "not a JSON object|ends too early",
		`[]`:                                  "not a JSON object",
		`{"slots":{"a":{}}} x`:                "more text behind",
		`{"slots":{"a":{}}`:                   "ends too early",
		"{\"slots\":{\"\xff\":{}}}":           "not valid UTF-8",
		`{}`:                                  "no filter: declare at least one (accounts, slots, transactions",
		`{"commitment":"FINALIZED"}`:          "no filter",
		`{"slots":{}}`:                        "no filter",
		many(65):                              "65 filters, a monitor may have 64",
		`{"slots":{"a":{}},"fromSlot":"5"}`:   "fromSlot: a monitor may not set this",
		`{"slots":{"a":{}},"from_slot":null}`: "from_slot: a monitor may not set this",
		`{"slots":{"a":{}},"ping":{"id":1}}`:  "ping: a monitor may not set this",
		`{"slots":{"a":{}},"slot":{}}`:        "slot: unknown field: the protocol has accounts, slots",
		`{"transactions":{"a":{"accountInclud":[]}}}`:                            "transactions.a.accountInclud: unknown field: the protocol has vote",
		`{"transactions":{"a":{"accountInclude":[` + key + `,5]}}}`:              "transactions.a.accountInclude[1]: must be a string",
		`{"transactions":{"a":{"account_include":` + key + `}}}`:                 "transactions.a.account_include: must be a list",
		`{"transactions":{"a":{"vote":"no"}}}`:                                   "transactions.a.vote: must be true or false",
		`{"transactions":{"a":{"vote":true,"vote":false}}}`:                      "transactions.a.vote: the field is given twice",
		`{"transactions":{"a":{"accountInclude":[],"account_include":[]}}}`:      "transactions.a.account_include: the field is given twice",
		`{"accounts":{"a":{"filters":[{"datasize":1},{"memcmp":{"offst":1}}]}}}`: "accounts.a.filters[1].memcmp.offst: unknown field",
		`{"accounts":{"a":{"filters":[{"memcmp":{"offset":-1,"base58":"a"}}]}}}`: "accounts.a.filters[0].memcmp.offset: must be a whole number from 0",
		`{"accounts":{"a":{"filters":[{"datasize":1,"lamports":{"eq":1}}]}}}`:    "accounts.a.filters[0].lamports: another field stands in its place",
		`{"accounts":{"a":5}}`:                                    "accounts.a: must be an object",
		`{"accounts":{"a":null}}`:                                 "accounts.a",
		`{"accounts":[{}]}`:                                       "accounts: must be an object of filters by name",
		`{"accounts":{"a":{},"a":{}}}`:                            "accounts.a: the filter is given twice",
		`{"slots":{"a":{}},"slots":{"b":{}}}`:                     "slots: the field is given twice",
		`{"blocksMeta":{"a":{}},"blocks_meta":{"b":{}}}`:          "blocks_meta: the field is given twice",
		`{"slots":{"a":{}},"commitment":"SOON"}`:                  "commitment: must be one of PROCESSED, CONFIRMED, FINALIZED",
		`{"slots":{"a":{}},"accountsDataSlice":[{"offset":"x"}]}`: "accountsDataSlice[0].offset: must be a whole number",
		`{"slots":{"a":{}},"accountsDataSlice":{}}`:               "accountsDataSlice: must be a list",
		`{"transactions":{"a":{"accountInclude":["nokey"]}}}`:     "failed to create filter",
		`{"slots":{"` + strings.Repeat("n", 129) + `":{}}}`:       "oversized filter name",
	} {
		d, err := ParseDeclared([]byte(text))
		if err == nil {
			t.Errorf("%s was taken: %v", text, d.Request())
			continue
		}
		for part := range strings.SplitSeq(want, "|") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %q lacks %q", text, err, part)
			}
		}
		if _, ok := errors.AsType[*DeclaredError](err); !ok {
			t.Errorf("%s: error is %T", text, err)
		}
	}
}

// TestDeclaredServerWords: what the server would refuse is refused with its own error inside.
func TestDeclaredServerWords(t *testing.T) {
	_, err := ParseDeclared([]byte(`{"accounts":{"mine":{"owner":["nokey"]}}}`))
	if f, ok := errors.AsType[*FilterError](err); !ok || f.Section != "accounts" || f.Filter != "mine" {
		t.Errorf("error is %v", err)
	}
	for _, req := range []*pb.SubscribeRequest{{FromSlot: proto.Uint64(1)}, {Ping: &pb.SubscribeRequestPing{}}, {}} {
		if _, err := NewDeclared(req); err == nil {
			t.Errorf("%v was taken", req)
		}
	}
}

func TestLane(t *testing.T) {
	lane := func(text string) Lane { return declare(t, text).Lane() }
	plain := lane(`{"slots":{"a":{}}}`)
	sliced := lane(`{"accounts":{"a":{}},"accountsDataSlice":[{"offset":1,"length":2},{"offset":"9","length":4}]}`)
	for _, c := range []struct {
		text string
		want Lane
	}{
		{`{"transactions":{"x":{"vote":true}},"commitment":"PROCESSED"}`, plain},
		{`{"transactions":{"x":{"vote":true}},"accountsDataSlice":[{"offset":1,"length":2}]}`, plain}, // nothing to slice
		{`{"blocks":{"x":{}},"accountsDataSlice":[{"offset":1,"length":2}]}`, plain},
		{`{"blocks":{"x":{"includeAccounts":true}},"accountsDataSlice":[{"offset":1,"length":2},{"offset":9,"length":4}]}`, sliced},
	} {
		if got := lane(c.text); got != c.want {
			t.Errorf("%s is in lane %q, want %q", c.text, got, c.want)
		}
	}
	if other := lane(`{"slots":{"a":{}},"commitment":"FINALIZED"}`); other == plain || other.String() != "finalized" {
		t.Errorf("lane is %q", other)
	}
	if sliced.String() != "processed 1:2,9:4" || !sliced.Sliced() || plain.Sliced() {
		t.Errorf("lanes are %q and %q", sliced, plain)
	}
	if s := sliced.DataSlices(); len(s) != 2 || s[1].Offset != 9 || s[1].Length != 4 {
		t.Errorf("slices are %v", s)
	}
}

func FuzzParseDeclared(f *testing.F) {
	f.Add([]byte(`{"transactions":{"a":{"accountInclude":["` + program + `"],"vote":false}},"commitment":"CONFIRMED"}`))
	f.Add([]byte(`{"accounts":{"a":{"filters":[{"memcmp":{"offset":"8","base64":"AA=="}}]}},"accounts_data_slice":[{"offset":1}]}`))
	f.Add([]byte(`{"blocks_meta":{"a":null},"fromSlot":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ParseDeclared(text)
		if err != nil {
			if _, ok := errors.AsType[*DeclaredError](err); !ok || err.Error() == "" {
				t.Fatalf("error is %T %v", err, err)
			}
			return
		}
		want := new(pb.SubscribeRequest)
		if err := protojson.Unmarshal(text, want); err != nil {
			t.Fatalf("%s: taken, but protojson says %v", text, err)
		}
		want.Commitment = want.GetCommitment().Enum()
		if got := d.Request(); !proto.Equal(got, want) {
			t.Fatalf("%s is\n%v, want\n%v", text, got, want)
		}
		if !json.Valid(text) {
			t.Fatalf("%s is not JSON", text)
		}
		names := new(Names)
		for _, f := range d.Filters {
			if names.Of(f) == "" {
				t.Fatalf("a filter has no name: %+v", f)
			}
		}
	})
}
