package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errStalled is the cause of a stream's end when the server had not sent anything, pings included, for StallAfter.
var errStalled = errors.New("stalled")

// errStopped is the cause when the planner no longer wanted the stream.
var errStopped = errors.New("stopped")

// faultKind says what to do about the end of a stream.
type faultKind uint8

const (
	faultCut      faultKind = iota // subscribe again, with the ordinary back-off
	faultRefused                   // token refused, or no Yellowstone server: the endpoint is unfit for a while
	faultFilter                    // the server refused the request
	faultTooLarge                  // an update was larger than ReceiveLimit
	faultLimited                   // over a limit of the provider's: wait longer
)

// fault is the end of a stream, read.
type fault struct {
	kind   faultKind
	reason string // for people, with the next step
}

// classify reads the error of a stream. cause is the cause of its context's end, nil when that had not ended.
func classify(err, cause error) fault {
	if errors.Is(cause, errStalled) {
		return fault{faultCut, "no message from the server, not even a ping: stalled"}
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fault{faultCut, "the server ended the stream"}
	}
	if errors.Is(err, context.Canceled) {
		return fault{faultCut, "cancelled"}
	}
	s := status.Convert(err)
	text := s.Message()
	switch s.Code() {
	case codes.Unauthenticated, codes.PermissionDenied:
		return fault{faultRefused, fmt.Sprintf("the server refuses the token (%s); check the endpoint's token", text)}
	case codes.Unimplemented:
		return fault{faultRefused, fmt.Sprintf("the server has no Subscribe (%s); check the endpoint's URL", text)}
	case codes.InvalidArgument:
		return fault{faultFilter, text}
	case codes.ResourceExhausted:
		if isTooLarge(text) {
			return fault{faultTooLarge, fmt.Sprintf("an update was larger than the receive limit (%s); raise it", text)}
		}
		return fault{faultLimited, fmt.Sprintf("over a limit of the provider's (%s)", text)}
	case codes.OutOfRange:
		return fault{faultCut, fmt.Sprintf("the slot asked for is gone (%s)", text)}
	}
	return fault{faultCut, fmt.Sprintf("%s: %s", s.Code(), text)}
}

// isTooLarge tells grpc-go's own refusal of a large message (rpc_util.go) from a server's ResourceExhausted: both have
// the same code.
func isTooLarge(text string) bool {
	return strings.Contains(text, "larger than max")
}
