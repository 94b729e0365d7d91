package chain

import (
	"testing"
)

func TestSmoke(t *testing.T) {
	c := New(Config{Seed: 1})
	kinds := map[string]int{}
	for range 400_000 {
		u := c.Next()
		for _, f := range u.Facts() {
			kinds[f.Monitor]++
		}
	}
	t.Log(kinds, c.turns)
}

func BenchmarkNext(b *testing.B) {
	c := New(Config{Seed: 1})
	b.ReportAllocs()
	for b.Loop() {
		c.Next()
	}
}
