# Two commands to begin with: `make demo` runs the gate on real data, `make test` runs the tests.
# Both set up what they need in .venv; nothing but Python 3.11+ and make is asked for.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Spark changes how other libraries work, so it has an environment of its own.
SPARK := .venv-spark
# PyTorch and KServe are large, and KServe holds other packages back.
OTHERS := .venv-others
EXAMPLE := examples/acs_employment
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test verify study lint bench clean

demo: $(VENV)/demo.stamp
	$(BIN)/python $(EXAMPLE)/train.py
	$(BIN)/pytest --ml-quality --ml-stage predeploy --ml-report ml-quality-report $(EXAMPLE)
	@echo "Open ml-quality-report/report.html in a browser; the gate it ran is $(EXAMPLE)/mlquality.toml."

test: $(VENV)/dev.stamp
	$(BIN)/pytest -n 2 -m "not verify and not spark and not others"
	@echo "All tests passed. Next: make verify (real servers, rebuilt environments), make lint."

verify: $(VENV)/dev.stamp $(SPARK)/spark.stamp $(OTHERS)/others.stamp
	$(BIN)/pytest -m verify
	$(SPARK)/bin/pytest -m spark tests/rules tests/data/test_profiles_spark.py
	$(OTHERS)/bin/pytest --noconftest -m others tests/adapters/test_models_elsewhere.py

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

study: $(VENV)/dev.stamp
	$(BIN)/python studies/levels.py
	$(BIN)/python studies/slices.py
	$(BIN)/python studies/comparisons.py
	$(BIN)/python studies/distances.py
	$(BIN)/python studies/joint_drift.py
	$(BIN)/python studies/skew.py
	$(BIN)/python studies/fairness.py
	$(BIN)/python studies/error_ratios.py
	$(BIN)/python studies/explanations.py
	$(BIN)/python studies/dependent_rows.py
	$(BIN)/python studies/small_samples.py
	$(BIN)/python studies/clean_situations.py

bench: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/collection.py
	$(BIN)/python benchmarks/example.py
	$(BIN)/python benchmarks/bootstrap.py
	$(BIN)/python benchmarks/group_intervals.py
	$(BIN)/python benchmarks/profiles.py --rows 1000000

clean:
	rm -rf $(VENV) $(SPARK) $(OTHERS) build dist ml-quality-report *.egg-info

$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -qq --upgrade "pip>=25.1"
	@touch $@

$(VENV)/demo.stamp: $(VENV)/pip.stamp pyproject.toml
	$(BIN)/pip install -qq --editable ".[explain,mlflow]"
	@touch $@

$(SPARK)/spark.stamp: $(VENV)/pip.stamp pyproject.toml
	$(BIN)/python -m venv $(SPARK)
	$(SPARK)/bin/pip install -qq --upgrade "pip>=25.1"
	$(SPARK)/bin/pip install -qq --editable ".[spark]" --group dev
	@touch $@

$(OTHERS)/others.stamp: $(VENV)/pip.stamp pyproject.toml
	$(BIN)/python -m venv $(OTHERS)
	$(OTHERS)/bin/pip install -qq --upgrade "pip>=25.1"
	$(OTHERS)/bin/pip install -qq --editable . --group others
	@touch $@

$(VENV)/dev.stamp: $(VENV)/pip.stamp pyproject.toml
	$(BIN)/pip install -qq --editable . --group dev
	@touch $@ $(VENV)/demo.stamp
