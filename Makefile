# One command per need, the same in CI. `make` alone lists them.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help serve test check fix eval bench

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo 'Lotse braucht Python 3.11 bis 3.13: make PYTHON=python3.11 …'; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo 'Das Modul venv fehlt. Unter Debian: apt-get install python3-venv'; exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo 'Lotse wird eingerichtet (einmalig, einige Minuten) …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo 'Lotse wird mit den Prüfwerkzeugen eingerichtet (einmalig, einige Minuten) …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.installed

serve: $(VENV)/.installed ## set up, index, serve the chat
	@$(BIN)/lotse index
	@exec $(BIN)/lotse serve

test: $(VENV)/.installed-dev ## set up, run the whole suite, browser included
	@.ci/browser
	@$(BIN)/python -m pytest

check: $(VENV)/.installed-dev ## format, lint, types, corpus, links
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lotse corpus check
	@$(BIN)/lotse corpus build-media --check
	@$(BIN)/python .ci/links.py

fix: $(VENV)/.installed-dev ## mend format and lint
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

eval: $(VENV)/.installed-dev ## measure the answers on the question set, beside the baselines
	@$(BIN)/lotse index
	@$(BIN)/lotse eval check
	@$(BIN)/lotse eval

bench: $(VENV)/.installed-dev ## measure time and memory of start and answers
	@$(BIN)/lotse index
	@$(BIN)/lotse bench answers
