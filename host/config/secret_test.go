package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const canary = "canary-5f1c"

// TestSecretIsMasked prints a secret in every way there is and looks for it.
func TestSecretIsMasked(t *testing.T) {
	type holder struct {
		Public Secret
		hidden Secret
		nested map[string]*Secret
	}
	s := NewSecret(canary)
	h := holder{s, s, map[string]*Secret{"a": &s}}
	var out bytes.Buffer
	for _, v := range []any{s, &s, h, &h, []Secret{s}, map[string]Secret{"k": s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%X", "%d", "%T", "%30s"} {
			fmt.Fprintf(&out, verb, v)
		}
		fmt.Fprintln(&out, v)
		text, _ := json.Marshal(v)
		out.Write(text)
		text, _ = yaml.Marshal(v)
		out.Write(text)
		for _, l := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
			l.Info("secret", "value", v)
		}
	}
	fmt.Fprint(&out, fmt.Errorf("wrapped %v %w", s, error(&KeyError{Key: "k", Err: fmt.Errorf("%v", s)})))
	if text := out.String(); strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
		t.Errorf("the secret shows:\n%s", text)
	}
	if !strings.Contains(out.String(), mask) {
		t.Error("nothing is masked")
	}
	if s.Reveal() != canary || !s.IsSet() || NewSecret("").IsSet() || NewSecret("").String() != "" {
		t.Error("the secret lost its text, or an empty one has some")
	}
}

// TestErrorsKeepSecrets breaks files around a secret and looks for it in the errors.
func TestErrorsKeepSecrets(t *testing.T) {
	for _, text := range []string{
		"x_token: \"" + canary,
		"x_token: [" + canary + "]",
		"x_token: {a: " + canary + "}",
		"x_token: |\n  " + canary + "\n bad:\n",
		"metrics:\n  dsn: postgres://u:" + canary + "@h\n   x: 1\n",
		"endpoints:\n- url: https://user:" + canary + "@h:443\n",
		"endpoints:\n- url: https://h/" + canary + "\n",
		"endpoints:\n- url: https://h?token=" + canary + "\n",
		"endpoints:\n- url: 'https://h:port/%" + canary + "'\n",
		"endpoints:\n- {url: 'http://h', x_token: " + canary + "}\n",
		"x_token: " + canary + "\nx_token: " + canary + "\n",
		"monitors: {a: {config: {x: &y " + canary + "}}}\n",
	} {
		_, err := load(t, text)
		if err == nil {
			t.Errorf("%q was taken", text)
		} else if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), canary) {
			t.Errorf("%q: the error shows the secret: %v", text, err)
		}
	}
}
