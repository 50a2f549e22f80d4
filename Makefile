# Each target says in one line what it is for; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup ready run test test-under-load check mutate bench soak demo pictures lock

TRACKER := .venv/bin/tracker
PYTEST := .venv/bin/pytest
# Two processes even on a larger machine: each has a PostgreSQL of its own.
PARALLEL ?= 2
ON_18 = $(PYTEST) -n $(PARALLEL) --dist loadfile --postgres=18
# The whistle stands alone: its own suite passes where no context serves. What the contexts add is
# asked of 15 apart.
ON_15 = TRACKER_CONTEXTS= $(PYTEST) -n $(PARALLEL) --dist loadfile -m "postgres and not soak" --postgres=15
ADDED_ON_15 = $(PYTEST) -n $(PARALLEL) --dist loadfile -m "postgres and contexts and not soak" --postgres=15

help: ## List what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

setup: ## Install what is missing: system packages (as root), .venv, the web's assets
	@scripts/setup.sh

# What serving needs is less than what the tests need: no browser, no second PostgreSQL.
ready:
	@scripts/setup.sh run

run: ready ## Serve the city of Mengzi at http://127.0.0.1:8000 (PORT, DEMO=0); Ctrl-C stops it
	@exec $(TRACKER) serve --demo

demo: ready ## The same on a fresh data folder of its own, var-demo, removed and made anew
	@rm -rf var-demo && TRACKER_VAR=var-demo exec $(TRACKER) serve --demo

check: setup ## Style, types, layers and the domain's tests, in under 90 seconds
	@scripts/check.sh

# The browser's tests, the longest, run on 18 alone (tests/conftest.py leaves their mark out): they
# ask the database nothing that the tests of HTTP and projections do not ask on both.
test: check ## Everything on PostgreSQL 18 (embedded), and on Debian's 15 all but the browser's
	$(ON_18)
	$(ON_15)
	$(ADDED_ON_15)

test-under-load: setup ## The tests of `make test` with two busy loops beside them
	scripts/under-load.sh $(ON_18)
	scripts/under-load.sh env $(ON_15)
	scripts/under-load.sh $(ADDED_ON_15)

mutate: setup ## Which small faults in the domain does no test notice? (ONLY=domain/ending MINUTES=20)
	@.venv/bin/python scripts/mutate.py --only "$(ONLY)" --minutes $(or $(MINUTES),120)

bench: setup ## Figures beside their floors; writes docs/performance.md
	.venv/bin/python -m benchmarks

soak: setup ## The long forms of the torture, race and kill tests, with progress
	$(PYTEST) -m soak -s --postgres=18

pictures: setup ## Take the pictures of the README anew, from a demo city of their own
	.venv/bin/python scripts/pictures.py

lock: setup ## Pin the dependencies anew, with hashes and without any address
	@scripts/lock.sh
