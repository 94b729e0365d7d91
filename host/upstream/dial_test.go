package upstream

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
)

// TestTransportDialsOnce asks a lost connection to come back, as grpc-go does by itself: that must not reach the network.
func TestTransportDialsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		server := newScripted(t)
		set, err := Settings{
			Endpoints: []Endpoint{{URL: "http://127.0.0.1:1"}}, Router: newRecorder(), Dial: server.dial,
		}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		resolved, err := set.Endpoints[0].resolve(0)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := set.dial(t.Context(), &endpoint{target: resolved})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.conn.Close()
		server.server.Stop()
		tr.watch(t.Context())
		tr.conn.Connect()
		for s := tr.conn.GetState(); s != connectivity.TransientFailure; s = tr.conn.GetState() {
			if !tr.conn.WaitForStateChange(t.Context(), s) {
				t.Fatal("the connection does not fail")
			}
		}
		time.Sleep(10 * time.Minute) // synctest's clock: grpc-go's own back-off
		if connects, _, _ := server.counts(); connects != 1 {
			t.Errorf("%d dials reached the network, want 1", connects)
		}
	})
}

func TestCompressionIsOfferedOnlyWhenAskedFor(t *testing.T) {
	for _, compression := range []string{"", "gzip"} {
		bubble(t, func(t *testing.T) {
			server := newScripted(t)
			server.gzip = true
			f := startWith(t, server, func(s *Settings) { s.Endpoints[0].Compression = compression })
			f.pool.Set([]Want{want(t, "a", High, 1, "")})
			f.awaitLive(t, 1)
			f.broadcast(accountUpdate(1, 5))
			synctest.Wait()
			f.set(func() {
				if offered := f.gzipErr == nil; offered != (compression == "gzip") {
					t.Errorf("compression %q: gzip was offered: %v (%v)", compression, offered, f.gzipErr)
				}
			})
			if len(f.router.slots("a")) != 1 {
				t.Error("the update did not come through")
			}
		})
	}
}

func TestTooLargeAnUpdateIsNamed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) { s.ReceiveLimit = 1000 })
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		f.awaitLive(t, 1)
		u := accountUpdate(1, 5)
		u.GetAccount().Account.Data = make([]byte, 2000)
		f.broadcast(u)
		s := f.await(t, "the refusal", func(s Snapshot) bool { return s.Streams[0].LastError != "" })
		if !strings.Contains(s.Streams[0].LastError, "receive limit") {
			t.Errorf("last error %q", s.Streams[0].LastError)
		}
		f.awaitLive(t, 1)
	})
}

// certificate makes a self-signed certificate for name.
func certificate(t *testing.T, name string) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, b.Bytes()
}

func TestTLS(t *testing.T) {
	cert, roots := certificate(t, "yellowstone.test")
	creds := grpc.Creds(credentials.NewServerTLSFromCert(&cert))
	t.Run("trusted", func(t *testing.T) {
		f := startWith(t, newScripted(t, creds), func(s *Settings) {
			s.Endpoints[0] = Endpoint{Name: "tls", URL: "https://yellowstone.test", TLS: TLS{RootsPEM: roots}}
		})
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		f.awaitLive(t, 1)
	})
	t.Run("not trusted", func(t *testing.T) {
		f := startWith(t, newScripted(t, creds), func(s *Settings) {
			s.Endpoints[0] = Endpoint{Name: "tls", URL: "https://other.test", TLS: TLS{RootsPEM: roots}}
		})
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		s := f.await(t, "the failure", func(s Snapshot) bool { return s.Endpoints[0].Reason != "" })
		if !strings.Contains(s.Endpoints[0].Reason, "certificate") {
			t.Errorf("reason %q, want the certificate named", s.Endpoints[0].Reason)
		}
	})
}

func TestSettingsAreChecked(t *testing.T) {
	good := Settings{Endpoints: []Endpoint{{URL: "http://h"}}, Router: newRecorder()}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for says, spoil := range map[string]func(*Settings){
		"no router":     func(s *Settings) { s.Router = nil },
		"no endpoint":   func(s *Settings) { s.Endpoints = nil },
		"no scheme":     func(s *Settings) { s.Endpoints = []Endpoint{{URL: "h:1"}} },
		"max streams":   func(s *Settings) { s.MaxStreams = -1 },
		"connect rate":  func(s *Settings) { s.ConnectRate = 1 },
		"window 10":     func(s *Settings) { s.Window = 10 },
		"back-off from": func(s *Settings) { s.BackoffBase = time.Hour },
	} {
		bad := good
		spoil(&bad)
		if _, err := New(bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
}

func TestSecondRunIsRefused(t *testing.T) {
	p, err := New(Settings{Endpoints: []Endpoint{{URL: "http://h"}}, Router: newRecorder()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(ctx); err != ErrRunning {
		t.Errorf("second Run returned %v", err)
	}
}
