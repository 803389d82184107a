# Each target makes .venv on first use. PYTHON is any Python from 3.11 on.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
IMAGES ?= download
LOCK ?=

.PHONY: evidence gate test lint calibrate nightly train bench lock clean

# Judge the shipped network, offline. A rejected claim (exit 1) is a result; anything else is a failure.
evidence: $(VENV)/installed
	@$(BIN)/pytest hypotheses/ || [ $$? -eq 1 ]

# Hold the shipped network against the accepted findings: fails where one has moved or disappeared.
gate: $(VENV)/installed
	$(BIN)/pytest hypotheses/ --gate

# Prove the instrument. The tests of a file share planted worlds, which are made once where they stay together.
# No test fails for its time, but where one takes ten minutes it is printed where it stands.
test: lint
	$(BIN)/pytest tests/ -n 2 --dist loadfile --no-loadscope-reorder -o faulthandler_timeout=600

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Calibrate the statistics at full size, and write docs/calibration.md.
calibrate: $(VENV)/installed
	$(BIN)/pytest tests/stats -m nightly -n 2

# Everything that takes hours: the calibration, and kills and races of longer runs.
nightly: calibrate
	$(BIN)/pytest tests --ignore=tests/stats -m nightly

# Train a network as the shipped one: make train IMAGES=DIR
train: $(VENV)/installed
	$(BIN)/why-bird train --images $(IMAGES)

# Measure side by side, and write the table of docs/speed.md. With IMAGES=DIR also what a retrained network takes.
bench: $(VENV)/installed
	$(BIN)/python -m benchmarks.forward
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.runs $(if $(filter-out download,$(IMAGES)),--images=$(IMAGES))
	$(BIN)/python -m benchmarks.resampling
	$(BIN)/python -m benchmarks.clutter
	$(BIN)/python -m benchmarks.dimension
	$(BIN)/python -m benchmarks.workers
	$(BIN)/python -m benchmarks.table

# With LOCK=.ci/locked.txt exactly what is named there, each held against its hash, as in CI.
$(VENV)/installed: pyproject.toml $(LOCK)
	$(PYTHON) -m venv $(VENV)
	$(if $(LOCK),$(BIN)/pip install --quiet --require-hashes --requirement $(LOCK))
	$(BIN)/pip install --quiet $(if $(LOCK),--no-deps --no-build-isolation) --editable '.[dev]'
	@touch $@

# Renew what CI installs: the newest versions, and the oldest that are allowed.
COMPILE = $(BIN)/uv pip compile --python-platform x86_64-manylinux_2_28 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --quiet --upgrade
lock: $(VENV)/installed
	$(BIN)/pip install --quiet uv
	$(COMPILE) pyproject.toml --extra dev --python-version 3.12 --output-file .ci/locked.txt
	$(COMPILE) pyproject.toml --extra dev --python-version 3.11 --resolution lowest-direct --output-file .ci/lowest.txt
	$(COMPILE) .ci/tools.in --python-version 3.12 --output-file .ci/tools.txt

clean:
	rm -rf $(VENV) reports/latest reports/latest-partial
