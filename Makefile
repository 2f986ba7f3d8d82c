# Two commands do everything: `make run` and `make test`. Each sets itself up on first use.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
# make setup LOCK=requirements-run.lock leaves out what only the tests need.
LOCK ?= requirements.lock
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready
BROWSER_READY := $(VENV)/.browser
CLIENT := .venv-client
CLIENT_READY := $(CLIENT)/.ready
LLM := .venv-llm
LLM_READY := $(LLM)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The first Python of a suitable version that really answers; or say which: make PYTHON=/path/to/python3.12
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

.PHONY: help run stop setup test test-nightly check examples format map house bench bench-planner bench-serve bench-units bench-llm test-browser test-described answers client test-client test-postgres test-cluster test-faults test-image test-llm setup-llm can-setup-llm soak lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

run: $(READY) ## set up, start everything, open on a sample; Ctrl-C stops it all
	@exec $(BIN)/debt-optimizer up

stop: $(READY) ## stop what `make run` started, from another terminal
	@$(BIN)/debt-optimizer down

setup: $(READY) ## the virtual environment from the lock, and the compiled kernel

$(READY): $(INSTALLED) $(wildcard agents/planner/*.py agents/planner/*/*.py)
	@$(BIN)/python -m agents.planner.compile
	@touch $@

$(INSTALLED): $(LOCK) pyproject.toml
	@test -n "$(PYTHON)" || { echo "DebtOptimizer needs Python 3.11 or newer: install it, or say where it is: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || { echo "this Python cannot make virtual environments (on Debian: apt install python3-venv)"; rm -rf $(VENV); exit 1; }
	@echo "Installing what $(LOCK) names (about a minute, once) …"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

test: $(READY) ## every test that needs nothing but this machine
	$(BIN)/python -m pytest -q

test-nightly: $(READY) ## the planner's laws on 25 times as many cases, anew each time
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -q --timeout 7200 tests/planner

check: $(READY) ## lint, types, import contracts, size budgets
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

format: $(READY) ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

map: $(READY) ## write docs/map.md anew from the sources
	$(BIN)/python tests/house/house_map.py

house: $(READY) ## the house in figures: files, functions, folders, circles
	@$(BIN)/python tests/house/measures.py

bench: $(READY) ## measure: the kernel, the endpoint, the batch
	$(BIN)/python -m pytest -q -s -m bench tests/benchmarks

bench-serve: $(READY) ## measure the whole path of many tasks at once
	$(BIN)/python -m pytest -q -s -m bench tests/benchmarks/bench_serve.py

bench-llm: $(READY) $(LLM_READY) ## measure a model hosted through Ray Serve beside plain vLLM
	LLM_PYTHON=$(abspath $(LLM))/bin/python $(BIN)/python -m pytest -q -s -m bench tests/benchmarks/bench_hosted_models.py

bench-units: $(READY) ## measure what a request, a task, a token, a plan cost
	$(BIN)/python -m pytest -q -s -m bench tests/benchmarks/bench_unit_costs.py

bench-planner: $(READY) ## measure the planner alone
	$(BIN)/python -m pytest -q -s -m bench tests/benchmarks/bench_planner.py tests/benchmarks/bench_optimum.py tests/benchmarks/bench_optimum_in_cents.py tests/benchmarks/bench_offers.py

test-browser: $(READY) $(BROWSER_READY) ## the dashboard in Chromium; screenshots in test-output/
	$(BIN)/python -m pytest -q -m browser tests/browser

$(BROWSER_READY):
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei >/dev/null; } \
		|| $(BIN)/python -m playwright install chromium
	@touch $@

test-described: $(READY) ## thousands of requests to every operation (EXAMPLES=150 SEED=1 PHASES=coverage)
	EXAMPLES=$${EXAMPLES:-150} $(BIN)/python -m pytest -q tests/http/test_described_as_it_is.py

client: $(READY) $(CLIENT_READY) ## a typed client of the HTTP endpoint, a package of its own in client/
	@mkdir -p client
	@$(BIN)/python -c "import json; from serve.api import description; print(json.dumps(description()))" > client/openapi.json
	@PATH="$(abspath $(CLIENT))/bin:$$PATH" $(CLIENT)/bin/openapi-python-client generate --path client/openapi.json \
		--config docs/client.yaml --meta setup --output-path client/debt-optimizer-client --overwrite --fail-on-warning

$(CLIENT_READY): requirements-client.lock
	@test -x $(CLIENT)/bin/python || "$(PYTHON)" -m venv $(CLIENT)
	@$(CLIENT)/bin/python -m pip install --quiet --no-deps --require-hashes --requirement requirements-client.lock
	@touch $@

