# Everything sets itself up in .venv from hash-locked requirements. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Bytecode is kept, whatever the environment says: without it every process of the tests compiles them all again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo serve test browser screenshots unit lint types check faults action wires bench agreement docs lock clean

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# The first Python that runs and has venv; a version manager's shim may be there without its Python.
$(VENV)/.python:
	@for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' >/dev/null 2>&1; then \
	    echo "Setting up $(VENV) with $$($$python --version)"; $$python -m venv --clear $(VENV); touch $@; exit 0; fi; done; \
	echo "No Python from 3.11 to 3.14 with venv was found. Install one, on Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 2

$(RUNTIME): $(VENV)/.python requirements/runtime.txt requirements/build.txt pyproject.toml
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(RUNTIME) ## Play the bundled suite on scripted models: no key, no network
	@$(BIN)/sparring demo

serve: $(RUNTIME) ## API, pages and a worker in one process
	@$(BIN)/sparring serve

# One process more than cores: many of these tests wait for the processes that they start.
test: XDIST ?= -n 3
test: $(DEV) ## All tests but the browser's
	@$(BIN)/pytest $(XDIST)

browser: $(DEV) ## The pages, in a real Chromium
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || echo "Chromium could not be installed: the browser's tests are skipped."
	@$(BIN)/pytest -n 0 tests/browser || { code=$$?; [ $$code -eq 5 ] || exit $$code; }

screenshots: $(DEV) ## Each page with the demo's data, light and dark, wide and narrow, to build/screenshots
	@PYTHONPATH=tests/acceptance $(BIN)/python -m tests.browser.screenshots build/screenshots docs/screenshots

unit: XDIST ?= -n 2
unit: $(DEV) ## Unit tests only, in seconds: those that are not slow
	@$(BIN)/pytest -p no:schemathesis $(XDIST) --hypothesis-profile quick -m 'not slow and not long' tests/unit

lint: $(DEV) ## Lint, format, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo

types: $(DEV) ## Types, strict
	@$(BIN)/mypy

# The browser's tests use one core; types are checked beside them.
check: lint ## Everything that CI runs
	@$(MAKE) --no-print-directory --jobs=2 types browser
	@$(MAKE) --no-print-directory test

faults: $(DEV) ## Kill, freeze, lock, cut off and overload, and say what came of it (10 minutes)
	@$(BIN)/pytest -n 0 -p no:randomly -m '' tests/faults

action: $(DEV) ## The steps of the GitHub Action from a fresh checkout, installing included
	@$(BIN)/pytest -n 0 -p no:randomly -m '' tests/acceptance/test_github_action.py

WIRE_TESTS := $(addprefix tests/wire/,openai responses anthropic google test_all_wires.py test_sdk_types.py test_prompt_caching.py test_doctor_live.py)
wires: $(DEV) ## Every recorded exchange with real providers, and what goes out beside the SDKs' types
	@$(BIN)/pytest -n 0 -p no:randomly $(WIRE_TESTS)

bench: $(DEV) ## 100 simulations against a loopback model server, beside a bare loop
	@$(BIN)/python -m bench

TAU2_DATA ?= ../shared/data/tau2
TRAJECTORIES ?= $(TAU2_DATA)/trajectories.jsonl.gz
agreement: $(DEV) ## Verdicts and replays beside recorded conversations: [TAU2_DATA=FOLDER] [TRAJECTORIES=FILE]
	@$(BIN)/python -m tests.agreement $(TRAJECTORIES)

docs: $(DEV) ## Write the reference pages from the program
	@$(BIN)/python tests/docs/reference.py

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet
lock: $(DEV) ## Renew the locked requirements from pyproject.toml
	@$(BIN)/$(LOCK) pyproject.toml -o requirements/runtime.txt
	@$(BIN)/$(LOCK) --group dev pyproject.toml -o requirements/dev.txt
	@$(BIN)/$(LOCK) --group build -o requirements/build.txt

clean: ## Remove what was set up
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
