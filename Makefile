# Handoff. `make help` lists what there is.
GO      ?= go
BIN     := bin
DATA    ?=
RUN_DIR := .handoff/run

LAMBDA_FLAGS := -tags lambda.norpc -trimpath -buildvcs=false -ldflags "-s -w"
STAGES       := ingest enrich score route attribution webhook

.DEFAULT_GOAL := help
.PHONY: help run test test-fast policy build build-here sam-build sam-local bin fuzz bench lint template clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

bin: ## Build the command, bin/handoff (needs Go)
	@test -x $(BIN)/handoff || echo "Building bin/handoff; the first time takes a minute or two."
	@CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN)/handoff ./infra/handoff

bin-aws: bin ## Build bin/handoff-aws beside it, which asks deployed stacks for handoff --stack (needs Go)
	@CGO_ENABLED=0 $(GO) build -tags aws -trimpath -ldflags "-s -w" -o $(BIN)/handoff-aws ./infra/handoff

run: bin ## Replay six months through the whole pipeline and show what came of it; DATA=folder takes your own files (needs Go)
	@$(BIN)/handoff --data $(RUN_DIR) demo $(if $(DATA),"$(DATA)")

test: ## Everything that can be tested on this machine, with the race detector (needs Go and a C compiler)
	@bash tests/run.sh

test-fast: ## Vet and unit tests without the race detector (needs Go)
	$(GO) vet ./...
	$(GO) test ./...

LAMBDA_ARCH ?= arm64
# One function into a folder: the one way they are built, here and by the SAM CLI.
bootstrap = CGO_ENABLED=0 GOOS=linux GOARCH=$(2) $(GO) build $(LAMBDA_FLAGS) -o $(3)/bootstrap ./functions/$(1)/lambda

policy: # A build ships infra/policy, so what validation finds fault with is not built.
	@$(GO) run ./infra/validate/check infra/policy

build: policy ## Build the functions for Lambda: bin/<stage>/bootstrap, arm64 (needs Go)
	@for s in $(STAGES); do \
	  $(call bootstrap,$$s,$(LAMBDA_ARCH),$(BIN)/$$s) || exit 1; \
	  ls -l $(BIN)/$$s/bootstrap | awk '{printf "  %-40s %5.1f MB\n", $$NF, $$5/1e6}'; \
	done

build-here: policy ## Build them for this machine: bin/here/<stage>/bootstrap, for handoff local --isolated (needs Go)
	@for s in $(STAGES); do $(call bootstrap,$$s,$$($(GO) env GOHOSTARCH),$(BIN)/here/$$s) || exit 1; done

# sam build asks for a function by its name in template.yaml, and says where it wants it.
build-%Function: policy
	@$(call bootstrap,$(shell echo $* | tr A-Z a-z),$(LAMBDA_ARCH),$(ARTIFACTS_DIR))

SAM          ?= $(or $(wildcard .tools/sam/bin/sam),sam)

sam-build: ## Build for sam deploy what make build builds, as plain sam build does (needs Go and the SAM CLI: tests/sam/install.sh)
	SAM_CLI_TELEMETRY=0 $(SAM) build

sam-local: ## Invoke the functions in SAM's containers with every sample (needs Go, Docker, the SAM CLI, Java 17)
	@$(GO) run ./tests/sam/invoke

fuzz: ## Fuzz what parses what strangers send, 20 seconds each (needs Go)
	@bash tests/fuzz.sh 20s

bench: ## Benchmarks, with the machine they ran on (needs Go)
	@bash tests/bench/run.sh

lint: ## gofmt, vet, staticcheck, govulncheck, cfn-lint, each where it is installed
	@bash tests/lint.sh

template: ## Check template.yaml with cfn-lint (needs Python)
	cfn-lint template.yaml

clean: ## Remove what was built and the demo's data
	rm -rf $(BIN) .handoff
