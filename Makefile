# make help says what there is.

PREFIX ?= /usr/local
SWIFT ?= swift
EXTENSION = build/sibyl.$(if $(filter Darwin,$(shell uname -s)),dylib,so)
COMMAND = build/sibyl

.DEFAULT_GOAL = help
.PHONY: help setup build models demo demo-postgres test bench install format clean

help: ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | awk -F'\t' '{ printf "make %-13s %s\n", $$1, $$2 }'

setup: ## Install what building and testing need and this machine lacks
	@scripts/setup.sh

build: setup ## Build the extension (build/sibyl.so) and the command line (build/sibyl)
	@scripts/generate-catalogue.sh
	$(SWIFT) build -c release --product SibylSQLite
	$(SWIFT) build -c release --product sibyl
	@scripts/link-extension.sh $(EXTENSION)
	@scripts/link-command.sh $(COMMAND)
	@scripts/generate-reference.sh $(COMMAND)
	@scripts/generate-postgres.sh $(COMMAND)

models: build ## Install the default models, where they are missing
	@for name in minilm smollm2; do \
	  $(COMMAND) models path $$name >/dev/null 2>&1 || $(COMMAND) models pull $$name || exit 1; done

demo: models ## Run a sentiment job and a ticket search on the examples
	@sh examples/demo.sh $(COMMAND)

demo-postgres: models ## The same in a throw-away PostgreSQL server, through the bridge
	@sh examples/demo-postgres.sh $(COMMAND)

test: models ## Run all tests
	@SWIFT='$(SWIFT)' scripts/test.sh $(CURDIR)/$(EXTENSION) $(CURDIR)/$(COMMAND)

bench: models ## Measure speed and quality, side by side with other engines
	@scripts/bench.sh

install: ## Install what was built into PREFIX (by default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(COMMAND) $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(EXTENSION) $(DESTDIR)$(PREFIX)/lib/
	@if [ -d sql ]; then \
	  install -d $(DESTDIR)$(PREFIX)/share/sibyl && cp -R sql packaging $(DESTDIR)$(PREFIX)/share/sibyl/; fi

format: ## Format the Swift sources
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

clean: ## Remove everything that was built
	rm -rf build .build