test-client: client ## the generated client has every operation, and asks a running service
	CLIENT=$(abspath client)/debt-optimizer-client $(BIN)/python -m pytest -q -m client tests/journeys

setup-llm: $(LLM_READY) ## vLLM for processors, in an environment of its own (4 GB; needs PyTorch's CPU wheels where pip looks)

$(LLM_READY): requirements-llm-cpu.lock
	@test -x $(LLM)/bin/python || "$(PYTHON)" -m venv $(LLM)
	@echo "Installing what requirements-llm-cpu.lock names (some minutes, once) …"
	@$(LLM)/bin/python -m pip install --quiet --no-deps --require-hashes --requirement requirements-llm-cpu.lock
	@touch $@

can-setup-llm: $(READY) # whether pip finds PyTorch's CPU build here
	@sed -n '/^torch==/,/[^\\]$$/p' requirements-llm-cpu.lock > $(VENV)/torch.lock
	@$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --no-deps --require-hashes -r $(VENV)/torch.lock >/dev/null 2>&1

test-llm: $(READY) $(LLM_READY) ## tasks answered by a tiny Llama and a tiny Mixtral on real vLLM
	LLM_PYTHON=$(abspath $(LLM))/bin/python $(BIN)/python -m pytest -q -m llm tests/llm

answers: $(READY) ## record anew what the description shows as answers
	RECORD=1 $(BIN)/python -m pytest -q tests/http/test_recorded_answers.py

examples: $(READY) ## write the example reports anew, to be read again
	RECORD=1 $(BIN)/python -m pytest -q tests/agents/test_examples.py

test-image: $(READY) ## the image's own steps without Docker, and compose.yaml's services in it
	@command -v pg_ctl >/dev/null || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 \
		|| { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql >/dev/null; }
	$(BIN)/python -m pytest -q -m image tests/image

test-postgres: $(READY) ## the records on a real Postgres
	@command -v pg_ctl >/dev/null || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 \
		|| { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql >/dev/null; }
	$(BIN)/python -m pytest -q -m postgres tests/records

test-cluster: $(READY) ## a cluster of three machines, simulated as root; each part taken away (CLUSTER_AWAY_S=60 CLUSTER_ALL=1)
	@command -v pg_ctl >/dev/null || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 \
		|| { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql >/dev/null; }
	@command -v ip >/dev/null || apt-get install -y -qq --no-install-recommends iproute2 >/dev/null
	$(BIN)/python -m pytest -q -s -m cluster tests/cluster

test-faults: $(READY) ## the service under load while everything is killed, cut, filled (FAULTS=30 SEED=1)
	$(BIN)/python -m pytest -q -s -m faults tests/faults

soak: $(READY) ## a quarter of an hour of load without faults; the memory of each process
	SOAK_S=$${SOAK_S:-900} $(BIN)/python -m pytest -q -s -m faults tests/faults

LOCKED := --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet
# The CUDA build's companions, which the CPU build of PyTorch does without.
NOT_ON_CPU := torchvision torchaudio torchcodec triton

lock: $(READY) ## write the five locks anew from pyproject.toml, and the notices
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip compile pyproject.toml --extra build --extra dev --extra browser --universal --python-version 3.11 \
		$(LOCKED) --output-file requirements.lock
	$(BIN)/python -m uv pip compile pyproject.toml --extra build --constraint requirements.lock --universal --python-version 3.11 \
		$(LOCKED) --output-file requirements-run.lock
	$(BIN)/python -m tests.house.notices
	$(BIN)/python -m uv pip compile --group client --universal --python-version 3.11 \
		$(LOCKED) --output-file requirements-client.lock
	$(BIN)/python -m uv pip compile --group llm --python-platform x86_64-unknown-linux-gnu --python-version 3.11 \
		$(LOCKED) --output-file requirements-llm.lock
	UV_FIND_LINKS="$$PIP_FIND_LINKS" $(BIN)/python -m uv pip compile --group llm-cpu --python-platform x86_64-unknown-linux-gnu \
		--python-version 3.11 $(LOCKED) $(addprefix --no-emit-package ,$(NOT_ON_CPU)) --output-file requirements-llm-cpu.lock

clean: ## remove the virtual environment and the caches
	rm -rf $(VENV) $(LLM) $(CLIENT) client .pytest_cache .ruff_cache .hypothesis .benchmarks test-output *.egg-info
