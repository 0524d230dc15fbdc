SEED ?= 7
PY = .venv/bin/python

.PHONY: help setup sheet test test-long check bench
help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup:  ## virtual environment, pinned packages, missing TeX packages
	@tools/setup-python
	@tools/setup-tex

.PHONY: setup-browser
setup-browser: setup  ## a browser for the tests that look at pages of HTML
	@tools/setup-browser

sheet: setup  ## build the bundled sheet: make sheet SEED=7
	$(PY) cli.py build --seed $(SEED)

test: setup check  ## lint, types and the quick tests
	$(PY) -m pytest

test-long: setup  ## the long tests too
	$(PY) -m pytest -m "long or not long"

check: setup  ## ruff, mypy (strict), and what may import what
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

bench: setup  ## measure, and print the table
	$(PY) benchmarks/bench.py
	$(PY) benchmarks/live.py

.PHONY: images
images: setup  ## the page images of the README and of the site
	$(PY) cli.py build --seed $(SEED) --marking --out build/images
	$(PY) cli.py build examples/final-exam.toml --seed $(SEED) --lang de --out build/images-exam
	pdftoppm -r 80 -png -f 1 -l 1 -singlefile build/images/questions/seed-$(SEED).de.pdf docs/images/question.de
	pdftoppm -r 80 -png -f 7 -l 7 -singlefile build/images/solutions/seed-$(SEED).en.pdf docs/images/solution.en
	pdftoppm -r 80 -png -f 8 -l 8 -singlefile build/images/marking/seed-$(SEED).en.pdf docs/images/marking.en
	pdftoppm -r 80 -png -f 1 -l 1 -singlefile build/images-exam/questions/seed-$(SEED).de.pdf docs/images/exam.de

SEEDS ?= 1000
.PHONY: verification
verification: setup  ## every exercise with SEEDS seeds at each difficulty; writes docs/verification.md
	rm -rf build/planted && mkdir -p build
	$(PY) cli.py verify --seeds $(SEEDS) --json > build/verification.json
	$(PY) tools/planted_errors.py build/planted
	$(PY) tools/verification_table.py build/planted build/verification.json > docs/verification.md

.PHONY: docs
docs: setup  ## the documentation site in build/docs/site/, strictly
	$(PY) tools/site.py

.PHONY: demos
demos: setup  ## every demo for one seed, trained and drawn; writes docs/demos.md
	$(PY) tools/demos_page.py $(SEED)
