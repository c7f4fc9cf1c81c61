# `make demo` shows what mailaudit does, `make test` tests it. Both need Go and make, nothing else.

GO      ?= go
BIN     := bin/mailaudit
CORPUS  ?= ../shared/corpus
# honnef.co/go/tools is run from the module proxy, for lint only.
STATICCHECK ?= $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
# So is golangci-lint, for golangci only.
GOLANGCI ?= $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# So is govulncheck, for vulncheck only. VULNCHECK_NEEDED=1 makes it a failure that the database can't be reached.
GOVULNCHECK ?= $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0
VULNCHECK_NEEDED ?=
# What soak does of each: a fuzz test's time, and how often a property is tried (100 times in make test).
FUZZTIME ?= 10m
CHECKS   ?= 2000
PLATFORMS := windows/amd64 windows/arm64 darwin/amd64 darwin/arm64 linux/amd64 linux/arm64

.PHONY: help build demo test lint golangci vulncheck samples bench bench-peers bench-night bench-stages eval programs soak dist packages clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

build: ## build bin/mailaudit
	$(GO) build -trimpath -ldflags '-s -w' -o $(BIN) ./cmd/mailaudit

demo: build ## scan the sample of a taken-over account and say where the reports are
	@$(BIN) scan --tz Asia/Tokyo --output demo-report samples/takeover/input; code=$$?; \
	if [ $$code -gt 1 ]; then exit $$code; fi

# Packages that start goroutines or are shared by them: the race detector has something to find there.
RACE := ./analyzer ./analyzer/candidate ./analyzer/event ./analyzer/mailauth ./analyzer/mailbox/... ./analyzer/state ./cmd/mailaudit/...
HAVE_CC = command -v "$$($(GO) env CC)" >/dev/null 2>&1

test: ## run all tests, and those of concurrent code again with the race detector where a C compiler is there
	$(GO) test ./...
	@if $(HAVE_CC); then echo "go test -race -short $(RACE)"; CGO_ENABLED=1 $(GO) test -race -short $(RACE); \
	else echo "no C compiler: the race detector is left out"; fi

lint: ## check formatting, vet, staticcheck
	@out=$$("$$($(GO) env GOROOT)/bin/gofmt" -l .); if [ -n "$$out" ]; then echo "not formatted:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	@if $(STATICCHECK) -version >/dev/null 2>&1; then echo "staticcheck ./..."; $(STATICCHECK) ./...; \
	else echo "staticcheck could not be fetched: left out"; fi

golangci: ## run the linters of .golangci.yml; the first time it builds golangci-lint, which takes minutes
	@if $(GOLANGCI) version >/dev/null 2>&1; then echo "golangci-lint run"; $(GOLANGCI) run; \
	else echo "golangci-lint could not be fetched: left out"; fi

vulncheck: ## look for known vulnerabilities in what the program calls, in the database of vuln.go.dev
	@out=$$($(GOVULNCHECK) ./... 2>&1); code=$$?; \
	case $$code:$$out in \
	1:*"fetching vulnerabilities"* | 1:*"dial tcp"*) \
		echo "the vulnerability database could not be reached: left out"; [ -z "$(VULNCHECK_NEEDED)" ] ;; \
	*) printf '%s\n' "$$out"; exit $$code ;; \
	esac

samples: ## write samples/ again, and what mailaudit makes of them
	$(GO) run ./cmd/gensamples
	$(GO) test ./cmd/mailaudit -run 'TestSamples' -update

# Bytes of the large mailbox that bench measures with; the data is kept in bench-data/.
SIZE ?= 1073741824

bench: build bin/gensamples ## measure mailaudit on mail made for it, and print a table
	$(GO) run ./cmd/bench -bin $(BIN) -gensamples bin/gensamples -size $(SIZE)

bench-peers: build bin/gensamples ## measure it beside mu, notmuch, mairix, Python and rg, those installed
	$(GO) run ./cmd/bench -bin $(BIN) -gensamples bin/gensamples -size $(SIZE) -peers

# An mbox of ten gigabytes and a Maildir of a hundred thousand messages, kept in bench-data/: 14 GB.
bench-night: bin/gensamples ## measure what a night costs over 10 GB and over 100,000 files; needs 15 GB of disk
	@test -e bench-data/night.mbox || { mkdir -p bench-data && bin/gensamples -bulk mixed -size 10000000000 -out bench-data/night.mbox; }
	@test -e bench-data/night.maildir || bin/gensamples -bulk mixeddir -size 3900000000 -out bench-data/night.maildir
	MAILAUDIT_NIGHT=$(CURDIR)/bench-data/night.mbox $(GO) test ./analyzer -run '^$$' -bench Night -benchtime 5x -timeout 0 -v
	MAILAUDIT_NIGHT=$(CURDIR)/bench-data/night.maildir $(GO) test ./analyzer -run '^$$' -bench Night -benchtime 5x -timeout 0 -v

