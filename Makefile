# `make demo` and `make test` set up all they need on a fresh machine with Python 3.11.
# Targets: demo, test, soak, fuzz, lint, extension, viewer, bench, models, ship-models, figures, clean.
# Variables: PYTHON, BLENDER (a real Blender for the GUI tier), OUT.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out/demo
DEMO_SAMPLES ?= 1500
BPY ?= 4.5.15
# the other Blender versions that the bpy tests run in
BPY_OTHERS ?= 4.2.23 5.0.1
# the newest Blender needs a newer Python: it is tested where one runs, and where none does the tests end by saying so
BPY_NEWEST ?= 5.3.0
PYTHON_NEWEST := $(shell sh scripts/setup/find_python.sh 3.13)
BPY_TESTED := $(BPY_OTHERS) $(if $(PYTHON_NEWEST),$(BPY_NEWEST))
NODE := $(shell command -v npm)
NO_BPY := $(if $(PYTHON_NEWEST),,add-on and rendering in bpy $(BPY_NEWEST): no Python 3.13 runs here)
NO_NODE := $(if $(NODE),,the page's viewer built anew and looked at by axe: no npm runs here)
export SEMANTIFY_DID_NOT_RUN := $(NO_BPY)$(if $(NO_BPY),$(if $(NO_NODE),; ))$(NO_NODE)
# how often the tests that load and save files are run in each Blender
REPEAT ?= 3
SOAK ?= 30
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test soak fuzz lint extension viewer bench clean setup
.DELETE_ON_ERROR:

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml scripts/setup/setup.sh
	PYTHON="$(PYTHON)" sh scripts/setup/setup.sh $(VENV) "bpy==$(BPY)" -e ".[train,test]"
	touch $@

.venv-bpy-$(BPY_NEWEST)/ready: PYTHON = $(or $(PYTHON_NEWEST),python3.13)
.venv-bpy-%/ready: pyproject.toml scripts/setup/setup.sh
	PYTHON="$(PYTHON)" sh scripts/setup/setup.sh .venv-bpy-$* "bpy==$*" numpy pytest
	touch $@

demo: $(VENV)/ready
	$(BIN)/semantify run --model anny-body-neutral --samples $(DEMO_SAMPLES) --size 128 --engine-samples 4 \
		--preset tall fat muscular feminine --count 6 --add-back "least correlated" --out "$(OUT)"

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

test: lint $(BPY_TESTED:%=.venv-bpy-%/ready)
	for version in $(BPY_TESTED); do \
		.venv-bpy-$$version/bin/python -c \
			"from importlib.metadata import version; print('== add-on and rendering in bpy', version('bpy'))" && \
		.venv-bpy-$$version/bin/python -m pytest -q --repeat $(REPEAT) tests/blender || exit 1; \
	done
	$(BIN)/python -m pytest --repeat $(REPEAT)

# what fails once in many runs: the add-on's files again and again, each time in a process of its own, and a long random
# sequence of everything that users do
soak: $(VENV)/ready $(BPY_TESTED:%=.venv-bpy-%/ready)
	for folder in $(VENV) $(BPY_TESTED:%=.venv-bpy-%); do \
		for run in $$(seq $(SOAK)); do \
			echo "== $$folder, add-on files, run $$run of $(SOAK)"; \
			$$folder/bin/python -m pytest -q tests/blender/addon/test_files*.py || exit 1; \
		done; \
		echo "== $$folder, random operations"; \
		SEMANTIFY_SOAK=1 $$folder/bin/python -m pytest -q tests/blender/addon/test_random_operations.py || exit 1; \
	done
	echo "== damage to the files of a finished run"
	SEMANTIFY_SOAK=1 $(BIN)/python -m pytest -q tests/training/test_run_damage.py
	@echo "soak: add-on files $(SOAK) times and random operations in $(words $(VENV) $(BPY_TESTED)) Blenders: no failure"
	@test -z "$$SEMANTIFY_DID_NOT_RUN" || echo "DID NOT RUN: $$SEMANTIFY_DID_NOT_RUN"

fuzz: $(VENV)/ready
	$(BIN)/python scripts/fuzz.py

extension: $(VENV)/ready
	$(BIN)/python scripts/build_extension.py dist

# the page's viewer, which is in the repository: pages are made where there is no node
viewer:
	cd page && npm ci --ignore-scripts --no-audit --no-fund && npm run build

bench: $(VENV)/ready
	for folder in $(VENV) $(wildcard .venv-bpy-*); do \
		echo "== enabling.py, $$folder"; $$folder/bin/python benchmarks/enabling.py || exit 1; \
	done
	for what in slider.py rig.py crowd.py "rendering.py speed" "rendering.py speed --engine-samples 8 --engines cycles" \
		"rendering.py speed --size 128 --engines cycles" "rendering.py memory" "rendering.py noise" scoring.py \
		"scoring.py --clip random --words 4 --images 100" "fitting.py embedded full many" finders.py kill_resume.py page.py; do \
		echo "== $$what"; $(BIN)/python benchmarks/$$what || exit 1; \
	done

include scripts/models.mk
include scripts/figures.mk

clean:
	rm -rf .venv .venv-bpy-* out dist build *.egg-info page/node_modules
