package host_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport is the map of the packages: which of ours each one may import. What is not listed may import none.
var mayImport = map[string][]string{
	"abi/guest":              {"abi"},
	"abi/guest/guesttest":    {"abi", "abi/guest"},
	"host/control":           {"host/datadir", "host/metrics"},
	"host/config":            {"host/datadir", "host/geyser"},
	"host/geyser":            {"yellowstone"},
	"host/upstream":          {"host/geyser", "host/metrics", "yellowstone"},
	"host/router":            {"host/geyser", "host/metrics", "yellowstone"},
	"host/sandbox":           {"abi", "host/metrics"},
	"host/plugin":            {"abi", "host/datadir", "host/geyser", "host/metrics", "host/router", "host/sandbox"},
	"host/sink":              {"host/geyser"},
	"host/sim":               {"host/geyser", "host/sim/chain", "yellowstone"},
	"host/sim/chain":         {"host/geyser", "yellowstone"},
	"host/plugin/plugintest": {},
	"dashboard":              {"host/control", "host/metrics"},
	"cmd/weir": {
		"abi", "host", "host/config", "host/control", "host/datadir", "host/geyser", "host/plugin", "host/sandbox",
		"host/sim", "host/sim/chain", "yellowstone",
	},
}

const yellowstone = "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

func TestPackagesKnowOnlyWhatTheMapAllows(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, "weir/")
		for _, imported := range p.Imports {
			if ours, ok := shortName(imported); ok && !allowed(name, ours) {
				t.Errorf("%s imports %s, which the map of the packages does not allow", name, ours)
			}
		}
	}
}

func allowed(name, imported string) bool {
	switch {
	case name == "host":
		return !strings.HasPrefix(imported, "plugins") && imported != "abi/guest"
	case name == "plugins/internal/recorded": // the tests' facts
		return imported == "abi" || imported == "abi/guest" || imported == "abi/guest/guesttest"
	case strings.HasPrefix(name, "plugins/"):
		return imported == "abi/guest" || strings.HasPrefix(imported, "plugins/internal/")
	case strings.HasPrefix(imported, name+"/internal/"), strings.HasPrefix(name, "abi/guest") && strings.HasPrefix(imported, "abi/guest/internal/"):
		return true
	}
	return slices.Contains(mayImport[name], imported)
}

func shortName(imported string) (string, bool) {
	if imported == yellowstone {
		return "yellowstone", true
	}
	return strings.CutPrefix(imported, "weir/")
}

type listed struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "weir/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
