# Everyday commands. `make help` lists them.

VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TESTFLAGS  ?=
BENCHFLAGS ?=
# The packages that take longest come first, so that the others run beside them.
LONGEST   := ./cmd/countersign ./models ./handlers/device
TOOL      := go tool -modfile=.ci/tools/go.mod

# In CI no test may be skipped for want of a tool.
ifdef CI
export TEST_REQUIRE = all
endif

.DEFAULT_GOAL := help
.PHONY: help demo build test fuzz bench lint generate screenshots

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: ## start the demonstration on this machine's loopback address
	go run ./cmd/countersign demo

build: ## build bin/countersign
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/countersign ./cmd/countersign

test: ## install what the tests need, then vet, fuzz and test everything
	@.ci/prepare
	go vet ./...
	.ci/fuzz
	go test -timeout 20m $(TESTFLAGS) $(LONGEST) ./...

fuzz: ## feed the parsers random input for FUZZTIME (5s) each
	.ci/fuzz

bench: ## measure this tree beside an earlier build and a bare handler; BENCHFLAGS=-help lists its flags
	go run ./cmd/bench $(BENCHFLAGS)

lint: ## check format, style and the direction of imports
	@unformatted="$$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l)"; \
	  test -z "$$unformatted" || { printf 'not formatted by gofmt:\n%s\n' "$$unformatted"; exit 1; }
	$(TOOL) staticcheck ./...
	$(TOOL) golangci-lint run

generate: ## write the Go files of the templates in views/
	$(TOOL) templ generate -path views -log-level warn

screenshots: ## take the pictures in docs/screenshots again, with Chromium
	@.ci/prepare
	go test ./cmd/countersign -run '^TestScreenshots$$' -count=1 -update-screenshots
