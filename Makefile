# Every target sets up what it needs; twice is quick and harmless. Figures and pictures go to out/.

PYTHON ?= python3
export PYTHON
BIN := .venv/bin

# Annoy compiles itself for the very processor it finds (-march=native), and pip keeps the result: with these options,
# its own but for that one, a kept build runs on another processor too.
ifeq ($(shell uname -s),Linux)
export ANNOY_COMPILER_ARGS := -fpermissive,-O3,-ffast-math,-fno-associative-math,-DANNOYLIB_MULTITHREADED_BUILD,-std=c++14
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP_INSTALL := $(BIN)/python -m pip install --quiet --use-pep517

.PHONY: help
help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

.PHONY: demo
demo: system-test .venv/.run ## hear, propose, mix: three minutes in a virtual room; leaves out/demo/
	$(BIN)/livedj demo

.PHONY: test
test: system-test .venv/.test ## all checks and tests, real sound included
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses 2 --dist loadfile --cov

.PHONY: run
run: system-run .venv/.run ## open the window and listen
	$(BIN)/livedj run

.PHONY: bench
bench: system-test .venv/.bench ## measure cost, latency and memory; leaves out/bench.json
	$(BIN)/python -m tests.bench

.PHONY: bench-scale
bench-scale: system-test .venv/.bench ## measure the index with up to a million tracks; leaves out/scale.json
	$(BIN)/python -m tests.bench.scale

.PHONY: chaos
chaos: system-test .venv/.test ## a night of faults in the virtual room; leaves out/chaos.json
	$(BIN)/python -m tests.chaos

.PHONY: train
train: system-train .venv/.train ## make models/ anew from ../shared/music
	$(BIN)/python -m livedj.train

.PHONY: evaluate
evaluate: system-test .venv/.train ## measure the shipped model; leaves table, pictures and out/evaluate.json
	$(BIN)/python -m livedj.train.evaluate

.PHONY: clean
clean: ## remove the environment, caches and results
	rm -rf .venv out dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# -- set-up: system packages first, then Python's
.NOTPARALLEL:
.PHONY: system-run system-train system-test
system-run system-train system-test: system-%:
	@sh .ci/setup $*

.venv/bin/python:
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.run .venv/.test .venv/.train .venv/.bench: pyproject.toml | .venv/bin/python
	@echo 'Installing Python packages into .venv (a few minutes the first time) …'
	$(PIP_INSTALL) --editable '.$(EXTRAS)'
	@touch $@ .venv/.run

.venv/.test: EXTRAS := [dev,cluster]
.venv/.train: EXTRAS := [dev,train]
.venv/.bench: EXTRAS := [dev,train,bench]
