# `make gui` opens the ranking browser, `make test` runs the tests, `make help` lists all targets.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
port ?= 5000
weights ?=
out ?= report.html

# Without root_dir, the demo data set is used.
ifeq ($(strip $(root_dir)),)
voc_dir := data/demo/DemoScenes
data := demo
config ?= configs/demo.json
run ?= demo
else
voc_dir := $(root_dir)
data :=
config ?= configs/adam_model.json
run ?=
endif

data_options = --root-dir "$(voc_dir)"
run_option = $(if $(strip $(run)),--run "$(run)")
weights_option = $(if $(strip $(weights)),--weights "$(weights)")

.DEFAULT_GOAL := help
.PHONY: help gui demo voc train scores figures report test lint check bench clean

help: ## List the targets and variables
	@echo "Targets:"
	@sed -nE 's/^([a-z]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12
	@echo "Variables (make TARGET name=value):"
	@echo "  root_dir  VOC's JPEGImages folder, e.g. root_dir=VOCdevkit/VOC2012/JPEGImages/"
	@echo "            (without it: the demo data set)"
	@echo "  config    training settings, e.g. config=configs/ws_model.json"
	@echo "  weights   file with ImageNet weights of the network, if it cannot be downloaded"
	@echo "  run       name of the run in runs/"
	@echo "  out       file that the report is written to, report.html by default"
	@echo "  port      port of the web server, 5000 by default"

gui: scores ## Train and score if needed, then serve the pages
	$(PY) app.py $(data_options) $(run_option) --port $(port)

demo: $(VENV)/.runtime ## Unpack the demo data set into data/demo
	$(PY) scripts/unpack_demo.py --out data/demo

voc: $(VENV)/.runtime ## Download VOC 2012 into data/VOCdevkit (2 GB, needs a network)
	$(PY) scripts/download_voc.py --out data

train: $(VENV)/.runtime $(data) ## Fine-tune a model
	$(PY) scripts/train.py $(config) $(data_options) $(run_option) $(weights_option)

scores: $(VENV)/.runtime $(data) ## Train if needed, then score every validation image
	$(PY) scripts/precompute_scores.py $(data_options) --config $(config) $(run_option) $(weights_option)

figures: scores ## Redraw the run's PNG figures in runs/NAME/figures
	$(PY) scripts/draw_figures.py $(data_options) $(run_option)

report: $(VENV)/.runtime ## Write the report of a run (run=NAME) to report.html (out=FILE)
	$(PY) scripts/write_report.py $(if $(strip $(root_dir)),$(data_options)) $(run_option) --out "$(out)"

test: $(VENV)/.dev ## Run all tests
	$(PY) -m pytest -n 2 --dist worksteal

lint: $(VENV)/.dev ## Check formatting, style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

check: lint test ## Run lint and tests, as CI does

bench: $(VENV)/.dev ## Run all benchmarks at a small size
	for script in $$(grep -l '^if __name__' benchmarks/*.py); do $(PY) $$script || exit 1; done

clean: ## Remove caches (keeps data, runs and .venv)
	rm -rf .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path "./$(VENV)/*" -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is required, e.g. make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(PY) -m pip install --disable-pip-version-check -r requirements-dev.txt
	touch $@
