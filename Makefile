# Every command of the project; `make` alone lists them. The first one sets `.venv` up, later ones find it ready.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
ARGS ?=

CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11 python)
LOCK := uv pip compile pyproject.toml --group build --universal --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --python-version 3.11 --quiet $(ARGS)

OLDEST_TESTS := tests/long_life/test_kept.py tests/meta/test_public.py tests/property/test_fleet.py tests/unit/analysis \
	tests/unit/model tests/unit/plots tests/unit/reading tests/unit/recording/test_recording.py tests/unit/widgets \
	--ignore tests/unit/analysis/test_properties.py --ignore tests/unit/plots/test_baselines.py

.PHONY: help incident test oldest lint format golden api fuzz audit docs picture accuracy bench lock setup clean

help: ## list these commands
	@echo 'make COMMAND [ARGS="..."] [PYTHON=python3.12]'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

incident: $(VENV)/.runtime ## run the guided incident, open it in JupyterLab (ARGS: sources, --out DIR, --no-lab)
	@$(BIN)/gostack-nb incident $(ARGS)

test: $(VENV)/.dev ## run all tests (ARGS go to pytest)
	$(BIN)/python -m pytest $(ARGS)

oldest: ## run a part of the tests with the oldest supported versions, in a throwaway environment; needs Python 3.11
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  $(MAKE) --no-print-directory VENV="$$folder" PYTHON=python3.11 "$$folder/.oldest" && \
	  "$$folder/bin/python" -m pytest -q -p no:cacheprovider --basetemp="$$folder/made" $(or $(ARGS),$(OLDEST_TESTS))

lint: $(VENV)/.dev ## check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks

format: $(VENV)/.dev ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(VENV)/.dev ## rewrite the golden files of the corpus; review the diff like code
	$(BIN)/python -m tests.corpus.golden --write

api: $(VENV)/.dev ## write the public contract down (tests/meta/public_api.txt); review the diff like code
	$(BIN)/python -m tests.meta.public_api

fuzz: $(VENV)/.dev ## fuzz everything that reads bytes (ARGS: a TARGET, --seconds N, --keep); Linux on x86-64
	@$(BIN)/python -m tests.fuzz $(ARGS)

audit: $(VENV)/.dev ## look the pinned packages up among known vulnerabilities; needs a network
	$(BIN)/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip

docs: $(VENV)/.dev ## build the documentation into docs/_build/html
	@$(BIN)/python -m sphinx -b html -W --keep-going -n -q -d docs/_build/doctrees docs docs/_build/html
	@echo docs/_build/html/index.html

picture: $(VENV)/.dev ## take the picture of the README again, in Chromium; look at it
	$(BIN)/python -m pytest tests/browser/test_incident_lab.py -k picture --basetemp test-output/picture
	cp test-output/picture/lab0/made/guided-incident.png docs/_static/

accuracy: $(VENV)/.dev ## judge `suspects` on recorded leaks (ARGS=FOLDER), write docs/accuracy.md
	$(BIN)/python -m benchmarks.accuracy $(ARGS)

bench: $(VENV)/.dev ## measure how fast dumps become tables (ARGS: a NAME, --quick, --write)
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## pin the dependencies again, with uv (ARGS=--upgrade takes newer versions)
	@uv --version >/dev/null 2>&1 || { echo 'make lock needs uv (pip install uv).' >&2; exit 1; }
	$(LOCK) --output-file requirements-dev.lock --extra dev
	$(LOCK) --output-file requirements.lock --constraint requirements-dev.lock
	$(LOCK) --output-file requirements-oldest.lock --group oldest --resolution lowest-direct

setup: $(VENV)/.dev ## only set .venv up, with the tools for tests and lint

clean: ## remove .venv and caches; investigation folders stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis test-output build dist benchmarks/data docs/_build tests/fuzz/made
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for python in $(CANDIDATES) ''; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'Python 3.11 or newer is needed; looked for $(subst ",,$(CANDIDATES)). Hint: make PYTHON=/path/to/python3.12 ...' >&2; \
	  exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version)"; \
	if uv --version >/dev/null 2>&1; then \
	  exec uv venv --quiet --clear --python "$$("$$python" -c 'import sys; print(sys.executable)')" $(VENV); \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python has no venv module. Hint: apt-get install python3-venv, or install uv." >&2; exit 1; \
	fi; \
	"$$python" -m venv --clear $(VENV)

$(VENV)/.runtime: pyproject.toml requirements.lock | $(BIN)/python
	@$(call install,requirements.lock)
	@$(call install_project)
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@$(call install,requirements-dev.lock)
	@touch $@

$(VENV)/.oldest: requirements-oldest.lock | $(BIN)/python
	@$(call install,requirements-oldest.lock)
	@$(call install_project)
	@touch $@

# $(call install,LOCK): the pinned packages, each checked against its hash.
define install
echo 'Installing $(1) (seconds with uv, a minute or two with pip)'; \
if uv --version >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python --require-hashes --requirement $(1); else \
  $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1); \
fi
endef

# The project itself, editable, built by the hatchling of the lock.
define install_project
if uv --version >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; else \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
fi
endef
