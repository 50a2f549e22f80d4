#!/usr/bin/env bash
# The fast half of the verdict: style, types, layers, the domain's rules.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

ruff check .
ruff format --check .
mypy
lint-imports
pytest -q -n "${PARALLEL:-2}" tests/domain
