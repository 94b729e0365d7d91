package host

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"slices"
	"testing"

	"weir/host/plugin/plugintest"
	"weir/host/sim"
	"weir/host/sim/chain"
	"weir/host/sink"
)

// toldChain is a generated chain of some updates, that notes what each monitor has to find in them.
type toldChain struct {
	chain *chain.Chain
	left  int
	facts map[string][]string // by monitor; complete once the feed has ended
}

// Next implements sim.Feed.
func (c *toldChain) Next(context.Context) (sim.Item, error) {
	if c.left == 0 {
		return sim.Item{}, io.EOF
	}
	c.left--
	u := c.chain.Next()
	for _, f := range u.Facts() {
		c.facts[f.Monitor] = append(c.facts[f.Monitor], canonical(f.Event))
	}
	return sim.Item{Update: u.SubscribeUpdate}, nil
}

// canonical writes a JSON value with its members in order.
func canonical(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var any map[string]any
	if err := json.Unmarshal(b, &any); err != nil {
		panic(err)
	}
	if text, ok := any["price"].(string); ok { // written with more or fewer digits
		price, _, err := big.ParseFloat(text, 10, 200, big.ToNearestEven)
		if err != nil {
			panic(err)
		}
		any["price"] = price.Text('e', 12)
	}
	b, _ = json.Marshal(any) // maps are written in order
	return string(b)
}

// The generator knows what it put in. What comes out at the other end, through gRPC, routing and the sandbox, has to be
// exactly that.
func TestSevenMonitorsFindWhatTheChainHolds(t *testing.T) {
	told := &toldChain{
		chain: chain.New(chain.Config{Seed: 11, ForkEvery: -1, DeadEvery: -1}),
		left:  60_000,
		facts: map[string][]string{},
	}
	demo := &Demo{Feed: told, Settings: sim.Settings{Hold: true, Lossless: true, EveryCommitment: true}}
	roomy := map[string]string{}
	for _, group := range []string{"high", "medium", "low"} {
		roomy["queue."+group+".items"], roomy["queue."+group+".bytes"] = "1000000", "4GiB"
	}
	w := startHost(t, plugintest.Monitors(t), demo, roomy)
	w.waitLive(plugintest.Names...)
	subs := map[string]*sink.Subscription{}
	for _, name := range plugintest.Names {
		subs[name] = w.hub.Subscribe(name, 1_000_000, sink.Events)
		defer subs[name].Close()
	}
	demo.server.Start()
	w.waitFor("the end of the feed", func() bool { return demo.Stats().FeedDone })
	for _, name := range plugintest.Names {
		w.waitFor("all facts of "+name, func() bool { return len(subs[name].Records()) >= len(told.facts[name]) })
	}
	w.end()
	for _, name := range plugintest.Names {
		compareFacts(t, name, subs[name], told.facts[name])
	}
}

func compareFacts(t *testing.T, name string, s *sink.Subscription, facts []string) {
	t.Helper()
	missing := map[string]int{}
	for _, f := range facts {
		missing[f]++
	}
	surplus := 0
	for range len(s.Records()) {
		e := canonical(json.RawMessage(<-s.Records()))
		if missing[e]--; missing[e] < 0 {
			if surplus++; surplus < 4 {
				t.Errorf("%s found what is not there, or twice: %s", name, e)
			}
		}
	}
	maps.DeleteFunc(missing, func(_ string, n int) bool { return n <= 0 })
	if keys := slices.Sorted(maps.Keys(missing)); len(keys) > 0 {
		t.Errorf("%s missed %d facts, the first: %s", name, len(keys), keys[0])
	}
	if len(facts) == 0 {
		t.Errorf("the chain holds nothing for %s: the test shows nothing", name)
	}
	t.Logf("%s: %d facts", name, len(facts))
}
