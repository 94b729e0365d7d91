package metrics

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Buckets is how many buckets a Histogram has. Bucket i counts durations below BucketBound(i); the last one has no bound.
const Buckets = 32

// firstBoundBits makes the first bound 2^7 = 128 ns; each further bound doubles, so that the last but one is about 137 s.
const firstBoundBits = 7

// Histogram counts durations in exponential buckets of base two. The zero value is ready to use; it must not be copied.
type Histogram struct {
	counts [Buckets]atomic.Uint64
	sum    atomic.Uint64 // nanoseconds
}

// Observe counts one duration; negative ones count as zero.
func (h *Histogram) Observe(d time.Duration) {
	if d < 0 {
		d = 0
	}
	h.counts[bucketOf(uint64(d))].Add(1)
	h.sum.Add(uint64(d))
}

func bucketOf(ns uint64) int {
	return min(max(bits.Len64(ns)-firstBoundBits, 0), Buckets-1)
}

// BucketBound returns the exclusive upper bound of bucket i, or 0 for the last bucket, which has none.
func BucketBound(i int) time.Duration {
	if i >= Buckets-1 {
		return 0
	}
	return time.Duration(1) << (firstBoundBits + i)
}

// Snapshot copies the histogram. Observations made meanwhile may be in the sum and not yet in the counts.
func (h *Histogram) Snapshot() HistogramSnapshot {
	var s HistogramSnapshot
	for i := range h.counts {
		s.Counts[i] = h.counts[i].Load()
		s.Count += s.Counts[i]
	}
	s.Sum = time.Duration(h.sum.Load())
	return s
}

// HistogramSnapshot is a Histogram at one moment. Snapshots of one histogram may be subtracted to look at an interval.
type HistogramSnapshot struct {
	Counts [Buckets]uint64 `json:"counts"`
	Count  uint64          `json:"count"`
	Sum    time.Duration   `json:"sum_ns"`
}

// Sub returns what was observed after the older snapshot old.
func (s HistogramSnapshot) Sub(old HistogramSnapshot) HistogramSnapshot {
	for i := range s.Counts {
		s.Counts[i] -= old.Counts[i]
	}
	s.Count -= old.Count
	s.Sum -= old.Sum
	return s
}

// Quantile estimates the q-quantile (q in 0..1) as the upper bound of the bucket that holds it; 0 when nothing was
// observed, and twice the last bound for the bucket without one.
func (s HistogramSnapshot) Quantile(q float64) time.Duration {
	if s.Count == 0 {
		return 0
	}
	rank := uint64(q * float64(s.Count-1))
	var seen uint64
	for i, n := range s.Counts {
		seen += n
		if n > 0 && seen > rank {
			if b := BucketBound(i); b > 0 {
				return b
			}
			break
		}
	}
	return 2 * BucketBound(Buckets-2)
}

// Mean returns the average duration, 0 when nothing was observed.
func (s HistogramSnapshot) Mean() time.Duration {
	if s.Count == 0 {
		return 0
	}
	return s.Sum / time.Duration(s.Count)
}
