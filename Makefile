# Two commands do everything: `make run` and `make test`. Each installs what this machine lacks before it begins;
# what is installed already takes no time. The work is done by the scripts in scripts/.

ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help run test check build bench watch setup

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build the release and start the server (ARGS="--http 127.0.0.1:9000" is passed on)
	@exec target/release/crosspoint $(ARGS)

test: ## Run all tests, in Rust and in a real browser with real softphones
	@scripts/test.sh

check: ## Format, lints, documentation, dependencies, spelling, house rules
	@scripts/check.sh

build: ## Build target/release/crosspoint and target/site, start nothing
	@scripts/setup.sh build
	@scripts/build.sh release

bench: ## Run the benchmarks (ARGS="parse" for one of them)
	@scripts/setup.sh build
	@. scripts/env.sh && cargo bench -p sip -p server -- $(ARGS)

watch: ## Build for development, start the server, reload on every change
	@scripts/setup.sh build
	@. scripts/env.sh && LEPTOS_SITE_ROOT=target/dev-site exec cargo leptos watch

setup: ## Install everything that the other commands need
	@scripts/setup.sh

# The scripts are bash.
SHELL := /bin/bash
