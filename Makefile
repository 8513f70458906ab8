# Everything one does with a checkout. It needs make and Python 3.11 or later: tools/uv fetches uv
# into .tools/ where it is missing, and uv makes .venv from the lock file.
# More arguments go into ARGS: make demo ARGS="--orders 50 --exit"

UV   := sh tools/uv
RUN  := $(UV) run --frozen
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo serve console test quick check lint format docs bench clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  Arguments: make demo ARGS="--orders 50 --exit"'

demo: console ## run the example company, with its own database, and print where to look
	@$(RUN) baton demo $(ARGS)

serve: console ## run Baton: API, pages, worker and the embedded database in one command
	@$(RUN) baton serve $(ARGS)

console: ## build the console for the browser, if console/ has changed
	@$(RUN) python -m tools.console

test: ## run every test; ARGS go to pytest
	@$(RUN) python -m tools.check tests -- $(ARGS)

quick: ## run the tests that need no database, in a few seconds
	@$(RUN) python -m tools.check quick -- $(ARGS)

check: ## run exactly what CI runs: lock, lint, format, types, imports, console, tests
	@$(RUN) python -m tools.check

lint: ## check lock, style, format, types and import contracts
	@$(RUN) python -m tools.check lock lint format types imports

format: ## put all Python files into the house's format
	@$(RUN) ruff check --fix --quiet
	@$(RUN) ruff format

docs: ## write docs/reference/ anew from the program
	@$(RUN) python -m tools.reference

bench: ## measure, and print what was measured; ARGS go to the benchmarks
	@$(RUN) python -m bench $(ARGS)

clean: ## remove all that was made here: .venv, .tools, caches, the built console
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		build dist src/baton/web/console console/node_modules console/dist
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
