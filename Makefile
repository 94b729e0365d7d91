# Weir's tasks. `make run` and `make test` need Go, Node and make, nothing else.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PLUGINS := $(notdir $(patsubst %/main.go,%,$(wildcard plugins/*/main.go)))

# Pinned programs that are run from the module cache, never installed.
BUF       := github.com/bufbuild/buf/cmd/buf@v1.75.0
LINT      := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BENCHSTAT := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

.PHONY: all build weir plugins run test check race bench lint proto clean help

all: build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: weir plugins ## bin/weir and bin/plugins/<name>.wasm

weir:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/weir ./cmd/weir

plugins: $(PLUGINS:%=bin/plugins/%.wasm)

# Go decides what is out of date.
.PHONY: $(PLUGINS:%=bin/plugins/%.wasm)
$(PLUGINS:%=bin/plugins/%.wasm): bin/plugins/%.wasm:
	@mkdir -p bin/plugins
	GOOS=wasip1 GOARCH=wasm $(GO) build -buildmode=c-shared -trimpath -ldflags '-s -w' -o $@ ./plugins/$*

run: build ## all seven monitors on the built-in simulator
	bin/weir run --demo

test: check race ## everything that tests the project

check: build
	@unformatted=$$(git ls-files '*.go' | grep -v '\.pb\.go$$' | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	cd abi/yellowstone && $(GO) vet ./...

# Tests take the monitors and their compiled code from here instead of making them again in each package.
TEST_ENV := WEIR_TEST_PROGRAM=$(CURDIR)/bin/weir WEIR_TEST_PLUGINS=$(CURDIR)/bin/plugins WEIR_TEST_CACHE=$(CURDIR)/bin/test-cache

# The race detector needs a C compiler; without one the tests run without it, and CI fails.
race: build
	$(TEST_ENV) $(GO) test -count=1 -run TestMonitorsCompile ./host/plugin/plugintest
	@export $(TEST_ENV); if [ -n "$$(command -v $${CC:-gcc} || command -v cc)" ]; then \
		echo "$(GO) test -race -shuffle=on ./..."; CGO_ENABLED=1 $(GO) test -race -shuffle=on -timeout 11m ./...; \
	elif [ "$$CI" = true ]; then echo "no C compiler for the race detector: install gcc"; exit 1; \
	else echo "SKIPPED: the race detector, which needs a C compiler (gcc)"; $(GO) test -shuffle=on -timeout 11m ./...; fi

bench: build ## the figures, as ratios within one run
	WEIR_FIGURES=1 $(TEST_ENV) $(GO) test -count=1 -p 1 -timeout 60m -run '^TestFigure' -v ./host/... | grep -v '^=== '
	$(GO) test -run '^$$' -bench . -benchmem ./...

lint: ## static checks beyond go vet
	$(GO) run $(LINT) run ./...

proto: ## generate abi/yellowstone/proto/*.pb.go
	cd abi/yellowstone && $(GO) run $(BUF) generate

clean:
	rm -rf bin
