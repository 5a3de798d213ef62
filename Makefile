# Each target does its own set-up: Python 3.11+ and make are all that a fresh machine needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DOMAIN ?= medical
EXTRAS_DEMO := models,medical
EXTRAS_DEV := models,medical,financial,explain,tables,translate,ray,dev

.DEFAULT_GOAL := help
.PHONY: help demo test check format clean

help:
	@echo "make demo    set up, then build a pack, compare with and without knowledge, answer with citations"
	@echo "make test    set up, then run every check and test"
	@echo "make check   format, lint, types and import rules alone"
	@echo "make format  put the code into shape"
	@echo "make clean   remove what these made"

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("kgslm needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt "torch" --editable ".[$(EXTRAS_DEMO)]"
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt "torch" --editable ".[$(EXTRAS_DEV)]"
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	$(BIN)/kgslm demo $(DOMAIN)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest -m slow

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
