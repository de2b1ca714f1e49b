# The commands of the repository. They need Python >= 3.11, make and the package registries.

.DEFAULT_GOAL := help

# The newest suitable Python: python3 where it is new enough, else the newest python3.x that is.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$python; break; fi; done)

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.lovebank-setup
QUICK ?=
# As many as the smallest machine has processors; each worker has a PostgreSQL of its own besides.
WORKERS ?= 2
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml

PEERS := .venv-peers
LOCK_PEERS := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

.PHONY: help setup demo test check prove baseline lock peers

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-10s %s\n", $$1, $$2 }'

setup: $(STAMP) ## everything into .venv

# Python is compiled here and once: every start afterwards is three times as fast.
$(STAMP): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Love Bank needs Python 3.11 or newer (make PYTHON=/path/to/python3)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	@touch $@

demo: setup ## the story told on SQLite, the server left running
	$(BIN)/lovebank demo

test: setup ## the whole suite, on SQLite and on a real PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS)

check: setup ## lint, format, types, import contracts, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture

prove: setup ## the long proofs, into docs/proofs.json (QUICK=1: within 12 minutes; ONLY="kills races": some)
	QUICK=$(QUICK) $(BIN)/python -m tests.prove

baseline: setup ## write migrations/baseline/ again from the models
	$(BIN)/python -m migrations.regenerate

peers: setup ## other ledgers, for `lovebank bench peers`, into .venv-peers
	@test -x $(PEERS)/bin/python || $(BIN)/python -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/peers/requirements.lock
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r bench/peers/requirements-alone.lock

# The lock names versions and hashes only, never where they come from: that is each machine's own.
lock: setup ## resolve the dependencies anew
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --output-file requirements-dev.lock
	$(LOCK_PEERS) --group peers --output-file bench/peers/requirements.lock
	$(LOCK_PEERS) --group peers-alone --no-deps --output-file bench/peers/requirements-alone.lock
