# What a newcomer types. On Windows, the README gives the same lines for PowerShell.
# The first Python 3.11 to 3.13 that can make environments.
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.13 python; do \
  if $$p -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
  then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-torch test-cuda gui-test lint types bench clean

# The stamp file says that this version of the package description was installed.
$(VENV)/installed: pyproject.toml constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "PyBridge needs Python 3.11, 3.12 or 3.13 with venv (Debian: apt install python3-venv)"; exit 3; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

demo: $(VENV)/installed
	$(BIN)/pybridge demo --overwrite

test: $(VENV)/installed-test
	$(BIN)/python -m pytest --require=jvm $(PYTEST_ARGS)

# The torch wing needs torch, which is large; on Linux without a GPU its CPU build does as well.
$(VENV)/installed-torch: $(VENV)/installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,train]'
	touch $@

test-torch: $(VENV)/installed-torch
	$(BIN)/python -m pytest --require=torch tests/torch pybridge/networks pybridge/training pybridge/export $(PYTEST_ARGS)

# Needs an NVIDIA GPU and its driver: without one it fails and says why. Everywhere else these tests are skipped.
test-cuda: $(VENV)/installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,cuda]'
	$(BIN)/python -m pytest tests/cuda --require=cuda,models $(PYTEST_ARGS)

# ImageJ with a window on a display of its own; what it looked like lies in gui-pictures/ afterwards.
gui-test: $(VENV)/installed-test
	@command -v xvfb-run >/dev/null && command -v xauth >/dev/null || { \
	  echo "make gui-test: nothing was tested, since Xvfb is missing (Debian, Ubuntu: apt install xvfb xauth)"; exit 3; }
	PYBRIDGE_GUI_PICTURES=gui-pictures xvfb-run -a -s "-screen 0 1280x900x24" \
	  $(BIN)/python -m pytest tests/gui --require=display,models $(PYTEST_ARGS)

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/installed-test
	$(BIN)/mypy

bench: $(VENV)/installed-test
	$(BIN)/python -m tests.benchmarks.path
	$(BIN)/python -m tests.benchmarks.pixels
	$(BIN)/python -m tests.benchmarks.startup

clean:
	rm -rf $(VENV) demo-out gui-pictures dist build
