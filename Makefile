# Each target makes .venv on first use. PYTHON is any Python from 3.11 on.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
IMAGES ?= download

.PHONY: evidence gate test lint calibrate nightly train bench clean

# Judge the shipped network, offline. A rejected claim (exit 1) is a result; anything else is a failure.
evidence: $(VENV)/installed
	@$(BIN)/pytest hypotheses/ || [ $$? -eq 1 ]

# Hold the shipped network against the accepted findings: fails where one has moved or disappeared.
gate: $(VENV)/installed
	$(BIN)/pytest hypotheses/ --gate

# Prove the instrument. The tests of a file share planted worlds, which are made once where they stay together.
test: lint
	$(BIN)/pytest tests/ -n 2 --dist loadfile

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

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) reports/latest reports/latest-partial
