# Two commands for newcomers: `make demo` and `make test`. Both set up .venv themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TRY := $(VENV)/.try

.PHONY: demo test lint types unit search docs bench fuzz clean

demo: $(TRY)
	$(BIN)/python -m mt5web demo

test: lint types unit

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP)
	$(BIN)/mypy

unit: $(STAMP)
	$(BIN)/pytest -n auto -q

# properties on examples that differ from run to run, and on more of them than `unit` has
search: $(STAMP)
	HYPOTHESIS_PROFILE=searching $(BIN)/pytest -n auto -q -m hypothesis --timeout 1800

bench: $(STAMP)
	$(BIN)/pytest tests/benchmarks --benchmark-only --benchmark-disable-gc -p no:xdist

docs: $(STAMP)
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html

FUZZ_SECONDS ?= 120

fuzz: $(STAMP)
	$(BIN)/pip install -q -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=8192

# what it takes to try it out is a third of what developing it takes
$(TRY): EXTRAS := simulator,pandas
$(STAMP): EXTRAS := dev

$(TRY) $(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mt5web needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[$(EXTRAS)]'
	touch $@ $(TRY)

clean:
	rm -rf $(VENV) docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
