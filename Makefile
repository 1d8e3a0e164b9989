# Every target works in a fresh clone with Go and the programs of the test
# column in CONTRIBUTING.md.

GO        ?= go
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BENCHTIME ?= 200ms
LINT      := $(GO) tool -modfile=tools/go.mod golangci-lint
RELEASE   := $(GO) tool -modfile=tools/goreleaser/go.mod goreleaser
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: help build test vet lint fmt bench e2e golden docs fuzz cross extras snapshot clean

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: ## bin/firstpage
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/firstpage ./cmd/firstpage

# The end-to-end suite (cmd/firstpage/e2e) is part of ./... . Without
# Prometheus, tmux or git its tests skip and say so; with CI set they fail.
test: vet ## all tests with the race detector, in random order, end to end included
	$(GO) test -race -shuffle=on ./...

vet:
	$(GO) vet ./...

lint: ## linters and format check (the first run builds the linter: about a minute)
	@out=$$(git ls-files -z -- '*.go' ':!:*/testdata/*' | xargs -0 -r gofmt -l); \
	if [ -n "$$out" ]; then echo "not formatted (make fmt):"; echo "$$out"; exit 1; fi
	$(LINT) run ./...

fmt: ## format the code
	git ls-files -z -- '*.go' ':!:*/testdata/*' | xargs -0 -r gofmt -w

# Speed is never a test: each benchmark runs a reference beside the real thing
# and reports the ratio of the two. About four minutes; the screen in a
# terminal (cmd/firstpage/e2e) is most of it and needs Prometheus and curl.
bench: ## all benchmarks; read the ratios (ratio_, x-, of-), not the ns/op
	@dirs=$$(git grep -lE '^func Benchmark' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|'); \
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) $$dirs

e2e: ## only the end-to-end tests, each line shown
	$(GO) test -race -count=1 -v ./cmd/firstpage/e2e/...

golden: ## write the golden files anew; look at the diff before you commit it
	@dirs=$$(git grep -lE 'x/exp/golden"|flag\.Bool\("update"' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|'); \
	if [ -z "$$dirs" ]; then echo "no package has golden files"; exit 0; fi; \
	$(GO) test $$dirs -update

# The list of the files is in cmd/firstpage/docs_test.go, which also fails when
# one of them is stale.
docs: ## write what docs/ has from the code: configuration, schema, keys, commands
	$(GO) test ./cmd/firstpage -run '^TestDocs$$' -update-docs

# The second step needs npm. A viewer that does not animate shows the first
# frame, which is empty without the sed.
recording: ## docs/demo.cast and docs/demo.svg: the demo as a newcomer plays it
	$(GO) test -count=1 -run '^TestRecordDemo$$' ./cmd/firstpage/e2e -cast $(CURDIR)/docs/demo.cast
	npx --yes svg-term-cli@2.1.1 --in docs/demo.cast --out docs/demo.svg --window --no-cursor
	sed -i 's/<g style="animation-duration/<g style="transform:translateX(-120px);animation-duration/' docs/demo.svg

fuzz: ## half a minute of each fuzz test
	@git grep -hoE 'func Fuzz[A-Za-z0-9_]+' -- '*_test.go' >/dev/null || exit 0; \
	git grep -oE 'func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | while IFS=: read -r file func; do \
		name=$${func#func }; echo "== $$name"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime 30s -fuzzminimizetime 10x "./$$(dirname "$$file")" || exit 1; \
	done

# Nothing runs here: what does not compile for a system is found before a
# release. Windows differs the most, so that its tests are compiled too.
cross: ## build for every system that a release is for
	@for p in $(PLATFORMS); do echo "$$p"; \
		CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build -o /dev/null ./cmd/firstpage || exit 1; \
	done
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) vet ./...

# What an archive holds beside the program.
extras: build ## manual pages and completions, in bin/extras
	rm -rf bin/extras && mkdir -p bin/extras/completions
	bin/firstpage man --dir bin/extras/man
	bin/firstpage completion bash > bin/extras/completions/firstpage.bash
	bin/firstpage completion zsh > bin/extras/completions/_firstpage
	bin/firstpage completion fish > bin/extras/completions/firstpage.fish
	bin/firstpage completion powershell > bin/extras/completions/firstpage.ps1

snapshot: ## the archives of a release, in dist; nothing is published (the first run builds the tool: minutes)
	$(RELEASE) check
	$(RELEASE) release --snapshot --clean

clean:
	rm -rf bin dist
