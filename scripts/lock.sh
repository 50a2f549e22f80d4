#!/usr/bin/env bash
# requirements.lock from pyproject.toml: every dependency pinned, with hashes, with no address.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet pip-tools
CUSTOM_COMPILE_COMMAND="make lock" PIP_CONFIG_FILE=/dev/null "$tools/bin/pip-compile" \
    --quiet --generate-hashes --allow-unsafe --strip-extras --extra dev \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
    --output-file requirements.lock pyproject.toml
