# One command each; a fresh clone needs Python 3.11 or later with venv, and make. Nothing else is installed by hand.
#
#   make demo    a portal with demonstration data        make test    the whole suite
#   make serve   a portal for your own data              make lint    what a reviewer should not have to say
#   make setup   only what these need                    make lock    renew the lock files

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PORT ?= 8000
HOST ?= 127.0.0.1
WORKERS ?= 3

BIN := .venv/bin
STATE := $(or $(PORTAL_STATE_DIR),var)
LOCAL := DJANGO_SETTINGS_MODULE=portal.settings.local
MANAGE := $(LOCAL) $(BIN)/python manage.py
# npm and node come from a wheel, so that no system Node is needed; its scripts look for node on the path.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm
FRONT := package.json $(shell find static/src -type f 2>/dev/null)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

# Python's own name for it, then the names distributions give.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	command -v $$name >/dev/null && $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)

.PHONY: help setup setup-dev demo serve test lint lock messages screenshots bench scale figures
help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -6

setup: .venv/.run $(STATE)/static/staticfiles.json $(CATALOGUES)

setup-dev: .venv/.dev $(STATE)/static/staticfiles.json $(CATALOGUES)

demo: setup
	$(MANAGE) demo
	exec env $(LOCAL) $(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

serve: setup
	exec env $(LOCAL) $(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

# Kept as bytecode even where images for containers forbid it: each of many processes would compile everything anew.
test: setup-dev
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/mypy
	DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	env -u DATABASE_URL -u REDIS_URL DJANGO_SETTINGS_MODULE=portal.settings.production ALLOWED_HOSTS=portal.example.org \
		SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		FIELD_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

# Collect the texts of the screens into the catalogue, to be translated by hand; needs gettext.
messages: setup-dev
	$(MANAGE) makemessages --locale zh_Hans --add-location file --no-wrap --no-obsolete --verbosity 0 \
		--ignore .venv --ignore node_modules --ignore var --ignore static --ignore tests --ignore docs

# How many pages a second, how fast a roster goes in and people are found, on scratch databases of their own;
# WEB="--rounds 2 --seconds 1", BENCH="--rows 13201 --against 1000" and FINDING="--residents 100000" are quicker.
bench: setup-dev
	$(BIN)/python -m benchmarks.web $(WEB)
	$(BIN)/python -m benchmarks.import_roster $(BENCH)
	$(BIN)/python -m benchmarks.finding $(FINDING)

# The same pages with one community and with a hundred; SCALE="--communities 20" is quicker.
scale: setup-dev
	$(BIN)/python -m benchmarks.scale $(SCALE)

# A recount of a year, a night's roll-up, the street's board; FIGURES="--incidents 10000000" is the size of a district.
figures: setup-dev
	$(BIN)/python -m benchmarks.figures $(FIGURES)

# Needs a portal that `make demo` serves, and Chromium.
screenshots: setup-dev
	PORTAL=http://$(HOST):$(PORT) $(BIN)/python -m docs.screenshots

lock: .venv/.dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --extra dev pyproject.toml \
		-o requirements-dev.lock
	$(NPM) install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with its venv module is needed (Debian: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock | .venv/pyvenv.cfg
	$(PIP) --requirement requirements.lock
	touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(PIP) --requirement requirements-dev.lock
	touch $@

node_modules/.done: package-lock.json .venv/.run
	$(NPM) ci --no-audit --no-fund --loglevel=error
	touch $@

static/build/.done: $(FRONT) node_modules/.done
	$(NPM) run --silent build
	touch $@

$(STATE)/static/staticfiles.json: static/build/.done
	$(MANAGE) collectstatic --noinput --clear --verbosity 0

%.mo: %.po | .venv/.run
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
