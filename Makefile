# `make demo` and `make test` need Python 3.11 or newer, pip, make and git; nothing else.
# Node.js, Java (Google's Firestore emulator) and Chromium are used where they are found.
.POSIX:
.SUFFIXES:

VENV = .venv
BIN = $(VENV)/bin
RUN = $(VENV)/.installed-run
DEV = $(VENV)/.installed-dev
FUZZ = $(VENV)/.installed-fuzz
PIP = $(BIN)/python -m pip --disable-pip-version-check install -q
# What was compiled is kept, whatever the environment says: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE =
# Test offices live in memory where two gigabytes of it are lent as a folder: no test is about a disk.
MEMORY = /dev/shm
ROOM := $(shell df -Pk $(MEMORY) 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 {print "TMPDIR=$(MEMORY)"}')
PYTEST = $(if $(TMPDIR),,$(ROOM)) $(BIN)/python -m pytest -q -rs
CODE = functions infra tests $(wildcard bench)
ARGS =

.PHONY: help demo serve dev test test-fast check format bench faults screenshots lock archive clean

help:
	@echo 'make demo         play a working day of a law office and open it in the browser'
	@echo 'make demo ARGS=--once   play it, check it, print what happened, leave'
	@echo 'make demo ARGS=month    a month of it on a virtual clock, counted a second time'
	@echo 'make serve        run an empty office (ARGS="--port 8090 --data DIR ...")'
	@echo 'make dev          install what tests and tools need, run nothing'
	@echo 'make test         every test this machine can run'
	@echo 'make check        format, lint, types and import rules'
	@echo 'make bench        measure the claims about speed (FULL=1: with a million records)'
	@echo 'make faults       kill the office at random moments, and send what nobody should'
	@echo 'make screenshots  pictures of the page into .screenshots/ (needs Chromium)'
	@echo 'make lock         renew requirements.lock and requirements-dev.lock (needs uv)'
	@echo 'make archive      build/functions.zip and build/indexes.json for the cloud'

# A python of at least 3.11; PYTHON=... names another one.
$(BIN)/python:
	@found=''; \
	for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found="$$python"; break; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo 'Kartoteka needs Python 3.11 or newer, and none was found.' >&2; \
	  echo 'Install it (Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12' >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$found --version)"; \
	"$$found" -m venv $(VENV) || { \
	  echo 'The venv module failed; on Debian: apt install python3-venv' >&2; exit 1; }

$(RUN): $(BIN)/python requirements.lock pyproject.toml
	@echo 'Installing the locked packages (a minute, once)'
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# The lock of the tests holds all that the other one does.
$(DEV): $(BIN)/python requirements.lock requirements-dev.lock pyproject.toml
	@echo 'Installing the locked packages and what the tests need (a minute, once)'
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $(RUN) $@

demo: $(RUN)
	@$(BIN)/kartoteka demo $(ARGS)

serve: $(RUN)
	@$(BIN)/kartoteka serve $(ARGS)

dev: $(DEV)

# Fast tests first; then what takes long; then what talks to servers and mostly waits, a file at a
# time, whole boxes before all others; then faults, which wait too. Three processes at once starve
# the boxes on two cores. A test with several marks runs in the last of its parts.
# Exit code 5 is pytest's "nothing to run here".
test: test-fast
	@echo '== long'
	@$(PYTEST) -n 2 --dist worksteal --part long
	@echo '== served'
	@$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder --part served || [ $$? -eq 5 ]
	@echo '== fault'
	@$(PYTEST) -n 2 --dist worksteal --part fault || [ $$? -eq 5 ]

test-fast: $(DEV)
	@echo '== fast'
	@$(PYTEST) -n 2 --dist worksteal --part fast

check: $(DEV)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	PYTHONPATH=functions:infra $(BIN)/lint-imports --no-cache

format: $(DEV)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: $(DEV)
	@FULL=$(FULL) $(BIN)/python -m bench $(ARGS)

# The guided fuzzer has wheels for Linux on x86-64; elsewhere cases are made by chance alone.
$(FUZZ): $(DEV) requirements-fuzz.lock
	@$(PIP) --require-hashes --only-binary :all: -r requirements-fuzz.lock || \
	  echo 'atheris cannot be installed here: the fuzzer goes by chance alone'
	@touch $@

faults: $(FUZZ)
	@seed=$${SEED:-$$(date +%s)}; echo "== faults: stories by chance; SEED=$$seed tells the same ones again"; \
	FULL=1 $(PYTEST) --hypothesis-seed "$$seed" --part fault

screenshots: $(DEV)
	@mkdir -p .screenshots
	@SCREENSHOTS=.screenshots $(PYTEST) --part served -m browser
	@ls -l .screenshots

lock: $(DEV)
	@command -v uv >/dev/null || { echo 'make lock needs uv: https://docs.astral.sh/uv/' >&2; exit 1; }
	@mkdir -p build
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > build/needs.txt
	@set -- --python-version 3.11 --universal --generate-hashes --no-annotate --no-header --no-emit-index-url; \
	uv pip compile -q "$$@" --extra onebox pyproject.toml build/needs.txt -o requirements.lock && \
	uv pip compile -q "$$@" --extra onebox --extra dev pyproject.toml build/needs.txt -o requirements-dev.lock

archive: $(RUN)
	@$(BIN)/python infra/terraform/archive.py
	@rm -f build/functions.zip
	@cd build/functions && ../../$(BIN)/python -m zipfile -c ../functions.zip $$(ls -A)
	@ls -l build/functions.zip build/indexes.json

clean:
	rm -rf $(VENV) build .screenshots
