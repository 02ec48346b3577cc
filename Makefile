# What a newcomer types. `make` alone explains.
#
# Everything lands in .venv/, frontend/node_modules/ and var/ inside this folder; stamps in .venv/.stamps/ say what is
# already there, so that a second run takes a second. Paths here are relative: the folder itself may lie anywhere.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DELETE_ON_ERROR:
.PHONY: help setup demo test prove prove-crash bench check lint types layers texts lock clean chromium

PYTHON := .venv/bin/python
STAMPS := .venv/.stamps
PORT ?= 8000
PYTEST ?= -n 2 --durations=15
CHROMIUM := /usr/bin/chromium
# Draws and reads the PDFs that the tests look at.
POPPLER := /usr/bin/pdftoppm
CHROMIUM_INSTALL := apt-get install -y --no-install-recommends chromium fonts-noto-core poppler-utils

# An environment whose interpreter went away, or that was made in another folder, is made again.
ifneq ($(wildcard $(STAMPS)/.),)
ifeq ($(shell $(PYTHON) -c 'import os; print(open("$(STAMPS)/place").read() == os.getcwd())' 2>/dev/null),True)
else
$(shell rm -rf $(STAMPS))
endif
endif

help:
	@echo "make demo     installs, embeds PostgreSQL, loads a sample agency, starts Loket (PORT=… for another port)"
	@echo "make setup    installs only"
	@echo "make test     lint, types, layers and every test (needs Chromium; as root installs it)"
	@echo "make prove    the long proofs; their report lands in docs/proof/ (PROOF=name for one of them)"
	@echo "make prove-crash  kills everything under load (KILLS=100 SEED=1) and reconciles; report in docs/proof/"
	@echo "make bench    measures Loket in 20 minutes; the page lands in docs/performance.md (BENCH=\"journey --quick\")"
	@echo "make check    lint, types, layers and texts, without the tests"
	@echo "make lock     resolves the requirements again (UPGRADE=1 for newer versions)"
	@echo "make clean    removes what setup made; the data in var/ stays"

# --- Installing ------------------------------------------------------------------------------------------------------

# Python from the system first: an environment built on an interpreter in somebody's home serves only them.
$(STAMPS)/python:
	@for candidate in /usr/bin/python3 python3.13 python3.12 python3.11 python3 python3.14; do \
	  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making .venv with $$("$$candidate" --version)"; \
	    "$$candidate" -m venv --clear .venv && mkdir -p $(STAMPS) && printf %s "$$(pwd -P)" > $(STAMPS)/place \
	      && touch $@ && exit 0; exit 1; \
	  fi; \
	done; \
	echo "Loket needs Python 3.11 or later with its venv module. On Debian: apt-get install -y python3 python3-venv" >&2; \
	exit 1

# uv, itself held to its hash; it installs the rest ten times faster than pip and checks every hash.
$(STAMPS)/uv: $(STAMPS)/python requirements/build.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/build.txt
	@touch $@

$(STAMPS)/runtime: $(STAMPS)/uv requirements/runtime.txt
	@$(PYTHON) -m uv pip install --quiet --python $(PYTHON) --require-hashes -r requirements/runtime.txt
	@touch $@

$(STAMPS)/dev: $(STAMPS)/runtime requirements/dev.txt
	@$(PYTHON) -m uv pip install --quiet --python $(PYTHON) --require-hashes -r requirements/dev.txt
	@touch $@

# Hash checking refuses a folder, so Loket itself comes in a second step that resolves nothing.
$(STAMPS)/loket: $(STAMPS)/runtime pyproject.toml src/loket/__init__.py
	@$(PYTHON) -m uv pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation -e .
	@touch $@

SETUP := $(STAMPS)/loket

# The front end and the texts, each as soon as its sources are in the tree, and from then on always.
ifneq ($(wildcard frontend/.),)
SETUP += $(STAMPS)/frontend
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*')
$(STAMPS)/frontend: $(STAMPS)/runtime $(FRONTEND) tools/front_end.py .npmrc requirements/node.txt
	@$(PYTHON) -m tools.front_end
	@touch $@
endif

TEXTS := $(shell find src -name '*.po')
ifneq ($(TEXTS),)
SETUP += $(STAMPS)/texts
$(STAMPS)/texts: $(STAMPS)/runtime $(TEXTS) tools/texts.py
	@$(PYTHON) -m tools.texts compile
	@touch $@
endif

setup: $(SETUP)
	@:

# --- Running ---------------------------------------------------------------------------------------------------------

demo: setup
	@exec .venv/bin/python -m loket.config.command demo --port $(PORT)

# --- Checking --------------------------------------------------------------------------------------------------------

test: chromium setup $(STAMPS)/dev
	@$(MAKE) check
	@$(PYTHON) -m pytest $(PYTEST)

# An hour or so; no part of make test.
prove: setup $(STAMPS)/dev
	@PYTHONPATH=src:. $(PYTHON) -m tools.prove $(PROOF)

# A quarter of an hour; on a machine that does nothing else.
prove-crash: setup $(STAMPS)/dev
	@PYTHONPATH=src:. $(PYTHON) -m benchmarks.crash --kills $(or $(KILLS),100) --seed $(or $(SEED),1) \
	  --trials all --proof

# On an installation of its own. The machine should have nothing else to do.
bench: setup $(STAMPS)/dev
	@PYTHONPATH=src:. $(PYTHON) -m benchmarks $(if $(BENCH),$(BENCH),--json var/bench.json --write)

check: setup $(STAMPS)/dev
	@$(MAKE) --keep-going lint layers texts types

lint:
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

layers:
	@PYTHONPATH=src:. .venv/bin/lint-imports
	@$(PYTHON) -m tools.lint.house_rules

types:
	@$(PYTHON) -m mypy

texts:
ifneq ($(TEXTS),)
	@$(PYTHON) -m tools.texts check
endif

# The browser and the PDF reader of the tests come from the system, never from a download of ours.
chromium:
	@if [ -x $(CHROMIUM) ] && [ -x $(POPPLER) ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(CHROMIUM_INSTALL) >/dev/null; \
	else \
	  echo "The tests need Chromium at $(CHROMIUM) and poppler's $(POPPLER). Install them, then run make test again:" >&2; \
	  echo "  sudo $(CHROMIUM_INSTALL)" >&2; exit 1; \
	fi

# --- Keeping house ---------------------------------------------------------------------------------------------------

COMPILE = $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: $(STAMPS)/uv
	@$(COMPILE) requirements/build.in -o requirements/build.txt
	@$(COMPILE) requirements/runtime.in -o requirements/runtime.txt
	@$(COMPILE) requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt
	@$(COMPILE) requirements/telemetry.in -c requirements/runtime.txt -o requirements/telemetry.txt
	@$(COMPILE) requirements/node.in -o requirements/node.txt

clean:
	rm -rf .venv frontend/node_modules src/loket/web/static/built .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -type f -delete
