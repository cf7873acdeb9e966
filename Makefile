# make run    install everything, start it on embedded defaults, print the dashboard's address
# make test   install everything, check and test it
# make check  linters, types, architecture
# make page   bundle the page after a change in dashboard/page
# make docs   build the documentation into build/docs
# make soak   an hour of ten runs under random faults (MINUTES=60)
# make fuzz   20,000 hostile requests of the API, and what it keeps of them
# make bench  all benchmarks (bench-latency, bench-overhead, bench-loading, bench-dashboard, bench-curves, bench-serving, bench-guests, bench-queue, bench-ingest, bench-abuse, bench-remedy)
# make bench-trackers  the same work on rhoscope and other trackers, which it installs into build/trackers
# make gpu    what only a card can say about a step, in under 6 minutes; on the CPU as far as that goes

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DENO := $(BIN)/deno
PAGE := $(VENV)/.page
OPENAPI := $(BIN)/python -c 'import json; from backend.app import create_app; from rhoscope.environment import Environment; print(json.dumps(create_app(Environment()).openapi()))'
RUN_ARGS ?=
MINUTES ?= 60

.PHONY: run test soak check check-page page format bench bench-latency bench-overhead bench-loading bench-dashboard bench-curves bench-serving bench-guests bench-queue bench-ingest bench-abuse bench-remedy bench-trackers gpu fuzz docs audit screenshots clean python system
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

$(PAGE): deno.json deno.lock $(STAMP)
	@$(DENO) install --frozen --quiet
	@touch $@

page: $(PAGE)
	$(OPENAPI) | $(DENO) run -A dashboard/schema.js
	$(DENO) run -A dashboard/bundle.js

check-page: $(PAGE)
	$(DENO) fmt --check --quiet
	$(DENO) lint --quiet
	$(DENO) run -A npm:eslint .
	$(DENO) check --quiet dashboard/page/main.js dashboard/page/login/main.js dashboard/page/report/main.js dashboard/bundle.js dashboard/schema.js
	$(OPENAPI) | $(DENO) run -A dashboard/schema.js --check
	$(DENO) run -A dashboard/bundle.js --check

check: $(STAMP) check-page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=docs $(BIN)/mypy --follow-imports=silent docs/conf.py docs/navigation.py docs/searching.py docs/generators
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/house

audit: $(STAMP)
	$(PYTHON) -m venv build/audit && build/audit/bin/pip install -q pip-audit
	@rm -f build/audit/found.json
	-@build/audit/bin/pip-audit -r constraints.txt --no-deps --disable-pip -f json -o build/audit/found.json 2> build/audit/log
	@$(BIN)/python tests/driving/advisories.py build/audit/found.json "the public package index"

system:
	@./.ci/system

test: export PYTHONDONTWRITEBYTECODE =# empty: hundreds of processes would compile the same modules
test: $(STAMP) system check
	$(DENO) test --no-check -A --quiet
	@git update-index -q --refresh 2>/dev/null || true  # else, in a fresh clone, each run's git reads every file again
	./.ci/in-memory $(BIN)/pytest -q -n 5 --dist loadfile --cache-clear --durations=15 --durations-min=1 --ignore=tests/house || \
	  { [ $$? = 1 ] && echo "Once more, each alone; what passes now races with what runs beside it:" && \
	    $(BIN)/pytest -q -rp --last-failed --last-failed-no-failures=none --maxfail=1 --ignore=tests/house; }

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(DENO) fmt --quiet

bench: bench-overhead bench-latency bench-loading bench-dashboard bench-curves bench-serving bench-guests bench-queue bench-ingest bench-abuse bench-remedy

bench-overhead: $(STAMP)
	$(BIN)/python -m benchmarks.overhead

bench-latency: $(STAMP) system
	$(BIN)/python -m benchmarks.latency

bench-loading: $(STAMP)
	@test -d build/librosa || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --target build/librosa librosa==0.11.0
	PYTHONPATH=build/librosa $(BIN)/python -m benchmarks.loading

bench-dashboard: $(STAMP) system
	PYTHONPATH=tests/driving $(BIN)/python -m benchmarks.dashboard

bench-curves: $(STAMP) system
	PYTHONPATH=tests/driving $(BIN)/python -m benchmarks.curves

bench-serving: $(STAMP)
	$(BIN)/python -m benchmarks.serving

fuzz: $(STAMP)
	PYTHONPATH=tests/driving nice $(BIN)/python -m benchmarks.fuzzing

bench-guests: $(STAMP)
	$(BIN)/python -m benchmarks.guests

bench-abuse: $(STAMP)
	PYTHONPATH=tests/driving $(BIN)/python -m benchmarks.abuse

bench-remedy: $(STAMP) system
	PYTHONPATH=tests/driving $(BIN)/python -m benchmarks.remedy

bench-queue: $(STAMP)
	$(BIN)/python -m benchmarks.queue

bench-ingest: $(STAMP)
	$(BIN)/python -m benchmarks.ingest

TRACKERS := build/trackers/.installed

$(TRACKERS): benchmarks/rig/trackers/requirements.txt | python
	$(PYTHON) -m venv build/trackers
	build/trackers/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench-trackers: $(STAMP)
	-@$(MAKE) --no-print-directory $(TRACKERS)
	$(BIN)/python -m benchmarks.trackers

gpu: $(STAMP)
	PYTHONPATH=tests/driving $(BIN)/python -m benchmarks.gpu

soak: $(STAMP)
	PYTHONPATH=tests/driving $(BIN)/python tests/chaos/soak.py --minutes $(MINUTES)

docs: $(STAMP)
	$(BIN)/sphinx-build -W --keep-going -q -E -b html docs build/docs
	@echo "Open build/docs/index.html"

screenshots: $(STAMP) system
	$(BIN)/python docs/screenshots/take.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
