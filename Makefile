# Everyday commands. `make help` lists them.

# Empty: the version is the tag of the commit, or else the commit's name, as the go command writes it.
VERSION    ?=
# Who is named in the Debian package, NAME <MAIL>; otherwise who made the commit.
MAINTAINER ?=
TESTFLAGS  ?=
BENCHFLAGS ?=
TOOL      := go tool -modfile=.ci/tools/go.mod

# In CI no test may be skipped for want of a tool.
ifdef CI
export TEST_REQUIRE = all
endif

# With the race detector a process that has done its work sleeps for a second before it ends, and the tests run hundreds of them, one
# after the other. What its goroutines might still do in that second they never do in the program that people run.
export GORACE ?= atexit_sleep_ms=10

.DEFAULT_GOAL := help
.PHONY: help demo build release check quick test scans interop torture kotlin fuzz bench simulate lint fresh generate watch screenshots

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: ## start the demonstration on this machine's loopback address
	go run ./cmd/countersign demo

build: ## build bin/countersign
	go build -trimpath $(if $(VERSION),-ldflags '-X main.version=$(VERSION)') -o bin/countersign ./cmd/countersign

release: ## make dist/VERSION of the commit: static programs, Debian packages, bills of materials, for amd64 and arm64
	@GOTOOLCHAIN=go$$(sed -n 's/^go //p' go.mod) go run ./cmd/release $(if $(MAINTAINER),-maintainer '$(MAINTAINER)')

check: export RACES = yes
check: TESTFLAGS = -count=1
check: fresh lint ## what CI runs, but nothing is installed: a test that lacks its tool is skipped, by name
	$(tests)

quick: ## test without PostgreSQL and Chromium, also where they are installed
	.ci/test -short $(TESTFLAGS)

test: ## install what the tests need, then vet, fuzz and test everything
	@.ci/prepare
	$(tests)

# What go vet has said, go test need not find out again for another kind of build.
define tests
go vet ./...
.ci/fuzz
.ci/test -vet=off $(TESTFLAGS)
endef

scans: ## scan on every control of every page, at every speed, with every first key
	@.ci/prepare
	go test ./cmd/countersign -run '^TestScanPressesNothingAnywhere$$' -count=1 -v -timeout 60m -every-scan

interop: ## run against the clients, providers and APIs of docs/interop.md
	@.ci/prepare
	go test ./cmd/countersign -run 'OpenIDClient|OAuth4WebAPI|OIDCProvider|AnotherOrigin|APIsPage|Nginx|Interop' -count=1 -v
	go test ./handlers/device ./handlers/signin -run 'GoOAuth2|SignIn|StepUp|Logout' -count=1
	@if command -v glewlwyd >/dev/null; then go test -tags glewlwyd ./cmd/countersign -run Glewlwyd -count=1 -v; \
	  else echo "Missing: Debian's package glewlwyd. Not run: a sign-in by it."; fi

# What breaks under load: the program, its backups and imports killed; three processes, their clocks and keys, PgBouncer,
# mail and provider, PostgreSQL killed, frozen and replaced; limits tried at all processes at once. With Debian's patroni and etcd-server
# also by Patroni; without them that test is skipped, by name.
TORTURE := Killed|UnderLoad|SharedCommit|LimitsOfMany

torture: ## break things under load, ROUNDS (200) times in each test, and compare with what clients were told
	@.ci/prepare
	go test ./models -run 'ConnectionsLeave|BackAfterFailOver' -count=1 -v -timeout 30m
	go test -tags torture ./cmd/countersign -run '$(TORTURE)' -count=1 -v -timeout 12h -torture.rounds=$(or $(ROUNDS),200)

kotlin: ## compile and run the Kotlin of docs/apps.md; needs kotlinc and java
	.ci/kotlin

fuzz: ## feed the parsers random input for FUZZTIME (5s) each
	.ci/fuzz

bench: ## measure this tree beside an earlier build and a bare handler; BENCHFLAGS=-help lists its flags
	go run ./cmd/bench $(value BENCHFLAGS)

simulate: ## check the capacity model of docs/scaling.md: two weeks of sites of every size, in half a minute
	go run ./cmd/simulate -draw docs/scaling.svg

lint: ## check format, style and the direction of imports
	@unformatted="$$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l)"; \
	  test -z "$$unformatted" || { printf 'not formatted by gofmt:\n%s\n' "$$unformatted"; exit 1; }
	$(TOOL) staticcheck ./...
	$(TOOL) golangci-lint run

# A checksum of what is there, and not git's word: who is in the middle of a change has not committed it yet.
fresh: ## check that generated files and go.mod are up to date
	@before="$$(cat views/*_templ.go | cksum)"; $(MAKE) --no-print-directory generate && \
	  test "$$before" = "$$(cat views/*_templ.go | cksum)" || { \
	  echo "Generated files were stale, and are written anew: commit views/*_templ.go."; exit 1; }
	go mod tidy -diff

generate: ## write the Go files of the templates in views/
	$(TOOL) templ generate -path views -log-level warn

watch: ## run the demonstration, write templates and start again at each change of views/
	$(TOOL) templ generate -watch -path views -log-level warn -cmd 'go run countersign/cmd/countersign demo'

screenshots: ## take the pictures in docs/screenshots again, with Chromium
	@.ci/prepare
	go test ./cmd/countersign -run '^TestScreenshots$$' -count=1 -update-screenshots
