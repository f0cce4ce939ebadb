# Everything runs from .venv, made from requirements.lock. `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-systemd check format bench chaos install uninstall deb lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "syncd needs Python 3.11 or newer; set PYTHON=/path/to/python3")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: $(STAMP) ## the whole job against a simulated store and audience
	$(BIN)/syncd demo

test: $(STAMP) ## the tests, a few minutes
	$(BIN)/python -m pytest -n auto -q -m "not slow"

test-slow: $(STAMP) ## the slow tests, and every property against many more worlds
	SYNCD_TESTS=thorough $(BIN)/python -m pytest -n auto -q -m "slow or property"

test-systemd: ## the installed service under a real systemd, in a container (root; mmdebstrap, systemd-container)
	$(PYTHON) -m tests.systemd $(ARGS)

check: $(STAMP) ## format, lint, imports, types, unit file, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/docs

format: $(STAMP) ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## ratios measured in one run: docs/performance.md; ARGS='--sizes M,L'
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-bench.lock
	$(BIN)/python -m tests.bench $(ARGS)

chaos: $(STAMP) ## five minutes of faults, kills and changes; ARGS='--seconds 60 --seed 7'
	$(BIN)/python -m tests.chaos $(ARGS)

install: ## the service, on this machine (root): docs/install.md
	$(MAKE) -f packaging/install.mk install

uninstall: ## remove it again; settings and data stay
	$(MAKE) -f packaging/install.mk uninstall

deb: ## a Debian package in dist/ (needs debhelper)
	debian/rules clean binary

LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

lock: ## renew the locks (needs uv): what is developed with, what a server gets, what builds the wheel
	$(LOCK) pyproject.toml --extra dev --output-file requirements.lock
	$(LOCK) pyproject.toml --constraint requirements.lock --output-file requirements-service.lock
	printf "duckdb\n" | $(LOCK) - --constraint requirements.lock --output-file requirements-bench.lock
	printf "hatchling\nsetuptools\nwheel\n" | $(LOCK) - --constraint requirements.lock --output-file requirements-build.lock

clean: ## remove what make made
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