bench-stages: ## run the benchmarks of each package
	$(GO) test -run '^$$' -bench . -benchmem ./...

bin/gensamples: $(wildcard cmd/gensamples/*.go)
	$(GO) build -o $@ ./cmd/gensamples

eval: build ## live honest lives and takeovers, scan real mail, and print how well they were judged
	@$(GO) test ./analyzer/attention -count 1 -run 'TestHonestLives|TestStories' -v | sed -n 's/^ *[a-z_]*_test.go:[0-9]*: //p'
	@if [ ! -d "$(CORPUS)/mail" ]; then echo "eval: $(CORPUS) is not there: left out"; exit 0; fi; \
	dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT; \
	start=$$(date +%s); \
	$(BIN) scan --quiet --format jsonl --fail-on never --output "$$dir" "$(CORPUS)/mail" "$(CORPUS)/ham"; code=$$?; \
	echo "scanned in $$(( $$(date +%s) - start )) s"; \
	if [ $$code -ne 0 ] && [ $$code -ne 3 ]; then exit $$code; fi; \
	python3 "$(CORPUS)/score.py" --misses "$$dir/findings.jsonl"

programs: ## let dovecot, procmail, mutt, mbsync and others write mailboxes, and compare what is read of them; installs them where it can
	@.ci/programs

# A fuzz test that stands still tests nothing. The lines of its log, one every three seconds, count executions: they must
# grow in at least half of the lines, and in the last quarter as well.
define FUZZ_MOVES
/execs: [0-9]+ / { n = $$0; sub(/.*execs: /, "", n); n += 0; if (seen && n == last) still++; at[++seen] = last = n }
END { print name ": " last+0 " executions"; if (last < 100 || still*2 > seen || seen >= 8 && at[int(seen*3/4)] == last) { print name " stands still: " still+0 " of " seen+0 " times"; exit 1 } }
endef
export FUZZ_MOVES

soak: ## 100,000 mailboxes with forged mail, 10 GB and a million notices in bounded memory, everything with the race detector, properties CHECKS times each, fuzz every parser for FUZZTIME each; takes hours
	MAILAUDIT_SOAK=1 $(GO) test ./analyzer -run TestMemoryIsBounded -v -timeout 0
	MAILAUDIT_ADVERSARY=100000 $(GO) test ./analyzer -run 'TestAdversary$$' -v -timeout 0
	MAILAUDIT_CRASHES=40 $(GO) test ./cmd/mailaudit -run TestKilled -v -timeout 0
	MAILAUDIT_CRASHES=1 $(GO) test ./analyzer -run 'TestAgainWithDamage|TestHalfDeliveredMail' -v -timeout 0
	@if $(HAVE_CC); then echo "go test -race ./..."; CGO_ENABLED=1 $(GO) test -race -count 1 -timeout 60m ./...; \
	else echo "no C compiler: the race detector is left out"; fi
	@for pkg in $$($(GO) list -f '{{if or (join .TestImports "") (join .XTestImports "")}}{{.ImportPath}} {{join .TestImports " "}} {{join .XTestImports " "}}{{end}}' ./... | awk '/pgregory.net\/rapid/{print $$1}'); do \
		echo "$$pkg, $(CHECKS) checks"; $(GO) test $$pkg -count 1 -timeout 0 -rapid.checks=$(CHECKS) || exit 1; \
	done
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$f"; $(GO) test $$pkg -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x >"$$log" 2>&1; code=$$?; cat "$$log"; \
			[ $$code = 0 ] && awk -v name=$$f "$$FUZZ_MOVES" "$$log" || exit 1; \
		done; \
	done

dist: ## build for Windows, macOS and Linux into dist/, with checksums
	@rm -rf dist && mkdir dist
	@for p in $(PLATFORMS); do \
		os=$${p%/*}; arch=$${p#*/}; ext=; [ $$os = windows ] && ext=.exe; \
		echo "dist/mailaudit-$$os-$$arch$$ext"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w' -o dist/mailaudit-$$os-$$arch$$ext ./cmd/mailaudit || exit 1; \
	done
	@cd dist && { sha256sum mailaudit-* 2>/dev/null || shasum -a 256 mailaudit-*; } > SHA256SUMS && cat SHA256SUMS

packages: ## make .deb, .rpm, .apk and an archive with manual pages and completions for this architecture, in dist/
	@.ci/package

clean: ## remove what was built
	rm -rf bin dist demo-report bench-data
