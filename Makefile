# What one does with this project. Each target sets up .venv first; a second call is quick.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .bench
READY := $(VENV)/ready

.PHONY: demo test test-long lint format bench notebooks outputs course clean

demo: $(READY)
	@$(BIN)/python -m viz.demo demo

test: $(READY)
	@$(BIN)/python -m pytest -n auto --cov -m "not long and not browser"

# What takes long, and what needs a browser.
test-long: $(READY)
	@$(BIN)/python -m pytest -m "long or browser"

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

notebooks: $(READY)
	@$(BIN)/jupyter lab notebooks --LabApp.news_url=None $(if $(filter 0,$(shell id -u)),--allow-root)

# Run the notebooks and store what they print and show.
outputs: $(READY)
	@$(BIN)/python -m tests.notebooks.store

course: $(READY)
	@$(BIN)/python notebooks/course.py course

bench: $(PEERS)/ready
	@$(PEERS)/bin/python benchmarks/run.py

clean:
	rm -rf $(VENV) $(PEERS) demo course

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "gradtable needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV), which takes a minute or so."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# The peers live in an environment of their own: one of them is imported as `autograd` too.
$(PEERS)/ready: pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@
