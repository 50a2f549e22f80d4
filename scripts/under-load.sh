#!/usr/bin/env bash
# Runs a command while two busy loops take the processors away from it, as other work on a laptop
# does. The loops end with it, however it ends: by its result, Ctrl-C, or a kill of this script.
set -uo pipefail

loops=()
trap 'kill "${loops[@]}" 2>/dev/null' EXIT
trap 'exit 130' INT TERM

# Each looks whether this script still lives, for kill -9 leaves it no time to stop them.
busy() {
    while kill -0 "$1" 2>/dev/null; do
        for _ in {1..100000}; do :; done
    done
}

for _ in 1 2; do
    busy $$ &
    loops+=($!)
done
"$@"
