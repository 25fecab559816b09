# Hylla: two commands do all the set-up.
#   make demo     sample records, private PostgreSQL, embedded engine, server on http://127.0.0.1:8080
#   make test     everything needed, then the whole test suite
PORT ?= 8080
DATA_DIR ?= ./data
FILE ?=
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
CHROMIUM := $(shell command -v chromium || command -v chromium-browser)
VENV := .venv
comma := ,
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check format clean bench

help:  ## what can be made
	@echo "make demo [FILE=records.mrc] [PORT=8080] [DATA_DIR=./data]   try Hylla with sample records, or with your own"
	@echo "make test    the whole test suite (they start PostgreSQL; OpenSearch too, where there are Maven and a JDK; Chromium, where it is installed)"
	@echo "make check   format, lint, types, imports"
	@echo "make format  format the code"
	@echo "make clean   remove the virtual environment and caches (never your data)"

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "Hylla needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt-get install python3 python3-venv) and try again."; exit 1; }
	@echo "Making a virtual environment with $(PYTHON) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. Debian, Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@touch $@

$(VENV)/run: $(VENV)/made pyproject.toml
	@echo "Installing Hylla and the packages it needs (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[demo]"
	@touch $@

$(VENV)/dev: $(VENV)/run pyproject.toml
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[demo,dev$(if $(CHROMIUM),$(comma)browser)]"
	@touch $@

demo: $(VENV)/run  ## sample records and a running server
	@exec $(BIN)/hylla --data-dir "$(DATA_DIR)" --port "$(PORT)" demo $(if $(FILE),--file "$(FILE)")

test: $(VENV)/dev  ## the whole test suite
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

check: $(VENV)/dev  ## format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## virtual environment and caches; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
