package anchor

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// FuzzBase64 holds the decoder against the standard library's.
func FuzzBase64(f *testing.F) {
	for _, s := range []string{"", "AA==", "AAA=", "AAAA", "A", "AB==", "====", "A===", "AAAA=", "AA=A", "vdt/007mYe4=", "AA\nAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := base64.StdEncoding.DecodeString(s)
		got, ok := decodeBase64([]byte("x"), []byte(s))
		if bytes.ContainsAny([]byte(s), "\r\n") {
			return // the standard library skips line ends, which no log line has
		}
		if ok != (err == nil) || ok && !bytes.Equal(got[1:], want) {
			t.Errorf("%q: %x %v, want %x %v", s, got, ok, want, err)
		}
	})
}
