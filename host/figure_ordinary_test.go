package host

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/abi/guest"
)

// The ordinary client is what one writes for Yellowstone without Weir: grpc-go with raised limits, the generated stub,
// Recv into generated structs, and a match over those. Its match does what pumpfun-transaction-monitor does: trades from
// the event calls of pump.fun, log lines only where an event call is missing, one JSON object for each trade.

var (
	pumpProgram   = guest.MustKey("6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P")
	pumpAuthority = guest.MustKey("Ce6TQqeHC9p8KetsN6JsjHK7UTZk7nasjjnr7XxXp9F1")
)

// Discriminators of Anchor's event call and of pump.fun's TradeEvent, as the monitor has them.
var (
	eventCall  = binary.BigEndian.AppendUint64(nil, 0xe445a52e51cb9a1d)
	tradeEvent = binary.BigEndian.AppendUint64(nil, 0xbddb7fd34ee661ee)
	tradeCall  = append(bytes.Clone(eventCall), tradeEvent...)
	tradeLine  = "Program data: " + base64.StdEncoding.EncodeToString(tradeEvent)[:10]
)

// ordinaryTrade is the monitor's event.
type ordinaryTrade struct {
	Type        string  `json:"type"`
	Mint        string  `json:"mint"`
	User        string  `json:"user"`
	IsBuy       bool    `json:"is_buy"`
	QuoteAmount string  `json:"quote_amount"`
	TokenAmount string  `json:"token_amount"`
	QuoteMint   *string `json:"quote_mint,omitempty"`
	Fee         *string `json:"fee,omitempty"`
	Creator     *string `json:"creator,omitempty"`
	IxName      *string `json:"ix_name,omitempty"`
}

// ordinaryMatch returns the events of an update.
func ordinaryMatch(u *pb.SubscribeUpdate) (events [][]byte, err error) {
	info := u.GetTransaction().GetTransaction()
	if info == nil || info.GetMeta().GetErr() != nil {
		return nil, nil
	}
	calls, instructions := tradeCalls(info)
	if calls == nil && instructions == 0 {
		return nil, nil
	}
	if len(calls) < max(instructions, 1) {
		calls = tradeLines(info.GetMeta().GetLogMessages(), calls)
	}
	for _, payload := range calls {
		trade, err := decodeTrade(payload)
		if err != nil {
			return events, err
		}
		event, err := json.Marshal(trade)
		if err != nil {
			return events, err
		}
		events = append(events, event)
	}
	return events, nil
}

// tradeCalls returns the TradeEvents that pump.fun called itself with, and the number of its other instructions.
func tradeCalls(info *pb.SubscribeUpdateTransactionInfo) (payloads [][]byte, instructions int) {
	message, meta := info.GetTransaction().GetMessage(), info.GetMeta()
	static, writable := message.GetAccountKeys(), meta.GetLoadedWritableAddresses()
	key := func(i int) []byte {
		if i < len(static) {
			return static[i]
		}
		if i -= len(static); i < len(writable) {
			return writable[i]
		}
		if i -= len(writable); i < len(meta.GetLoadedReadonlyAddresses()) {
			return meta.GetLoadedReadonlyAddresses()[i]
		}
		return nil
	}
	for _, ix := range message.GetInstructions() {
		if bytes.Equal(key(int(ix.GetProgramIdIndex())), pumpProgram[:]) {
			instructions++
		}
	}
	for _, group := range meta.GetInnerInstructions() {
		for _, ix := range group.GetInstructions() {
			if !bytes.Equal(key(int(ix.GetProgramIdIndex())), pumpProgram[:]) {
				continue
			}
			data, accounts := ix.GetData(), ix.GetAccounts()
			switch {
			case !bytes.HasPrefix(data, eventCall):
				instructions++
			case bytes.HasPrefix(data, tradeCall) && (len(accounts) == 0 || bytes.Equal(key(int(accounts[0])), pumpAuthority[:])):
				payloads = append(payloads, data[len(eventCall):])
			}
		}
	}
	return payloads, instructions
}

// tradeLines adds the TradeEvents that only log lines tell of, written while pump.fun itself ran.
func tradeLines(logs []string, calls [][]byte) [][]byte {
	lines := 0
	for _, line := range logs {
		if strings.HasPrefix(line, tradeLine) {
			lines++
		}
	}
	if lines <= len(calls) {
		return calls
	}
	known := calls
	ours := "Program " + pumpProgram.String()
	var stack []bool
	for _, line := range logs {
		switch {
		case len(stack) > 0 && stack[len(stack)-1] && strings.HasPrefix(line, tradeLine):
			payload, err := base64.StdEncoding.DecodeString(line[len("Program data: "):])
			if at := position(known, payload); at >= 0 {
				known = append(append([][]byte(nil), known[:at]...), known[at+1:]...)
			} else if err == nil {
				calls = append(calls, payload)
			}
		case strings.Contains(line, " invoke ["):
			stack = append(stack, strings.HasPrefix(line, ours))
		case len(stack) > 0 && strings.HasPrefix(line, "Program ") && (strings.HasSuffix(line, " success") || strings.Contains(line, " failed")):
			stack = stack[:len(stack)-1]
		}
	}
	return calls
}

func position(list [][]byte, b []byte) int {
	for i := range list {
		if bytes.Equal(list[i], b) {
			return i
		}
	}
	return -1
}

var errShort = errors.New("a TradeEvent is too short")

// decodeTrade reads an event by the offsets of its layout, as the package pumpfun of the monitors documents them.
func decodeTrade(b []byte) (*ordinaryTrade, error) {
	if len(b) < 113 {
		return nil, errShort
	}
	text := func(key []byte) *string { s := string(guest.AppendBase58(nil, key)); return &s }
	amount := func(at int) string { return strconv.FormatUint(binary.LittleEndian.Uint64(b[at:]), 10) }
	t := &ordinaryTrade{
		Type: "trade", Mint: *text(b[8:40]), QuoteAmount: amount(40), TokenAmount: amount(48), IsBuy: b[56] != 0, User: *text(b[57:89]),
	}
	if len(b) >= 177 {
		fee := amount(169)
		t.Fee = &fee
	}
	if len(b) >= 209 {
		t.Creator = text(b[177:209])
	}
	const name = 209 + 49
	if len(b) < name+4 {
		return t, nil
	}
	n := int(binary.LittleEndian.Uint32(b[name:]))
	end := name + 4 + n
	if n > len(b) || len(b) < end {
		return t, nil
	}
	ix := string(b[name+4 : end])
	t.IxName = &ix
	holders := end + 33
	if len(b) < holders+4 {
		return t, nil
	}
	quote := holders + 4 + int(binary.LittleEndian.Uint32(b[holders:]))*34
	if len(b) >= quote+48 {
		t.QuoteMint, t.QuoteAmount = text(b[quote:quote+32]), amount(quote+32)
	}
	return t, nil
}
