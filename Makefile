# Each target does its own set-up: a fresh machine needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
SIZE ?= 8500
SECONDS ?= 600
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# Byte code is compiled once, at installation: a process that compiles its imports starts three times slower.
COMPILE := $(BIN)/python -m compileall -q -j 0 $(VENV)/lib crm_etl connectors > /dev/null 2>&1 || true

# So is the machine code that compares names and records.
KERNELS := $(BIN)/python -m crm_etl.match.engines.warm

.PHONY: help demo test lint types layers check docs bench-names bench-linkage bench-intake fuzz lock clean
help:
	@echo "make demo [SIZE=8500]  make the demo company in ./demo-company and migrate it"
	@echo "make test              run all tests"
	@echo "make check             tests, lint, types and layers: what CI runs"
	@echo "make docs              write the generated reference pages and the JSON schema anew"
	@echo "make bench-names [PAIRS=file.csv]  compare names across scripts beside other matchers"
	@echo "make bench-linkage [OPTIONS='--size 1000000']  link records beside Splink and recordlinkage"
	@echo "make bench-intake [OPTIONS='--runs 3']  read sources beside plain pandas"
	@echo "make fuzz [SECONDS=600]  read made-up CSV files and workbooks, looking for crashes and lost rows"
	@echo "make lock              pin the newest allowed dependencies in constraints.txt"
	@echo "make clean             remove the environment and the demo company"

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "crm-etl needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 2; }
	@echo "making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/python pyproject.toml constraints.txt
	@echo "installing crm-etl ..."
	@$(PIP) --editable .
	@$(COMPILE)
	@echo "compiling the linkage ..."
	@env -u PYTHONDONTWRITEBYTECODE $(KERNELS)
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "installing what the tests need ..."
	@$(PIP) --editable '.[dev,postgres,mysql]'
	@$(COMPILE)
	@touch $@

demo: $(VENV)/installed
	@$(BIN)/crm-etl demo demo-company --size $(SIZE)
	@$(BIN)/crm-etl -C demo-company run --summary

test: $(VENV)/installed-dev
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 2 --dist loadfile -q

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	@$(BIN)/mypy

layers: $(VENV)/installed-dev
	@$(BIN)/lint-imports

check: test lint types layers

docs: $(VENV)/installed
	@$(BIN)/python docs/generate.py

# PyICU is built against the ICU of the machine: without its headers the benchmark goes on without that matcher.
$(VENV)/installed-benchmarks: $(VENV)/installed
	@echo "installing the matchers to compare with ..."
	@$(PIP) --editable '.[benchmarks]'
	@if pkg-config --exists icu-i18n 2> /dev/null; then $(PIP) --editable '.[icu]' \
	  || echo "PyICU could not be built: going on without ICU + Monge-Elkan"; \
	else echo "no ICU headers (Debian: apt-get install libicu-dev pkg-config g++): going on without ICU + Monge-Elkan"; fi
	@touch $@

bench-names: $(VENV)/installed-benchmarks
	@$(BIN)/python -m benchmarks.names $(if $(PAIRS),--pairs '$(PAIRS)') $(OPTIONS)

bench-linkage: $(VENV)/installed-benchmarks
	@$(BIN)/python -m benchmarks.linkage $(OPTIONS)

bench-intake: $(VENV)/installed-dev
	@$(BIN)/python -m benchmarks.intake $(OPTIONS)

fuzz: $(VENV)/installed-dev
	@env -u PYTHONDONTWRITEBYTECODE CRM_ETL_FUZZ_SECONDS=$(SECONDS) $(BIN)/python -m pytest -q tests/fuzz

lock: $(VENV)/installed-dev
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --output-file constraints.txt

clean:
	@rm -rf $(VENV) demo-company build *.egg-info
