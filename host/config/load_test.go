package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDefaultsAreValid(t *testing.T) {
	c, err := Load(Options{Environ: []string{"XDG_DATA_HOME=/data"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "/data/weir" || filepath.Base(c.Plugins) != "plugins" {
		t.Errorf("data %q, plugins %q", c.Data, c.Plugins)
	}
	if c.Pool.MaxConnections != 10 || c.Pool.Shares != (PerGroup{40, 30, 20}) || c.Pool.MonitorsPerConnection != (PerGroup{5, 10, 15}) ||
		c.Pool.ConnectWindow != time.Minute || c.Queue.Low.Bytes != 32<<20 || c.Dashboard.Listen != "127.0.0.1:0" {
		t.Errorf("defaults are %+v", c)
	}
	for _, e := range Describe(c) {
		if e.Source != FromDefault {
			t.Errorf("%s comes from %s", e.Name, e.Source)
		}
	}
}

func TestLayers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weir.yaml")
	text := "pool: {max_connections: 3, max_streams: 3, connect_rate: 3}\nlimits: {preset: vali, account_keys: 7, data_slices: 0}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Options{
		File:    file,
		Environ: []string{"WEIR_POOL_MAX_STREAMS=4", "WEIR_POOL_CONNECT_RATE=4", "WEIR_X_TOKEN=tok", "WEIR_POOL_RESERVE=", "WEIR_POOL_TYPO=1", "PATH=/bin"},
		Flags:   map[string]string{"pool.connect_rate": "5", "endpoints": "https://a.example:1, http://127.0.0.1:10000"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, e := range Describe(c) {
		got[e.Name] = e.Value + " " + string(e.Source)
	}
	for key, want := range map[string]string{
		"pool.max_connections": "3 file", "pool.max_streams": "4 env", "pool.connect_rate": "5 flag", "pool.reserve": "10 default",
		"limits.transaction_include": "100 preset", "limits.account_keys": "7 file", "limits.data_slices": "0 file",
		"x_token": mask + " env", "endpoints": "https://a.example:1,http://127.0.0.1:10000 flag",
		"endpoints[0].url": "https://a.example:1 flag", "endpoints[1].x_token": mask + " env", "endpoints[1].compression": "none default",
		"endpoints[0].name": "a.example:1 default", "limits.reject_accounts": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA preset",
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	if c.Endpoints[1].XToken.Reveal() != "tok" {
		t.Error("the common token did not reach an endpoint")
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "WEIR_POOL_TYPO") {
		t.Errorf("warnings %q", c.Warnings)
	}
}

func TestMonitors(t *testing.T) {
	c := mustLoad(t, `
sandbox: {fuel: 5_000_000, memory_pages: 77}
queue: {low: {items: 9}}
monitors:
  one:
    file: first.wasm
    enabled: false
    group: low
    config: {min_sol: 1.5, list: [1, "two", null, true], deep: {b: 18446744073709551615}}
    sandbox: {fuel: 9000}
    queue: {bytes: 1MiB, policy: drop_newest}
  two:
`)
	one, two := c.Monitors["one"], c.Monitors["two"]
	if one.File != "first.wasm" || one.Enabled == nil || *one.Enabled || one.Group != "low" || two.Enabled != nil {
		t.Errorf("monitors are %+v and %+v", one, two)
	}
	if want := `{"deep":{"b":18446744073709551615},"list":[1,"two",null,true],"min_sol":1.5}`; string(one.Config) != want {
		t.Errorf("config is %s, want %s", one.Config, want)
	}
	if s := c.SandboxFor("one"); s.Fuel != 9000 || s.MemoryPages != 77 {
		t.Errorf("sandbox of one is %+v", s)
	}
	if c.SandboxFor("two").Fuel != 5_000_000 || c.SandboxFor("other").Fuel != 5_000_000 {
		t.Error("the host's sandbox limits do not hold for all")
	}
	if q := c.QueueFor("one", "low"); q != (Queue{9, 1 << 20, "drop_newest"}) {
		t.Errorf("queue of one is %+v", q)
	}
	if q := c.QueueFor("other", "high"); q != c.Queue.High {
		t.Errorf("queue of another is %+v", q)
	}
}

func TestRelativePaths(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ca.pem":    "",
		"weir.yaml": "data: d\nplugins: /abs\nendpoints: [{url: 'https://h', tls: {ca_file: ca.pem}}]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(Options{File: filepath.Join(dir, "weir.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != filepath.Join(dir, "d") || c.Plugins != "/abs" || c.Endpoints[0].TLS.CAFile != filepath.Join(dir, "ca.pem") {
		t.Errorf("paths are %q %q %q", c.Data, c.Plugins, c.Endpoints[0].TLS.CAFile)
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := Load(Options{File: filepath.Join(t.TempDir(), "none.yaml")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

// TestRefused has a bad file for each check; the error must hold each part of want.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"pool:\n  max_conections: 3":                                            "weir.yaml:2: pool.max_conections|did you mean max_connections?",
		"nonsense: 1":                                                           "weir.yaml:1: nonsense|the keys here are data",
		"pool:\n  max_connections: many":                                        `weir.yaml:2: pool.max_connections "many" is no whole number`,
		"pool:\n  max_connections: 0":                                           "weir.yaml:2: pool.max_connections 0 is out of range: 1 to 1000",
		"pool:\n  max_connections: 010x":                                        "pool.max_connections",
		"pool:\n  max_connections: [1]":                                         "must be a single value (number)",
		"pool: 7":                                                               "pool must be a section",
		"pool:\n  shares: 9":                                                    "pool.shares must be a section",
		"pool:\n  max_connections:":                                             "weir.yaml:2: pool.max_connections has no value",
		"pool:\n  idle_ttl: 5":                                                  `"5" is no duration: write it like 100ms`,
		"pool:\n  window: 8 Mega":                                               "is no size: write it like 64KiB",
		"pool:\n  window: -1MiB":                                                "is no size",
		"pool:\n  window: 99999999999GiB":                                       "is no size",
		"pool:\n  stall_after: 5s":                                              "pool.stall_after 5s is out of range: 20s to 1h",
		"pool: {shares: {high: 90}}":                                            "pool.reserve|add up to 150 percent",
		"pool: {shares: {high: 0, medium: 0, low: 0}}":                          "at least one group a share",
		"pool: {backoff: {base: 1m, cap: 1s}}":                                  "pool.backoff.cap 1s is below pool.backoff.base, 1m",
		"pool: {receive_limit: 4MiB}":                                           "pool.receive_limit 4MiB is below pool.window, 8MiB",
		"limits: {preset: acme}":                                                `"acme" is no preset|chainstack|supanode`,
		"limits: {name_bytes: 3}":                                               "limits.name_bytes|names need 8",
		"limits: {reject_accounts: [abc]}":                                      `limits.reject_accounts "abc" is no account address`,
		"limits: {reject_accounts: abc}":                                        "must be a list",
		"queue: {high: {policy: block}}":                                        `queue.high.policy "block" is not available`,
		"queue: {high: {policy: panic}}":                                        "is none of its values: drop_oldest, drop_newest",
		"log: {level: loud}":                                                    "log.level|debug, info, warn, error",
		"dashboard: {listen: '0.0.0.0:80'}":                                     "is open to other machines",
		"dashboard: {listen: ':80'}":                                            "is open to other machines",
		"dashboard: {listen: 'weird.example:80'}":                               "is open to other machines",
		"dashboard: {listen: '127.0.0.1'}":                                      "is no address",
		"dashboard: {insecure: yes}":                                            "dashboard.insecure|must be true or false",
		"endpoints: https://h":                                                  "must be a list",
		"endpoints:\n- name: a":                                                 "weir.yaml:2: endpoints[0].url is missing",
		"endpoints:\n- url: ftp://h":                                            "endpoints[0].url is no URL of an endpoint",
		"endpoints:\n- url: https://h:99999":                                    "endpoints[0].url has port 99999",
		"endpoints:\n- url: https://h\n  colour: red":                           "weir.yaml:3: endpoints[0].colour is no key",
		"endpoints:\n- url: https://h\n  compression: lzma":                     "endpoints[0].compression|none, gzip",
		"endpoints:\n- {url: 'https://h', insecure: true}":                      "for http:// endpoints only",
		"endpoints:\n- {url: 'http://h', tls: {server_name: x}}":                "for https:// endpoints only",
		"endpoints:\n- {url: 'https://h', tls: {ca_file: none.pem}}":            "endpoints[0].tls.ca_file cannot be read",
		"endpoints:\n- {url: 'http://h', x_token: t}":                           "would send the token in plain text",
		"x_token: t\nendpoints:\n- {url: 'http://h'}":                           "would send the token in plain text",
		"endpoints: [{url: 'https://h', name: a}, {url: 'https://i', name: a}]": `the name "a" of an earlier endpoint`,
		"monitors:\n  Upper: {}":                                                "weir.yaml:2: monitors.Upper is no monitor's name",
		"monitors: {a: {file: ../x.wasm}}":                                      "must be the plain name of a .wasm file",
		"monitors: {a: {group: huge}}":                                          "monitors.a.group|high, medium, low",
		"monitors: {a: {config: 3}}":                                            "monitors.a.config must be an object",
		"monitors: {a: {config: {x: .inf}}}":                                    "monitors.a.config line 1",
		"monitors: {a: {config: {x: &y 1}}}":                                    "JSON has no form for",
		"monitors: {a: {sandbox: {cache_dir: /x}}}":                             "monitors.a.sandbox.cache_dir is no key",
		"monitors: {a: {sandbox: {fuel: 1}}}":                                   "monitors.a.sandbox.fuel 1 is out of range",
		"monitors: {a: {queue: {items: 0}}}":                                    "monitors.a.queue.items 0 is out of range",
		"monitors: {a: {queue: {policy: block}}}":                               "is not available",
		"monitors: 3":                                                           "must be a section",
		"data: a\ndata: b":                                                      "weir.yaml:2: is not valid YAML",
		"pool: {":                                                               "is not valid YAML",
		"data: a\n---\ndata: b":                                                 "second document",
		"- a":                                                                   "must be a section",
	} {
		c, err := load(t, text)
		if err == nil {
			t.Errorf("%q was taken: %+v", text, c)
			continue
		}
		for part := range strings.SplitSeq(want, "|") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error %q lacks %q", text, err, part)
			}
		}
		if _, ok := errors.AsType[*KeyError](err); !ok {
			t.Errorf("%q: %T holds no KeyError", text, err)
		}
	}
}

func TestRefusedFromOutside(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{Flags: map[string]string{"x_token": "canary"}}, "x_token is secret and not taken from the command line"},
		{Options{Flags: map[string]string{"pool.nothing": "1"}}, "command line: pool.nothing is no key"},
		{Options{Flags: map[string]string{"pool.max_streams": "-1"}}, "command line: pool.max_streams -1 is out of range"},
		{Options{Environ: []string{"WEIR_POOL_IDLE_TTL=x"}}, `WEIR_POOL_IDLE_TTL (pool.idle_ttl) "x" is no duration`},
		{Options{Environ: []string{"WEIR_ENDPOINTS=nonsense"}}, "WEIR_ENDPOINTS"},
	} {
		_, err := Load(c.options)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%+v: error is %v, want %q in it", c.options, err, c.want)
		}
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := load(t, "log: {level: loud}\npool: {window: x}\nextra: 1\n")
	if n := strings.Count(fmt.Sprint(err), "\n"); n != 2 {
		t.Errorf("%d lines, want 3: %v", n+1, err)
	}
}

// TestEveryKeyFromEnvironment sets each key to its default by its variable.
func TestEveryKeyFromEnvironment(t *testing.T) {
	plain, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var environ []string
	for _, k := range Keys() {
		if k.Env != "" && k.Default != "" {
			environ = append(environ, k.Env+"="+k.Default)
		}
	}
	c, err := Load(Options{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Describe(c) {
		if e.Default != "" && e.Env != "" && e.Source != FromEnv {
			t.Errorf("%s does not come from %s", e.Name, e.Env)
		}
	}
	c.source, plain.source = nil, nil
	if !reflect.DeepEqual(c, plain) {
		t.Errorf("the defaults as variables give\n%+v, want\n%+v", c, plain)
	}
}

func TestDescribeIsJSON(t *testing.T) {
	text, err := json.Marshal(Describe(mustLoad(t, "x_token: canary\nmetrics: {dsn: 'postgres://canary'}\nmonitors: {a: {config: {hook: canary}}}")))
	if err != nil || strings.Contains(string(text), "canary") {
		t.Errorf("%v: %s", err, text)
	}
}
