# 人社 renshe: every command a person needs. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# whatever environment the caller has active: everything goes into this one
export VIRTUAL_ENV := $(CURDIR)/.venv
# compiled files are kept, whatever the caller has said: the tests start hundreds of programs
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test fuzz load bench bench-quick check fmt lock migration vendor clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "renshe 需要 Python 3.11 或更新的版本；这里是 " + sys.version.split()[0] + "。可以用 make run PYTHON=python3.12 指定。")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r <(sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock)

SHELL := /bin/bash

.venv/.run: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# with the headers of PC/SC there, or without: installed later, they make this anew
DEV := .venv/.dev$(if $(wildcard /usr/include/PCSC/winscard.h),-pcsc)
$(DEV): requirements-dev.lock .venv/.run
	@if [ -f /usr/include/PCSC/winscard.h ] && command -v cc >/dev/null; then \
	  $(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock; \
	else \
	  echo "读卡器的测试要跳过：装 pyscard 需要 Debian 软件包 libpcsclite-dev 和 gcc"; \
	  sed '/^pyscard==/,/[^\\]$$/d' requirements-dev.lock > .venv/without-pcsc.lock; \
	  $(BIN)/uv pip install --quiet --require-hashes -r .venv/without-pcsc.lock; \
	fi
	@touch $@

vendor: .venv/.run
	@$(BIN)/python -m portal.vendor
	@$(BIN)/python -m kiosk.speech

setup: .venv/.run vendor ## install what running needs into .venv
setup-dev: $(DEV) vendor ## install what testing needs too

run: setup ## set up, load the demo city, start everything (Ctrl-C stops it)
	@$(BIN)/renshe up

test: setup-dev ## the whole test suite
	$(BIN)/python -m pytest -q -n 3 --dist loadgroup $(ARGS)

fuzz: setup-dev ## hostile values at length, and the protocol in every state (RENSHE_FUZZ: how many times the daily amount)
	RENSHE_FUZZ=$${RENSHE_FUZZ:-60} $(BIN)/python -m pytest -q -n 2 tests/fuzz tests/model tests/backend/test_walk.py $(ARGS)
	$(BIN)/python -m tests.fuzz.parsers --inputs $${FUZZ_INPUTS:-1000000}

check: setup-dev ## style, types, import contracts, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet portal/templates kiosk/templates
	$(BIN)/python -m pytest -q tests/test_tidy.py

load: setup-dev ## a fresh demo city under rising load (LOAD_SECONDS=90 LOAD_USERS=50)
	$(BIN)/python -m loadtests

bench: setup-dev ## every figure beside its yardstick, one table (loadtests/bench/README.md)
	$(BIN)/python -m loadtests.bench $(ARGS)

bench-quick: setup-dev ## the same with small sizes, judging nothing
	$(BIN)/python -m loadtests.bench --quick $(ARGS)

fmt: setup-dev ## put the code into its style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet portal/templates kiosk/templates

lock: setup-dev ## write the lock files anew (versions and hashes, no addresses)
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group dev --group load --extra macro --extra pcsc -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements-dev.lock

migration: setup-dev ## write a migration from the changed tables: make migration m="why"
	$(BIN)/renshe migration "$(m)"

clean: ## remove the environment and the demo city
	rm -rf .venv .renshe portal/static/vendor kiosk/static/speech backend/fonts
