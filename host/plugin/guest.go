package plugin

import (
	"context"
	"log/slog"
	"time"

	"weir/abi"
	"weir/host/sandbox"
)

// slogLevels are the levels that slog knows the ABI's by.
var slogLevels = map[abi.LogLevel]slog.Level{
	abi.LogDebug: slog.LevelDebug, abi.LogInfo: slog.LevelInfo, abi.LogWarn: slog.LevelWarn, abi.LogError: slog.LevelError,
}

// guest is the host's side of the slot's instances: their log goes to the monitor's last lines and to the host's log.
func (s *Supervisor) guest(sl *slot) sandbox.Guest {
	level := abi.LogOff
	for l := abi.LogError; l >= abi.LogDebug; l-- {
		if s.set.Log.Enabled(context.Background(), slogLevels[l]) {
			level = l
		}
	}
	return sandbox.Guest{
		LogLevel: level,
		Counts:   sl.monitor.metrics,
		Seed:     1, // the same for all: what happened live happens again in a replay
		Clock:    func() int64 { return time.Now().UnixMilli() },
		Log: func(level abi.LogLevel, msg []byte) {
			text := string(msg)
			sl.monitor.logged(level.String(), text)
			s.set.Log.Log(context.Background(), slogLevels[level], text, "monitor", sl.monitor.name())
		},
	}
}
