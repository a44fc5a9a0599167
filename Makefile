# `make demo` and `make test` set up all they need on a fresh machine with Python 3.11.
# Targets: demo, test, lint, extension, bench, clean. Variables: PYTHON, BLENDER (a real Blender for the GUI tier), OUT.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out/demo
DEMO_SAMPLES ?= 1500
BPY ?= 4.5.15
# the other Blender versions that the bpy tests run in
BPY_OTHERS ?= 4.2.23 5.0.1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test lint extension bench clean setup
.DELETE_ON_ERROR:

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml scripts/setup.sh
	PYTHON="$(PYTHON)" sh scripts/setup.sh $(VENV) "bpy==$(BPY)" -e ".[train,test]"
	touch $@

.venv-bpy-%/ready: pyproject.toml scripts/setup.sh
	PYTHON="$(PYTHON)" sh scripts/setup.sh .venv-bpy-$* "bpy==$*" numpy pytest
	touch $@

demo: $(VENV)/ready
	$(BIN)/semantify run --model anny-body-neutral --samples $(DEMO_SAMPLES) --size 128 --engine-samples 4 \
		--preset tall fat muscular feminine --count 6 --add-back "least correlated" --out "$(OUT)"

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint $(BPY_OTHERS:%=.venv-bpy-%/ready)
	for version in $(BPY_OTHERS); do \
		echo "== add-on and rendering in bpy $$version"; \
		.venv-bpy-$$version/bin/python -m pytest -q tests/blender || exit 1; \
	done
	$(BIN)/python -m pytest

extension: $(VENV)/ready
	$(BIN)/python scripts/build_extension.py dist

bench: $(VENV)/ready
	for what in slider.py "rendering.py speed" "rendering.py memory" "rendering.py noise" scoring.py fitting.py kill_resume.py; do \
		echo "== $$what"; $(BIN)/python benchmarks/$$what || exit 1; \
	done

clean:
	rm -rf .venv .venv-bpy-* out dist build *.egg-info
