# make run    install everything, start it on embedded defaults, print the dashboard's address
# make test   install everything, check and test it
# make check  linters, types, architecture
# make soak   an hour of ten runs under random faults (MINUTES=60)
# make bench  all benchmarks (bench-latency, bench-overhead, bench-loading, bench-dashboard, bench-serving)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RUN_ARGS ?=
MINUTES ?= 60

.PHONY: run test soak check format bench bench-latency bench-overhead bench-loading bench-dashboard bench-serving screenshots clean python system
.DEFAULT_GOAL := run

python:
	@command -v $(PYTHON) >/dev/null || { echo "rhoscope needs Python 3.11 or newer, and there is no '$(PYTHON)'. Install it, or name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "rhoscope needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }

$(STAMP): pyproject.toml constraints.txt | python
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The virtual environment can't be made: install Python's venv module (Debian: apt-get install python3-venv)." >&2; exit 2; }
	@free=$$(df -Pm . | awk 'NR==2 {print $$4}'); test "$$free" -ge 3000 || { echo "Installing needs 3 GB of free disk, and there are $$free MB. Free some and try again." >&2; exit 2; }
	@echo "Installing rhoscope into $(VENV) (once; a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]'
	@touch $@

run: $(STAMP)
	@exec $(BIN)/rhoscope up $(RUN_ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/house

system:
	@./.ci/system

test: $(STAMP) system check
	$(BIN)/pytest -q -n 4 --dist loadfile --durations=15 --durations-min=1

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: bench-overhead bench-latency bench-loading bench-dashboard bench-serving

bench-overhead: $(STAMP)
	$(BIN)/python -m benchmarks.overhead

bench-latency: $(STAMP) system
	$(BIN)/python -m benchmarks.latency

bench-loading: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks.loading

bench-dashboard: $(STAMP) system
	PYTHONPATH=tests/driving $(BIN)/python -m benchmarks.dashboard

bench-serving: $(STAMP)
	$(BIN)/python -m benchmarks.serving

soak: $(STAMP)
	PYTHONPATH=tests/driving $(BIN)/python tests/chaos/soak.py --minutes $(MINUTES)

screenshots: $(STAMP) system
	$(BIN)/python docs/screenshots/take.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
