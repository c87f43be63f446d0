# Set up and go. `make help` lists what there is.
#
# PYTHON=python3.12   the interpreter that makes .venv (3.11 or newer; found by itself)
# PIP_FLAGS=...       handed to every `pip install`, for instance an index with CPU builds of torch
# WORKFLOW=...        what `make run` renders; ARGS=... further options of the command
# TESTS=tests/graph   what `make test` runs

PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$candidate"; break; }; done)
PIP_FLAGS ?=
WORKFLOW ?= workflows/text_to_image.json
ARGS ?=
TESTS ?= tests

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt

.PHONY: run serve editor test check format bench train docs pictures clean help
.DEFAULT_GOAL := help
.NOTPARALLEL:

run: $(VENV)/.installed  ## set up on first use, then render the text-to-image workflow and print the picture's path
	@$(BIN)/python main.py run "$(WORKFLOW)" $(ARGS)

serve: $(VENV)/.installed  ## set up on first use, build the editor where it changed, start the server (ARGS="--port 8200")
	@$(BIN)/python -m tools.build_editor --quiet || echo "The server starts without it; its interface works." >&2
	@exec $(BIN)/python main.py serve $(ARGS)

editor: $(VENV)/.installed  ## build the browser editor where its sources have changed
	@$(BIN)/python -m tools.build_editor

test: $(VENV)/.installed-test  ## install what tests need and run them (TESTS=tests/graph for some of them)
	@$(BIN)/python -m tools.build_editor --quiet || echo "The tests of the editor are skipped." >&2
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxprocesses=8 --dist loadgroup $(TESTS) $(ARGS)

check: $(VENV)/.installed-dev  ## style, types, import table, generated pages, workflows, the editor
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make format'." >&2; exit 1; }
	@$(BIN)/basedpyright --warnings
	@$(BIN)/python main.py nodes --markdown | diff -u docs/nodes.md - || { echo "docs/nodes.md is not current: run 'make docs'." >&2; exit 1; }
	@$(BIN)/python main.py openapi | diff -u docs/openapi.json - || { echo "docs/openapi.json is not current: run 'make docs'." >&2; exit 1; }
	@$(BIN)/python main.py check --quiet workflows/*.json
	@$(BIN)/python -m pytest -q tests/house
	@$(BIN)/python -m tools.check_editor

format: $(VENV)/.installed-dev  ## sort imports and lay the code out
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

docs: $(VENV)/.installed  ## write the generated pages anew
	@$(BIN)/python main.py nodes --markdown > docs/nodes.md.new && mv docs/nodes.md.new docs/nodes.md
	@$(BIN)/python main.py openapi > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

pictures: $(VENV)/.installed-test  ## draw the pictures of the ready workflows and of the editor anew
	@$(BIN)/python -m tools.template_pictures
	@NODELOOM_BROWSER_TESTS=required NODELOOM_SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/editor

bench: $(VENV)/.installed-test  ## run every benchmark; writes benchmarks/results.jsonl and docs/benchmarks.md
	@$(BIN)/python benchmarks/run_all.py $(ARGS)

train: $(VENV)/.installed  ## train a model as the shipped one was (hours; goes on where it stopped)
	@$(BIN)/python main.py train $(ARGS)

clean:  ## remove the environment, builds, caches and temporary files; pictures and models stay
	@rm -rf $(VENV) build dist editor/node_modules server/static server/.static-* *.egg-info .pytest_cache .ruff_cache .hypothesis temp
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@grep -hE '^[a-z]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*  ## (.*)/\1|\2/' | awk -F '|' '{printf "make %-8s %s\n", $$1, $$2}'

# One stamp for each set of packages; pip runs again when what they name has changed.
$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Nodeloom needs Python 3.11 or newer: none was found on PATH (PYTHON=/path/to/python names one)." >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) …" >&2
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); echo "Python's venv module does not work here; on Debian: apt-get install python3-venv." >&2; exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing packages (minutes on first use) …" >&2
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "Installing what tests need …" >&2
	@$(INSTALL) -e '.[test]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-test
	@echo "Installing what checks need …" >&2
	@$(INSTALL) -e '.[test,dev]'
	@touch $@
