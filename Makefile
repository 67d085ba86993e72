# `make map` builds the shipped maps, `make test` runs all tests; both set up what they need.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: map test soak bench clean

map: $(VENV)/.map
	$(BIN)/regionmap build --out maps

test: $(VENV)/.test
	sh scripts/system_packages.sh
	$(BIN)/python -m pytest

soak: $(VENV)/.test
	REGIONMAP_KILLS=200 $(BIN)/python -m pytest tests/stores/test_kills.py

bench: $(VENV)/.test
	$(BIN)/python -m pip install -q -e '.[bench]'
	$(BIN)/python benchmarks/rivals.py && $(BIN)/python benchmarks/scaling.py
	$(BIN)/python benchmarks/partitions.py && $(BIN)/python benchmarks/stores.py
	$(BIN)/python benchmarks/datums.py && $(BIN)/python benchmarks/reach.py && $(BIN)/python benchmarks/table.py

$(VENV)/bin/python:
	sh scripts/make_venv.sh "$(PYTHON)" "$(VENV)"

$(VENV)/.map: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	touch $@ $(VENV)/.map

clean:
	rm -rf $(VENV) maps/*.html
