# Everything runs from .venv, made from requirements.lock. `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench chaos lock clean

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

test: $(STAMP) ## every test
	$(BIN)/python -m pytest -n auto -q

check: $(STAMP) ## format, lint, imports, types, unit file, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/docs

format: $(STAMP) ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## ratios measured in one run, printed
	$(BIN)/python -m tests.bench

chaos: $(STAMP) ## five minutes of faults, kills and changes; ARGS='--seconds 60 --seed 7'
	$(BIN)/python -m tests.chaos $(ARGS)

lock: ## renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements.lock

clean: ## remove what make made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
