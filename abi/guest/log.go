package guest

import "strconv"

// Log levels, as in package abi.
const (
	levelDebug = 0
	levelInfo  = 1
	levelWarn  = 2
	levelError = 3
)

// Line is a log message under construction: a text, then name=value pairs. Where its level is disabled it is nil, and its methods do
// nothing, so that a message that nobody reads is never formatted.
type Line struct {
	buf   []byte
	level int32
}

var (
	line       Line
	level      int32 // the host's log level
	levelFresh bool  // level was asked for in this call
)

// Debug begins a log message for the monitor's author.
func Debug(text string) *Line { return newLine(levelDebug, text) }

// Info begins a log message about the ordinary.
func Info(text string) *Line { return newLine(levelInfo, text) }

// Warn begins a log message about something that the operator may want to change.
func Warn(text string) *Line { return newLine(levelWarn, text) }

// Error begins a log message about a failure.
func Error(text string) *Line { return newLine(levelError, text) }

func newLine(l int32, text string) *Line {
	if !levelFresh {
		level, levelFresh = hostLogLevel(), true
	}
	if l < level {
		return nil
	}
	line.level = l
	line.buf = append(line.buf[:0], text...)
	return &line
}

func (l *Line) pair(name string) {
	l.buf = append(l.buf, ' ')
	l.buf = append(l.buf, name...)
	l.buf = append(l.buf, '=')
}

// Str adds a text.
func (l *Line) Str(name, value string) *Line {
	if l != nil {
		l.pair(name)
		l.buf = appendString(l.buf, value)
	}
	return l
}

// Text adds a text from bytes.
func (l *Line) Text(name string, value []byte) *Line {
	if l != nil {
		l.pair(name)
		l.buf = appendString(l.buf, value)
	}
	return l
}

// Key adds a key or a signature as base58 text.
func (l *Line) Key(name string, key []byte) *Line {
	if l != nil {
		l.pair(name)
		l.buf = AppendBase58(l.buf, key)
	}
	return l
}

// U64 adds an unsigned integer.
func (l *Line) U64(name string, v uint64) *Line {
	if l != nil {
		l.pair(name)
		l.buf = strconv.AppendUint(l.buf, v, 10)
	}
	return l
}

// I64 adds a signed integer.
func (l *Line) I64(name string, v int64) *Line {
	if l != nil {
		l.pair(name)
		l.buf = strconv.AppendInt(l.buf, v, 10)
	}
	return l
}

// Bool adds true or false.
func (l *Line) Bool(name string, v bool) *Line {
	if l != nil {
		l.pair(name)
		l.buf = strconv.AppendBool(l.buf, v)
	}
	return l
}

// Send hands the message to the host, which limits their rate and cuts long ones.
func (l *Line) Send() {
	if l != nil {
		hostLog(l.level, l.buf)
	}
}

// SetError gives the reason for the negative number that Match or Tick is about to return.
func SetError(reason string) { hostSetError(reason) }
