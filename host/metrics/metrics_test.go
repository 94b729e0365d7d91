package metrics

import (
	"testing"
	"time"
)

func TestQuantileNamesTheBucketThatHoldsIt(t *testing.T) {
	var h Histogram
	for range 99 {
		h.Observe(100 * time.Nanosecond)
	}
	h.Observe(3 * time.Millisecond)
	s := h.Snapshot()
	if got := s.Quantile(0.5); got != 128 {
		t.Errorf("p50 = %v, want the first bound, 128ns", got)
	}
	if got := s.Quantile(1); got < 3*time.Millisecond || got > 6*time.Millisecond {
		t.Errorf("p100 = %v, want the bound above 3ms", got)
	}
	if got, want := s.Sum, 99*100+3*time.Millisecond; got != want {
		t.Errorf("sum = %v, want %v", got, want)
	}
}

func TestBucketsMeetWithoutHoleOrOverlap(t *testing.T) {
	for i := range Buckets - 1 {
		bound := uint64(BucketBound(i))
		if got := bucketOf(bound - 1); got != i {
			t.Errorf("just below bound %d: bucket %d, want %d", bound, got, i)
		}
		if got := bucketOf(bound); got != i+1 {
			t.Errorf("at bound %d: bucket %d, want %d", bound, got, i+1)
		}
	}
	if got := bucketOf(1 << 62); got != Buckets-1 {
		t.Errorf("huge value: bucket %d, want the last", got)
	}
}

func TestIntervalIsTheDifferenceOfSnapshots(t *testing.T) {
	var h Histogram
	h.Observe(time.Second)
	before := h.Snapshot()
	h.Observe(time.Microsecond)
	d := h.Snapshot().Sub(before)
	if d.Count != 1 || d.Sum != time.Microsecond || d.Quantile(0.99) > 2*time.Microsecond {
		t.Errorf("interval = count %d, sum %v, p99 %v; want the one microsecond alone", d.Count, d.Sum, d.Quantile(0.99))
	}
	if (HistogramSnapshot{}).Quantile(0.5) != 0 || (HistogramSnapshot{}).Mean() != 0 {
		t.Error("an empty histogram has a quantile or a mean")
	}
}
